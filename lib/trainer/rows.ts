/**
 * What a training step reads: a pure function of configuration, corpus, step and decisions; and the
 * shapes that it is packed into.
 *
 * @module
 */

import {
  batchAt,
  type BatchShape,
  bucketLengths,
  compared,
  type Corpus,
  createCorpus,
  type Decision,
  groupedShapes,
  preferencesAt,
  questionsAt,
  type Row,
  uniform,
} from "../generator/mod.ts";
import { lessonLength } from "../probes/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { type Replayed, withReplayed } from "./replayed.ts";
import { turnsLength } from "./rollouts.ts";
import { needsAnswers, together } from "./tuning.ts";

/**
 * Steps, and people of a population of their own, whose rows say which lengths a run's groups should
 * have: the same for all seeds and numbers of names, which so share compiled programs.
 */
const EXAMPLES = { steps: 64, people: 128 } as const;

/** Where a run is. */
export interface RowsAt {
  /** Training step, from 0. */
  step: number;
  /** What is replayed of what its base run knew. */
  replayed?: Replayed;
  /** What an adaptive schedule has decided so far. */
  decisions?: readonly Decision[];
}

/**
 * What a step reads: biographies, questions, or answers in pairs. Where a model's own answers are
 * learned from, these are sampled (rollouts.ts), and here are others of their kind.
 */
export function rowsAt(
  configuration: RunConfiguration,
  corpus: Corpus,
  { replayed = {}, ...at }: RowsAt,
): Row[] {
  const { batch, tuning: { text, refuse, prefer, compare } } = configuration;
  if (text === "biographies") {
    const rows = batchAt(corpus, { ...at, batch });
    return withReplayed(rows, replayed, { configuration, corpus, step: at.step });
  }
  const asked = { ...at, batch, refuse };
  if (compare) return preferencesAt(corpus, asked, compared);
  return (prefer === null ? questionsAt : preferencesAt)(corpus, asked);
}

const eighths = (tokens: number) => Math.ceil(tokens / 8) * 8;

/**
 * Shapes that a run's steps are packed into: one group padded to one of a few lengths or, with
 * `lengthGroups`, groups whose lengths fit such text well. The last shape fits every step.
 */
export function stepShapes(configuration: RunConfiguration, corpus: Corpus): BatchShape[] {
  const { batch, lengthGroups, tuning } = configuration;
  const lengths = tuning.text === "questions"
    ? [needsAnswers(tuning) ? eighths(turnsLength(corpus)) : lessonLength(corpus)]
    : bucketLengths(corpus.writer);
  if (lengthGroups === 1) return lengths.map((length) => [{ rows: batch, length }]);
  const { steps, people } = EXAMPLES;
  const sample = createCorpus(
    {
      ...corpus.options,
      seed: 0,
      people,
      names: null,
      updated: null,
      schedule: [{ people: uniform() }],
      evaluate: 1,
      groups: [],
    },
    corpus.lists,
  );
  const examples = Array.from(
    { length: steps },
    (_, step) => rowsAt({ ...configuration, seed: 0 }, sample, { step }),
  );
  return groupedShapes(examples, {
    groups: lengthGroups,
    longest: lengths.at(-1)!,
    together: together(tuning),
  });
}
