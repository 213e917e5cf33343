/**
 * What carries out a sweep: this machine, or a cluster.
 *
 * @module
 */

import { z } from "zod";
import { folderOfLists } from "../generator/mod.ts";
import {
  configure,
  findRecord,
  identity,
  isKept,
  isLocked,
  latestStep,
  needs,
  runFolder,
} from "../trainer/mod.ts";
import type { SweepRun } from "./plan.ts";

/** What a worker is told to do with a run; of several, which it trains side by side, it has a list. */
export interface WorkerTask extends
  Pick<
    SweepRun,
    "configuration" | "checkpoints" | "again" | "fresh" | "probes" | "beside"
  > {
  /** Address of the folder of its lists, if they are not factlab's. */
  lists?: string;
}

const workerLine = z.strictObject({
  /** The run it is about. */
  run: z.string().regex(/^[0-9a-f]{12}$/),
  /** Steps done. */
  step: z.int().min(0),
  /** That no more is done for the run: it is done or stopped, another process trains it, it failed. */
  end: z.enum(["in order", "held", "failed"]).optional(),
  /** Why it failed. */
  why: z.string().optional(),
});

/** What a worker tells on a line of its output. */
export type WorkerLine = z.infer<typeof workerLine>;

/** Carries out the waiting runs of a plan, and says in them how they stand. */
export interface SweepEngine {
  /** Carries out what is waiting; resolves when nothing more can be done. */
  run(runs: SweepRun[], context: SweepContext): Promise<void>;
}

/** What an engine is given beside its runs. */
export interface SweepContext {
  /** Ends what the engine has begun, in order. */
  stopped: AbortSignal;
  /** To be called whenever something has changed. */
  changed(): void;
  /** The device that runs are trained on: "cpu", "gpu". */
  device: string;
}

/** The part of a run that its worker is told. */
export function taskOf(
  { configuration, checkpoints, again, fresh, probes, beside }: SweepRun,
): WorkerTask {
  const lists = folderOfLists(configuration.lists)?.href;
  return { configuration, checkpoints, again, fresh, probes, beside, lists };
}

/** Reads a line of a worker; undefined for what libraries print in between. */
export function parseLine(text: string): WorkerLine | undefined {
  // What comes before it on its line was written without a line break.
  const begin = text.lastIndexOf('{"run":');
  if (begin < 0) return undefined;
  try {
    return workerLine.safeParse(JSON.parse(text.slice(begin))).data;
  } catch {
    return undefined;
  }
}

/** Whether all that a run begins from is there, and not about to be written anew. */
export function isReady({ configuration }: SweepRun, runs: readonly SweepRun[]): boolean {
  return needs(configuration).every((needed) => {
    const hash = identity(configure(needed.run));
    const base = runs.find((run) => run.hash === hash);
    return base?.state !== "waiting" && base?.state !== "running" && isKept(needed);
  });
}

/** Marks what can never begin, because what it begins from is not there. */
export function failRest(rest: SweepRun[], runs: readonly SweepRun[]): void {
  for (const run of rest) {
    const [missing] = needs(run.configuration).filter((needed) => !isKept(needed));
    const hash = missing && identity(configure(missing.run));
    const base = runs.find((own) => own.hash === hash);
    run.state = "failed";
    run.why = base?.state === "failed" || base?.state === "stopped"
      ? `run ${hash}, from which it begins, has ${base.state}`
      : `run ${hash}, from which it begins, has no checkpoint of step ${missing?.step}`;
  }
}

/** Whether what a run was asked for is there, whoever has made it. */
export function isDone({ configuration, again, checkpoints, fresh }: SweepRun): boolean {
  return again === undefined
    ? findRecord(configuration, { attempt: fresh }) !== undefined
    : checkpoints.every((step) => isKept({ run: configuration, step }));
}

/** Says of a run that it is done. */
export function markDone(run: SweepRun): void {
  Object.assign(run, { state: "trained", why: undefined });
  run.step = run.again ?? run.configuration.steps;
}

/**
 * Whether a run can begin here and now; otherwise it is done, or another process trains it and it
 * is one of those `elsewhere`, to be looked at again.
 */
export function isFree(run: SweepRun, elsewhere: Set<SweepRun>): boolean {
  elsewhere.delete(run);
  if (isDone(run)) {
    markDone(run);
    return false;
  }
  if (isLocked(runFolder(run.configuration))) {
    const step = latestStep(run.hash, run.fresh);
    Object.assign(run, { state: "running", step, why: "another process trains it" });
    elsewhere.add(run);
    return false;
  }
  Object.assign(run, { state: "waiting", why: undefined });
  return true;
}

/** Waits, or until it is stopped. */
export function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = milliseconds < Infinity ? setTimeout(done, milliseconds) : undefined;
    function done() {
      clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      resolve();
    }
    stopped.addEventListener("abort", done);
    if (stopped.aborted) done();
  });
}
