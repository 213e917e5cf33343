/**
 * A worker that continues prompts when asked: reads `{ times }` lines, answers each with the
 * milliseconds of every time and the tokens of the last, without end marks.
 *
 *     deno run -A bench/generation_ours.ts fp32|bf16 greedy|drawn MODEL_FOLDER ASKED 2
 *
 * @module
 */

import { EOS, stream } from "../lib/generator/mod.ts";
import { forwardOf, parameterShapes, samplerOf } from "../lib/model/mod.ts";
import { EMBEDDING } from "../lib/model/parameters.ts";
import { compile, openTensorFlow } from "../lib/engine/mod.ts";
import { importModel } from "../lib/trainer/mod.ts";
import { createInterface } from "node:readline";
import process from "node:process";

const [precision, how, folder, asked, cores] = Deno.args;
const { prompts, added }: { prompts: number[][]; added: number } = JSON.parse(
  Deno.readTextFileSync(asked!),
);
await openTensorFlow({ cores: Number(cores), threading: "per-branch" });
const { model, parameters } = importModel(new URL(`file://${folder}`));
const words = parameters[EMBEDDING]!.length / model.width;
const shapes = parameterShapes(model, words);
const sampler = samplerOf(forwardOf(model), {
  ...{ prompts: prompts.length, added, words },
  prompt: Math.max(...prompts.map(({ length }) => length)),
});
const engine = compile({ state: shapes, calls: [sampler] }, {
  precision: precision as "fp32" | "bf16",
});
engine.write(parameters);

let turn = 0;
console.log(JSON.stringify({ nodes: engine.nodes, precision: engine.precision }));
for await (const line of createInterface({ input: process.stdin })) {
  const { times } = JSON.parse(line);
  const ms: number[] = [];
  let tokens: number[][] = [];
  for (let i = 0; i < times; i++) {
    const random = how === "drawn" ? stream(turn++, "bench") : undefined;
    const start = performance.now();
    const said = sampler.run(engine, { prompts, random });
    ms.push(performance.now() - start);
    tokens = said.map((own) => own.tokens.filter((token) => token !== EOS));
  }
  console.log(JSON.stringify({ ms, tokens }));
}
