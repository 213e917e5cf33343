/**
 * Watching a run while it trains: a progress line with the time left and a growing figure.
 *
 * @module
 */

import { liveDisplay, progress, table } from "../display/mod.ts";
import type { Run } from "../trainer/mod.ts";
import { phasesFigure } from "./phases.ts";

/**
 * Trains (or reads) a run under a live figure and a progress line with the time left. The
 * notebook's stop button ends it and keeps what has been measured.
 *
 * @example
 * ```ts
 * import { train, watch } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * await watch(run); // in a notebook: a bar and a growing figure
 * run.dispose();
 * ```
 */
export async function watch(run: Run): Promise<void> {
  const bar = liveDisplay();
  const picture = liveDisplay({ every: 2000 });
  const startedAt = Date.now();
  const done = run.measurements.at(-1)?.step ?? 0;
  let doneAtStart: number | undefined;
  // Shown first, the bar stands above the figure.
  bar.update(progress({ done, total: run.configuration.steps, startedAt, doneAtStart: done }));
  run.onStep = ({ step, steps }) => {
    doneAtStart ??= step - 1;
    bar.update(progress({ done: step, total: steps, startedAt, doneAtStart }));
  };
  for await (const { step } of run) {
    if (run.source === "training" && step > 10) picture.update(phasesFigure(run));
  }
  const origin = run.source === "record" ? "read from the record of" : "trained as";
  const state = run.finished ? "" : ", stopped: run this again to go on";
  await bar.close(table([{ run: `${origin} run ${run.hash}${state}` }]));
  await picture.close(phasesFigure(run));
}
