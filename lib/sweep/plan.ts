/**
 * What a sweep has to do: runs without a record, and runs whose checkpoints others begin from.
 *
 * @module
 */

import {
  configure,
  findRecord,
  identity,
  isKept,
  needs,
  type RunConfiguration,
  type RunInput,
} from "../trainer/mod.ts";

/** How a run of a sweep stands. */
export interface SweepRun {
  configuration: RunConfiguration;
  hash: string;
  state: "on record" | "waiting" | "running" | "trained" | "stopped" | "failed";
  /** Steps done. */
  step: number;
  /** Steps a second in this sweep; undefined before it is known. */
  speed?: number;
  /** Why it failed: the last lines of its log. */
  why?: string;
  /** Steps whose checkpoints are kept. */
  checkpoints: number[];
  /** Trained from the start whatever there is. */
  fresh?: boolean;
  /**
   * The run has a record but no checkpoint for those that begin from it: it is trained again up
   * to this step.
   */
  again?: number;
}

/**
 * The runs of a sweep: each configuration once, and before them the runs that they begin from
 * and whose checkpoints are not on this machine.
 *
 * @throws {Error} for a bad configuration.
 */
export function planSweep(
  inputs: readonly RunInput[],
  { checkpoints = [], fresh = false }: { checkpoints?: readonly number[]; fresh?: boolean } = {},
): SweepRun[] {
  const runs = new Map<string, SweepRun>();
  const add = (input: RunInput, wanted: readonly number[], asked: boolean): void => {
    const configuration = configure(input);
    const hash = identity(configuration);
    const onRecord = !(fresh && asked) && findRecord(configuration) !== undefined;
    const missing = wanted.filter((step) => !isKept({ run: input, step }));
    const known = runs.get(hash);
    if (!asked && missing.length === 0 && !known) return;
    const run: SweepRun = known ?? {
      configuration,
      hash,
      state: onRecord ? "on record" : "waiting",
      step: onRecord ? configuration.steps : 0,
      checkpoints: [],
      fresh: fresh && asked,
    };
    run.checkpoints = [...new Set([...run.checkpoints, ...wanted])].sort((a, b) => a - b);
    if (onRecord && !asked && missing.length > 0) {
      Object.assign(run, { state: "waiting", step: 0, again: run.checkpoints.at(-1) });
    }
    runs.set(hash, run);
    if (known || run.state === "on record") return;
    for (const { run: base, step } of needs(configuration)) add(base, [step], false);
  };
  for (const input of inputs) add(input, checkpoints, true);
  return [...runs.values()];
}
