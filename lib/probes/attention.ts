/**
 * Where attention goes: mass from names to names and from value positions to names, text and
 * earlier values, and its normalised entropy (paper row 14-15).
 *
 * @module
 */

import { z } from "zod";
import { type Biography, bucketLengths, pack, type Span } from "../generator/mod.ts";
import { type Forward, mixerOf, type ModelConfiguration } from "../model/mod.ts";
import type { Call, Engine, PureFunction, Tensors } from "../engine/mod.ts";
import type { Probe } from "./probe.ts";

/** Attention of one layer, mean of heads; but for `nameToName` where a value's first token is predicted. */
export interface LayerAttention {
  /** Mass from the last-name token on the other name tokens of its sentence. */
  nameToName: number;
  /** Mass on the name in the same sentence. */
  ownName: number;
  /** Mass on names in earlier sentences. */
  earlierNames: number;
  /** Mass on template words of the same sentence. */
  ownText: number;
  /** Mass on template words of earlier sentences. */
  earlierText: number;
  /** Mass on values of earlier sentences. */
  earlierValues: number;
  /** Entropy over ln t for t visible tokens: 1 is uniform, lower is sharper. */
  entropy: number;
}

/** Attention of a model on some biographies. */
export interface Attention {
  /** First layer, from the last-name token to the other name tokens of its sentence. */
  nameToName: number;
  /** The same, to name tokens of all sentences so far. */
  nameToAllNames: number;
  /** By layer, the first first. */
  layers: LayerAttention[];
}

/** Attention of some sequences, as it is read: the weights of one head at one query. */
export interface Patterns {
  /** Weights over the keys up to the query, [query + 1]; of a sequence by its row. */
  weights(at: { layer: number; row: number; head: number; query: number }): Float32Array;
  /** All of a layer's weights, [sequences, H, T, T]. */
  whole(layer: number): Float32Array;
}

/** The patterns of biographies, a whole number of `sequences`, run by run. */
export interface PatternsCall extends Call<readonly Biography[], Patterns> {
  /** Sequences of one run. */
  sequences: number;
  /** Sequence length T. */
  length: number;
  /** Layers and heads. */
  model: ModelConfiguration;
}

/** The call that gives the attention patterns of every layer, for sequences of a length. */
export function patternsOf(
  { model, forward, sequences, length }: {
    model: ModelConfiguration;
    forward: Forward;
    sequences: number;
    length: number;
  },
): PatternsCall {
  const attend: PureFunction = {
    name: `the attention of ${length} tokens`,
    inputs: { tokens: { shape: [sequences, length], dtype: "int32" } },
    run(state, { tokens }) {
      const outputs: Tensors = {};
      forward(state, tokens!, {
        edit(place, layer, value) {
          if (place === "pattern") outputs[layer] = value;
        },
      });
      return { outputs };
    },
  };
  return {
    functions: [attend],
    ...{ sequences, length, model },
    run(engine, biographies) {
      const [patterns] = engine.run(attend, [{ tokens: pack(biographies, length).inputs }]).read();
      return {
        whole: (layer) => patterns![layer] as Float32Array,
        weights({ layer, row, head, query }) {
          const offset = ((row * model.heads + head) * length + query) * length;
          return patterns![layer]!.subarray(offset, offset + query + 1) as Float32Array;
        },
      };
    },
  };
}

/** Sequences whose attention is read at once. */
const SEQUENCES = 16;
/** People whose attention is read, at most. */
const PEOPLE = 128;

const share = z.number().describe("attention mass, mean over heads and positions");

/**
 * The probe of attention. Its setting says at how many of a run's measurements everything is read:
 * attention, what the other probes read besides knowledge, results by attribute and position.
 */
