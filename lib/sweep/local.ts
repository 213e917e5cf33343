/**
 * Runs side by side on this machine: in processes of their own, each in a place of its own, and on an
 * accelerator several in a process (beside.ts).
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { checkBeside, nextTogether } from "./beside.ts";
import { runChild } from "./child.ts";
import {
  failRest,
  isDone,
  isFree,
  isReady,
  markDone,
  parseLine,
  pause,
  type SweepContext,
  type SweepEngine,
  taskOf,
  type WorkerLine,
} from "./engine.ts";
import { fail, reasonOf } from "./failure.ts";
import { checkWorkers, placesOn, type WorkerPlace } from "./places.ts";
import type { SweepRun } from "./plan.ts";

/** Milliseconds between two looks at runs that other processes train. */
const LOOK_MS = 1000;

/** What processes tell the sweep. */
interface Sweeping extends Pick<SweepContext, "stopped" | "changed"> {
  /** A run has come to an end, or a process. */
  ended(): void;
}

/**
 * This machine, `workers` processes at once: by default one a core, or one a GPU on device gpu, where
 * each trains up to `beside` runs, see SweepOptions.
 *
 * @example
 * ```ts
 * import { local, sweep } from "factlab";
 * const [run] = await sweep([{ scale: "smoke", steps: 20 }], { engine: local(1) });
 * console.log(run!.state);
 * ```
 *
 * @throws {Error} if there is no worker; before any run, if there are more than GPUs, or several runs
 * side by side on cpu.
 */
export function local(workers?: number, { beside }: { beside?: number } = {}): SweepEngine {
  checkWorkers(workers);
  return {
    async run(runs, { stopped, changed, device }) {
      const free = placesOn(device, workers);
      checkBeside({ device, beside });
      const failure = new AbortController();
      let news = Promise.withResolvers<void>();
      const sweeping = {
        stopped: AbortSignal.any([stopped, failure.signal]),
        changed,
        ended: () => news.resolve(),
      };
      const elsewhere = new Set<SweepRun>();
      const running = new Set<Promise<void>>();
      const begin = (chosen: SweepRun[]) => {
        const place = free.shift()!;
        const done: Promise<void> = trainInProcess(chosen, place, sweeping).then(() => {
          free.unshift(place);
          running.delete(done);
          sweeping.ended();
        });
        running.add(done);
      };
      const ready = () => runs.filter((run) => run.state === "waiting" && isReady(run, runs));
      const next = () =>
        nextTogether(ready(), {
          ...{ device, beside, workers: free.length },
          isFree: (run) => isFree(run, elsewhere),
        });
      try {
        while (!stopped.aborted) {
          news = Promise.withResolvers<void>();
          for (const run of [...elsewhere]) isFree(run, elsewhere);
          const chosen = free.length > 0 ? next() : [];
          if (chosen.length > 0) begin(chosen);
          changed();
          if (chosen.length > 0) continue;
          if (running.size + elsewhere.size > 0) {
            await oneOf(news.promise, elsewhere.size > 0 ? LOOK_MS : Infinity, stopped);
          } else if (ready().length === 0) {
            failRest(runs.filter(({ state }) => state === "waiting"), runs);
            return;
          }
        }
      } finally {
        // Whatever has happened, nobody goes on alone.
        failure.abort();
        await Promise.all(running);
        changed();
      }
    },
  };
}

/** Waits for a promise, some time, or until it is stopped. */
async function oneOf(
  promise: Promise<void>,
  milliseconds: number,
  stopped: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, pause(milliseconds, AbortSignal.any([stopped, over.signal]))]);
  over.abort();
}

/** Trains runs in one process; whatever becomes of them, or of it, is said in the runs. */
async function trainInProcess(
  runs: readonly SweepRun[],
  place: WorkerPlace,
  { stopped, changed, ended }: Sweeping,
): Promise<void> {
  /** Runs whose end has not been told. */
  const left = new Map(runs.map((run) => [run.hash, run]));
  /** Runs that have told why they failed. */
  const failed = new Map<SweepRun, string>();
  const begun = new Map<SweepRun, number>();
  for (const run of runs) run.state = "running";
  const onLine = (text: string) => {
    const told = parseLine(text);
    const run = told && left.get(told.run);
    if (!run) return false;
    follow(run, told.step, begun);
    if (told.end) {
      left.delete(run.hash);
      const why = settle(run, told);
      if (why !== undefined) failed.set(run, why);
      ended();
    }
    changed();
    return true;
  };
  const worker = fromFileUrl(new URL("worker.ts", import.meta.url));
  try {
    const ending = await runChild(Deno.execPath(), {
      args: ["run", "-A", "--quiet", worker, "--attended", ...runs.map(({ hash }) => hash)],
      env: place,
      input: JSON.stringify(runs.map(taskOf)),
      onLine,
      stopped,
    });
    for (const [run, why] of failed) fail(run, why, ending.log);
    const among = runs.length > 1 ? `, a process of ${runs.length} runs` : "";
    for (const run of left.values()) {
      const end = ending.code === 0 || stopped.aborted ? "in order" : "failed";
      const why = settle(run, { end, why: reasonOf(ending) + among });
      if (why !== undefined) fail(run, why, ending.log);
    }
  } catch (error) {
    // It could not be started.
    for (const run of left.values()) fail(run, messageOf(error), "");
  }
}

/** Takes in the steps that a run has done; `begun` has the milliseconds at which runs were taken up. */
function follow(run: SweepRun, step: number, begun: Map<SweepRun, number>): void {
  const at = performance.now();
  const begin = begun.get(run) ?? at;
  begun.set(run, begin);
  run.from ??= step;
  run.step = step;
  if (at > begin) run.speed = 1e3 * (step - run.from) / (at - begin);
}

/** Says in a run what its end means; returns why it failed, if it did. */
function settle(run: SweepRun, { end, why }: Pick<WorkerLine, "end" | "why">): string | undefined {
  try {
    if (isDone(run)) markDone(run);
    else if (end === "failed") Object.assign(run, { state: "failed", why });
    else run.state = end === "held" ? "waiting" : "stopped";
  } catch (error) {
    // Its record cannot be read.
    Object.assign(run, { state: "failed", why: messageOf(error) });
  }
  return run.state === "failed" ? run.why : undefined;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);
