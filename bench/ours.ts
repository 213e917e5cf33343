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

import { initialParameters, parameterShapes } from "../lib/model/mod.ts";
import { compile, eager, openTensorFlow } from "../lib/engine/mod.ts";
import {
  defaults,
  initialState,
  stateShapes,
  stepScalars,
  trainingStep,
} from "../lib/trainer/mod.ts";
import { createInterface } from "node:readline";
import process from "node:process";
import { batchesOf, realTokens, writeBatches } from "./batches.ts";
import { BATCHES, OPTIMIZER, type Shape } from "./variants.ts";
import type { Answer } from "./worker.ts";

const [shapeText, activation, mode, cores, folder] = Deno.args;
const shape: Shape = JSON.parse(shapeText!);
const { layers, width, heads, vocabulary } = shape;
const model = {
  ...{ layers, width, heads, mlp: 4 * width },
  activation: activation as "relu2",
  mixer: "attention" as const,
};
const shapes = parameterShapes(model, vocabulary);
const parameters = initialParameters(model, vocabulary, 0);

const batches = batchesOf(shape);

if (folder) {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/shapes.json`, JSON.stringify(shapes));
  const floats = Float32Array.from(Object.keys(shapes).flatMap((name) => [...parameters[name]!]));
  Deno.writeFileSync(`${folder}/parameters.f32`, new Uint8Array(floats.buffer));
  writeBatches(batches, folder);
}

await openTensorFlow({
  cores: Number(cores),
  threading: mode === "eager" ? "per-op" : "per-branch",
});
const startedAt = performance.now();
const optimizer = { ...defaults("laptop").optimizer, ...OPTIMIZER, floor: 1 };
const training = trainingStep({ model, optimizer }, Object.keys(shapes), batches.shapes);
const program = { state: stateShapes(shapes), calls: [training] };
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

/** Peak resident memory in MiB; for what /proc/self says Deno wants all permissions. */
function peak(): number {
  const [, kB] = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return Number(kB) / 1024;
}

console.log(JSON.stringify({ ready, nodes: engine.nodes, precision: engine.precision }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ ...run(JSON.parse(line).steps), peak: peak() }));
}
