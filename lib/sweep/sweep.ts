/**
 * Many runs at once. What has a record is not trained again; what was stopped goes on; what others
 * begin from is trained first; what fails is reported with its log and stops nothing else.
 *
 * @module
 */

import { stopSignal } from "../display/mod.ts";
import type { RunInput } from "../trainer/mod.ts";
import type { SweepEngine } from "./engine.ts";
import { local } from "./local.ts";
import { type PlanOptions, planSweep, type SweepRun } from "./plan.ts";

/** How a sweep is run. */
export interface SweepOptions extends PlanOptions {
  /** What carries it out; by default this machine. */
  engine?: SweepEngine;
  /** Runs side by side on this machine; by default one a core. */
  workers?: number;
  /** Stops all runs in order; so do the stop button, SIGINT and SIGTERM. */
  signal?: AbortSignal;
  /** Called whenever something has changed, for a live table. */
  onChange?: (runs: readonly SweepRun[]) => void;
}

/**
 * Runs what has no record yet and returns how every run stands at the end. Called again, it goes
 * on where it was stopped. The same configuration given twice is run once.
 *
 * @example
 * ```ts
 * import { sweep, sweepTable } from "./mod.ts";
 * const seeds = [0, 1].map((seed) => ({ scale: "smoke", steps: 20, seed }) as const);
 * const runs = await sweep(seeds);
 * console.log(sweepTable(runs).text);
 * ```
 *
 * @throws {Error} for a bad configuration, before any work.
 */
export async function sweep(
  inputs: RunInput[],
  { engine, workers, signal, onChange = () => {}, ...options }: SweepOptions = {},
): Promise<SweepRun[]> {
  const carrier = engine ?? local(workers);
  const runs = planSweep(inputs, options);
  using stop = stopSignal();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const changed = () => onChange(runs);
  changed();
  await carrier.run(runs, { stopped, changed });
  return runs;
}
