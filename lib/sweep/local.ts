/**
 * Runs side by side on this machine, in processes of their own, each on its share of the cores.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { availableCores } from "../engine/mod.ts";
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
import type { SweepRun } from "./plan.ts";

/** Milliseconds between two looks at runs that other processes train. */
const LOOK_MS = 1000;

/**
 * This machine, `workers` runs at once.
 *
 * @example
 * ```ts
 * import { local } from "./local.ts";
 * import { sweep } from "./sweep.ts";
 * const [run] = await sweep([{ scale: "smoke", steps: 20 }], { engine: local(1) });
 * console.log(run!.state);
 * ```
 *
 * @throws {Error} if there is no worker.
 */
export function local(workers: number = availableCores()): SweepEngine {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`Cannot sweep: workers must be a whole number of at least 1, got ${workers}.`);
  }
  const cores = Math.max(1, Math.floor(availableCores() / workers));
  return {
    async run(runs, { stopped, changed }) {
      const failure = new AbortController();
      const context = { stopped: AbortSignal.any([stopped, failure.signal]), changed };
      const elsewhere = new Set<SweepRun>();
      const running = new Set<Promise<void>>();
      const begin = (run: SweepRun) => {
        const done: Promise<void> = trainInProcess(run, cores, context)
          .then(() => void running.delete(done));
        running.add(done);
      };
      const ready = () => runs.filter((run) => run.state === "waiting" && isReady(run, runs));
      try {
        while (!stopped.aborted) {
          for (const run of [...elsewhere]) isFree(run, elsewhere);
          const next = running.size < workers
            ? ready().find((run) => isFree(run, elsewhere))
            : undefined;
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
  cores: number,
  { stopped, changed }: SweepContext,
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
      env: { FACTLAB_CORES: String(cores), FACTLAB_FRESH: "" },
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
