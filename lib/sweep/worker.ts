/**
 * Trains one run for a sweep: what to do comes as the first argument, or is read from the file named
 * after `--task`; progress goes to standard output as one JSON value a line. SIGTERM and SIGINT end
 * it in order.
 *
 * @module
 */

import { train } from "../trainer/mod.ts";
import type { WorkerLine, WorkerTask } from "./engine.ts";

const EVERY_MS = 500;

const tell = (line: WorkerLine) => console.log(JSON.stringify(line));
const [first, file] = Deno.args;
const { configuration, checkpoints, again, fresh }: WorkerTask = JSON.parse(
  first === "--task" ? Deno.readTextFileSync(file!) : first!,
);
const enough = new AbortController();
const run = train(configuration, {
  fresh: fresh || again !== undefined,
  checkpoints,
  signal: enough.signal,
});
let toldAt = -Infinity;
let last = 0;
run.onStep = ({ step }) => {
  last = step;
  if (again !== undefined && step > again) enough.abort();
  if (performance.now() - toldAt < EVERY_MS) return;
  toldAt = performance.now();
  tell({ step });
};
for await (const _ of run);
tell({ step: last, finished: run.finished || enough.signal.aborted });
run.dispose();
