/**
 * What a model knows: attribute loss, accuracy, confidence and entropy on fixed evaluation
 * sets (paper section 3; docs/protocol.md, "Knowledge"). What one that knows nobody would score is
 * in floor.ts.
 *
 * @module
 */

import { z } from "zod";
import {
  type Corpus,
  distributionAt,
  type EvaluationSet,
  probabilities,
} from "../generator/mod.ts";
import type { Engine } from "../engine/mod.ts";
import { type Evaluation, scoresByName, type ValueScore } from "./evaluation.ts";
import type { Probe, Schema } from "./probe.ts";
import { type Certainty, certaintyOf } from "./uncertainty.ts";

/** Metrics over some values: means over values (loss, accuracy) or value tokens (the others). */
export interface Knowledge {
  /** Nats a value, summed over its tokens. */
  loss: number;
  /** Share of values with every token right, teacher-forced. */
  accuracy: number;
  /** Mean of the largest probability, over value tokens. */
  confidence: number;
  /** Mean entropy in nats, over value tokens. */
  entropy: number;
}

/** Knowledge of one evaluation set: in total, by attribute and by position of the sentence. */
export interface SetKnowledge extends Knowledge {
  /** [loss, accuracy] of each attribute, in the attributes' order. */
  attributes?: [number, number][];
  /**
   * [loss, accuracy] by position of the sentence; the first has the name alone to go by and is there
   * at every measurement.
   */
  positions?: [number, number][];
  /** [loss, accuracy] by tenth of the people, most frequent first, where people differ. */
  deciles?: [number, number][];
  /** Counts by how sure the model is. */
  certainty?: Certainty;
}

/** Knowledge by evaluation set: the four that every run has, and groups where it has them. */
export interface Sets {
  /** Seen people, in wordings of the training text. */
  training: SetKnowledge;
  /** The same people, in wordings kept from each of them. */
  "held-out": SetKnowledge;
  /** Some of them, in wordings kept from everybody. */
  new: SetKnowledge;
  /** People nobody has told the model about. */
  unseen: SetKnowledge;
  /** People of a group, from 1. */
  [group: `group ${number}`]: SetKnowledge;
}

/** Name of an evaluation set. */
export type SetName = keyof Sets;

/** Sets of known and unknown people whose values are counted by certainty in the end. */
const CERTAINTY = ["held-out", "unseen"];

const pairs = (of: string) =>
  z.array(z.tuple([z.number(), z.number()])).optional().describe(`[loss, accuracy] ${of}`);
const counts = z.array(z.int().nonnegative());

/** The probe that every run has: its reading is the `sets` of a measurement. */
export const knowledge: Probe<"sets", Record<never, never>, Sets> = {
  name: "sets",
  settings: {},
  reading: z.record(
    z.string(),
    z.looseObject({
      loss: z.number().describe("nats a value, summed over its tokens"),
      accuracy: z.number().describe("share of values with every token right, teacher-forced"),
      confidence: z.number().describe("mean of the largest probability, over value tokens"),
      entropy: z.number().describe("mean entropy in nats, over value tokens"),
      attributes: pairs("of each attribute"),
      positions: pairs("by position of the sentence"),
      deciles: pairs("by tenth of the people, most frequent first"),
      certainty: z.looseObject({
        confidence: z.looseObject({ right: counts, wrong: counts })
          .describe("values by confidence"),
        entropy: counts.describe("values by entropy, largest first"),
        people: counts.describe("people by the mean confidence of their values"),
      }).optional().describe("counts by how sure the model is, unsure first"),
    }),
  ).describe("by evaluation set") as unknown as Schema<Sets>,
  prepare({ corpus, sets, evaluation }) {
    const decile = decileOf(corpus);
    const former = corpus.options.recipe === 1;
    const short = former ? briefInRecipe1 : brief;
    return {
      calls: [evaluation],
      read(engine, { whole, last }) {
        const certainty = last ? CERTAINTY : [];
        const all = measureKnowledge(sets, { engine, evaluation }, {
          decile,
          certainty,
          inContext: former,
        });
        return (whole ? all : short(all)) as unknown as Sets;
      },
    };
  },
};

/**
 * Without the parts by attribute and by position, the name alone excepted: they would make records
 * several times larger.
 */
function brief(knowledge: Record<string, SetKnowledge>): Record<string, SetKnowledge> {
  return Object.fromEntries(
    Object.entries(knowledge).map(([set, { attributes: _, positions, ...totals }]) => [
      set,
      { ...totals, positions: positions!.slice(0, 1) },
    ]),
  );
}

