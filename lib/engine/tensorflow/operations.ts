/**
 * The table from operations of a trace to TensorFlow's: one line an operation, with its attributes
 * and those numbers that TensorFlow takes as further inputs.
 *
 * @module
 */

import type { DType } from "../contract.ts";
import type { Operation, ResultSpec } from "../operation.ts";
import { attr, TYPE } from "./attributes.ts";

/** int32 numbers, or one of another type, that an op takes as an input. */
export interface Constant {
  values: readonly number[];
  shape: readonly number[];
  dtype: DType;
}

/** A node without its name and inputs. */
export interface Lowered {
  op: string;
  attributes: Record<string, unknown>;
  /** Inputs that follow those of the operation. */
  constants?: Constant[];
}

type Lowering = (operation: Operation, inputs: readonly ResultSpec[]) => Lowered;

const type = (dtype: DType) => attr.type(TYPE[dtype]);
const int32 = () => type("int32");
const list = (values: readonly number[], shape: readonly number[] = [values.length]) => ({
  values,
  shape,
  dtype: "int32" as const,
});
const number = (value: number, dtype: DType = "int32"): Constant => ({
  values: [value],
  shape: [],
  dtype,
});

/** An op of one type T, that of its first input. */
const plain = (op: string): Lowering => (_, [x]) => ({ op, attributes: { T: type(x!.dtype) } });
/** An op that has no type. */
const logical = (op: string): Lowering => () => ({ op, attributes: {} });
const reduction = (op: string): Lowering => ({ attributes: { axes, keepDims } }, [x]) => ({
  op,
  attributes: {
    keep_dims: attr.bool(keepDims as boolean),
    ...(op === "All" || op === "Any" ? {} : { T: type(x!.dtype) }),
    Tidx: int32(),
  },
  constants: [list(axes as number[])],
});
const best = (op: string): Lowering => ({ attributes: { axis } }, [x]) => ({
  op,
  attributes: { T: type(x!.dtype), Tidx: int32(), output_type: int32() },
  constants: [number(axis as number)],
});

/** Operations whose op has their name and one type. */
const SAME = [
  ...["Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Ceil", "Cos"],
  ...["Cosh", "Elu", "Equal", "Erf", "Exp", "Expm1", "Floor", "FloorDiv", "Greater"],
  ...["GreaterEqual", "IsFinite", "IsInf", "IsNan", "Less", "LessEqual", "Log", "Log1p", "Maximum"],
  ...["Minimum", "Neg", "NotEqual", "OnesLike", "Pow", "RealDiv", "Reciprocal", "Relu"],
  ...["Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax"],
  ...["Softplus", "Sqrt", "Square", "SquaredDifference", "Sub", "Tan", "Tanh", "ZerosLike"],
];

