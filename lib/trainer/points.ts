/**
 * When a run is measured.
 *
 * @module
 */

import type { RunConfiguration } from "./configuration.ts";

/**
 * The steps after which a run is measured: its first, then about even in log step from 1 % of the run
 * (but at least 10 steps) to its end. Of a run that goes on from another the points before its start
 * fall away: `evaluation.steps` adds some.
 *
 * @example
 * ```ts
 * import { configure, measuringSteps } from "factlab";
 * console.log(measuringSteps(configure({ steps: 1000 }))); // 0, then evenly in log steps
 * ```
 */
export function measuringSteps({ steps, start, evaluation }: RunConfiguration): number[] {
  const { measurements, steps: extra } = evaluation;
  const first = Math.min(steps, Math.max(10, Math.round(steps / 100)));
  const points = Array.from(
    { length: measurements - 1 },
    (_, i) => Math.round(first * (steps / first) ** (i / Math.max(1, measurements - 2))),
  );
  const begin = start?.step ?? 0;
  const wanted = [begin, ...points, steps, ...extra]
    .filter((step) => step >= begin && step <= steps);
  return [...new Set(wanted)].sort((a, b) => a - b);
}
