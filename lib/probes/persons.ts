/**
 * What a model knows of each person by the name alone: who is known, and how surely. Means over
 * people are in knowledge.ts; here people are told apart, to see who is lost first.
 *
 * @module
 */

import { z } from "zod";
import type { EvaluationSet } from "../generator/mod.ts";
import type { Engine } from "../engine/mod.ts";
import { type Evaluation, scoresByName, type ValueScore } from "./evaluation.ts";
import type { Probe } from "./probe.ts";

/** Some people, one by one; all lists are in the same order. */
export interface Persons {
  /** Who they are: indices in their population. */
  person: number[];
  /** Values of each that are right. */
  right: number[];
  /** Mean loss of each one's values, nats. */
  loss: number[];
  /** Mean confidence of each one's values: the product of a value's largest probabilities. */
  confidence: number[];
}

const each = (value: z.ZodType<number>, of: string) => z.array(value).describe(of);

/**
 * The probe of people one by one, for as many as its setting says of those whom a run is trained on:
 * of each of its groups, if it has any, or of its held-out set. It is read where everything is.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20, evaluation: { persons: 8 } }, { fresh: true });
 * for await (const { persons } of run) if (persons) console.log(persons["held-out"]!.right);
 * run.dispose();
 * ```
 */
export const persons: Probe<"persons", { persons: number }, Record<string, Persons>> = {
  name: "persons",
  settings: { persons: { schema: z.int().min(0).max(65_536), off: 0 } },
  reading: z.record(
    z.string(),
    z.looseObject({
      person: each(z.int().nonnegative(), "indices in their population"),
      right: each(z.int().nonnegative(), "values that are right"),
      loss: each(z.number(), "mean loss of the values, nats"),
      confidence: each(z.number(), "mean confidence of the values"),
    }),
  ).describe("people one by one, by the name alone, by evaluation set"),
  prepare({ corpus, sets, evaluation }, settings) {
    if (settings.persons === 0) return undefined;
    const known = (corpus.options.groups ?? []).length > 0 ? /^group/ : /^held-out/;
    const asked = sets.filter(({ name }) => known.test(name)).map((set) => ({
      ...set,
      biographies: set.biographies.slice(0, settings.persons),
    })).filter(({ biographies }) => biographies.length > 0);
    return {
      calls: [evaluation],
      read: (engine, { whole }) =>
        whole
          ? Object.fromEntries(
            asked.map((set) => [set.name, measurePersons(set, { engine, evaluation })]),
          )
          : undefined,
    };
  },
};

/** Asks a model about each person of a set. */
export function measurePersons(
  { biographies }: Pick<EvaluationSet, "biographies">,
  asked: { engine: Engine; evaluation: Evaluation },
): Persons {
  const scores = scoresByName(biographies, asked);
  const meanOf = (of: (value: ValueScore) => number) =>
    scores.map((own) => own.reduce((sum, value) => sum + of(value), 0) / own.length);
  return {
    person: biographies.map(({ person }) => person),
    right: scores.map((own) => own.filter(({ correct }) => correct).length),
    loss: meanOf(({ loss }) => loss),
    confidence: meanOf(({ certain }) => certain),
  };
}
