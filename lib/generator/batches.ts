/**
 * Token batches: a pure function of (corpus, decisions so far, step). Any step can be produced
 * without the ones before it, so resuming needs no generator state.
 *
 * @module
 */

import {
  type Biography,
  createWriter,
  type Style,
  type Telling,
  type Writer,
} from "./biography.ts";
import {
  type Decision,
  distributionAt,
  type PeopleRange,
  sampler,
  type Schedule,
} from "./distribution.ts";
import { listsOf } from "./data_digest.ts";
import type { Lists, Scale } from "./lists.ts";
import { createPopulation, createUnseen, type Population, type TemplateSet } from "./population.ts";
import { type Random, shuffle, stream } from "./random.ts";
import { createTokenizer, PAD, type Tokenizer } from "./tokenizer.ts";

/** What a corpus is made from; all of it is part of a run's identity. */
export interface CorpusOptions extends Telling {
  /** Which lists it is made from. */
  scale: Scale;
  /** Seed of people, batches and evaluation sets. */
  seed: number;
  /** Size N of the population. */
  people: number;
  /** Names of each list that people are drawn from; null, the default, for all of the scale's own. */
  names?: number | null;
  /** Digest of lists of one's own, that `openLists` has opened; null, the default, for factlab's. */
  lists?: string | null;
  /** Size of a vocabulary of subwords; null, the default, for one token a word. */
  subwords?: number | null;
  /** People whose values have changed; null, the default, for none. */
  updated?: PeopleRange | null;
  /** Who is drawn when. */
  schedule: Schedule;
  /** Order of sentences while training. */
  order: Style["order"];
  /** Training templates a person and attribute; all 20 by default. */
  templates?: number;
  /** People in each evaluation set, at most; no larger than the population. */
  evaluate: number;
  /** First persons of groups that are evaluated apart as well, in order; none by default. */
  groups?: readonly number[];
  /** Version of the code, as far as it alters evaluation sets; the latest by default. */
  recipe?: number;
}

/** A population with everything needed to write about it. */
export interface Corpus {
  /** What it was made from. */
  readonly options: CorpusOptions;
  /** Names, values and templates of its scale. */
  readonly lists: Lists;
  /** Text to tokens and back. */
  readonly tokenizer: Tokenizer;
  /** The people it is about. */
  readonly population: Population;
  /** People nobody is ever trained on. */
  readonly unseen: Population;
  /** Writes biographies. */
  readonly writer: Writer;
}

/** Tokens of some biographies, ready for a model. */
export interface Batch {
  /** Sequence length T. */
  length: number;
  /** [B, T] tokens a model sees. */
  inputs: Int32Array;
  /** [B, T] tokens it should predict: the next ones, PAD where there is none. */
  targets: Int32Array;
}

/** One fixed set of biographies that a run is measured on. */
export interface EvaluationSet {
  /** Or "group 1", "group 2", … for groups that are evaluated apart. */
  name: "training" | "held-out" | "new" | "unseen" | `group ${number}`;
  /** Whom the biographies are about. */
  population: Population;
  /** One of each chosen person. */
  biographies: Biography[];
}

/**
 * The corpus of some options: lists, tokenizer, population and unseen people.
 *
 * @example
 * ```ts
 * import { batchAt, createCorpus, uniform } from "factlab";
 * const corpus = createCorpus({
 *   scale: "smoke",
 *   seed: 0,
 *   people: 32,
 *   schedule: [{ people: uniform() }],
 *   order: "shuffled",
 *   evaluate: 32,
 * });
 * console.log(batchAt(corpus, { step: 0, batch: 4 }).map(({ person }) => person));
 * ```
 */
export function createCorpus(options: CorpusOptions, lists?: Lists): Corpus {
  const { seed, people, names, subwords, updated, evaluate } = options;
  const known = lists ?? listsOf(options);
  const tokenizer = createTokenizer(known, subwords);
  const population = createPopulation({ lists: known, people, seed, names, updated });
  return {
    options,
    lists: known,
    tokenizer,
    population,
    unseen: createUnseen(population, { people: evaluate, seed }),
    writer: createWriter(known, tokenizer, options),
  };
}

const samplers = new WeakMap<Corpus, Map<string, (random: Random) => number>>();

function samplerAt(
  corpus: Corpus,
  step: number,
  decisions: readonly Decision[],
): (random: Random) => number {
  const distribution = distributionAt(corpus.options.schedule, step, decisions);
  const known = samplers.get(corpus) ?? new Map();
  samplers.set(corpus, known);
  const key = JSON.stringify(distribution);
  if (!known.has(key)) known.set(key, sampler(distribution, corpus.population.size));
  return known.get(key)!;
}

/**
 * The biographies of a training step: people drawn i.i.d. from that step's distribution.
 *
 * @example
 * ```ts
 * import { batchAt, configure, corpusOf } from "factlab";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * const [first] = batchAt(corpus, { step: 3, batch: 2 });
 * console.log(corpus.tokenizer.decode(first!.tokens)); // the same whenever it is asked
 * ```
 */
