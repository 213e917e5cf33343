/**
 * How the runs of a sweep stand, as a table.
 *
 * @module
 */

import { formatDuration, table, type TextAndHtml } from "../display/mod.ts";
import { essence } from "../trainer/mod.ts";
import type { SweepRun } from "./plan.ts";

/** Fields that are told of a run: a schedule of many phases has thousands. */
const TOLD = 8;

/** Fields by which the runs of a sweep differ, each with its value. */
function differences(runs: readonly SweepRun[]): (run: SweepRun) => string {
  const flat = runs.map(({ configuration }) => flatten(essence(configuration)));
  const keys = [...new Set(flat.flatMap((fields) => Object.keys(fields)))]
    .filter((key) => new Set(flat.map((fields) => fields[key])).size > 1);
  return (run) => {
    const fields = flatten(run.configuration);
    const told = keys.slice(0, TOLD).map((key) => `${key} ${fields[key] ?? "–"}`);
    const more = keys.length - told.length;
    return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
  };
}

function flatten(value: object, prefix = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) =>
      typeof inner === "object" && inner !== null
        ? flatten(inner, `${prefix}${key}.`)
        : { [prefix + key]: String(inner) }
    ),
  );
}

/**
 * How the runs of a sweep stand, as a table.
 *
 * @example
 * ```ts
 * import { planSweep, sweepTable } from "factlab";
 * console.log(sweepTable(planSweep([1, 2].map((seed) => ({ scale: "smoke", seed })))).text);
 * ```
 */
export function sweepTable(runs: readonly SweepRun[]): TextAndHtml {
  const of = differences(runs);
  const count = (state: SweepRun["state"]) => runs.filter((run) => run.state === state).length;
  const states = ["on record", "trained", "running", "waiting", "stopped", "failed"] as const;
  const summary = states.filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`).join(", ");
  return table(
    runs.map((run) => {
      const total = run.again ?? run.configuration.steps;
      const left = total - run.step;
      return {
        run: run.hash,
        differs: of(run),
        state: run.state,
        steps: `${run.step}/${total}`,
        left: run.state === "running" && run.speed ? formatDuration(left / run.speed) : "",
        why: run.why ?? "",
      };
    }),
    { caption: `${runs.length} runs: ${summary}` },
  );
}
