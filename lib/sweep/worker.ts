/**
 * Trains a run for a sweep, or several side by side. What to do is the first line of its standard
 * input, a task or a list of them; progress goes to standard output, as lines among whatever
 * libraries print. A run that fails is told and stops no other. SIGTERM and SIGINT end all in order,
 * with `--attended` the end of its input as well: then whoever has begun it is gone. Any other
 * argument is for people who look at the list of processes.
 *
 * @module
 */

import { stopSignal } from "../display/mod.ts";
import { sideBySide } from "../engine/mod.ts";
import { identity, loadProbes, Locked, train } from "../trainer/mod.ts";
import type { WorkerLine, WorkerTask } from "./engine.ts";
import { errorOf } from "./failure.ts";

const EVERY_MS = 500;

const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
let text = "";
while (!text.includes("\n")) {
  const { value, done } = await input.read();
  if (done) break;
  text += value;
}
const tasks: WorkerTask[] = [JSON.parse(text)].flat();

// One for all: a run that is still being made ready stops as well.
const stop = stopSignal();
const gone = new AbortController();
if (Deno.args.includes("--attended")) {
  (async () => {
    while (!(await input.read()).done);
    gone.abort();
  })();
}

const places = Math.max(...tasks.map(({ beside = 1 }) => beside));
const beside = places > 1 ? sideBySide(places) : undefined;

/** Trains a run to its end, or until it is stopped. */
async function work(
  { configuration, checkpoints, again, fresh, probes: modules = [], lists: folder }: WorkerTask,
  onStep: (step: number) => void,
): Promise<void> {
  const probes = await loadProbes(modules);
  const enough = new AbortController();
  const signal = AbortSignal.any([stop.signal, gone.signal, enough.signal]);
  const lists = folder === undefined ? undefined : new URL(folder);
  const run = train(configuration, { fresh, checkpoints, probes, beside, signal, lists });
  run.onStep = ({ step }) => {
    onStep(step);
    if (again !== undefined && step > again) enough.abort();
  };
  try {
    for await (const _ of run);
  } finally {
    run.dispose();
  }
}

/** The same, and tells how it goes; says whether it went well. */
async function tellOf(task: WorkerTask): Promise<boolean> {
  const run = identity(task.configuration);
  let toldAt = -Infinity;
  let step = 0;
  const tell = (end: Pick<WorkerLine, "end" | "why"> = {}) =>
    console.log(JSON.stringify({ run, step, ...end } satisfies WorkerLine));
  try {
    await work(task, (done) => {
      step = done;
      if (performance.now() - toldAt < EVERY_MS) return;
      toldAt = performance.now();
      tell();
    });
    tell({ end: "in order" });
  } catch (error) {
    if (error instanceof Locked) return tell({ end: "held" }), true;
    const said = `error: ${error instanceof Error ? error.stack : error}`;
    console.error(said);
    tell({ end: "failed", why: errorOf(said) });
    return false;
  }
  return true;
}

const went = await Promise.all(tasks.map(tellOf));
// Its input may be open.
Deno.exit(went.includes(false) ? 1 : 0);