/** By operation. */
export const OPERATIONS: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(SAME.map((name) => [name, plain(name)])),
  Multiply: plain("Mul"),
  // tfjs rounds towards minus infinity, TensorFlow's Mod towards zero.
  Mod: plain("FloorMod"),
  Select: (_, [, yes]) => ({ op: "Select", attributes: { T: type(yes!.dtype) } }),
  LogicalAnd: logical("LogicalAnd"),
  LogicalOr: logical("LogicalOr"),
  LogicalNot: logical("LogicalNot"),
  ...Object.fromEntries(
    ["Sum", "Mean", "Max", "Min", "Prod", "All", "Any"].map((name) => [name, reduction(name)]),
  ),
  ArgMax: best("ArgMax"),
  ArgMin: best("ArgMin"),
  AddN: ({ inputs }, [x]) => ({
    op: "AddN",
    attributes: { T: type(x!.dtype), N: attr.int(inputs.length) },
  }),
  Cast: ({ attributes: { dtype } }, [x]) => ({
    op: "Cast",
    attributes: {
      SrcT: type(x!.dtype),
      DstT: type(dtype as DType),
      Truncate: attr.bool(false),
    },
  }),
  BatchMatMul: ({ attributes: { transposeA, transposeB } }, [a]) => ({
    op: "BatchMatMulV2",
    attributes: {
      T: type(a!.dtype),
      adj_x: attr.bool(transposeA as boolean),
      adj_y: attr.bool(transposeB as boolean),
    },
  }),
  Reshape: ({ attributes: { shape } }, [x]) => ({
    op: "Reshape",
    attributes: { T: type(x!.dtype), Tshape: int32() },
    constants: [list(shape as number[])],
  }),
  Transpose: ({ attributes: { perm } }, [x]) => ({
    op: "Transpose",
    attributes: { T: type(x!.dtype), Tperm: int32() },
    constants: [list(perm as number[])],
  }),
  Concat: ({ inputs, attributes: { axis } }, [x]) => ({
    op: "ConcatV2",
    attributes: { N: attr.int(inputs.length), Tidx: int32(), T: type(x!.dtype) },
    constants: [number(axis as number)],
  }),
  Pack: ({ inputs, attributes: { axis } }, [x]) => ({
    op: "Pack",
    attributes: {
      N: attr.int(inputs.length),
      T: type(x!.dtype),
      axis: attr.int(axis as number),
    },
  }),
  Unpack: ({ results, attributes: { axis } }, [x]) => ({
    op: "Unpack",
    attributes: {
      num: attr.int(results.length),
      T: type(x!.dtype),
      axis: attr.int(axis as number),
    },
  }),
  SplitV: ({ results, attributes: { axis, sizes } }, [x]) => ({
    op: "SplitV",
    attributes: { num_split: attr.int(results.length), T: type(x!.dtype), Tlen: int32() },
    constants: [list(sizes as number[]), number(axis as number)],
  }),
  Slice: ({ attributes: { begin, size } }, [x]) => ({
    op: "Slice",
    attributes: { T: type(x!.dtype), Index: int32() },
    constants: [list(begin as number[]), list(size as number[])],
  }),
  PadV2: ({ attributes: { paddings, constantValue } }, [x]) => ({
    op: "PadV2",
    attributes: { T: type(x!.dtype), Tpaddings: int32() },
    constants: [
      list((paddings as number[][]).flat(), [(paddings as number[][]).length, 2]),
      number(constantValue as number, x!.dtype),
    ],
  }),
  Tile: ({ attributes: { reps } }, [x]) => ({
    op: "Tile",
    attributes: { T: type(x!.dtype), Tmultiples: int32() },
    constants: [list(reps as number[])],
  }),
  Reverse: ({ attributes: { axes } }, [x]) => ({
    op: "ReverseV2",
    attributes: { T: type(x!.dtype), Tidx: int32() },
    constants: [list(axes as number[])],
  }),
  ExpandDims: ({ attributes: { dim } }, [x]) => ({
    op: "ExpandDims",
    attributes: { T: type(x!.dtype) },
    constants: [number(dim as number)],
  }),
  Fill: ({ results: [result], attributes: { value } }) => ({
    op: "Fill",
    attributes: { T: type(result!.dtype), index_type: int32() },
    constants: [list(result!.shape), number(value as number, result!.dtype)],
  }),
  OneHot: ({ results: [result], attributes: { depth, onValue, offValue } }, [ids]) => ({
    op: "OneHot",
    attributes: { axis: attr.int(-1), T: type(result!.dtype), TI: type(ids!.dtype) },
    constants: [
      number(depth as number),
      number(onValue as number, result!.dtype),
      number(offValue as number, result!.dtype),
    ],
  }),
  Cumsum: ({ attributes: { axis, exclusive, reverse } }, [x]) => ({
    op: "Cumsum",
    attributes: {
      exclusive: attr.bool(exclusive as boolean),
      reverse: attr.bool(reverse as boolean),
      T: type(x!.dtype),
      Tidx: int32(),
    },
    constants: [number(axis as number)],
  }),
  UnsortedSegmentSum: ({ attributes: { numSegments } }, [x]) => ({
    op: "UnsortedSegmentSum",
    attributes: { T: type(x!.dtype), Tindices: int32(), Tnumsegments: int32() },
    constants: [number(numSegments as number)],
  }),
  Rows: (_, [table]) => ({
    op: "GatherV2",
    attributes: { Tparams: type(table!.dtype), Tindices: int32(), Taxis: int32() },
    constants: [number(0)],
  }),
  CrossEntropy: (_, [logits]) => ({
    op: "SparseSoftmaxCrossEntropyWithLogits",
    attributes: { T: type(logits!.dtype), Tlabels: int32() },
  }),
};
