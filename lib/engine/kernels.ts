/**
 * The kernels that a function may use, each with the rule by which the shapes and types of its
 * results follow from those of its inputs. An engine lowers what stands here.
 *
 * Names, inputs and attributes are tfjs's; three are ours, with gradients in ops.ts.
 *
 * @module
 */

import type { DType } from "./contract.ts";
import { type Tensor, tf } from "./tfjs.ts";
import type { ResultSpec } from "./operation.ts";

/** What a rule sees of an input. */
interface Given {
  shape: number[];
  dtype: string;
}

// deno-lint-ignore no-explicit-any
type Attributes = Record<string, any>;

/** What follows from a kernel's inputs: results (a list, be it of one), what an engine needs. */
type Rule = (
  inputs: Given[],
  attributes: Attributes,
) => { results: ResultSpec[]; attributes?: Attributes; many?: boolean };

const one = (shape: readonly number[], dtype: string, attributes?: Attributes) => ({
  results: [{ shape, dtype: dtype as DType }],
  attributes,
});

const each: Rule = ([x]) => one(x!.shape, x!.dtype);
const toBool: Rule = ([x]) => one(x!.shape, "bool");
const broadcast = (dtype?: DType): Rule => ([a, b]) =>
  one(
    tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape),
    dtype ?? tf.backend_util.upcastType(a!.dtype as DType, b!.dtype as DType),
  );
const axisOf = (axis: number, rank: number) => axis < 0 ? axis + rank : axis;

/** Over `axis`, or `reductionIndices`; attributes { axes, keepDims }. */
const reduction: Rule = ([x], { axis, reductionIndices, keepDims = false }) => {
  const axes = tf.util.parseAxisParam(
    axis ?? reductionIndices ?? x!.shape.map((_, i) => i),
    x!.shape,
  );
  const shape = keepDims
    ? x!.shape.map((size, i) => axes.includes(i) ? 1 : size)
    : x!.shape.filter((_, i) => !axes.includes(i));
  return one(shape, x!.dtype, { axes, keepDims });
};
const best: Rule = ([x], { axis }) => {
  const own = axisOf(axis, x!.shape.length);
  return one(x!.shape.filter((_, i) => i !== own), "int32", { axis });
};

/** Of real numbers: whole ones are made real first. */
export const REAL: ReadonlySet<string> = new Set([
  ...["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cos", "Cosh", "Elu", "Erf", "Exp"],
  ...["Expm1", "IsFinite", "IsInf", "IsNan", "Log", "Log1p", "Mean", "Reciprocal", "Rsqrt"],
  ...["Selu", "Sigmoid", "Sin", "Sinh", "Softmax", "Softplus", "Sqrt", "Tan", "Tanh"],
]);

const UNARY = [
  ...["Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Elu"],
  ...["Erf", "Exp", "Expm1", "Floor", "Identity", "Log", "Log1p", "Neg", "OnesLike"],
  ...["Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Sinh"],
  ...["Softmax", "Softplus", "Sqrt", "Square", "Tan", "Tanh", "ZerosLike"],
];
const BINARY = [
  ...["Add", "Atan2", "FloorDiv", "Maximum", "Minimum", "Mod", "Multiply", "Pow", "RealDiv"],
  ...["SquaredDifference", "Sub"],
];
const COMPARE = [
  ...["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"],
  ...["LogicalAnd", "LogicalOr"],
];
const named = (names: string[], rule: Rule) => Object.fromEntries(names.map((n) => [n, rule]));

