/**
 * Runs on a cluster: one Slurm job array for all that are ready, followed until every run is on
 * record. The checkout lies in a folder that all nodes share. Jobs go on when the command that
 * submitted them is closed or interrupted; started again, it finds them and goes on following.
 *
 * @module
 */

import { latestStep } from "../trainer/mod.ts";
import { failRest, isDone, isFree, isReady, markDone, pause, type SweepEngine } from "./engine.ts";
import { errorOf, fail } from "./failure.ts";
import type { SweepRun } from "./plan.ts";
import { type Ended, fatesOf, jobsInQueue } from "./slurm_commands.ts";
import {
  type JobOptions,
  logOf,
  openBook,
  type SlurmOptions,
  submitRuns,
  type TaskJob,
} from "./slurm_jobs.ts";

/** Jobs of one run that may end without a record and without having got any further. */
const IDLE_ATTEMPTS = 3;
/** Looks in a row in which Slurm has to answer and know no such job before it counts as gone. */
const LOOKS = 3;
/** Looks between two tries to submit what Slurm does not take now, while no job of ours ends. */
const RETRY_LOOKS = 12;

/** A run with the job that trains it. */
interface Followed {
  run: SweepRun;
  job: TaskJob;
  /** Whether the job was seen alive; one of an earlier command may have ended long ago. */
  alive: boolean;
  over: boolean;
  /** Looks in a row in which nobody knew the job. */
  forgotten: number;
  /** Steps on record when the job was submitted, and jobs in a row that changed nothing. */
  stepBefore: number;
  idle: number;
  /** Milliseconds at which it was first seen running, for its speed. */
  begun?: number;
}

/**
 * A Slurm cluster.
 *
 * @example
 * ```ts
 * import { slurm, sweep } from "factlab";
 * const runs = [0, 1, 2].map((seed) => ({ scale: "laptop", seed }) as const);
 * // On a login node: await sweep(runs, { engine: slurm({ time: "1:00:00", cpus: 4 }) });
 * console.log(typeof slurm({ cpus: 4 }).run, runs.length, typeof sweep);
 * ```
 *
 * @throws {Error} for cores or seconds that are no number; while running, where there is no Slurm
 * or it takes none of the runs.
 */
export function slurm(options: SlurmOptions = {}): SweepEngine {
  const { cpus = 2, pollSeconds = 5, detach = false } = options;
  for (const [name, value] of Object.entries({ cpus, pollSeconds })) {
    if (!(value > 0)) {
      throw new Error(`Cannot sweep on Slurm: ${name} must be above 0, got ${value}.`);
    }
  }
  return {
    async run(runs, { stopped, changed, device }) {
      const followed = new Map<string, Followed>();
      const elsewhere = new Set<SweepRun>();
      const active = () => [...followed.values()].filter(({ over }) => !over);
      const ready = () => runs.filter((run) => run.state === "waiting" && isReady(run, runs));
      let patience = 0;
      while (!stopped.aborted) {
        for (const run of [...elsewhere]) isFree(run, elsewhere);
        const before = active().length;
        await look(active());
        if (active().length < before) patience = 0;
        if (patience-- <= 0) {
          const wanted = { ...options, cpus, device };
          const all = await submit(ready(), { followed, elsewhere, options: wanted });
          patience = all ? 0 : RETRY_LOOKS;
        }
        changed();
        const asked = patience > 0 || ready().length === 0;
        if (detach && asked && active().every(({ alive }) => alive)) return;
        if (active().length + elsewhere.size + ready().length === 0) {
          failRest(runs.filter(({ state }) => state === "waiting"), runs);
          break;
        }
        await pause(1e3 * pollSeconds, stopped);
      }
    },
  };
}

/** Follows a job that trains a run. */
function follow(
  followed: Map<string, Followed>,
  { run, job, alive }: Pick<Followed, "run" | "job" | "alive">,
): void {
  Object.assign(run, { state: "running", why: undefined });
  followed.set(run.hash, {
    run,
    job,
    alive,
    over: false,
    forgotten: 0,
    stepBefore: latestStep(run.hash, run.fresh),
    idle: followed.get(run.hash)?.idle ?? 0,
  });
}

