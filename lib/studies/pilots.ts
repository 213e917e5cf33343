/**
 * Pilots: tries on seeds that enter no claim, of which the one with the lowest final loss is trained
 * on fresh seeds (docs/protocol.md, "Decided before runs").
 *
 * @module
 */

import { finalLoss, mean } from "../readings/mod.ts";
import { type Arm, recordsOf, type Results } from "../study/mod.ts";

/** Seeds of pilots. */
export const PILOTS = { firstSeed: 100, seeds: 2 } as const;

/** Multiples of the regime's peak rate that are tried of arms that differ in kind. */
export const TRIED_RATES: readonly number[] = [1 / 2, 1, 2];

/**
 * The try with the lowest final loss on held-out templates, mean over its pilot seeds; undefined until
 * all tries have all of their records.
 *
 * @example
 * ```ts
 * import { readResults, runArms } from "../study/mod.ts";
 * import { bestTry } from "./pilots.ts";
 * import { rateTuning } from "./rate_tuning.ts";
 * const results = readResults(rateTuning);
 * console.log(bestTry(results, runArms(results.experiment.arms))?.name);
 * ```
 */
export function bestTry<Try extends Arm>(
  results: Results,
  tries: readonly Try[],
): Try | undefined {
  const tried = tries.map((arm) => ({ arm, records: recordsOf(results, arm) }));
  if (tried.some(({ arm, records }) => records.length < (arm.seeds ?? PILOTS.seeds))) {
    return undefined;
  }
  const losses = tried.map(({ arm, records }) => ({ arm, loss: mean(records.map(finalLoss)) }));
  return losses.toSorted((a, b) => a.loss - b.loss)[0]?.arm;
}