/** All kernels, by name. */
export const KERNELS: Readonly<Record<string, Rule>> = {
  ...named(UNARY, each),
  ...named(BINARY, broadcast()),
  ...named(COMPARE, broadcast("bool")),
  ...named(["IsNan", "IsInf", "IsFinite", "LogicalNot"], toBool),
  ...named(["Sum", "Max", "Min", "Prod", "All", "Any"], reduction),
  Mean: (inputs, attributes) => {
    const { results: [result], attributes: own } = reduction(inputs, attributes);
    return one(result!.shape, "float32", own);
  },
  ArgMax: best,
  ArgMin: best,
  Cast: ([x], { dtype }) => one(x!.shape, dtype, { dtype }),
  AddN: each,
  BatchMatMul: ([a, b], { transposeA, transposeB }) => {
    const [left, right] = [a!.shape, b!.shape];
    const batch = tf.backend_util.assertAndGetBroadcastShape(left.slice(0, -2), right.slice(0, -2));
    const rows = left.at(transposeA ? -1 : -2)!;
    const columns = right.at(transposeB ? -2 : -1)!;
    return one([...batch, rows, columns], a!.dtype, { transposeA, transposeB });
  },
  Reshape: ([x], { shape }) => {
    const size = x!.shape.reduce((a, b) => a * b, 1);
    return one(tf.util.inferFromImplicitShape(shape, size), x!.dtype, { shape });
  },
  Transpose: ([x], { perm }) => one(perm.map((i: number) => x!.shape[i]!), x!.dtype, { perm }),
  Concat: (inputs, { axis }) => {
    const own = axisOf(axis, inputs[0]!.shape.length);
    const shape = [...inputs[0]!.shape];
    shape[own] = inputs.reduce((sum, input) => sum + input.shape[own]!, 0);
    return one(shape, inputs[0]!.dtype, { axis: own });
  },
  Pack: (inputs, { axis }) => {
    const own = axisOf(axis, inputs[0]!.shape.length + 1);
    return one(inputs[0]!.shape.toSpliced(own, 0, inputs.length), inputs[0]!.dtype, { axis });
  },
  Unpack: ([value], { axis }) => {
    const own = axisOf(axis, value!.shape.length);
    const shape = value!.shape.toSpliced(own, 1);
    const result = { shape, dtype: value!.dtype as DType };
    const results = new Array<ResultSpec>(value!.shape[own]!).fill(result);
    return { results, attributes: { axis: own }, many: true };
  },
  SplitV: ([x], { numOrSizeSplits, axis }) => {
    const own = axisOf(axis, x!.shape.length);
    const sizes = tf.backend_util.prepareSplitSize(x as never, numOrSizeSplits, own);
    const results = sizes.map((size) => ({
      shape: x!.shape.toSpliced(own, 1, size),
      dtype: x!.dtype as DType,
    }));
    return { results, attributes: { axis: own, sizes }, many: true };
  },
  Slice: ([x], attributes) => {
    const [begin, size] = tf.slice_util.parseSliceParams(
      x as never,
      attributes.begin,
      attributes.size,
    ) as [number[], number[]];
    return one(size, x!.dtype, { begin, size });
  },
  PadV2: ([x], { paddings, constantValue }) =>
    one(
      x!.shape.map((size, i) => size + paddings[i][0] + paddings[i][1]),
      x!.dtype,
      { paddings, constantValue },
    ),
  Tile: ([x], { reps }) => one(x!.shape.map((size, i) => size * reps[i]), x!.dtype, { reps }),
  Reverse: ([x], { dims }) =>
    one(x!.shape, x!.dtype, { axes: tf.util.parseAxisParam(dims, x!.shape) }),
  ExpandDims: ([x], { dim }) => {
    const own = axisOf(dim, x!.shape.length + 1);
    return one(x!.shape.toSpliced(own, 0, 1), x!.dtype, { dim });
  },
  Fill: (_, { shape, value, dtype = "float32" }) => one(shape, dtype, { value }),
  Select: ([, yes]) => one(yes!.shape, yes!.dtype),
  OneHot: ([ids], { depth, onValue, offValue, dtype = "float32" }) =>
    one([...ids!.shape, depth], dtype, { depth, onValue, offValue }),
  Cumsum: ([x], { axis, exclusive, reverse }) =>
    one(x!.shape, x!.dtype, { axis: axisOf(axis, x!.shape.length), exclusive, reverse }),
  /** x [N, …] summed by int32 segments [N]. */
  UnsortedSegmentSum: ([x], { numSegments }) =>
    one([numSegments, ...x!.shape.slice(1)], x!.dtype, { numSegments }),
  /** Ours: rows of a table [V, C] by int32 ids [M], not checked. */
  Rows: ([table, ids]) => one([...ids!.shape, ...table!.shape.slice(1)], table!.dtype),
  /** Ours: of logits [M, V] and int32 targets [M], -ln p(target) [M] and its slope [M, V]. */
  CrossEntropy: ([logits]) => ({
    results: [
      { shape: logits!.shape.slice(0, -1), dtype: "float32" },
      { shape: logits!.shape, dtype: "float32" },
    ],
    many: true,
  }),
};

/** Kernels that are written out in others. */
export const WRITTEN_OUT: Readonly<Record<string, (x: Tensor, attributes: Attributes) => Tensor>> =
  {
    /** 1 above zero and `alpha` elsewhere: the slope of relu. */
    Step: (x, { alpha }) => {
      const slope = tf.where(
        tf.greater(x, tf.scalar(0, x.dtype as "float32")),
        tf.ones(x.shape, x.dtype as "float32"),
        tf.fill(x.shape, alpha, x.dtype as "float32"),
      );
      return tf.where(tf.isNaN(x), x, slope);
    },
    ClipByValue: (x, { clipValueMin, clipValueMax }) =>
      tf.maximum(
        tf.minimum(x, tf.scalar(clipValueMax, x.dtype as "float32")),
        tf.scalar(clipValueMin, x.dtype as "float32"),
      ),
  };

const dataDependent = (op: string) => `the shape of ${op}'s result depends on values.`;
const random = (op: string) =>
  `${op} draws random numbers. Draw them outside, pass them as an input.`;

/** Kernels that no fixed program can hold, and why. */
export const REFUSED: Readonly<Record<string, string>> = Object.fromEntries([
  ...["Where", "Unique", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"]
    .map((op) => [op, dataDependent(op)]),
  ...["Multinomial"].map((op) => [op, random(op)]),
]);
