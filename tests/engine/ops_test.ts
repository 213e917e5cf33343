import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  crossEntropy,
  linearScan,
  openTensorFlow,
  rmsNorm,
  rowsOf,
  shift,
  softmax,
  squaredRelu,
  tanhGelu,
  type Tensor,
  tf,
} from "../../lib/engine/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";

await openTensorFlow();

const STEP = 1e-2;

/** A weighted sum of an op's result: a scalar whose gradient is not the same everywhere. */
function weighted(result: Tensor): Tensor {
  return tf.sum(tf.mul(result, tf.tensor(noise(result.size, 50), result.shape)));
}

/** Compares the gradients of `op` by its inputs with central differences. */
function checkGradients(
  op: (...inputs: Tensor[]) => Tensor,
  inputs: { values: Float32Array; shape: number[] }[],
): void {
  const tensors = (changed?: number, values?: Float32Array) =>
    inputs.map((input, i) => tf.tensor(i === changed ? values! : input.values, input.shape));
  const slopes = tf.grads((...args: Tensor[]) => weighted(op(...args)))(tensors());
  inputs.forEach(({ values }, input) => {
    const at = (i: number, by: number) => {
      const moved = values.slice();
      moved[i]! += by;
      return tf.tidy(() => weighted(op(...tensors(input, moved))).dataSync()[0]!);
    };
    const numeric = Float64Array.from(values, (_, i) => (at(i, STEP) - at(i, -STEP)) / (2 * STEP));
    assertClose(slopes[input]!.dataSync(), numeric, 1e-3, `gradient of input ${input}`);
    const largest = Math.max(...numeric.map(Math.abs));
    assert(largest > 0.05, `input ${input}: differences of ${largest} would check nothing`);
  });
}

function apply(op: (x: Tensor) => Tensor, values: ArrayLike<number>, shape: number[]) {
  return tf.tidy(() => op(tf.tensor(Float32Array.from(values), shape)).dataSync());
}

Deno.test("this process multiplies in float32, as the other tests here presume", () => {
  // 1 + 2^-10 is not a bfloat16; the matrices are large enough for oneDNN's own kernels.
  const x = tf.fill([64, 64], 1 + 2 ** -10);
  const product = tf.matMul(x as never, tf.ones([64, 64]) as never).dataSync();
  assertClose(product, new Array(64 * 64).fill(64 + 64 * 2 ** -10), 1e-4);
});

Deno.test("where an op bends or its quotient is 0 / 0, its gradient is that of both sides", () => {
  const slopeAt0 = (op: (x: Tensor) => Tensor, shape: number[]) =>
    (tf.grad((x: Tensor) => tf.sum(op(x)) as never)(tf.zeros(shape) as never) as Tensor)
      .dataSync()[0]!;
  // relu(x)^2 leaves 0 flat on both sides; GELU has the slope of its distribution function, 1/2.
  assertEquals(slopeAt0(squaredRelu, [1, 1]), 0);
  assertAlmostEquals(slopeAt0(tanhGelu, [1, 1]), 0.5, 1e-6);
  // A row of zeros has norm 0: its slope is the gain over the root of epsilon, and finite.
  const norm = (x: Tensor) => rmsNorm(x, tf.tensor1d([3, 3]), 1e-4);
  assertAlmostEquals(slopeAt0(norm, [1, 2]), 3 / Math.sqrt(1e-4), 1e-2);
  // Equal scores, of which none is the largest.
  assertAlmostEquals(slopeAt0((x) => tf.square(softmax(x)), [1, 2]), 0, 1e-6);
});

Deno.test("rowsOf picks rows of a table", () => {
  const table = tf.tensor([0, 1, 10, 11, 20, 21], [3, 2]);
  const rows = rowsOf(table, tf.tensor1d([2, 0, 2], "int32"));
  assertEquals([...rows.dataSync()], [20, 21, 0, 1, 20, 21]);
  assertEquals(rows.shape, [3, 2]);
});

Deno.test("the gradient of rowsOf adds up rows picked more than once", () => {
  const ids = tf.tensor1d([2, 0, 2], "int32");
  const slope = tf.grad((table) =>
    tf.sum(tf.mul(rowsOf(table, ids), tf.range(1, 7).reshape([3, 2])))
  );
  assertEquals([...slope(tf.zeros([4, 2])).dataSync()], [3, 4, 0, 0, 6, 8, 0, 0]);
});

Deno.test("the gradient of rowsOf agrees with finite differences", () => {
  const ids = tf.tensor1d([1, 3, 3, 0], "int32");
  checkGradients((table) => tf.square(rowsOf(table!, ids)), [
    { values: noise(8, 1), shape: [4, 2] },
  ]);
});

Deno.test("rmsNorm divides by the root of the mean square and multiplies by the gain", () => {
  const x = noise(8, 2);
  const gain = [0.5, 1, 2, -1];
  const epsilon = 0.1;
  const expected = Array.from(x, (value, i) => {
    const row = x.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
    const square = row.reduce((sum, v) => sum + v * v, 0) / 4;
    return value / Math.sqrt(square + epsilon) * gain[i % 4]!;
  });
  const result = apply((t) => rmsNorm(t, tf.tensor1d(gain), epsilon), x, [2, 4]);
  assertClose(result, expected, 1e-6);
});

