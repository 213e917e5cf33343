/**
 * What our workers train: a model with its first parameters and batches, which it writes down for
 * PyTorch where it is given a folder.
 *
 * @module
 */

import { initialParameters, parameterShapes } from "../lib/model/mod.ts";
import { defaults, stateShapes, trainingStep } from "../lib/trainer/mod.ts";
import { type Batches, batchesOf, writeBatches } from "./batches.ts";
import { type Activation, OPTIMIZER, type Shape } from "./variants.ts";

/** A model to train. */
export function subjectOf(shape: Shape, activation: Activation, folder?: string) {
  const { layers, width, heads, vocabulary } = shape;
  const model = {
    ...{ layers, width, heads, mlp: 4 * width },
    activation,
    mixer: "attention" as const,
  };
  const shapes = parameterShapes(model, vocabulary);
  const parameters = initialParameters(model, vocabulary, 0);
  const batches: Batches = batchesOf(shape);
  if (folder) {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/shapes.json`, JSON.stringify(shapes));
    const floats = Float32Array.from(Object.keys(shapes).flatMap((name) => [...parameters[name]!]));
    Deno.writeFileSync(`${folder}/parameters.f32`, new Uint8Array(floats.buffer));
    writeBatches(batches, folder);
  }
  const optimizer = { ...defaults("laptop").optimizer, ...OPTIMIZER, floor: 1 };
  const training = trainingStep({ model, optimizer }, Object.keys(shapes), batches.shapes);
  const program = { state: stateShapes(shapes), calls: [training] };
  return { parameters, batches, optimizer, training, program };
}

/** Peak resident memory in MiB; for what /proc/self says Deno wants all permissions. */
export function peak(): number {
  const [, kB] = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return Number(kB) / 1024;
}
