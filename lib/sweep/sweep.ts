/**
 * Many runs on this machine, side by side in processes of their own, each on its share of the
 * cores. What has a record is not trained again; what was stopped goes on; what others begin from
 * is trained first; what fails is reported with its log and stops nothing else.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { stopSignal } from "../display/mod.ts";
import { availableCores } from "../tensorflow/mod.ts";
import { configure, identity, isKept, needs, runFolder, type RunInput } from "../trainer/mod.ts";
import { type PlanOptions, planSweep, type SweepRun } from "./plan.ts";

/** What a worker is told to do. */
export type WorkerTask = Pick<SweepRun, "configuration" | "checkpoints" | "again" | "fresh">;

/** What a worker tells on a line of its output. */
export interface WorkerLine {
  step: number;
  finished?: boolean;
}

/** How a sweep is run. */
export interface SweepOptions extends PlanOptions {
  /** Runs side by side; by default one a core. */
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
  { workers = availableCores(), signal, onChange = () => {}, ...options }: SweepOptions = {},
): Promise<SweepRun[]> {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`Cannot sweep: workers must be a whole number of at least 1, got ${workers}.`);
  }
  const runs = planSweep(inputs, options);
  const queue = runs.filter(({ state }) => state === "waiting");
  const cores = Math.max(1, Math.floor(availableCores() / workers));
  using stop = stopSignal();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const changed = () => onChange(runs);
  changed();
  const running = new Set<Promise<void>>();
  while (!stopped.aborted && (queue.length > 0 || running.size > 0)) {
    const ready = queue.findIndex((run) => isReady(run, runs));
    if (ready >= 0 && running.size < workers) {
      const [run] = queue.splice(ready, 1);
      const done: Promise<void> = trainInProcess(run!, { cores, stopped, changed }).then(() => {
        running.delete(done);
        changed();
      });
      running.add(done);
    } else if (running.size > 0) {
      await Promise.race(running);
    } else {
      for (const run of queue.splice(0)) {
        run.state = "failed";
        run.why = "the run it begins from has failed";
      }
      changed();
    }
  }
  await Promise.all(running);
  return runs;
}

/** Whether all that a run begins from is there, and not about to be written anew. */
function isReady({ configuration }: SweepRun, runs: readonly SweepRun[]): boolean {
  return needs(configuration).every((needed) => {
    const hash = identity(configure(needed.run));
    const base = runs.find((run) => run.hash === hash);
    return base?.state !== "waiting" && base?.state !== "running" && isKept(needed);
  });
}

function taskOf({ configuration, checkpoints, again, fresh }: SweepRun): WorkerTask {
  return { configuration, checkpoints, again, fresh };
}

async function trainInProcess(
  run: SweepRun,
  { cores, stopped, changed }: { cores: number; stopped: AbortSignal; changed: () => void },
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

/** Keeps what a failed run has said in its folder; returns the part that says why. */
function keepLog({ configuration, hash }: SweepRun, log: string): string {
  const [error] = /(?<=error: (?:Uncaught \(in promise\) )?)Error: .+/.exec(stripColours(log)) ??
    [];
  try {
    Deno.writeTextFileSync(new URL("log.txt", runFolder(configuration)), log);
  } catch {
    // The folder may be what is wrong with it.
  }
  const why = (error ?? log.trim().split("\n").slice(-3).join(" ")).replace(/^Error: /, "");
  return `${why} (out/runs/${hash}/log.txt)`;
}

function stripColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "");
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