export const attention: Probe<"attention", { attention: number }, Attention> = {
  name: "attention",
  settings: { attention: { schema: z.int().min(0).max(1000), off: 0 } },
  reading: z.looseObject({
    nameToName: share,
    nameToAllNames: share,
    layers: z.array(z.looseObject({
      nameToName: share.optional(),
      ownName: share,
      earlierNames: share,
      ownText: share,
      earlierText: share,
      earlierValues: share,
      entropy: z.number().describe("entropy over ln of the visible tokens"),
    })),
  }) as z.ZodType as z.ZodType<Attention>,
  prepare({ model, forward, corpus, sets }, settings) {
    const known = sets[0]!.biographies;
    const people = known.slice(0, Math.min(PEOPLE, known.length - known.length % SEQUENCES));
    const isVisible = mixerOf(model).places.includes("pattern");
    if (settings.attention === 0 || !isVisible || people.length === 0) return undefined;
    const length = bucketLengths(corpus.writer).at(-1)!;
    const patterns = patternsOf({ model, forward, sequences: SEQUENCES, length });
    return {
      calls: [patterns],
      read: (engine, { whole }) =>
        whole ? measureAttention(people, { engine, patterns }) : undefined,
    };
  },
};

const KINDS = ["ownName", "earlierNames", "ownText", "earlierText", "earlierValues"] as const;

/** Measures attention on some biographies, a whole number of `sequences` of them. */
export function measureAttention(
  biographies: readonly Biography[],
  { engine, patterns }: { engine: Engine; patterns: PatternsCall },
): Attention {
  const { model: { layers, heads }, sequences } = patterns;
  const total = { own: 0, all: 0, names: 0, values: 0 };
  const sums: LayerAttention[] = Array.from({ length: layers }, () => ({
    ownName: 0,
    earlierNames: 0,
    ownText: 0,
    earlierText: 0,
    earlierValues: 0,
    entropy: 0,
    nameToName: 0,
  }));
  for (let start = 0; start + sequences <= biographies.length; start += sequences) {
    const chunk = biographies.slice(start, start + sequences);
    const seen = patterns.run(engine, chunk);
    chunk.forEach(({ spans }, row) => {
      const rowOf = (layer: number, head: number, query: number) =>
        seen.weights({ layer, row, head, query });
      for (const span of spans) {
        for (let head = 0; head < heads; head++) {
          if (span.kind === "value") addValue(span, spans, head, rowOf, sums);
          if (span.kind === "name") {
            const weights = rowOf(0, head, span.end - 1);
            total.own += mass(weights, span.start, span.end - 1);
            sums.forEach((sum, layer) =>
              sum.nameToName += mass(rowOf(layer, head, span.end - 1), span.start, span.end - 1)
            );
            for (const other of spans) {
              if (other.kind === "name") total.all += mass(weights, other.start, other.end);
            }
            total.all -= weights[span.end - 1]!;
          }
        }
        if (span.kind === "value") total.values++;
        if (span.kind === "name") total.names++;
      }
    });
  }
  const [names, values] = [total.names * heads, total.values * heads];
  return {
    nameToName: total.own / names,
    nameToAllNames: total.all / names,
    layers: sums.map((sum) =>
      Object.fromEntries(
        Object.entries(sum).map(([key, value]) => [
          key,
          value / (key === "nameToName" ? names : values),
        ]),
      ) as unknown as LayerAttention
    ),
  };
}

/** Adds one head's attention at the position that predicts a value's first token. */
function addValue(
  value: Span,
  spans: Span[],
  head: number,
  rowOf: (layer: number, head: number, query: number) => ArrayLike<number>,
  sums: LayerAttention[],
): void {
  sums.forEach((sum, layer) => {
    const weights = rowOf(layer, head, value.start - 1);
    for (const span of spans) {
      if (span.start >= value.start) continue;
      const own = span.sentence === value.sentence;
      const index = span.kind === "value" ? 4 : (span.kind === "name" ? 0 : 2) + (own ? 0 : 1);
      sum[KINDS[index]!] += mass(weights, span.start, span.end);
    }
    let entropy = 0;
    for (let i = 0; i < weights.length; i++) {
      const p = weights[i]!;
      if (p > 0) entropy -= p * Math.log(p);
    }
    sum.entropy += entropy / Math.log(weights.length);
  });
}

function mass(weights: ArrayLike<number>, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < Math.min(end, weights.length); i++) sum += weights[i]!;
  return sum;
}
