/**
 * The same on a device: reads `{ steps }` lines, hands the steps over as the trainer does, many a
 * call, the next while the device works, and answers with the mean time of a step.
 *
 *     deno run -A bench/ours_gpu.ts '<shape JSON>' relu2|gelu gpu-fp32|gpu-bf16 2 [FOLDER]
 *
 * @module
 */

import { engineOn, type Precision } from "../lib/engine/mod.ts";
import { initialState, type Losses, stepScalars } from "../lib/trainer/mod.ts";
import { createInterface } from "node:readline";
import process from "node:process";
import { realTokens } from "./batches.ts";
import { peak, subjectOf } from "./subject.ts";
import { type Activation, BATCHES } from "./variants.ts";
import type { Answer } from "./worker.ts";

const [shape, activation, mode, , folder] = Deno.args;
const { parameters, batches, optimizer, training, program } = subjectOf(
  JSON.parse(shape!),
  activation as Activation,
  folder,
);
const startedAt = performance.now();
const kind = engineOn("gpu");
await kind.open({});
const engine = kind.build(program, { precision: mode!.split("-")[1] as Precision });
engine.write(initialState(parameters));
const ready = performance.now() - startedAt;
const atOnce = training.atOnce(engine);

let step = 0;
async function run(steps: number): Promise<Omit<Answer, "peak">> {
  const [losses, tokens]: [number[], number[]] = [[], []];
  const atWork: Losses[] = [];
  const settle = async (left: number) => {
    while (atWork.length > left) {
      const done = atWork.shift()!;
      await done.ready();
      losses.push(...done.read());
    }
  };
  const start = performance.now();
  for (let left = steps; left > 0;) {
    const count = Math.min(atOnce, left);
    const inputs = Array.from({ length: count }, () => {
      const rows = batches.rows[step % BATCHES]!;
      tokens.push(realTokens(rows));
      return { rows, scalars: stepScalars(optimizer, { step: step++, steps: 1e6 }) };
    });
    await engine.prepare([training.needs(inputs)]);
    atWork.push(training.run(engine, inputs));
    await settle(1);
    left -= count;
  }
  await settle(0);
  const ms = (performance.now() - start) / steps;
  return { ms: new Array(steps).fill(ms), cpu: 0, tokens, losses };
}

console.log(JSON.stringify({ ready, device: kind.about().device }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ ...await run(JSON.parse(line).steps), peak: peak() }));
}
