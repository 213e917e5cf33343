/**
 * What studies make of their regime: the run as it is, and one that ends with its plateau.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { type Arm, type Changes, isFormer, type Regime, regimeOf } from "../study/mod.ts";
import type { RunInput } from "../trainer/mod.ts";

/** What notebook 01 trains before one's eyes, in half the time of the regime's run. */
export const PHASES_RUN: RunInput = regimeOf("laptop").run({
  people: 640,
  names: 89,
  batch: 8,
  steps: 4600,
  evaluation: { people: 128, measurements: 30, attention: 10 },
});

const SHARES = [0, 0.05, 0.1, 0.15, 0.225, 0.35, 0.4, 0.5, 1];

/** Checkpoints that other studies begin from, as shares of a run's steps; the paper's own: 500 to 16k. */
export const REFERENCE_SHARES: Readonly<Record<Scale, readonly number[]>> = {
  smoke: SHARES,
  laptop: SHARES,
  paper: [0, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1],
};

/** People of each kind who are asked, where a model answers in its own words. */
export const ASKED: Readonly<Record<Scale, number>> = { smoke: 4, laptop: 64, paper: 64 };

/** At smoke scale two of a grid's values, the first and the last: enough to show that it runs. */
export function thinned<T>({ scale }: Regime, values: readonly T[]): readonly T[] {
  return scale === "smoke" && values.length > 2 ? [values[0]!, values.at(-1)!] : values;
}

/** The regime as it is: the arm that most others are held against. */
export function baseArm(regime: Regime): Arm {
  return { name: "base", run: (seed) => regime.run({ seed }) };
}

/**
 * Names a list for a population of another size: in proportion to the root of N, so that as many
 * people as in the regime share their first pair of names with somebody. Where the regime has all
 * names of its scale, nothing changes.
 */
export function namesFor({ base }: Regime, people: number): Pick<RunInput, "names"> {
  if (base.names === null) return {};
  return { names: Math.round(base.names * Math.sqrt(people / base.people)) };
}

/**
 * A run that ends with its plateau: constant learning rate, stopped below .9 L0, measured on more
 * people and more often, without attention. `people` defaults to the regime's.
 *
 * @example
 * ```ts
 * import { plateauRun, regimeOf } from "factlab";
 * console.log(plateauRun(regimeOf("laptop"), { people: 1024, seed: 0 }).stopBelow); // .9
 * ```
 */
export function plateauRun(
  regime: Regime,
  { people, batch, ...changes }: Omit<Changes, "evaluation"> = {},
): RunInput {
  const { scale, base, run } = regime;
  const size = people ?? base.people;
  const rows = batch ?? base.batch;
  // A plateau takes more steps at a lower rate.
  const slower = isFormer(regime)
    ? 1
    : base.optimizer.lr / (changes.optimizer?.lr ?? base.optimizer.lr);
  const enough = STEPS_A_PERSON[scale] * size * base.batch / rows;
  const steps = Math.ceil(enough * Math.max(1, slower));
  return run({
    people: size,
    batch: rows,
    steps,
    stopBelow: 0.9,
    ...changes,
    optimizer: { floor: 1, ...changes.optimizer },
    evaluation: { ...PLATEAU_EVALUATION[scale], attention: 0, flow: 0 },
  });
}

/**
 * After how many steps a person, at the regime's batch and rate, a run is given up (censored): three
 * times as many as the regime's plateau takes at most.
 */
const STEPS_A_PERSON: Record<Scale, number> = { smoke: 2, laptop: 6, paper: 0.25 };

const PLATEAU_EVALUATION = {
  smoke: { people: 16, measurements: 5 },
  laptop: { people: 256, measurements: 40 },
  paper: { people: 4096, measurements: 60 },
} as const;
