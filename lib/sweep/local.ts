/**
 * Runs side by side on this machine, in processes of their own, each in a place of its own.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
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
import { checkWorkers, type Place, placesOn } from "./places.ts";
import type { SweepRun } from "./plan.ts";

/** Milliseconds between two looks at runs that other processes train. */
const LOOK_MS = 1000;

/**
 * This machine, `workers` runs at once: by default one a core, or one a GPU on device gpu.
 *
 * @example
 * ```ts
 * import { local } from "./local.ts";
 * import { sweep } from "./sweep.ts";
 * const [run] = await sweep([{ scale: "smoke", steps: 20 }], { engine: local(1) });
 * console.log(run!.state);
 * ```
 *
 * @throws {Error} if there is no worker; before any run, if there are more than GPUs.
 */
export function local(workers?: number): SweepEngine {
  checkWorkers(workers);
  return {
    async run(runs, { stopped, changed, device }) {
      const free = placesOn(device, workers);
      const failure = new AbortController();
      const context = { stopped: AbortSignal.any([stopped, failure.signal]), changed };
      const elsewhere = new Set<SweepRun>();
      const running = new Set<Promise<void>>();
      const begin = (run: SweepRun) => {
        const place = free.shift()!;
        const done: Promise<void> = trainInProcess(run, place, context).then(() => {
          free.unshift(place);
          running.delete(done);
        });
        running.add(done);
      };
      const ready = () => runs.filter((run) => run.state === "waiting" && isReady(run, runs));
      try {
        while (!stopped.aborted) {
          for (const run of [...elsewhere]) isFree(run, elsewhere);
          const next = free.length > 0 ? ready().find((run) => isFree(run, elsewhere)) : undefined;
          if (next) begin(next);
          changed();
          if (next) continue;
          if (running.size + elsewhere.size > 0) {
            await oneOf(running, elsewhere.size > 0 ? LOOK_MS : Infinity, stopped);
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

/** Waits for the first of some promises, some time, or until it is stopped. */
async function oneOf(
  promises: Iterable<Promise<void>>,
  milliseconds: number,
  stopped: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([stopped, over.signal]);
  await Promise.race([...promises, pause(milliseconds, signal)]);
  over.abort();
}

/** Trains a run; whatever becomes of its process is said in the run. */
async function trainInProcess(
  run: SweepRun,
  place: Place,
  { stopped, changed }: Pick<SweepContext, "stopped" | "changed">,
): Promise<void> {
  run.state = "running";
  let begin: { step: number; at: number } | undefined;
  let last: WorkerLine | undefined;
  const onLine = (text: string) => {
    const told = parseLine(text);
    if (!told) return false;
    const at = performance.now();
    begin ??= { step: told.step, at };
    run.step = told.step;
    if (at > begin.at) run.speed = 1e3 * (told.step - begin.step) / (at - begin.at);
    last = told;
    changed();
    return true;
  };
  const worker = fromFileUrl(new URL("worker.ts", import.meta.url));
  try {
    const ended = await runChild(Deno.execPath(), {
      args: ["run", "-A", "--quiet", worker, "--attended", run.hash],
      env: place,
      input: JSON.stringify(taskOf(run)),
      onLine,
      stopped,
    });
    if (isDone(run)) markDone(run);
    else if (last?.held) run.state = "waiting";
    else if (ended.code === 0 || stopped.aborted) run.state = "stopped";
    else fail(run, reasonOf(ended), ended.log);
  } catch (error) {
    // It could not be started, or its record cannot be read.
    fail(run, error instanceof Error ? error.message : String(error), "");
  }
}