Deno.test("the gradients of rmsNorm by input and gain agree with finite differences", () => {
  checkGradients((x, gain) => rmsNorm(x!, gain!, 0.1), [
    { values: noise(12, 3), shape: [3, 4] },
    { values: noise(4, 4), shape: [4] },
  ]);
});

Deno.test("softmax is exp over its sum along the last axis, at any size of the numbers", () => {
  const x = [1, 2, 3, 1000, 1001, 1002];
  const row = [1, 2, 3].map((v) => Math.exp(v) / (Math.exp(1) + Math.exp(2) + Math.exp(3)));
  assertClose(apply(softmax, x, [2, 3]), [...row, ...row], 1e-6);
});

Deno.test("the gradient of softmax agrees with finite differences", () => {
  checkGradients((x) => softmax(x!), [{ values: noise(12, 5), shape: [2, 2, 3] }]);
});

Deno.test("squaredRelu squares what is positive and drops the rest", () => {
  assertClose(apply(squaredRelu, [-2, -0.5, 0, 0.5, 3], [5]), [0, 0, 0, 0.25, 9], 1e-6);
});

Deno.test("the gradient of squaredRelu agrees with finite differences", () => {
  checkGradients((x) => squaredRelu(x!), [{ values: noise(10, 6), shape: [2, 5] }]);
});

Deno.test("tanhGelu is the tanh form of GELU", () => {
  const x = [-3, -1, -0.1, 0, 0.1, 1, 3];
  const expected = x.map((v) =>
    0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))
  );
  assertClose(apply(tanhGelu, x, [7]), expected, 1e-6);
});

Deno.test("the gradient of tanhGelu agrees with finite differences", () => {
  const values = noise(10, 7).map((value) => 2 * value);
  checkGradients((x) => tanhGelu(x!), [{ values, shape: [2, 5] }]);
});

Deno.test("crossEntropy is the negative log probability of the target, row by row", () => {
  const logits = noise(12, 8).map((value) => 4 * value);
  const targets = [1, 3, 0];
  const expected = targets.map((target, row) => {
    const own = logits.slice(4 * row, 4 * row + 4);
    return Math.log(own.reduce((sum, v) => sum + Math.exp(v), 0)) - own[target]!;
  });
  const result = apply((t) => crossEntropy(t, tf.tensor1d(targets, "int32")), logits, [3, 4]);
  assertClose(result, expected, 1e-5);
});

Deno.test("the gradient of crossEntropy agrees with finite differences", () => {
  const targets = tf.tensor1d([1, 3, 0], "int32");
  checkGradients((logits) => crossEntropy(logits!, targets), [
    { values: noise(12, 9), shape: [3, 4] },
  ]);
});

Deno.test("gradients flow through a chain of these ops", () => {
  const ids = tf.tensor1d([2, 0, 1], "int32");
  const targets = tf.tensor1d([0, 2, 1], "int32");
  const chain = (table: Tensor, gain: Tensor) => {
    const x = rmsNorm(rowsOf(table, ids), gain, 0.1);
    return crossEntropy(tf.mul(tanhGelu(x), softmax(x)), targets);
  };
  checkGradients((table, gain) => chain(table!, gain!), [
    { values: noise(9, 10), shape: [3, 3] },
    { values: noise(3, 11).map((value) => 1 + value), shape: [3] },
  ]);
});

Deno.test("no op keeps a tensor that tidy should free", () => {
  const before = tf.memory().numTensors;
  const slope = tf.grad((x: Tensor) => tf.sum(tf.mul(softmax(x), tanhGelu(x))));
  for (let i = 0; i < 20; i++) tf.tidy(() => slope(tf.tensor(noise(6, i), [2, 3])).dataSync());
  assertAlmostEquals(tf.memory().numTensors, before, 0);
});

/** [B, T, C] of a recurrence, step by step. */
function recurrence(a: Float32Array, b: Float32Array, [B, T, C]: [number, number, number]) {
  const h = new Float32Array(B * T * C);
  for (let i = 0; i < h.length; i++) {
    const isFirst = Math.floor(i / C) % T === 0;
    h[i] = b[i]! + (isFirst ? 0 : a[i]! * h[i - C]!);
  }
  return h;
}

for (const T of [1, 2, 7, 8]) {
  Deno.test(`linearScan is the recurrence h = a h + b over ${T} steps, with its gradients`, () => {
    const shape: [number, number, number] = [2, T, 3];
    const size = 6 * T;
    const [a, b] = [noise(size, 70), noise(size, 71)];
    const h = linearScan(tf.tensor(a, shape), tf.tensor(b, shape));
    assertClose(h.dataSync(), recurrence(a, b, shape), 1e-5);
    // Over one step there is nothing to remember, and a has no gradient.
    if (T === 1) return;
    checkGradients((a, b) => linearScan(a, b), [{ values: a, shape }, { values: b, shape }]);
  });
}

Deno.test("shift moves along time, zeros come in from either side", () => {
  const x = tf.tensor([1, 2, 3, 4, 5, 6], [1, 3, 2]);
  const shifted = (steps: number) => [...shift(x, steps).dataSync()];
  assertEquals(shifted(1), [0, 0, 1, 2, 3, 4]);
  assertEquals(shifted(-2), [5, 6, 0, 0, 0, 0]);
  assertEquals(shifted(0), [1, 2, 3, 4, 5, 6]);
  assertEquals(shifted(3), [0, 0, 0, 0, 0, 0]);
});
