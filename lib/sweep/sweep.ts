/**
 * Many runs on this machine, side by side in processes of their own, each on its share of the
 * cores. What has a record is not trained again; what was stopped goes on; what fails is reported
 * with its log and stops nothing else.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { formatDuration, stopSignal, table, type TextAndHtml } from "../display/mod.ts";
import { availableCores } from "../tensorflow/mod.ts";
import {
  configure,
  findRecord,
  identity,
  type RunConfiguration,
  runFolder,
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
}

/** What a worker tells on a line of its output. */
export interface WorkerLine {
  step: number;
  finished?: boolean;
}

/** How a sweep is run. */
export interface SweepOptions {
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
 * import { sweep, sweepTable } from "./sweep.ts";
 * const seeds = [0, 1].map((seed) => ({ scale: "smoke", steps: 20, seed }) as const);
 * const runs = await sweep(seeds);
 * console.log(sweepTable(runs).text);
 * ```
 *
 * @throws {Error} for a bad configuration, before any work.
 */
export async function sweep(
  inputs: RunInput[],
  { workers = availableCores(), signal, onChange = () => {} }: SweepOptions = {},
): Promise<SweepRun[]> {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`Cannot sweep: workers must be a whole number of at least 1, got ${workers}.`);
  }
  const configurations = new Map(
    inputs.map(configure).map((configuration) => [identity(configuration), configuration]),
  );
  const runs = [...configurations].map(([hash, configuration]): SweepRun => {
    const known = findRecord(configuration) !== undefined;
    return {
      configuration,
      hash,
      state: known ? "on record" : "waiting",
      step: known ? configuration.steps : 0,
    };
  });
  const queue = runs.filter(({ state }) => state === "waiting");
  const cores = Math.max(1, Math.floor(availableCores() / workers));
  using stop = stopSignal();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const changed = () => onChange(runs);
  changed();
  await Promise.all(Array.from({ length: workers }, async () => {
    while (!stopped.aborted) {
      const run = queue.shift();
      if (!run) return;
      await trainInProcess(run, { cores, stopped, changed });
      changed();
    }
  }));
  return runs;
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
      JSON.stringify(run.configuration),
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
function keepLog({ configuration }: SweepRun, log: string): string {
  const [error] = /(?<=error: (?:Uncaught \(in promise\) )?)Error: .+/.exec(stripColours(log)) ??
    [];
  try {
    Deno.writeTextFileSync(new URL("log.txt", runFolder(configuration)), log);
  } catch {
    // The folder may be what is wrong with it.
  }
  return (error ?? log.trim().split("\n").slice(-3).join(" ")).replace(/^Error: /, "");
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

/** Fields by which the runs of a sweep differ, each with its value. */
function differences(runs: readonly SweepRun[]): (run: SweepRun) => string {
  const flat = runs.map(({ configuration }) => flatten(configuration));
  const keys = [...new Set(flat.flatMap((fields) => Object.keys(fields)))]
    .filter((key) => new Set(flat.map((fields) => fields[key])).size > 1);
  return (run) => {
    const fields = flatten(run.configuration);
    return keys.map((key) => `${key} ${fields[key] ?? "–"}`).join(", ");
  };
}

function flatten(value: object, prefix = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) =>
      typeof inner === "object" && inner !== null
        ? flatten(inner, `${prefix}${key}.`)
        : { [prefix + key]: String(inner) }
    ),
  );
}

/** How the runs of a sweep stand, as a table. */
export function sweepTable(runs: readonly SweepRun[]): TextAndHtml {
  const of = differences(runs);
  const count = (state: SweepRun["state"]) => runs.filter((run) => run.state === state).length;
  const states = ["on record", "trained", "running", "waiting", "stopped", "failed"] as const;
  const summary = states.filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`).join(", ");
  return table(
    runs.map((run) => {
      const left = run.configuration.steps - run.step;
      return {
        run: run.hash,
        differs: of(run),
        state: run.state,
        steps: `${run.step}/${run.configuration.steps}`,
        left: run.state === "running" && run.speed ? formatDuration(left / run.speed) : "",
        why: run.why ?? "",
      };
    }),
    { caption: `${runs.length} runs: ${summary}` },
  );
}
