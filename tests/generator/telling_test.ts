// How much a biography tells, and how often it says the name.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type Biography,
  byName,
  createPopulation,
  createTokenizer,
  createWriter,
  loadLists,
  stream,
  type Telling,
} from "../../lib/generator/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { lessonLength } from "../../lib/probes/mod.ts";
import { callsOf, configure, corpusOf, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const lists = loadLists("laptop");
const tokenizer = createTokenizer(lists);
const population = createPopulation({ lists, people: 64, seed: 0 });
const style = { set: "training", order: "shuffled" } as const;

function written(telling: Telling, count = 3000): { texts: Biography[]; length: typeof size } {
  const writer = createWriter(lists, tokenizer, telling);
  const random = stream(5, "telling");
  const size = writer.length;
  return {
    texts: Array.from({ length: count }, (_, i) => writer.write(population, i % 64, style, random)),
    length: size,
  };
}
const size = { mean: 0, sd: 0, max: 0 };
const count = (biography: Biography, kind: string) =>
  biography.spans.filter((span) => span.kind === kind).length;

Deno.test("a biography tells so many attributes, all of them alike often", () => {
  for (const sentences of [1, 2, 4]) {
    const { texts } = written({ sentences });
    assert(
      texts.every((text) =>
        count(text, "value") === sentences && count(text, "name") === sentences
      ),
    );
    for (let attribute = 0; attribute < 6; attribute++) {
      const told = texts.filter(({ spans }) => spans.some((span) => span.attribute === attribute));
      assertAlmostEquals(told.length / texts.length, sentences / 6, 0.03);
    }
  }
});

Deno.test("the first sentences say the name, later ones stand in for it", () => {
  const { texts } = written({ named: 2 }, 50);
  for (const text of texts) {
    const named = text.spans.filter(({ kind }) => kind === "name").map(({ sentence }) => sentence);
    assertEquals(named, [0, 1]);
    assertEquals(tokenizer.decode(text.tokens).split("this person").length, 1 + 4);
    assertEquals(byName(text).length, 2);
  }
});

Deno.test("a writer knows the lengths of what it writes", () => {
  for (
    const telling of [{}, { sentences: 1 }, { sentences: 3 }, { named: 1 }, {
      sentences: 4,
      named: 2,
    }]
  ) {
    const { texts, length } = written(telling);
    const tokens = texts.map(({ tokens }) => tokens.length);
    const mean = tokens.reduce((a, b) => a + b) / tokens.length;
    const sd = Math.sqrt(tokens.reduce((sum, own) => sum + (own - mean) ** 2, 0) / tokens.length);
    const text = JSON.stringify(telling);
    // People have templates and values of their own: the mean of 64 is near that of all.
    assertAlmostEquals(mean, length.mean, 0.02 * length.mean, text);
    assertAlmostEquals(sd, length.sd, 0.15 * length.sd, text);
    assert(Math.max(...tokens) <= length.max, text);
  }
});

Deno.test("all sentences and names are what it was without a choice", () => {
  const tokens = (telling: Telling) => written(telling, 20).texts.map(({ tokens }) => tokens);
  assertEquals(tokens({ sentences: 6 }), tokens({}));
  assertEquals(tokens({ sentences: null, named: null }), tokens({}));
});

Deno.test("in a fixed order, too, all attributes are told, those of a text in order", () => {
  const writer = createWriter(lists, tokenizer, { sentences: 2 });
  const random = stream(6, "fixed");
  const told = Array.from(
    { length: 400 },
    (_, i) =>
      writer.write(population, i % 64, { ...style, order: "fixed" }, random).spans
        .filter(({ kind }) => kind === "value").map(({ attribute }) => attribute),
  );
  assert(told.every(([first, second]) => first! < second!));
  assertEquals(new Set(told.flat()).size, 6);
});

Deno.test("what cannot be told is refused by name", () => {
  const refused = (telling: Telling, message: string) =>
    assertThrows(() => corpusOf(configure({ scale: "smoke", ...telling })), Error, message);
  refused({ sentences: 7 }, "sentences must be at most the 6 attributes of the lists, got 7");
  refused({ named: 6 }, "named must be below the 6 sentences, got 6");
  refused({ sentences: 2, named: 2 }, "named must be below the 2 sentences, got 2");
  const silent = { ...lists, refusals: [], answers: [] };
  const words = (texts: readonly string[]) => texts.map((text) => text.replace("person", "man"));
  silent.attributes = lists.attributes.map((attribute) => ({
    ...attribute,
    templates: words(attribute.templates),
    questions: words(attribute.questions),
  }));
  assertThrows(
    () => createWriter(silent, createTokenizer(silent), { named: 1 }),
    Error,
    'named must be null for lists that nowhere say the words of "this person", got 1',
  );
});

Deno.test("where biographies are short a question and its answer fit all the same", () => {
  const configuration = configure({ scale: "smoke", sentences: 1 });
  const corpus = corpusOf(configuration);
  assert(corpus.writer.length.max < lessonLength(corpus), "the answer is what is longer");
  assert(callsOf(configuration, corpus).next.length >= lessonLength(corpus));
});

Deno.test("short biographies that name once are trained, measured and asked about", async () => {
  const evaluation = { attention: 2, flow: 4, verified: 4, persons: 4, asked: 2 };
  const run = train(
    { scale: "smoke", steps: 12, sentences: 3, named: 1, evaluation },
    { fresh: true },
  );
  for await (const _ of run);
  const { sets, attention, flow, verification, persons } = run.measurements.at(-1)!;
  assertEquals(sets["held-out"].positions!.length, 3);
  assert(attention && flow !== undefined && verification);
  assert(persons!["held-out"]!.right.every((right) => right <= 1));
  run.dispose();
});
