/**
 * The table from operations of a trace to StableHLO: one entry an operation. Shapes and types are
 * the trace's.
 *
 * @module
 */

import type { DType } from "../contract.ts";
import type { Operation, ResultSpec } from "../operation.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import type { ElementType, Module, Type, Value } from "./module.ts";

/** How products of matrices are done. */
export interface Products {
  /** Whether they are of bfloat16 copies, with bfloat16 results. */
  half: boolean;
}

/** Adds an operation to a module; returns its results. */
export type Lowering = (
  module: Module,
  inputs: Value[],
  operation: Operation,
  products: Products,
) => Value | Value[];

/** Element types by those of a trace. */
export const ELEMENT: Readonly<Record<DType, ElementType>> = {
  float32: "f32",
  int32: "i32",
  bool: "i1",
};

const typeOf = ({ shape, dtype }: ResultSpec): Type => ({ shape, element: ELEMENT[dtype] });
const least = (element: ElementType) => element === "i32" ? -(2 ** 31) : -Infinity;
const most = (element: ElementType) => element === "i32" ? 2 ** 31 - 1 : Infinity;

type Reduction = (m: Module, x: Value, axes: readonly number[]) => Value;
const reduction = (reduce: Reduction): Lowering => (m, [x], { attributes, results }) =>
  m.reshape(reduce(m, x!, attributes.axes as number[]), results[0]!.shape);
const sum: Reduction = (m, x, axes) => m.reduce("add", x, axes, 0);

/** Where a value is largest or smallest along an axis: the lowest index of several. */
const best = (reduce: Reduction): Lowering => (m, [x], { attributes }) => {
  const axis = ((attributes.axis as number) + x!.shape.length) % x!.shape.length;
  const kept = x!.shape.map((_, i) => i).filter((i) => i !== axis);
  const top = m.along(reduce(m, x!, [axis]), x!.shape, kept);
  const size = x!.shape[axis]!;
  const last = m.fill(size - 1, { shape: x!.shape, element: "i32" });
  const place = m.select(m.compare("EQ", x!, top), m.count(x!.shape, axis), last);
  return m.reduce("minimum", place, [axis], size - 1);
};
const max: Reduction = (m, x, axes) => m.reduce("maximum", x, axes, least(x.element));
const min: Reduction = (m, x, axes) => m.reduce("minimum", x, axes, most(x.element));

/** Whether an id is a column's number: [..., rows, columns] of int32 ids [..., rows]. */
function oneHot(m: Module, ids: Value, depth: number): Value {
  const shape = [...ids.shape, depth];
  return m.compare(
    "EQ",
    m.along(ids, shape, ids.shape.map((_, i) => i)),
    m.count(shape, ids.shape.length),
  );
}

/** A product of matrices; bfloat16 if so wished. */
function product(
  m: Module,
  a: Value,
  b: Value,
  { half, ...how }: Products & { transposeA?: boolean; transposeB?: boolean },
): Value {
  if (!half || a.element !== "f32") return m.product(a, b, how);
  const [x, y] = [a, b].map((own) => m.convert(own, "bf16"));
  return m.convert(m.product(x!, y!, how), "f32");
}

/**
 * float32 numbers as three bfloat16 ones whose sum they are, side by side along the last axis:
 * products with ones and zeros then lose nothing.
 */
function thirds(m: Module, x: Value): Value {
  let rest = x;
  const parts = [0, 1, 2].map(() => {
    const part = m.convert(rest, "bf16");
    rest = m.binary("subtract", rest, m.convert(part, "f32"));
    return part;
  });
  return m.concatenate(parts, x.shape.length - 1);
}

/**
 * Rows [..., N, R] summed by int32 segments [..., N], as a product with ones and zeros: no atomic
 * sums.
 */
function segmentSum(m: Module, x: Value, ids: Value, count: number, { half }: Products): Value {
  const hot = oneHot(m, ids, count); // [..., N, S]
  if (!half || x.element !== "f32") {
    return m.product(m.convert(hot, x.element), x, { transposeA: true });
  }
  const parts = m.product(m.convert(hot, "bf16"), thirds(m, x), {
    transposeA: true,
    element: "f32",
  });
  const axis = x.shape.length - 1;
  const size = x.shape[axis]!;
  const third = (i: number) => part(m, parts, { axis, begin: i * size, size });
  return m.binary("add", m.binary("add", third(2), third(1)), third(0));
}