/**
 * Submits runs, or follows the job that another command has submitted for one. Says whether Slurm
 * has taken all that it has to.
 */
async function submit(
  ready: SweepRun[],
  { followed, elsewhere, options }: {
    followed: Map<string, Followed>;
    elsewhere: Set<SweepRun>;
    options: JobOptions;
  },
): Promise<boolean> {
  if (ready.length === 0) return true;
  using book = openBook();
  // Another command is submitting; what it has submitted is in the book at the next look.
  if (!book) return true;
  const rest = ready.filter((run) => {
    const job = book.jobs.get(run.hash);
    const serves = job && job.id !== followed.get(run.hash)?.job.id &&
      (run.fresh === undefined || run.fresh === job.attempt);
    if (serves) follow(followed, { run, job, alive: false });
    return !serves && isFree(run, elsewhere);
  });
  const { jobs, refused } = await submitRuns(rest, options);
  jobs.forEach((job, i) => follow(followed, { run: rest[i]!, job, alive: true }));
  if (!refused) return true;
  const left = rest.slice(jobs.length);
  if (refused.later) {
    for (const run of left) run.why = `${refused.why}; it is asked again`;
    return false;
  }
  // Bad options are told at once; what runs by now is followed whatever becomes of the rest.
  if (followed.size === 0) throw new Error(`Cannot sweep on Slurm: ${refused.why}.`);
  for (const run of left) fail(run, refused.why, "");
  return true;
}

/** Brings runs up to date with their jobs and records. */
async function look(active: Followed[]): Promise<void> {
  for (const { run } of active) run.step = latestStep(run.hash, run.fresh);
  const left = active.filter((own) => !isOver(own));
  const queue = left.length > 0 ? await jobsInQueue() : undefined;
  if (!queue) return;
  const gone = left.filter(({ job }) => !queue.has(job.id));
  const fates = await fatesOf(gone.map(({ job }) => job.id));
  for (const own of left) {
    const state = queue.get(own.job.id);
    const fate = state ? "alive" : fates.get(own.job.id);
    if (fate === "alive") {
      Object.assign(own, { alive: true, forgotten: 0 });
      if (state === "RUNNING") measureSpeed(own);
    } else if (fate === "forgotten") {
      if (++own.forgotten >= LOOKS) end(own, { state: "unknown", kind: "unfinished" });
    } else if (fate) end(own, fate);
  }
}

/** Whether a run is done, and its job of no more interest. */
function isOver(own: Followed): boolean {
  own.over = isDone(own.run);
  if (own.over) markDone(own.run);
  return own.over;
}

/** What becomes of a run whose job has ended. */
function end(own: Followed, { state, kind }: Ended): void {
  const { run, job } = own;
  if (isOver(own)) return;
  own.over = true;
  if (!own.alive) {
    // What became of an earlier command's job is no news; the run is asked for now.
    run.state = "waiting";
  } else if (kind === "cancelled") {
    run.state = "stopped";
  } else if (kind === "failed") {
    const log = logOf(job);
    fail(run, errorOf(log) || `job ${job.id} ended (${state})`, log);
  } else {
    const moved = latestStep(run.hash, run.fresh) > own.stepBefore;
    own.idle = moved ? 0 : own.idle + 1;
    run.state = "waiting";
    if (own.idle < IDLE_ATTEMPTS) return;
    const why = `${own.idle} jobs in a row ended (${state}) without getting any further`;
    fail(run, `${why}; the last was ${job.id}`, logOf(job));
  }
}

/** Steps a second since the job was first seen running. */
function measureSpeed(own: Followed): void {
  const { run } = own;
  run.from ??= run.step;
  own.begun ??= Date.now();
  const seconds = (Date.now() - own.begun) / 1e3;
  if (run.step > run.from) run.speed = (run.step - run.from) / seconds;
}