export function batchAt(
  corpus: Corpus,
  { step, batch, decisions = [] }: {
    step: number;
    batch: number;
    decisions?: readonly Decision[];
  },
): Biography[] {
  const { seed, order, templates } = corpus.options;
  const random = stream(seed, "data", step);
  const draw = samplerAt(corpus, step, decisions);
  return Array.from(
    { length: batch },
    () =>
      corpus.writer.write(
        corpus.population,
        draw(random),
        { set: "training", order, templates },
        random,
      ),
  );
}

/** A row of a batch. Only tokens from `from` on are targets, all but the first by default. */
export interface Row {
  /** Tokens with their begin and end marks. */
  tokens: number[];
  /** First token that is a target; 1 by default. */
  from?: number;
  /** What an objective is told of each target, by name. */
  beside?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Packs biographies or lessons row by row; each must fit into `length` + 1 tokens.
 *
 * @example
 * ```ts
 * import { batchAt, configure, corpusOf, pack } from "factlab";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * const { inputs, targets } = pack(batchAt(corpus, { step: 0, batch: 2 }), corpus.writer.length.max);
 * console.log(inputs[1] === targets[0]); // true: what comes next
 * ```
 */
export function pack(rows: readonly Row[], length: number): Batch {
  const inputs = new Int32Array(rows.length * length).fill(PAD);
  const targets = new Int32Array(rows.length * length).fill(PAD);
  rows.forEach(({ tokens, from = 1 }, row) => {
    if (tokens.length > length + 1) {
      throw new Error(
        `Cannot pack: a row must have at most ${length + 1} tokens, got ${tokens.length}.`,
      );
    }
    inputs.set(tokens.slice(0, -1), row * length);
    targets.set(tokens.slice(from), row * length + from - 1);
  });
  return { length, inputs, targets };
}

/**
 * Sequence lengths worth compiling for batches of biographies: a few multiples of 8 around the
 * longest of a batch, and one that fits every biography.
 */
export function bucketLengths({ length: { mean, sd, max } }: Writer): number[] {
  const round = (tokens: number) => Math.ceil((tokens - 1) / 8) * 8;
  const typical = [1.4, 2, 2.8].map((k) => round(Math.min(max, mean + k * sd)));
  return [...new Set([...typical, round(max)])];
}

/** The shortest of some lengths that fits all rows. */
export function lengthFor(rows: readonly Row[], lengths: readonly number[]): number {
  const longest = Math.max(...rows.map(({ tokens }) => tokens.length)) - 1;
  const shortest = Math.min(...lengths.filter((length) => length >= longest));
  if (shortest !== Infinity) return shortest;
  throw new Error(`Cannot fit ${longest} tokens into lengths ${lengths.join(", ")}.`);
}

/**
 * The fixed evaluation sets of a corpus: one biography of each chosen person, always uniform
 * over people, in random sentence order whatever the training order. Groups come last, on
 * held-out templates, and leave the other sets as they are.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "factlab";
 * import { evaluationSets } from "factlab/generator";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * console.log(evaluationSets(corpus).map(({ name }) => name)); // training, held-out, unseen …
 * ```
 */
export function evaluationSets(corpus: Corpus): EvaluationSet[] {
  const { seed, evaluate, templates, groups = [], recipe } = corpus.options;
  const { population, unseen, writer } = corpus;
  const random = stream(seed, "eval");
  const everybody = shuffle(Int32Array.from({ length: population.size }, (_, i) => i), random);
  // In the order drawn, so that the first few of a set are no others than the rest: by index they
  // may be those who are seen most. Recipe 1 had them by index.
  const order = (people: Int32Array) => recipe === 1 ? people.sort() : people;
  const chosen = order(everybody.slice(0, Math.min(population.size, evaluate)));
  const write = (people: Population, indices: Int32Array, set: TemplateSet, templates?: number) =>
    Array.from(
      indices,
      (person) => writer.write(people, person, { set, order: "shuffled", templates }, random),
    );
  const strangers = Int32Array.from({ length: unseen.size }, (_, i) => i);
  return [
    { name: "training", population, biographies: write(population, chosen, "training", templates) },
    { name: "held-out", population, biographies: write(population, chosen, "held-out") },
    // A cheap probe: an eighth of the people is enough to see whether new templates are understood.
    {
      name: "new",
      population,
      biographies: write(population, chosen.slice(0, Math.ceil(chosen.length / 8)), "new"),
    },
    { name: "unseen", population: unseen, biographies: write(unseen, strangers, "training") },
    ...groups.map((from, i) => {
      const to = groups[i + 1] ?? population.size;
      const members = everybody.filter((person) => person >= from && person < to).slice(
        0,
        evaluate,
      );
      const name = `group ${i + 1}` as const;
      return { name, population, biographies: write(population, order(members), "held-out") };
    }),
  ];
}
