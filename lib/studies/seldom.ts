/**
 * A base run that sees a quarter of its people seldom: what studies share in which people differ in
 * how well they are known.
 *
 * @module
 */

import type { Regime } from "../study/mod.ts";
import type { RunInput } from "../trainer/mod.ts";

/** Multiple of the regime's steps, in which the others come to be known nearly all. */
const STEPS = 3 / 2;
/** How often a seldom seen person is drawn, of the times that another is. */
const SELDOM = 1 / 4;

/** The first person who is seen seldom; those from there on are a quarter of all. */
export function firstSeldom(people: number): number {
  return Math.round(3 / 4 * people);
}

/**
 * The regime's run, with the last quarter of people drawn a quarter as often as the others, in half
 * as many steps again.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * import { seldomRun } from "./seldom.ts";
 * console.log(seldomRun(regimeOf("laptop"), 0).schedule);
 * ```
 */
export function seldomRun(regime: Regime, seed: number): RunInput {
  const seldom = firstSeldom(regime.base.people);
  const groups = [{ from: 0, to: seldom, weight: 1 }, { from: seldom, weight: SELDOM }];
  return regime.run({
    seed,
    steps: Math.round(STEPS * regime.base.steps),
    schedule: [{ people: { kind: "groups", groups } }],
  });
}
