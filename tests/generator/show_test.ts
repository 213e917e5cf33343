import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bundleOf } from "../../lib/display/mod.ts";
import {
  biographyView,
  createPopulation,
  createTokenizer,
  createWriter,
  loadLists,
  peopleTable,
  personOf,
  stream,
} from "../../lib/generator/mod.ts";

const lists = loadLists("smoke");
const population = createPopulation({ lists, people: 40, seed: 0 });
const tokenizer = createTokenizer(lists);
const writer = createWriter(lists, tokenizer);
const biographies = Array.from(
  { length: 40 },
  (_, i) =>
    writer.write(population, i, { set: "training", order: "shuffled" }, stream(0, "show", i)),
);

Deno.test("a biography's view is its text with names and values marked", () => {
  for (const biography of biographies) {
    const { text } = biographyView(biography, tokenizer);
    assertEquals(text.replace(/[[\]{}]/g, ""), tokenizer.decode(biography.tokens));
    const person = personOf(population, biography.person);
    assertEquals(text.split(`[${person.name}]`).length - 1, 6);
    for (const value of Object.values(person.values)) assertStringIncludes(text, `{${value}}`);
  }
});

Deno.test("the marked-up view says the same words", () => {
  for (const biography of biographies) {
    const { html } = biographyView(biography, tokenizer);
    const words = html.replace(/<[^>]*>/g, "").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
    assertEquals(words.replaceAll("&amp;", "&"), tokenizer.decode(biography.tokens));
  }
});

Deno.test("a biography shows itself, and is plain data all the same", async () => {
  const [biography] = biographies;
  const { text, html } = biographyView(biography!, tokenizer);
  assertEquals(await bundleOf(biography), { "text/html": html, "text/plain": text });
  assertEquals(Reflect.ownKeys({ ...biography }), ["person", "tokens", "spans"]);
});

Deno.test("the table shows the first people with all their values, and how many there are", () => {
  const { text } = peopleTable(population, 3);
  for (let i = 0; i < 3; i++) {
    const { name, values } = personOf(population, i);
    for (const part of [name, ...Object.values(values)]) assertStringIncludes(text, part);
  }
  assert(!text.includes(personOf(population, 3).name));
  assertStringIncludes(text, "3 of 40 people");
  assertStringIncludes(peopleTable(population, 100).text, "40 of 40 people");
});
