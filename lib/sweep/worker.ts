/**
 * Trains one run for a sweep. What to do is the first line of its standard input; progress goes to
 * standard output, as lines among whatever libraries print. SIGTERM and SIGINT end it in order,
 * with `--attended` the end of its input as well: then whoever has begun it is gone. Any other
 * argument is for people who look at the list of processes.
 *
 * @module
 */

import { loadProbes, Locked, train } from "../trainer/mod.ts";
import type { WorkerLine, WorkerTask } from "./engine.ts";

const EVERY_MS = 500;

const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
let text = "";
while (!text.includes("\n")) {
  const { value, done } = await input.read();
  if (done) break;
  text += value;
}
const { configuration, checkpoints, again, fresh, probes: modules = [] }: WorkerTask = JSON.parse(
  text,
);

const enough = new AbortController();
if (Deno.args.includes("--attended")) {
  (async () => {
    while (!(await input.read()).done);
    enough.abort();
  })();
}

const tell = (line: WorkerLine) => console.log(JSON.stringify(line));
const probes = await loadProbes(modules);
const run = train(configuration, { fresh, checkpoints, probes, signal: enough.signal });
let toldAt = -Infinity;
let last = 0;
run.onStep = ({ step }) => {
  last = step;
  if (again !== undefined && step > again) enough.abort();
  if (performance.now() - toldAt < EVERY_MS) return;
  toldAt = performance.now();
  tell({ step });
};
try {
  for await (const _ of run);
  tell({ step: last });
} catch (error) {
  if (!(error instanceof Locked)) throw error;
  tell({ step: last, held: true });
}
run.dispose();
// Its input may be open.
Deno.exit();
