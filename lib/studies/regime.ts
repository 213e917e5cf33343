/**
 * The regime of every study: at laptop scale the cheapest run in which all three phases show,
 * chosen once on pilot seeds and then left alone (LOG.md, 2026-11-25).
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import type { RunInput } from "../trainer/mod.ts";

const REGIMES: Record<Scale, RunInput> = {
  smoke: {},
  laptop: {
    people: 512,
    batch: 8,
    steps: 4000,
    evaluation: { people: 128, measurements: 30, attention: 10, flow: 16 },
  },
  paper: {},
};

/**
 * The regime's run at a scale, with the changes of a study's arm.
 *
 * @example
 * ```ts
 * import { regime } from "./regime.ts";
 * console.log(regime("laptop", { seed: 1, optimizer: { decay: 1 } }));
 * ```
 */
export function regime(scale: Scale, changes: Omit<RunInput, "scale"> = {}): RunInput {
  const base = REGIMES[scale];
  const run: RunInput = { scale, ...base, ...changes };
  if (base.evaluation) run.evaluation = { ...base.evaluation, ...changes.evaluation };
  return run;
}
