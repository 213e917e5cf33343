import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createPopulation,
  createTokenizer,
  createWriter,
  filled,
  loadLists,
  personOf,
  stream,
} from "../../lib/generator/mod.ts";
import { edit, withCopiedData } from "./copied_data.ts";

/** The error of loading the laptop's lists after a change. */
function assertRefused(change: (folder: URL) => void, ...parts: string[]): void {
  withCopiedData((folder) => {
    change(folder);
    for (const part of ["Cannot read data/", ...parts]) {
      assertThrows(() => loadLists("laptop", { folder }), Error, part);
    }
  });
}

type Entry = Record<string, unknown>;

function editAttributes(folder: URL, change: (entries: Entry[]) => unknown): void {
  const url = new URL("attributes.json", folder);
  const entries = JSON.parse(Deno.readTextFileSync(url));
  Deno.writeTextFileSync(url, JSON.stringify(change(entries)));
}

Deno.test("a scale takes the head of each list", () => {
  const [smoke, laptop, paper] = [loadLists("smoke"), loadLists("laptop"), loadLists("paper")];
  assertEquals([laptop.first.length, laptop.last.length], [64, 64]);
  assertEquals([paper.first.length, paper.last.length], [900, 1000]);
  assertEquals(paper.first.slice(0, 64), laptop.first);
  assertEquals(laptop.first.slice(0, 16), smoke.first);
  for (const name of ["birth_place", "university", "major", "company", "location"]) {
    const values = (lists: typeof smoke) =>
      lists.attributes.find((attribute) => attribute.name === name)!.values;
    assertEquals(values(paper).slice(0, values(laptop).length), values(laptop));
    assertEquals(values(laptop).slice(0, values(smoke).length), values(smoke));
  }
});

Deno.test("pools are the paper's at paper scale, and at most 48 on a laptop", () => {
  const sizes = (scale: "laptop" | "paper") =>
    Object.fromEntries(
      loadLists(scale).attributes.map(({ name, values }) => [name, values.length]),
    );
  const paper = sizes("paper");
  assertEquals(paper.birth_place, 800);
  assertEquals(paper.university, 200);
  assertEquals(paper.major, 100);
  assertEquals(paper.company, 500);
  assert(Object.values(sizes("laptop")).every((size) => size <= 48));
});

Deno.test("a birth date of the paper is a month, a day and a year, the year varying fastest", () => {
  const { values, factors } = loadLists("paper").attributes[0]!;
  assertEquals(factors, [12, 31, 201]);
  assertEquals(values.length, 12 * 31 * 201);
  assertEquals(values[0], "January 1, 1900");
  assertEquals(values[1], "January 1, 1901");
  assertEquals(values[201], "January 2, 1900");
  assertEquals(values.at(-1), "December 31, 2100");
});

Deno.test("a plain list has one factor: its own length", () => {
  for (const { factors, values } of loadLists("laptop").attributes) {
    assertEquals(factors, [values.length]);
  }
});

Deno.test("an empty line is refused with its file and number", () => {
  const empty = (lines: string[]) => [...lines.slice(0, 4), "", ...lines.slice(4)];
  assertRefused((folder) => edit(folder, "names/first.txt", empty), "names/first.txt", "line 5");
});

Deno.test("a line with spaces around it is refused", () => {
  const pad = (lines: string[]) => [`${lines[0]} `, ...lines.slice(1)];
  assertRefused((folder) => edit(folder, "values/majors.txt", pad), "values/majors.txt", "line 1");
});

Deno.test("an item that stands twice is refused with both lines, whatever its case", () => {
  const twice = (lines: string[]) => [...lines, lines[2]!.toUpperCase()];
  assertRefused((folder) => edit(folder, "values/cities.txt", twice), "lines 3 and 801");
});

Deno.test("a list shorter than the scale needs is refused with both numbers", () => {
  const shorten = (lines: string[]) => lines.slice(0, 63);
  const change = (folder: URL) => edit(folder, "names/last.txt", shorten);
  assertRefused(change, "names/last.txt", "64", "63");
});

Deno.test("an empty file is refused", () => {
  const change = (folder: URL) =>
    Deno.writeTextFileSync(new URL("templates/refusals.txt", folder), "");
  assertRefused(change, "templates/refusals.txt", "empty");
});

Deno.test("24 templates are refused with both numbers", () => {
  const shorten = (lines: string[]) => lines.slice(1);
  const change = (folder: URL) => edit(folder, "templates/major.txt", shorten);
  assertRefused(change, "templates/major.txt", "25", "24");
});

Deno.test("a missing file is refused by name, with what an attribute needs", () => {
  const change = (folder: URL) => Deno.removeSync(new URL("templates/company.txt", folder));
  assertRefused(change, "templates/company.txt", "data/README.md");
});

for (
  const template of [
    "{name} likes to read a lot.",
    "The colour is called {value}.",
    "{value} was made by {name}.",
    "{name} and {name} like {value}.",
    "{name} is {value} in {city}.",
    "{name} likes {value} and {value}.",
  ]
) {
  Deno.test(`a template with wrong slots is refused: ${template}`, () => {
    const change = (folder: URL) =>
      edit(folder, "templates/location.txt", (lines) => [...lines.slice(0, 24), template]);
    assertRefused(change, "templates/location.txt", "line 25", template);
  });
}