/** Softmax over the last axis, and the logarithms of sums of exponentials. */
function softmax(m: Module, x: Value): { probabilities: Value; shifted: Value; logSum: Value } {
  const last = x.shape.length - 1;
  const kept = x.shape.map((_, i) => i).slice(0, -1);
  const back = (own: Value) => m.along(own, x.shape, kept);
  const shifted = m.binary("subtract", x, back(max(m, x, [last])));
  const powers = m.unary("exponential", shifted);
  const total = sum(m, powers, [last]);
  return {
    probabilities: m.binary("divide", powers, back(total)),
    shifted,
    logSum: m.unary("log", total),
  };
}

/** By operation. */
export const OPERATIONS: Readonly<Record<string, Lowering>> = {
  ...ELEMENTWISE,
  Sum: reduction(sum),
  Max: reduction(max),
  Min: reduction(min),
  Prod: reduction((m, x, axes) => m.reduce("multiply", x, axes, 1)),
  All: reduction((m, x, axes) => truths(m, "minimum", x, axes)),
  Any: reduction((m, x, axes) => truths(m, "maximum", x, axes)),
  Mean: reduction((m, x, axes) =>
    m.with("divide", sum(m, x, axes), axes.reduce((size, axis) => size * x.shape[axis]!, 1))
  ),
  ArgMax: best(max),
  ArgMin: best(min),
  Softmax: (m, [x]) => softmax(m, x!).probabilities,
  Cast: (m, [x], { results }) => m.convert(x!, ELEMENT[results[0]!.dtype]),
  AddN: (m, inputs) => inputs.reduce((total, own) => m.binary("add", total, own)),
  BatchMatMul: (m, [a, b], { attributes, results }, { half }) => {
    const batch = results[0]!.shape.slice(0, -2);
    const [left, right] = [a!, b!].map((own) =>
      m.broadcast(own, [...batch, ...own.shape.slice(-2)])
    );
    return product(m, left!, right!, { half, ...attributes });
  },
  Reshape: (m, [x], { results }) => m.reshape(x!, results[0]!.shape),
  ExpandDims: (m, [x], { results }) => m.reshape(x!, results[0]!.shape),
  Transpose: (m, [x], { attributes }) => m.transpose(x!, attributes.perm as number[]),
  Concat: (m, inputs, { attributes }) => m.concatenate(inputs, attributes.axis as number),
  Pack: (m, inputs, { attributes, results }) => {
    const rank = results[0]!.shape.length;
    const axis = ((attributes.axis as number) + rank) % rank;
    const shape = results[0]!.shape.with(axis, 1);
    return m.concatenate(inputs.map((own) => m.reshape(own, shape)), axis);
  },
  Unpack: (m, [x], { attributes, results }) => {
    const axis = attributes.axis as number;
    return results.map(({ shape }, i) =>
      m.reshape(part(m, x!, { axis, begin: i, size: 1 }), shape)
    );
  },
  SplitV: (m, [x], { attributes }) => {
    let begin = 0;
    return (attributes.sizes as number[]).map((size) => {
      begin += size;
      return part(m, x!, { axis: attributes.axis as number, begin: begin - size, size });
    });
  },
  Slice: (m, [x], { attributes: { begin, size } }) =>
    m.slice(x!, begin as number[], size as number[]),
  PadV2: (m, [x], { attributes, results }) => {
    const paddings = attributes.paddings as number[][];
    const value = m.fill(attributes.constantValue as number, { ...x!, shape: [] });
    return m.one("pad", [x!, value], typeOf(results[0]!), {
      edge_padding_low: paddings.map(([low]) => low!),
      edge_padding_high: paddings.map(([, high]) => high!),
      interior_padding: paddings.map(() => 0),
    });
  },
  Tile: (m, [x], { attributes }) =>
    (attributes.reps as number[]).reduce(
      (own, times, axis) =>
        times === 1 ? own : m.concatenate(new Array<Value>(times).fill(own), axis),
      x!,
    ),
  Reverse: (m, [x], { attributes }) =>
    m.one("reverse", [x!], x!, { dimensions: attributes.axes as number[] }),
  Fill: (m, _, { attributes, results }) => m.fill(Number(attributes.value), typeOf(results[0]!)),
  Select: (m, [condition, yes, no]) => {
    const { shape } = yes!;
    const own = condition!.shape.length === shape.length
      ? condition!
      : m.along(condition!, shape, condition!.shape.map((_, i) => i));
    return m.select(own, yes!, no!);
  },
  OneHot: (m, [ids], { attributes, results }) => {
    const { depth, onValue, offValue } = attributes as Record<string, number>;
    const type = typeOf(results[0]!);
    return m.select(oneHot(m, ids!, depth!), m.fill(onValue!, type), m.fill(offValue!, type));
  },
  Cumsum: (m, [x], { attributes }) => {
    const { axis, exclusive, reverse } = attributes as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    const size = x!.shape[axis]!;
    // Sums over windows that reach over one end.
    const reach = exclusive ? size : size - 1;
    const windows = x!.shape.map((_, i) => i === axis ? size : 1);
    const pads = x!.shape.flatMap((_, i) =>
      i !== axis ? [0, 0] : reverse ? [0, reach] : [reach, 0]
    );
    const scalar = { shape: [], element: x!.element };
    const body = m.region([scalar, scalar], (a, b) => [m.one("add", [a!, b!], scalar)]);
    const ones = x!.shape.map(() => 1);
    const shape = x!.shape.with(axis, size + reach - size + 1);
    const sums = m.one("reduce_window", [x!, m.fill(0, scalar)], { shape, element: x!.element }, {
      window_dimensions: windows,
      window_strides: ones,
      base_dilations: ones,
      window_dilations: ones,
      padding: `dense<[${pads.length / 2 > 0 ? pairs(pads) : ""}]> : tensor<${
        pads.length / 2
      }x2xi64>`,
    }, [body]);
    const begin = exclusive && reverse ? 1 : 0;
    return part(m, sums, { axis, begin, size });
  },
  UnsortedSegmentSum: (m, [x, ids], { results }, products) => {
    const lead = ids!.shape.length;
    const [count, ...rest] = results[0]!.shape.slice(lead - 1);
    const width = rest.reduce((a, b) => a * b, 1);
    const rows = m.reshape(x!, [...ids!.shape, width]);
    return m.reshape(segmentSum(m, rows, ids!, count!, products), results[0]!.shape);
  },
  Rows: (m, [table, ids], { results }) => {
    const row = table!.shape.slice(1);
    const lead = ids!.shape.length;
    return m.one("gather", [table!, ids!], typeOf(results[0]!), {
      dimension_numbers: `#stablehlo.gather<offset_dims = [${row.map((_, i) => lead + i)}], ` +
        `collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = ${lead}>`,
      slice_sizes: [1, ...row],
      indices_are_sorted: "false",
    });
  },
  CrossEntropy: (m, [logits, targets]) => {
    const last = logits!.shape.length - 1;
    const { probabilities, shifted, logSum } = softmax(m, logits!);
    const hot = oneHot(m, targets!, logits!.shape[last]!);
    const zero = m.fill(0, { shape: [], element: "f32" });
    const hit = sum(m, m.select(hot, shifted, zero), [last]);
    return [
      m.binary("subtract", logSum, hit),
      m.binary("subtract", probabilities, m.convert(hot, "f32")),
    ];
  },
};

/** Truths combined as numbers. */
function truths(m: Module, how: "minimum" | "maximum", x: Value, axes: readonly number[]): Value {
  const numbers = m.convert(x, "i32");
  return m.convert(m.reduce(how, numbers, axes, how === "minimum" ? 1 : 0), "i1");
}

/** `size` of an axis from `begin` on. */
function part(
  m: Module,
  x: Value,
  { axis, begin, size }: { axis: number; begin: number; size: number },
): Value {
  return m.slice(x, x.shape.map((_, i) => i === axis ? begin : 0), x.shape.with(axis, size));
}

const pairs = (values: readonly number[]) =>
  Array.from({ length: values.length / 2 }, (_, i) => `[${values[2 * i]}, ${values[2 * i + 1]}]`);
