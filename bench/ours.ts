/**
 * A worker that trains our model when asked: reads `{ steps }` lines, answers each with the
 * milliseconds and losses of these steps. Data is made before the first step.
 *
 *     deno run -A bench/ours.ts '<shape JSON>' relu2|gelu eager|fp32|bf16 2 [FOLDER]
 *
 * With a folder, initial parameters and batches are first written there for PyTorch to read.
 *
 * @module
 */

import { pack } from "../lib/generator/mod.ts";
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
import { BATCHES, OPTIMIZER, type Shape } from "./variants.ts";

const [shapeText, activation, mode, cores, folder] = Deno.args;
const shape: Shape = JSON.parse(shapeText!);
const { layers, width, heads, vocabulary, batch, length } = shape;
const model = {
  ...{ layers, width, heads, mlp: 4 * width },
  activation: activation as "relu2",
  mixer: "attention" as const,
};
const shapes = parameterShapes(model, vocabulary);
const parameters = initialParameters(model, vocabulary, 0);

/** Tokens [batch, length + 1] of one step: never the padding token 0. */
function tokensAt(step: number): Int32Array {
  let state = step * 7919 + 1;
  return Int32Array.from({ length: batch * (length + 1) }, () => {
    state = (state * 48_271) % 2_147_483_647;
    // Squared, so that some tokens are common: there is something to learn.
    return 1 + Math.floor((state / 2_147_483_647) ** 2 * (vocabulary - 1));
  });
}

const batches = Array.from({ length: BATCHES }, (_, step) => {
  const all = tokensAt(step);
  return Array.from(
    { length: batch },
    (_, row) => ({ tokens: [...all.subarray(row * (length + 1), (row + 1) * (length + 1))] }),
  );
});

if (folder) {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/shapes.json`, JSON.stringify(shapes));
  const floats = Float32Array.from(Object.keys(shapes).flatMap((name) => [...parameters[name]!]));
  Deno.writeFileSync(`${folder}/parameters.f32`, new Uint8Array(floats.buffer));
  const ids = Int32Array.from(batches.flatMap((rows) => {
    const { inputs, targets } = pack(rows, length);
    return [...inputs, ...targets];
  }));
  Deno.writeFileSync(`${folder}/batches.i32`, new Uint8Array(ids.buffer));
}

await openTensorFlow({
  cores: Number(cores),
  threading: mode === "eager" ? "per-op" : "per-branch",
});
const startedAt = performance.now();
const optimizer = { ...defaults("laptop").optimizer, ...OPTIMIZER, floor: 1 };
const training = trainingStep({ model, optimizer }, Object.keys(shapes), [[{
  rows: batch,
  length,
}]]);
const program = { state: stateShapes(shapes), calls: [training] };
const engine = mode === "eager"
  ? eager(program)
  : compile(program, { precision: mode as "fp32" | "bf16" });
engine.write(initialState(parameters));
const ready = performance.now() - startedAt;

let step = 0;
function run(steps: number): { ms: number[]; losses: number[] } {
  const [ms, losses]: [number[], number[]] = [[], []];
  for (let i = 0; i < steps; i++, step++) {
    const rows = batches[step % BATCHES]!;
    const scalars = stepScalars(optimizer, { step, steps: 1e6 });
    const start = performance.now();
    const [loss] = training.run(engine, [{ rows, scalars }]).read();
    ms.push(performance.now() - start);
    losses.push(loss!);
  }
  return { ms, losses };
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
