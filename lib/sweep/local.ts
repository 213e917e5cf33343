/**
 * Runs side by side on this machine, in processes of their own, each on its share of the cores.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { availableCores } from "../tensorflow/mod.ts";
import {
  failRest,
  isReady,
  keepLog,
  type SweepContext,
  type SweepEngine,
  taskOf,
  type WorkerLine,
} from "./engine.ts";
import type { SweepRun } from "./plan.ts";

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
    async run(runs, context) {
      const queue = runs.filter(({ state }) => state === "waiting");
      const running = new Set<Promise<void>>();
      while (!context.stopped.aborted && (queue.length > 0 || running.size > 0)) {
        const ready = queue.findIndex((run) => isReady(run, runs));
        if (ready >= 0 && running.size < workers) {
          const [run] = queue.splice(ready, 1);
          const done: Promise<void> = trainInProcess(run!, cores, context).then(() => {
            running.delete(done);
            context.changed();
          });
          running.add(done);
        } else if (running.size > 0) {
          await Promise.race(running);
        } else {
          failRest(queue.splice(0));
          context.changed();
        }
      }
      await Promise.all(running);
    },
  };
}

async function trainInProcess(
  run: SweepRun,
  cores: number,
  { stopped, changed }: SweepContext,
): Promise<void> {
  run.state = "running";
  changed();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ..."run -A --quiet".split(" "),
      fromFileUrl(new URL("worker.ts", import.meta.url)),
      JSON.stringify(taskOf(run)),
    ],
    env: { FACTLAB_CORES: String(cores), FACTLAB_FRESH: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
  };
  stopped.addEventListener("abort", end);
  const errors = new Response(child.stderr).text();
  let finished = false;
  let begin: { step: number; at: number } | undefined;
  for await (const line of lines(child.stdout)) {
    const told: WorkerLine = JSON.parse(line);
    const at = performance.now();
    begin ??= { step: told.step, at };
    run.step = told.step;
    if (at > begin.at) run.speed = 1e3 * (told.step - begin.step) / (at - begin.at);
    finished = told.finished ?? false;
    changed();
  }
  const { success } = await child.status;
  stopped.removeEventListener("abort", end);
  run.state = finished ? "trained" : success || stopped.aborted ? "stopped" : "failed";
  if (run.state === "failed") run.why = keepLog(run, await errors);
  else await errors;
}

/** Lines of a stream of bytes. */
async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + text).split("\n");
    rest = whole.pop()!;
    yield* whole;
  }
}
