/**
 * Runs on a cluster: one Slurm job array for all that are ready, followed until every run is on
 * record. The checkout lies in a folder that all nodes share. Jobs go on when the command that
 * submitted them is closed or interrupted; started again, it finds them and goes on following.
 *
 * @module
 */

import { findRecord, isKept, latestStep } from "../trainer/mod.ts";
import {
  failRest,
  isReady,
  keepLog,
  type SweepContext,
  type SweepEngine,
  taskOf,
} from "./engine.ts";
import type { SweepRun } from "./plan.ts";
import { type Ended, jobsInQueue, readJobs, submitArray, type TaskJob } from "./slurm_jobs.ts";

/** What jobs ask Slurm for; what is left out is the cluster's default. */
export interface SlurmOptions {
  /** Partition of the jobs. */
  partition?: string;
  /** Time limit of a job as `sbatch --time` takes it. A run that reaches it goes on in a new job. */
  time?: string;
  /** Cores of a run; 2 by default. */
  cpus?: number;
  /** Seconds between two looks; 5 by default. */
  pollSeconds?: number;
  /** Submit what is ready and return at once. */
  detach?: boolean;
}

/** Jobs of one run that may end without a record and without having got any further. */
const IDLE_ATTEMPTS = 3;

/** A run with the job that trains it. */
interface Followed {
  run: SweepRun;
  job: TaskJob;
  /** Steps on record when the job was submitted, and jobs in a row that changed nothing. */
  stepBefore: number;
  idle: number;
  /** Where it stood when it was first seen running, for its speed. */
  begin?: { step: number; at: number };
}

/**
 * A Slurm cluster.
 *
 * @example
 * ```ts
 * import { slurm, sweep } from "./mod.ts";
 * const runs = [0, 1, 2].map((seed) => ({ scale: "laptop", seed }) as const);
 * // On a login node: await sweep(runs, { engine: slurm({ time: "1:00:00", cpus: 4 }) });
 * console.log(typeof slurm({ cpus: 4 }).run, runs.length, typeof sweep);
 * ```
 *
 * @throws {Error} for cores or seconds that are no number; while running, where there is no Slurm.
 */
export function slurm(options: SlurmOptions = {}): SweepEngine {
  const { cpus = 2, pollSeconds = 5, detach = false } = options;
  for (const [name, value] of Object.entries({ cpus, pollSeconds })) {
    if (!(value > 0)) {
      throw new Error(`Cannot sweep on Slurm: ${name} must be above 0, got ${value}.`);
    }
  }
  return {
    async run(runs, context) {
      const followed = new Map<string, Followed>();
      const submit = async (ready: SweepRun[]) => {
        if (ready.length === 0) return;
        const jobs = await submitArray(ready.map(taskOf), { ...options, cpus }, ready);
        ready.forEach((run, i) => follow(followed, run, jobs[i]!));
        context.changed();
      };
      await attach(runs, followed);
      while (!context.stopped.aborted) {
        await submit(runs.filter((run) => run.state === "waiting" && isReady(run, runs)));
        if (detach) return;
        if (followed.size === 0) {
          failRest(runs.filter(({ state }) => state === "waiting"));
          break;
        }
        await pause(1e3 * pollSeconds, context.stopped);
        await look(followed, context);
      }
    },
  };
}

function follow(followed: Map<string, Followed>, run: SweepRun, job: TaskJob): void {
  const before = followed.get(run.hash);
  run.state = "running";
  followed.set(run.hash, { run, job, stepBefore: latestStep(run.hash), idle: before?.idle ?? 0 });
}

/** Finds jobs of an earlier command that are still in the queue. */
async function attach(runs: SweepRun[], followed: Map<string, Followed>): Promise<void> {
  const known = readJobs();
  const queue = await jobsInQueue();
  for (const run of runs) {
    const job = known.get(run.hash);
    if (run.state === "waiting" && job && queue.has(job.id)) follow(followed, run, job);
  }
}

/** Brings runs up to date with queue and records, and gives back to the queue what has to go on. */
async function look(followed: Map<string, Followed>, { changed }: SweepContext): Promise<void> {
  const queue = await jobsInQueue();
  for (const [hash, own] of followed) {
    const { run, job } = own;
    run.step = Math.max(run.step, latestStep(hash));
    const inQueue = queue.get(job.id);
    if (inQueue) {
      if (inQueue === "RUNNING") measureSpeed(own);
      continue;
    }
    if (isDone(run, job)) {
      run.state = "trained";
      run.step = run.again ?? run.configuration.steps;
      followed.delete(hash);
      continue;
    }
    const ended = await job.ended();
    if (ended.kind === "cancelled") {
      run.state = "stopped";
      followed.delete(hash);
    } else if (ended.kind === "failed") {
      run.state = "failed";
      run.why = keepLog(run, job.log());
      followed.delete(hash);
    } else resubmit(followed, own, ended);
  }
  changed();
}

/** Steps a second since the job was first seen running. */
function measureSpeed(own: Followed): void {
  const { step } = own.run;
  own.begin ??= { step, at: Date.now() };
  const seconds = (Date.now() - own.begin.at) / 1e3;
  if (step > own.begin.step) own.run.speed = (step - own.begin.step) / seconds;
}

/** A run whose job was stopped, timed out, preempted or killed waits for a new one. */
function resubmit(followed: Map<string, Followed>, own: Followed, ended: Ended): void {
  const { run } = own;
  const moved = latestStep(run.hash) > own.stepBefore;
  own.idle = moved ? 0 : own.idle + 1;
  if (own.idle < IDLE_ATTEMPTS) {
    run.state = "waiting";
    return;
  }
  run.state = "failed";
  run.why = `${own.idle} jobs in a row ended (${ended.state}) without getting any further; ` +
    `the last was ${own.job.id}`;
  followed.delete(run.hash);
}

/** Whether what a run was asked for is there; of a fresh run only what its job has written. */
function isDone({ configuration, again, checkpoints, fresh }: SweepRun, { at }: TaskJob): boolean {
  if (again !== undefined) {
    return checkpoints.every((step) => isKept({ run: configuration, step }));
  }
  const found = findRecord(configuration, { from: fresh ? "own" : "any" });
  if (!found || !fresh) return found !== undefined;
  return (Deno.statSync(found.file).mtime?.getTime() ?? 0) >= at;
}

/** Waits, or until it is stopped. */
function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      resolve();
    }
    stopped.addEventListener("abort", done);
  });
}
