// A case for each kernel, and engines' results on it held against those op by op.

import { assertEquals } from "@std/assert";
import {
  callOf,
  eager,
  type Engine,
  type Program,
  type PureFunction,
  type Tensor,
  tf,
  trace,
} from "../../lib/engine/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";

/** x and y are [2, 3] between .2 and .9, ids are int32 [2, 3] in 0, 1. */
export type Case = (x: Tensor, y: Tensor, ids: Tensor) => Tensor | Tensor[];
const as = (x: Tensor) => x as never;
/** By kernel. */
export const CASES: Record<string, Case> = {
  Abs: (x) => tf.abs(tf.sub(x, 0.5)),
  Acos: (x) => tf.acos(x),
  Acosh: (x) => tf.acosh(tf.add(x, 1)),
  Asin: (x) => tf.asin(x),
  Asinh: (x) => tf.asinh(x),
  Atan: (x) => tf.atan(x),
  Atanh: (x) => tf.atanh(x),
  Ceil: (x) => tf.ceil(tf.mul(x, 3)),
  Cos: (x) => tf.cos(x),
  Cosh: (x) => tf.cosh(x),
  Elu: (x) => tf.elu(tf.sub(x, 0.5)),
  Erf: (x) => tf.erf(x),
  Exp: (x) => tf.exp(x),
  Expm1: (x) => tf.expm1(x),
  Floor: (x) => tf.floor(tf.mul(x, 3)),
  Identity: (x) => tf.clone(x),
  Log: (x) => tf.log(x),
  Log1p: (x) => tf.log1p(x),
  Neg: (x) => tf.neg(x),
  OnesLike: (x) => tf.onesLike(x),
  Reciprocal: (x) => tf.reciprocal(x),
  Relu: (x) => tf.relu(tf.sub(x, 0.5)),
  Relu6: (x) => tf.relu6(tf.mul(x, 9)),
  Round: (x) => tf.round(tf.mul(x, 3)),
  Rsqrt: (x) => tf.rsqrt(x),
  Selu: (x) => tf.selu(tf.sub(x, 0.5)),
  Sigmoid: (x) => tf.sigmoid(x),
  Sign: (x) => tf.sign(tf.sub(x, 0.5)),
  Sin: (x) => tf.sin(x),
  Sinh: (x) => tf.sinh(x),
  Softmax: (x) => tf.softmax(x),
  Softplus: (x) => tf.softplus(x),
  Sqrt: (x) => tf.sqrt(x),
  Square: (x) => tf.square(x),
  Tan: (x) => tf.tan(x),
  Tanh: (x) => tf.tanh(x),
  ZerosLike: (x) => tf.zerosLike(x),
  Add: (x, y) => tf.add(x, tf.slice(y, [0, 0], [1, 3])),
  Atan2: (x, y) => tf.atan2(x, y),
  FloorDiv: (x, y) => tf.floorDiv(tf.mul(x, 9), y),
  Maximum: (x, y) => tf.maximum(x, y),
  Minimum: (x, y) => tf.minimum(x, y),
  Mod: (x, y) => tf.mod(x, y),
  Multiply: (x, y) => tf.mul(x, y),
  Pow: (x, y) => tf.pow(x, y),
  RealDiv: (x, y) => tf.div(x, y),
  SquaredDifference: (x, y) => tf.squaredDifference(x, y),
  Sub: (x, y) => tf.sub(x, y),
  Equal: (x, _, ids) => tf.cast(tf.equal(tf.cast(tf.round(x), "int32"), ids), "float32"),
  NotEqual: (_, __, ids) => tf.cast(tf.notEqual(ids, tf.scalar(1, "int32")), "float32"),
  Greater: (x, y) => tf.cast(tf.greater(x, y), "float32"),
  GreaterEqual: (x, y) => tf.cast(tf.greaterEqual(x, y), "float32"),
  Less: (x, y) => tf.cast(tf.less(x, y), "float32"),
  LessEqual: (x, y) => tf.cast(tf.lessEqual(x, y), "float32"),
  LogicalAnd: (x, y) => tf.cast(tf.logicalAnd(tf.greater(x, 0.5), tf.less(y, 0.5)), "float32"),
  LogicalOr: (x, y) => tf.cast(tf.logicalOr(tf.greater(x, 0.5), tf.less(y, 0.5)), "float32"),
  LogicalNot: (x) => tf.cast(tf.logicalNot(tf.greater(x, 0.5)), "float32"),
  IsNan: (x) => tf.cast(tf.isNaN(tf.log(tf.sub(x, 0.5))), "float32"),
  IsInf: (x) => tf.cast(tf.isInf(x), "float32"),
  IsFinite: (x) => tf.cast(tf.isFinite(x), "float32"),
  Sum: (x) => tf.sum(x, -1, true),
  Mean: (x) => tf.mean(x, 0),
  Max: (x) => tf.max(x),
  Min: (x) => tf.min(x, 1),
  Prod: (x) => tf.prod(x, 1),
  All: (x) => tf.cast(tf.all(tf.greater(x, 0.3), 1), "float32"),
  Any: (x) => tf.cast(tf.any(tf.greater(x, 0.8), 0), "float32"),
  ArgMax: (x) => tf.cast(tf.argMax(x, -1), "float32"),
  ArgMin: (x) => tf.cast(tf.argMin(x, 0), "float32"),
  Cast: (_, __, ids) => tf.cast(ids, "float32"),
  AddN: (x, y) => tf.addN([x, y, x]),
  BatchMatMul: (x, y) =>
    tf.matMul(as(tf.reshape(tf.concat([x, x]), [2, 2, 3])), as(tf.expandDims(y)), false, true),
  Reshape: (x) => tf.reshape(x, [3, -1]),
  Transpose: (x) => tf.transpose(x, [1, 0]),
  Concat: (x, y) => tf.concat([x, y], -1),
  Pack: (x, y) => tf.stack([x, y], -1),
  Unpack: (x) => tf.unstack(x, -1),
  SplitV: (x) => [...tf.split(x, [1, 2], -1), ...tf.split(x, 1)],
  Slice: (x) => tf.slice(x, [0, 1], [-1, 2]),
  PadV2: (x) => tf.pad(x, [[1, 0], [0, 2]], 7),
  Tile: (x) => tf.tile(x, [2, 1]),
  Reverse: (x) => tf.reverse(x, -1),
  ExpandDims: (x) => tf.expandDims(x, -1),
  Fill: (x) => tf.add(x, tf.fill([2, 3], 3)),
  Select: (x, y) => tf.where(tf.greater(x, 0.5), x, y),
  OneHot: (x, _, ids) => tf.mul(tf.oneHot(as(ids), 3, 2, -1), tf.expandDims(x, -1)),
  Cumsum: (x) => tf.cumsum(x, -1, true, true),
  UnsortedSegmentSum: (x, _, ids) =>
    tf.unsortedSegmentSum(x, as(tf.reshape(tf.slice(ids, [0, 0], [2, 1]), [2])), 3),
  Rows: (x, _, ids) =>
    tf.engine().runKernel("Rows", { table: x, ids: tf.reshape(ids, [6]) } as never) as Tensor,
  CrossEntropy: (x, _, ids) =>
    tf.engine().runKernel("CrossEntropy", {
      logits: x,
      targets: tf.reshape(tf.slice(ids, [0, 0], [2, 1]), [2]),
    } as never) as Tensor[],
  Step: (x) => tf.step(tf.sub(x, 0.5), 0.25),
  ClipByValue: (x) => tf.clipByValue(x, 0.4, 0.6),
};

