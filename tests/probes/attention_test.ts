import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { type Biography, BOS, evaluationSets } from "../../lib/generator/mod.ts";
import {
  forwardOf,
  initialParameters,
  type ModelConfiguration,
  parameterShapes,
} from "../../lib/model/mod.ts";
import { measureAttention, patternsOf } from "../../lib/probes/mod.ts";
import { compile, openTensorFlow } from "../../lib/engine/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";
import { configure, corpusOf } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const configuration = configure({ scale: "smoke", evaluation: { people: 4 } });
const { model } = configuration;
const corpus = corpusOf(configuration);
const biographies = evaluationSets(corpus)[0]!.biographies;
const length = corpus.writer.length.max;

/** An engine whose attention is a function of sequence, query and key, for every head. */
function readerOf(
  weight: (sequence: number, query: number, key: number, layer: number) => number,
  { layers, heads }: ModelConfiguration = model,
  sequences = 2,
) {
  let calls = 0;
  const engine = scriptedEngine(() => {
    const first = sequences * calls++;
    return Object.fromEntries(Array.from({ length: layers }, (_, layer) => {
      const pattern = new Float32Array(sequences * heads * length * length);
      for (let i = 0; i < pattern.length; i++) {
        const [query, key] = [Math.floor(i / length) % length, i % length];
        const sequence = first + Math.floor(i / (heads * length * length));
        if (key <= query) pattern[i] = weight(sequence, query, key, layer);
      }
      return [layer, pattern];
    }));
  });
  return { engine, patterns: patternsOf({ model, forward: forwardOf(model), sequences, length }) };
}

/** What kind of token a key is, seen from a query that predicts a value. */
function kindOf({ spans }: Biography, query: number, key: number): string {
  const own = spans.find(({ start }) => start === query + 1)!.sentence;
  const span = spans.find(({ start, end }) => key >= start && key < end);
  if (!span) return "begin";
  return `${span.sentence === own ? "own" : "earlier"} ${span.kind}`;
}

/** Whether a query is the one that predicts a value's first token. */
function predictsValue({ spans }: Biography, query: number): boolean {
  return spans.some(({ kind, start }) => kind === "value" && start === query + 1);
}

const KINDS = {
  ownName: "own name",
  earlierNames: "earlier name",
  ownText: "own text",
  earlierText: "earlier text",
  earlierValues: "earlier value",
} as const;

Deno.test("uniform attention has normalised entropy 1", () => {
  const { layers } = measureAttention(biographies, readerOf((_, query) => 1 / (query + 1)));
  assertEquals(layers.length, model.layers);
  for (const { entropy } of layers) assertAlmostEquals(entropy, 1, 1e-5);
});

Deno.test("attention to one token has entropy 0", () => {
  const reader = readerOf((_, query, key) => Number(key === query));
  for (const { entropy } of measureAttention(biographies, reader).layers) {
    assertAlmostEquals(entropy, 0, 1e-9);
  }
});

for (const [field, kind] of Object.entries(KINDS) as [keyof typeof KINDS, string][]) {
  Deno.test(`a model that looks only at ${kind}s is seen to do so`, () => {
    // Weight 1 on the first token of the kind, or on the begin mark where there is none.
    let without = 0;
    let queries = 0;
    for (const biography of biographies) {
      for (let query = 0; query < biography.tokens.length; query++) {
        if (!predictsValue(biography, query)) continue;
        queries++;
        const keys = Array.from({ length: query + 1 }, (_, key) => key);
        if (!keys.some((key) => kindOf(biography, query, key) === kind)) without++;
      }
    }
    const reader = readerOf((sequence, query, key) => {
      const biography = biographies[sequence]!;
      if (!predictsValue(biography, query)) return Number(key === 0);
      const keys = Array.from({ length: query + 1 }, (_, k) => k);
      const target = keys.find((k) => kindOf(biography, query, k) === kind) ?? 0;
      return Number(key === target);
    });
    const [first] = measureAttention(biographies, reader).layers;
    assertLess(without, queries);
    for (const other of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
      const expected = other === field ? 1 - without / queries : 0;
      assertAlmostEquals(first![other], expected, 1e-9, `${other}: ${first![other]}`);
    }
  });
}

Deno.test("the masses and the begin mark's add up to one", () => {
  const begin = 0.25;
  const reader = readerOf((_, query, key) =>
    query === 0 ? 1 : key === 0 ? begin : (1 - begin) / query
  );
  for (const layer of measureAttention(biographies, reader).layers) {
    const sum = Object.keys(KINDS).reduce((s, key) => s + layer[key as keyof typeof KINDS], 0);
    assertAlmostEquals(sum, 1 - begin, 1e-5);
  }
  assertEquals(biographies.every(({ tokens }) => tokens[0] === BOS), true);
});

Deno.test("layers are told apart, names are read in the first", () => {
  const reader = readerOf((_, query, key, layer) =>
    layer === 0 ? Number(key === query) : 1 / (query + 1)
  );
  const { layers, nameToName, nameToAllNames } = measureAttention(biographies, reader);
  assertAlmostEquals(layers[0]!.entropy, 0, 1e-9);
  assertAlmostEquals(layers[1]!.entropy, 1, 1e-5);
  // Attention of a name's last token to itself does not count.
  assertAlmostEquals(nameToName, 0, 1e-9);
  assertAlmostEquals(nameToAllNames, 0, 1e-9);
});

Deno.test("attention from the last name to the first is attention from name to name", () => {
  const reader = readerOf((_, query, key) => Number(key === Math.max(0, query - 2)));
  const { nameToName, nameToAllNames } = measureAttention(biographies, reader);
  assertAlmostEquals(nameToName, 1, 1e-9);
  assertAlmostEquals(nameToAllNames, 1, 1e-9);
});

Deno.test("attention to the name in the first sentence is to all names, not to the own one", () => {
  const reader = readerOf((sequence, _query, key) => {
    const name = biographies[sequence]!.spans.find(({ kind }) => kind === "name")!;
    return Number(key === name.start);
  });
  const { nameToName, nameToAllNames } = measureAttention(biographies, reader);
  assertAlmostEquals(nameToName, 1 / 6, 1e-9);
  assertAlmostEquals(nameToAllNames, 1, 1e-9);
});

Deno.test("a real model's masses are within bounds, and its heads near uniform at the start", () => {
  const V = corpus.tokenizer.vocabularySize;
  const sequences = 2;
  const patterns = patternsOf({ model, forward: forwardOf(model), sequences, length });
  const engine = compile({ state: parameterShapes(model, V), calls: [patterns] });
  engine.write(initialParameters(model, V, 0));
  const { layers, nameToName } = measureAttention(biographies, { engine, patterns });
  for (const { entropy, nameToName: _, ...masses } of layers) {
    assertAlmostEquals(entropy, 1, 0.01);
    const sum = Object.values(masses).reduce((a, b) => a + b, 0);
    assertLess(sum, 1);
    // A begin mark among 8 to 100 tokens.
    assertAlmostEquals(sum, 0.97, 0.03);
  }
  assertLess(nameToName, 1);
  engine.dispose();
});
