/**
 * What a sweep has to do: runs without a record, and runs whose checkpoints others begin from.
 *
 * @module
 */

import { listsOf } from "../generator/mod.ts";
import {
  type CheckpointOf,
  checkpointSteps,
  configure,
  findRecord,
  identity,
  isKept,
  needs,
  probeModules,
  type RunConfiguration,
  runFolder,
  type RunInput,
  withProbes,
} from "../trainer/mod.ts";
import type { AnyProbe } from "../probes/mod.ts";
import { openFresh } from "./fresh.ts";

/** How a run of a sweep stands. */
export interface SweepRun {
  /** What is trained. */
  configuration: RunConfiguration;
  /** Its identity. */
  hash: string;
  /** How it stands. */
  state: "on record" | "waiting" | "running" | "trained" | "stopped" | "failed";
  /** Steps done. */
  step: number;
  /** The first step that this sweep was told of it; undefined before. */
  from?: number;
  /** Steps a second in this sweep; undefined before it is known. */
  speed?: number;
  /** Why it failed, or what it waits for. */
  why?: string;
  /** Steps whose checkpoints are kept. */
  checkpoints: number[];
  /** Modules of the probes that it has beside factlab's own. */
  probes?: string[];
  /** Name of the attempt to train it from the start whatever there is; see TrainOptions.fresh. */
  fresh?: string;
  /** Places of the program that it is trained in; undefined if that is its own. */
  beside?: number;
  /**
   * The run has a record but no checkpoint for those that begin from it: it is trained again up
   * to this step.
   */
  again?: number;
}

/** What is wanted of a sweep beside its runs. */
export interface PlanOptions {
  /** Steps whose checkpoints every run that makes them keeps, for runs that begin from them. */
  checkpoints?: readonly number[];
  /**
   * Trains every run from the start, whatever records there are. Until all of them are trained, a
   * sweep of the same runs goes on with it; under a name in the place of true, for ever.
   */
  fresh?: boolean | string;
  /**
   * Probes of your own, which every run has that was asked for; each the default export of a module
   * of its own. What runs begin from is as it was, and is trained without them where it is missing.
   */
  probes?: readonly AnyProbe[];
  /** Checkpoints that have to be on this machine afterwards, of these or other runs. */
  also?: readonly CheckpointOf[];
}

/**
 * The runs of a sweep: each configuration once, then the runs that they begin from and whose
 * checkpoints are not on this machine.
 *
 * @example
 * ```ts
 * import { planSweep } from "factlab";
 * const [run] = planSweep([{ scale: "smoke", seed: 9 }]);
 * console.log(run!.hash, run!.state); // on record, or waiting
 * ```
 *
 * @throws {Error} for a bad configuration, and for lists of one's own whose folder was not opened.
 */
export function planSweep(
  inputs: readonly RunInput[],
  { checkpoints = [], fresh = false, also = [], probes = [] }: PlanOptions = {},
): SweepRun[] {
  const wanted = new Map<string, Wanted>();
  const runs = inputs.map((input) => withProbes(input, probes));
  const attempt = fresh === true ? freshName(runs) : fresh || undefined;
  const want = (input: RunInput): Wanted => {
    const configuration = configure(input);
    const hash = identity(configuration);
    const own = wanted.get(hash) ?? { configuration, hash, asked: false, keep: [], required: [] };
    wanted.set(hash, own);
    return own;
  };
  for (const input of runs) Object.assign(want(input), { asked: true, keep: checkpoints });
  // What is trained may itself begin from other runs, whether it was asked for or not.
  const require = ({ run, step }: CheckpointOf) => {
    if (step === 0) return;
    const own = want(run);
    own.required.push(step);
    if (planned(own, attempt)?.state === "waiting") needs(own.configuration).forEach(require);
  };
  also.forEach(require);
  for (const own of [...wanted.values()]) {
    if (planned(own, attempt)?.state === "waiting") needs(own.configuration).forEach(require);
  }
  return [...wanted.values()].flatMap((own) => {
    const run = planned(own, attempt);
    if (!run) return [];
    if (run.state === "waiting" && run.configuration.lists !== null) listsOf(run.configuration);
    const modules = run.state === "waiting" ? probeModules(own.configuration, probes) : [];
    return [modules.length > 0 ? { ...run, probes: modules } : run];
  });
}

/** A run that a sweep was asked for, or whose checkpoints it needs. */
interface Wanted {
  configuration: RunConfiguration;
  hash: string;
  asked: boolean;
  /** Steps whose checkpoints are kept if it is trained. */
  keep: readonly number[];
  /** Steps whose checkpoints other runs begin from. */
  required: number[];
}

/** Name of the attempt to train a run again for checkpoints that are gone. */
const AGAIN = "again";

/** What has to be done for a run; undefined if it is only needed for checkpoints that are kept. */
function planned({ configuration, hash, asked, keep, required }: Wanted, fresh?: string) {
  const attempt = asked ? fresh : undefined;
  const onRecord = findRecord(configuration, { attempt }) !== undefined;
  const missing = required.filter((step) => !isKept({ run: configuration, step }));
  if (!asked && missing.length === 0) return undefined;
  const kept = checkpointSteps(runFolder(configuration));
  const run: SweepRun = {
    configuration,
    hash,
    state: "waiting",
    step: 0,
    checkpoints: ordered([...keep.filter((step) => isMade(step, configuration)), ...required]),
    // What has been trained past a checkpoint that is missing would never write it.
    fresh: attempt ?? (missing.some((step) => step < (kept[0] ?? 0)) ? AGAIN : undefined),
  };
  if (!onRecord) return run;
  if (missing.length === 0) {
    return { ...run, state: "on record" as const, step: configuration.steps };
  }
  // Training again removes the checkpoints there are, so they are made again as well.
  const checkpoints = ordered([...required, ...kept]);
  return { ...run, checkpoints, fresh: AGAIN, again: checkpoints.at(-1)! };
}

/** Name of the attempt that goes on, or of a new one. */
function freshName(inputs: readonly RunInput[]): string {
  return openFresh(inputs.map((input) => identity(configure(input)))) ?? crypto.randomUUID();
}

/** Whether a run makes a step: what others of its sweep keep may lie outside of it. */
function isMade(step: number, { start, steps }: RunConfiguration): boolean {
  return step >= (start?.step ?? 0) && step <= steps;
}

function ordered(steps: readonly number[]): number[] {
  return [...new Set(steps)].filter((step) => step > 0).sort((a, b) => a - b);
}
