/**
 * Many runs at once. What has a record is not trained again; what was stopped goes on; what others
 * begin from is trained first; what fails is reported with its log and stops nothing else.
 *
 * @module
 */

import { stopSignal } from "../display/mod.ts";
import { type Device, engineOn } from "../engine/mod.ts";
import { configure, identity, type RunInput, withProbes } from "../trainer/mod.ts";
import type { SweepEngine } from "./engine.ts";
import { beginFresh, endFresh } from "./fresh.ts";
import { local } from "./local.ts";
import { type PlanOptions, planSweep, type SweepRun } from "./plan.ts";

/** How a sweep is run. */
export interface SweepOptions extends PlanOptions {
  /** What carries it out; by default this machine. */
  engine?: SweepEngine;
  /** Where runs are computed, see TrainOptions.device; FACTLAB_DEVICE or "cpu" by default. */
  device?: Device;
  /** Processes side by side on this machine; by default one a core, on device gpu one a GPU. */
  workers?: number;
  /**
   * Runs of one shape (seeds, learning rates, people) that a process of this machine trains in one
   * program on device gpu: so many places, filled with what there is. By default 8 for models
   * narrower than 512 in batches of less than 64, which leave a GPU idle, as soon as two runs are
   * ready that fit together; otherwise 1, as one run of the paper's model fills a GPU, and on cpu,
   * where it is always 1. A run goes on in as many places as it was begun in, so that its numbers
   * stay the same.
   */
  beside?: number;
  /** Stops all runs in order; so do the stop button, SIGINT and SIGTERM. */
  signal?: AbortSignal;
  /** Called whenever something has changed, for a live table. */
  onChange?: (runs: readonly SweepRun[]) => void;
}

/**
 * Runs what has no record yet and returns how every run stands at the end. Called again, it goes
 * on where it was stopped, a fresh one as well. The same configuration given twice is run once;
 * what another process trains is waited for.
 *
 * @example
 * ```ts
 * import { sweep, sweepTable } from "factlab";
 * const seeds = [0, 1].map((seed) => ({ scale: "smoke", steps: 20, seed }) as const);
 * const runs = await sweep(seeds);
 * console.log(sweepTable(runs).text);
 * ```
 *
 * @throws {Error} for a bad configuration or device, before any work. What `onChange` throws ends the runs in
 * order first.
 */
export async function sweep(
  inputs: RunInput[],
  { engine, workers, beside, signal, onChange = () => {}, ...options }: SweepOptions = {},
): Promise<SweepRun[]> {
  const { device } = engineOn(options.device);
  if (engine && beside !== undefined && beside !== 1) {
    throw new Error(
      `Cannot sweep: beside must be left out with an engine, got ${beside}: it is for processes of ` +
        "this machine. Leave one of the two out.",
    );
  }
  const carrier = engine ?? local(workers, { beside });
  const hashes = inputs.map((input) => identity(configure(withProbes(input, options.probes))));
  const fresh = options.fresh === true ? beginFresh(hashes) : options.fresh;
  const runs = planSweep(inputs, { ...options, fresh });
  using stop = stopSignal();
  const failure = new AbortController();
  const stopped = AbortSignal.any([stop.signal, failure.signal, ...(signal ? [signal] : [])]);
  const changed = () => {
    try {
      if (!failure.signal.aborted) onChange(runs);
    } catch (error) {
      failure.abort(error);
    }
  };
  changed();
  await carrier.run(runs, { stopped, changed, device });
  if (failure.signal.aborted) throw failure.signal.reason;
  const done = runs.every(({ state }) => state === "trained" || state === "on record");
  if (options.fresh === true && done) endFresh(hashes);
  return runs;
}