/** Where TensorFlow's op of the same name would do otherwise, or takes no whole numbers. */
export const OTHERWISE: Record<string, Case> = {
  "Mod of numbers below zero": (x, y) => tf.mod(tf.sub(x, 0.9), y),
  "Mod of whole numbers below zero": (_, __, ids) =>
    tf.cast(tf.mod(tf.sub(ids, tf.scalar(2, "int32")), tf.scalar(3, "int32")), "float32"),
  "FloorDiv below zero": (x, y) => tf.floorDiv(tf.sub(x, 0.9), y),
  "Mean of whole numbers": (_, __, ids) => tf.mean(ids, 1),
  "Mean of truths": (x) => tf.mean(tf.greater(x, 0.5)),
  "Exp of whole numbers": (_, __, ids) => tf.exp(ids),
  "ClipByValue of whole numbers": (_, __, ids) => tf.cast(tf.clipByValue(ids, 0, 0), "float32"),
  "OneHot of whole numbers": (_, __, ids) =>
    tf.cast(tf.oneHot(as(ids), 2, 1, 0, "int32"), "float32"),
  "PadV2 of whole numbers": (_, __, ids) => tf.cast(tf.pad(ids, [[0, 1], [1, 0]], 5), "float32"),
  "Select with one condition a row": (x, y) =>
    tf.where(tf.greater(tf.slice(x, [0, 0], [2, 1]), 0.5), x, y),
  "Sum over nothing": (x) => tf.sum(x, []),
  "Round to even": (x) => tf.round(tf.sub(tf.mul(tf.round(tf.mul(x, 3)), 1.5), 1)),
};

/** Compares what an engine makes of a case, numbers, shapes and types, with what TensorFlow does op by op. */
export function assertLowered(run: Case, make: (program: Program) => Engine): void {
  const X = { shape: [2, 3], dtype: "float32" } as const;
  const fn: PureFunction = {
    inputs: { x: X, y: X, ids: { shape: [2, 3], dtype: "int32" } },
    run: (_, { x, y, ids }) => ({
      outputs: Object.fromEntries([run(x!, y!, ids!)].flat().map((t, i) => [String(i), t])),
    }),
  };
  const call = callOf(fn);
  const program = { state: {}, calls: [call] };
  const positive = (seed: number) => noise(6, seed).map((v) => 0.2 + 0.7 * Math.abs(v) % 0.7);
  const inputs = { x: positive(1), y: positive(2), ids: new Int32Array([0, 1, 1, 1, 0, 0]) };
  const [compiled, reference] = [make(program), eager(program)];
  const [got, expected] = [compiled, reference].map((engine) => call.run(engine, inputs));
  for (const key of Object.keys(expected!)) assertClose(got![key]!, expected![key]!, 1e-5, key);
  const { outputs, operations } = trace(fn, { state: {}, branches: () => 1 });
  tf.tidy(() => {
    const given = Object.entries(fn.inputs).map(([key, spec]) =>
      tf.tensor(inputs[key as "x"], [...spec.shape], spec.dtype)
    );
    [run(given[0]!, given[1]!, given[2]!)].flat().forEach((tensor, i) => {
      const [operation, result] = outputs[String(i)]!;
      const { shape, dtype } = operations[operation]!.results[result]!;
      assertEquals([shape, dtype], [tensor.shape, tensor.dtype]);
    });
  });
  compiled.dispose();
  reference.dispose();
}