/** The same of recipe 1: all positions of the training set, none of another. */
function briefInRecipe1(knowledge: Record<string, SetKnowledge>): Record<string, SetKnowledge> {
  return Object.fromEntries(
    Object.entries(knowledge).map(([set, { attributes: _, positions, ...totals }]) => [
      set,
      set === "training" ? { ...totals, positions } : totals,
    ]),
  );
}

/** A person's tenth by frequency in the last phase, where people are not equally likely. */
function decileOf({ options }: Corpus): ((person: number) => number) | undefined {
  const { schedule, people } = options;
  const likely = probabilities(distributionAt(schedule, Infinity), people);
  if (likely.every((p) => p === likely[0])) return undefined;
  const order = Array.from(likely, (_, i) => i).sort((a, b) => likely[b]! - likely[a]! || a - b);
  const rank = new Map(order.map((person, i) => [person, i]));
  return (person) => Math.floor(10 * rank.get(person)! / people);
}

/**
 * Measures evaluation sets in one pass. `decile` gives a person's tenth by frequency, where
 * people are not equally likely; `certainty` names the sets in which values are also counted by
 * how sure the model is of them: by the name alone, or `inContext` of the true values before them,
 * which it has from nobody but the text where the person is a stranger.
 */
export function measureKnowledge(
  sets: readonly EvaluationSet[],
  { engine, evaluation }: { engine: Engine; evaluation: Evaluation },
  { decile, certainty = [], inContext = false }: {
    decile?: (person: number) => number;
    certainty?: readonly string[];
    inContext?: boolean;
  } = {},
): Record<string, SetKnowledge> {
  const all = evaluation.run(engine, sets.flatMap(({ biographies }) => biographies));
  let first = 0;
  return Object.fromEntries(sets.map(({ name, population, biographies }) => {
    const scores = all.slice(first, first += biographies.length);
    const values = scores.flat();
    const { length } = population.lists.attributes;
    const sentences = values.reduce((most, { sentence }) => Math.max(most, sentence + 1), 0);
    // In short biographies of few people an attribute may not be told.
    const told = new Set(values.map(({ attribute }) => attribute)).size === length;
    const knowledge: SetKnowledge = {
      ...summary(values),
      ...balanced(values),
      ...told && { attributes: groupPairs(values, ({ attribute }) => attribute, length) },
      positions: groupPairs(values, ({ sentence }) => sentence, sentences),
    };
    if (certainty.includes(name)) {
      const sure = inContext ? scores : scoresByName(biographies, { engine, evaluation });
      knowledge.certainty = certaintyOf(
        sure.map((own) =>
          own.map(({ certain, entropy, correct }) => ({
            confidence: certain,
            entropy,
            right: correct,
          }))
        ),
      );
    }
    if (decile && name === "training") {
      const tenth = new Map(
        scores.flatMap((own, i) => own.map((v) => [v, decile(biographies[i]!.person)])),
      );
      // With very few people a tenth may be empty, and there is nothing to tell.
      if (new Set(tenth.values()).size === 10) {
        knowledge.deciles = groupPairs(values, (value) => tenth.get(value)!, 10);
      }
    }
    return [name, knowledge];
  }));
}

function summary(values: ValueScore[]): Knowledge {
  const sum = (of: (value: ValueScore) => number) => values.reduce((s, v) => s + of(v), 0);
  const tokens = sum((value) => value.tokens);
  return {
    loss: sum((value) => value.loss) / values.length,
    accuracy: sum((value) => Number(value.correct)) / values.length,
    confidence: sum((value) => value.confidence) / tokens,
    entropy: sum((value) => value.entropy) / tokens,
  };
}

/** Rises where what is measured of biographies that do not tell everything changes: runs are named by it. */
export const SHORT_VERSION = 2;

/**
 * Loss and accuracy as means over attributes, which the floor is too, where text tells some of them
 * more often than others; nothing where it tells all alike.
 */
function balanced(values: ValueScore[]): Partial<Pick<Knowledge, "loss" | "accuracy">> {
  const groups = [...Map.groupBy(values, ({ attribute }) => attribute).values()];
  if (groups.every(({ length }) => length === groups[0]!.length)) return {};
  const means = groups.map(summary);
  const mean = (of: "loss" | "accuracy") =>
    means.reduce((sum, own) => sum + own[of], 0) / means.length;
  return { loss: mean("loss"), accuracy: mean("accuracy") };
}

function groupPairs(
  values: ValueScore[],
  key: (value: ValueScore) => number,
  groups: number,
): [number, number][] {
  return Array.from({ length: groups }, (_, group) => {
    const own = values.filter((value) => key(value) === group);
    const { loss, accuracy } = summary(own);
    return [loss, accuracy];
  });
}
