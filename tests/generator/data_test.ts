/** The rules of data/README.md, checked on the files themselves. */

import { assert, assertEquals } from "@std/assert";
import { createTokenizer, DATA, loadLists } from "../../lib/generator/mod.ts";

const ATTRIBUTES = ["birth_date", "birth_place", "university", "major", "company", "location"];

function lines(file: string): string[] {
  return Deno.readTextFileSync(new URL(file, DATA)).replace(/\n$/, "").split("\n");
}

/** A text as the data card compares it: case and accents aside. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const COUNTS: Record<string, number> = {
  "names/first.txt": 900,
  "names/last.txt": 1000,
  "values/cities.txt": 800,
  "values/universities.txt": 200,
  "values/majors.txt": 100,
  "values/companies.txt": 500,
  "values/birth_dates.txt": 400,
  "values/months.txt": 12,
  "values/days.txt": 31,
  "values/years.txt": 201,
  "templates/answers.txt": 3,
  "templates/refusals.txt": 10,
};
for (const attribute of ATTRIBUTES) {
  COUNTS[`templates/${attribute}.txt`] = 25;
  COUNTS[`templates/questions/${attribute}.txt`] = 5;
}

Deno.test("every list has the length the data card promises", () => {
  for (const [file, count] of Object.entries(COUNTS)) assertEquals(lines(file).length, count, file);
});

Deno.test("no list holds an item twice, case and accents aside", () => {
  for (const file of Object.keys(COUNTS)) {
    const seen = lines(file).map(folded);
    const doubles = seen.filter((item, i) => seen.indexOf(item) !== i);
    assertEquals(doubles, [], file);
  }
});

Deno.test("no line is empty or has spaces around it or two in a row", () => {
  for (const file of Object.keys(COUNTS)) {
    assertEquals(lines(file).filter((line) => !/^\S+( \S+)*$/.test(line)), [], file);
  }
});

Deno.test("the attributes stand in their order, and every template belongs to one", () => {
  assertEquals(loadLists("laptop").attributes.map(({ name }) => name), ATTRIBUTES);
  const files = [...Deno.readDirSync(new URL("templates/", DATA))]
    .filter(({ isFile }) => isFile).map(({ name }) => name);
  const known = [...ATTRIBUTES, "answers", "refusals"].map((name) => `${name}.txt`);
  assertEquals(files.sort(), known.sort());
});

Deno.test("a template has a name and then a value, ends with a period, and at most five words follow", () => {
  for (const attribute of ATTRIBUTES) {
    for (const template of lines(`templates/${attribute}.txt`)) {
      const [, tail] = template.match(/^[^{}]*\{name\}[^{}]* \{value\}([^{}]*\.)$/) ?? [];
      assert(tail !== undefined, `${attribute}: ${template}`);
      assert((tail.match(/[A-Za-z]+/g) ?? []).length <= 5, `${attribute}: ${template}`);
    }
  }
});

Deno.test("a template has 6 to 16 words of plain letters, no digits, no article before the value", () => {
  for (const attribute of ATTRIBUTES) {
    for (const template of lines(`templates/${attribute}.txt`)) {
      const words = template.split(" ").length;
      assert(words >= 6 && words <= 16, `${words} words: ${template}`);
      assert(/^[A-Za-z .,';:\-{}]+$/.test(template), template);
      assert(!/\b(a|an|the) \{value\}/i.test(template), template);
      assert(!/\b(he|she|his|her|him|hers)\b/i.test(template), template);
    }
  }
});

Deno.test("what stands before the value tells the attribute: no two attributes share it", () => {
  const owner = new Map<string, string>();
  for (const attribute of ATTRIBUTES) {
    for (const template of lines(`templates/${attribute}.txt`)) {
      const before = template.split("{value}")[0]!.toLowerCase();
      assertEquals(owner.get(before) ?? attribute, attribute, template);
      owner.set(before, attribute);
    }
  }
});

Deno.test("questions hold a name only, answers a value only, refusals neither", () => {
  const slots = (file: string) => lines(file).map((line) => (line.match(/\{\w*\}/g) ?? []).join());
  for (const attribute of ATTRIBUTES) {
    assertEquals(new Set(slots(`templates/questions/${attribute}.txt`)), new Set(["{name}"]));
  }
  assertEquals(new Set(slots("templates/answers.txt")), new Set(["{value}"]));
  assertEquals(new Set(slots("templates/refusals.txt")), new Set([""]));
});

Deno.test("every name is one word of letters and one token", () => {
  const lists = loadLists("paper");
  const tokenizer = createTokenizer(lists);
  for (const name of [...lists.first, ...lists.last]) {
    assert(/^\p{L}+$/u.test(name), name);
    assertEquals(tokenizer.encode(name).length, 1, name);
  }
});

Deno.test("a name has one meaning: given or family, and no word of a value or a sentence", () => {
  const [first, last] = [lines("names/first.txt"), lines("names/last.txt")];
  const names = new Set([...first, ...last].map(folded));
  assertEquals(names.size, first.length + last.length);
  for (const file of Object.keys(COUNTS).filter((file) => !file.startsWith("names/"))) {
    const words = lines(file).flatMap((line) =>
      line.replace(/\{\w+\}/g, "").match(/\p{L}+/gu) ?? []
    );
    assertEquals(words.filter((word) => names.has(folded(word))), [], file);
  }
});

Deno.test("the laptop's birth dates are 48 dates with 48 years and every month four times", () => {
  const dates = lines("values/birth_dates.txt").slice(0, 48).map((date) => date.split(/,? /));
  assertEquals(new Set(dates.map(([, , year]) => year)).size, 48);
  const months = dates.map(([month]) => month);
  for (const month of lines("values/months.txt")) {
    assertEquals(months.filter((other) => other === month).length, 4, month);
  }
});
