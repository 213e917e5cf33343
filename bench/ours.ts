/**
 * A worker that trains our model when asked: reads `{ steps }` lines, answers each with the
 * milliseconds, tokens (padding not counted) and losses of these steps. Data is made before the first step.
 *
 *     deno run -A bench/ours.ts '<shape JSON>' relu2|gelu eager|fp32|bf16 2 [FOLDER]
 *
 * With a folder, initial parameters and batches are first written there for PyTorch to read.
 *
 * @module
 */

import { compile, eager, openTensorFlow } from "../lib/engine/mod.ts";
import { initialState, stepScalars } from "../lib/trainer/mod.ts";
import { createInterface } from "node:readline";
import process from "node:process";
import { realTokens } from "./batches.ts";
import { peak, subjectOf } from "./subject.ts";
import { type Activation, BATCHES } from "./variants.ts";
import type { Answer } from "./worker.ts";

const [shape, activation, mode, cores, folder] = Deno.args;
const { parameters, batches, optimizer, training, program } = subjectOf(
  JSON.parse(shape!),
  activation as Activation,
  folder,
);
await openTensorFlow({
  cores: Number(cores),
  threading: mode === "eager" ? "per-op" : "per-branch",
});
const startedAt = performance.now();
const engine = mode === "eager"
  ? eager(program)
  : compile(program, { precision: mode as "fp32" | "bf16" });
engine.write(initialState(parameters));
const ready = performance.now() - startedAt;

let step = 0;
function run(steps: number): Omit<Answer, "peak"> {
  const answer: Omit<Answer, "peak"> = { ms: [], cpu: 0, tokens: [], losses: [] };
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++, step++) {
    const rows = batches.rows[step % BATCHES]!;
    const scalars = stepScalars(optimizer, { step, steps: 1e6 });
    const start = performance.now();
    const [loss] = training.run(engine, [{ rows, scalars }]).read();
    answer.ms.push(performance.now() - start);
    answer.tokens.push(realTokens(rows));
    answer.losses.push(loss!);
  }
  const { user, system } = process.cpuUsage(before);
  return { ...answer, cpu: (user + system) / 1e3 };
}

console.log(JSON.stringify({ ready, nodes: engine.nodes, precision: engine.precision }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ ...run(JSON.parse(line).steps), peak: peak() }));
}