Deno.test("attributes.json that is no JSON is refused", () => {
  const change = (folder: URL) => Deno.writeTextFileSync(new URL("attributes.json", folder), "[{");
  assertRefused(change, "attributes.json", "must be JSON");
});

Deno.test("an attribute with an unknown, a missing or a wrong field is refused by the field", () => {
  const wrong: [Entry, string][] = [
    [{ colour: "red" }, "colour"],
    [{ label: undefined }, "label"],
    [{ size: { laptop: -4 } }, "size.laptop"],
    [{ size: { laptop: 4.5 } }, "size.laptop"],
    [{ size: { huge: 4 } }, "huge"],
    [{ name: "Birth Place" }, "name"],
  ];
  for (const [fields, part] of wrong) {
    const change = (folder: URL) =>
      editAttributes(folder, ([first, ...rest]) => [{ ...first, ...fields }, ...rest]);
    assertRefused(change, "attributes.json", part);
  }
});

Deno.test("no attributes at all are refused", () => {
  assertRefused((folder) => editAttributes(folder, () => []), "attributes.json");
});

Deno.test("two attributes of one name are refused", () => {
  const change = (folder: URL) => editAttributes(folder, (entries) => [...entries, entries[1]]);
  assertRefused(change, "attributes.json", "birth_place");
});

Deno.test("a question without a name and an answer without a value are refused", () => {
  const first = (text: string) => (lines: string[]) => [text, ...lines.slice(1)];
  const questions = "templates/questions/major.txt";
  assertRefused((folder) => edit(folder, questions, first("What was it?")), questions, "line 1");
  const answers = "templates/answers.txt";
  assertRefused((folder) => edit(folder, answers, first("So it is.")), answers, "line 1");
});

Deno.test("a name of two words is refused: a name is one token", () => {
  const change = (folder: URL) =>
    edit(folder, "names/first.txt", (lines) => ["Mary Ann", ...lines.slice(1)]);
  assertRefused(change, "names/first.txt", "Mary Ann");
});

for (
  const template of [
    "{name}  was a student of {value}.",
    "{name} studied one subject ({value}) for long.",
    "{name} {value} was studied for a long time.",
    "{name}s subject of study was {value}.",
    "{name} has read the subjects {value}s.",
    "{name} studied\u00a0the subject {value}.",
    "{name} studied {value} to the <eos>.",
  ]
) {
  Deno.test(
    `a template the tokenizer or a reader cannot take is refused: ${template}`,
    () => {
      const change = (folder: URL) =>
        edit(folder, "templates/major.txt", (lines) => [template, ...lines.slice(1)]);
      assertRefused(change, "templates/major.txt", "line 1");
    },
  );
}

Deno.test("what fills a slot is text, whatever it looks like", () => {
  const odd = ["$&", "$$", "$1", "$`", "{name}", "{value}", "{constructor}", "\\", "<b>"];
  for (const value of odd) {
    assertEquals(filled("{name} has {value}.", { name: "Ann", value }), `Ann has ${value}.`);
  }
  assertEquals(filled("{constructor} {name}", { name: "Ann" }), "{constructor} Ann");
});

Deno.test("factors are put together as they are, not as patterns of each other", () => {
  withCopiedData((folder) => {
    edit(folder, "values/days.txt", (lines) => ["$&", "{years}", ...lines.slice(2)]);
    const { values } = loadLists("paper", { folder }).attributes[0]!;
    for (const day of ["$&", "{years}"]) {
      assert(values.some((value) => value.includes(` ${day}, `)), `no value has ${day}`);
    }
  });
});

Deno.test("factors without a format that uses each of them are refused", () => {
  withCopiedData((folder) => {
    for (const format of [undefined, "{months} {years}"]) {
      editAttributes(folder, ([first, ...rest]) => [{ ...first, format }, ...rest]);
      assertThrows(() => loadLists("paper", { folder }), Error, "format");
    }
  });
});

Deno.test("a user adds an attribute by adding files", () => {
  withCopiedData((folder) => {
    const instruments = ["violin", "tenor saxophone", "grand piano"];
    const templates = Array.from(
      { length: 25 },
      (_, i) => `At concert ${i}, {name} plays the instrument called {value}.`,
    );
    const write = (file: string, lines: string[]) =>
      Deno.writeTextFileSync(new URL(file, folder), lines.join("\n") + "\n");
    write("values/instruments.txt", instruments);
    write("templates/instrument.txt", templates);
    write("templates/questions/instrument.txt", ["Which instrument does {name} play?"]);
    editAttributes(folder, (entries) => [
      ...entries,
      { name: "instrument", label: "instrument", values: "instruments", size: { laptop: 3 } },
    ]);

    const lists = loadLists("laptop", { folder });
    const tokenizer = createTokenizer(lists);
    const population = createPopulation({ lists, people: 50, seed: 0 });
    const style = { set: "training", order: "shuffled" } as const;
    const { tokens, spans } = createWriter(lists, tokenizer)
      .write(population, 7, style, stream(0, "instrument"));
    const person = personOf(population, 7);
    assert(instruments.includes(person.values.instrument!));
    assertEquals(new Set(spans.map(({ sentence }) => sentence)).size, 7);
    const told = spans.filter(({ kind, attribute }) => kind === "value" && attribute === 6);
    assertEquals(told.length, 1);
    const { start, end } = told[0]!;
    assertEquals(tokenizer.decode(tokens.slice(start, end)), person.values.instrument);
  });
});
