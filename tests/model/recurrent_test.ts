// The recurrent block against its equations, written out for one sequence.

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { forwardOf, initialParameters, MODELS, parameterShapes } from "../../lib/model/mod.ts";
import { recurrent } from "../../lib/model/recurrent.ts";
import { openTensorFlow, tf } from "../../lib/engine/mod.ts";
import { train } from "../../lib/trainer/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";

await openTensorFlow();

const model = { ...MODELS.smoke, width: 8, heads: 2, mlp: 16, mixer: "recurrent" } as const;
const V = 24;
const shapes = parameterShapes(model, V);
const names = recurrent.parameters(model, 0);
const values = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], i) => [
    name,
    noise(shape.reduce((a, b) => a * b, 1), i),
  ]),
);
const tensors = Object.fromEntries(
  Object.entries(values).map(([name, data]) => [name, tf.tensor(data, [...shapes[name]!])]),
);

/** Equations (1)-(4) of De et al. 2024 in plain numbers: x [T, C] of one sequence. */
function byHand(x: Float32Array, T: number): Float32Array {
  const C = model.width;
  const block = C / model.heads;
  const get = (name: keyof typeof names) => values[names[name].name]!;
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const gelu = (v: number) =>
    0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  const linear = (matrix: Float32Array, t: number, out: number) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += matrix[out * C + c]! * x[t * C + c]!;
    return sum;
  };
  const filtered = (t: number, c: number) => {
    let sum = get("convolutionBias")[c]!;
    for (let k = 0; k < 4 && k <= t; k++) {
      sum += get("convolution")[k * C + c]! * linear(get("input"), t - k, c);
    }
    return sum;
  };
  const gate = (name: "recurrenceGate" | "inputGate", t: number, c: number) => {
    const head = Math.floor(c / block);
    let sum = get(`${name}Bias`)[c]!;
    for (let i = 0; i < block; i++) {
      const weight = get(name)[(head * block + i) * block + c % block]!;
      sum += filtered(t, head * block + i) * weight;
    }
    return sigmoid(sum);
  };
  const z = new Float32Array(T * C);
  const h = new Float32Array(C);
  for (let t = 0; t < T; t++) {
    for (let c = 0; c < C; c++) {
      const a = sigmoid(get("recurrence")[c]!) ** (8 * gate("recurrenceGate", t, c));
      h[c] = a * h[c]! + Math.sqrt(1 - a * a) * gate("inputGate", t, c) * filtered(t, c);
      z[t * C + c] = h[c]! * gelu(linear(get("gate"), t, c));
    }
  }
  return z;
}

Deno.test("a block computes the RG-LRU's equations, each sequence by itself", () => {
  const T = 9;
  const x = noise(2 * T * model.width, 90);
  const mix = recurrent.mix(model, { B: 2, T, at: (_, __, value) => value });
  const weights = (name: keyof typeof names) => tensors[names[name].name]!;
  const projected = recurrent.project(model, tf.tensor(x, [2 * T, model.width]), weights);
  const z = mix(projected, 0, weights);
  const half = x.length / 2;
  const expected = [...byHand(x.slice(0, half), T), ...byHand(x.slice(half), T)];
  assertClose(z.dataSync(), expected, 1e-4);
});

Deno.test("what comes later changes nothing before", () => {
  const logits = (last: number) =>
    forwardOf(model)(tensors, tf.tensor([3, 5, 7, 2, last], [1, 5], "int32")).dataSync();
  const [a, b] = [logits(1), logits(9)];
  assertClose(a.slice(0, 4 * V), b.slice(0, 4 * V), 1e-6);
  assert(a.slice(4 * V).some((value, i) => Math.abs(value - b[4 * V + i]!) > 1e-3));
});

Deno.test("memories start between .9 and .999, biases at zero", () => {
  const start = initialParameters(model, V, 0);
  for (const lambda of start[names.recurrence.name]!) {
    const power = (1 / (1 + Math.exp(-lambda))) ** 8;
    assertGreater(power, 0.9 - 1e-3);
    assertLess(power, 0.999 + 1e-3);
  }
  assertEquals(start[names.inputGateBias.name]!.every((value) => value === 0), true);
});

Deno.test("a recurrent model trains, compiled, and learns the statistics of the text", async () => {
  const run = train({
    scale: "smoke",
    seed: 9400,
    steps: 60,
    model: { mixer: "recurrent" },
    optimizer: { lr: 1e-2 },
  }, { fresh: true });
  for await (const _ of run);
  const loss = run.measurements.map(({ sets }) => sets.training.loss);
  assertLess(loss.at(-1)!, 0.5 * loss[0]!);
  assertEquals(run.measurements.some(({ attention }) => attention), false);
  run.dispose();
});
