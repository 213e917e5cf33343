/**
 * A function for several runs of one shape at once: its trace with an axis for runs in front of all
 * that depends on their state or inputs. What does not is shared.
 *
 * @module
 */

import type { Edge, Operation, ResultSpec, Trace } from "./operation.ts";
import { mapValues } from "./contract.ts";

/** A trace that is being written. */
class Stacking {
  readonly operations: Operation[] = [];
  /** By operation of the trace that is stacked: what its results have become, and whether stacked. */
  readonly known: { edges: Edge[]; isStacked: boolean }[] = [];

  constructor(readonly runs: number) {}

  add(op: string, inputs: Edge[], attributes: Operation["attributes"], results: ResultSpec[]) {
    const operation = this.operations.push({ op, inputs, attributes, results }) - 1;
    return results.map((_, i): Edge => [operation, i]);
  }

  specOf([operation, result]: Edge): ResultSpec {
    return this.operations[operation]!.results[result]!;
  }

  isStacked([operation]: Edge): boolean {
    return this.known[operation]!.isStacked;
  }

  /** What an edge has become. */
  of([operation, result]: Edge): Edge {
    return this.known[operation]!.edges[result]!;
  }

  reshape(edge: Edge, shape: readonly number[]): Edge {
    const { shape: own, dtype } = this.specOf(edge);
    return String(own) === String(shape)
      ? edge
      : this.add("Reshape", [edge], { shape }, [{ shape, dtype }])[0]!;
  }

  /** A value with the axis of runs, one copy each where it is shared. */
  stacked(edge: Edge): Edge {
    const own = this.of(edge);
    if (this.isStacked(edge)) return own;
    const { shape, dtype } = this.specOf(own);
    const one = this.reshape(own, [1, ...shape]);
    const reps = [this.runs, ...shape.map(() => 1)];
    return this.add("Tile", [one], { reps }, [{ shape: [this.runs, ...shape], dtype }])[0]!;
  }

  /** A value that broadcasts with stacked ones of a rank: axes of size 1 after that of runs. */
  aligned(edge: Edge, rank: number): Edge {
    const own = this.of(edge);
    if (!this.isStacked(edge)) return own;
    const [runs, ...shape] = this.specOf(own).shape as [number, ...number[]];
    const missing = new Array<number>(Math.max(0, rank - shape.length)).fill(1);
    return this.reshape(own, [runs, ...missing, ...shape]);
  }
}

/** How an operation is stacked: its inputs, and its attributes where axes move. */
type Rule = (s: Stacking, operation: Operation, rank: number) => {
  inputs: Edge[];
  attributes?: Operation["attributes"];
};

const shifted = (axes: unknown) => (axes as number[]).map((axis) => axis + 1);
const after = (axis: unknown, rank: number) => {
  const own = axis as number;
  return (own < 0 ? own + rank : own) + 1;
};
const every = (s: Stacking, { inputs }: Operation) => inputs.map((edge) => s.stacked(edge));

/** Every input gets the axis; nothing else changes. */
const along: Rule = (s, operation) => ({ inputs: every(s, operation) });
/** Operands broadcast. */
const broadcast: Rule = (s, { inputs, results }) => ({
  inputs: inputs.map((edge) => s.aligned(edge, results[0]!.shape.length)),
});
const over: Rule = (s, operation) => ({
  inputs: every(s, operation),
  attributes: { ...operation.attributes, axes: shifted(operation.attributes.axes) },
});
const onAxis: Rule = (s, operation, rank) => ({
  inputs: every(s, operation),
  attributes: { ...operation.attributes, axis: after(operation.attributes.axis, rank) },
});

/** Operations that are not elementwise. */
const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ["Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "Reverse"].map((op) => [op, over]),
  ),
  ...Object.fromEntries(
    ["ArgMax", "ArgMin", "Concat", "Unpack", "SplitV", "Cumsum"].map((op) => [op, onAxis]),
  ),
  ...Object.fromEntries(
    ["Softmax", "CrossEntropy", "OneHot", "UnsortedSegmentSum", "AddN", "Select"]
      .map((op) => [op, along]),
  ),
  Pack: (s, operation, rank) => ({
    inputs: every(s, operation),
    attributes: { axis: after(operation.attributes.axis, rank + 1) },
  }),
  BatchMatMul: (s, { inputs, results, attributes }) => ({
    inputs: inputs.map((edge) => s.aligned(edge, results[0]!.shape.length)),
    attributes,
  }),
  Reshape: (s, operation) => ({
    inputs: every(s, operation),
    attributes: { shape: [s.runs, ...operation.results[0]!.shape] },
  }),
  ExpandDims: (s, operation) => ({
    inputs: every(s, operation),
    attributes: { dim: after(operation.attributes.dim, operation.results[0]!.shape.length) },
  }),
  Transpose: (s, operation) => ({
    inputs: every(s, operation),
    attributes: { perm: [0, ...shifted(operation.attributes.perm)] },
  }),
  Slice: (s, operation) => ({
    inputs: every(s, operation),
    attributes: {
      begin: [0, ...operation.attributes.begin as number[]],
      size: [s.runs, ...operation.attributes.size as number[]],
    },
  }),
  PadV2: (s, operation) => ({
    inputs: every(s, operation),
    attributes: {
      ...operation.attributes,
      paddings: [[0, 0], ...operation.attributes.paddings as number[][]],
    },
  }),
  Tile: (s, operation) => ({
    inputs: every(s, operation),
    attributes: { reps: [1, ...operation.attributes.reps as number[]] },
  }),
  Rows: (s, { inputs: [table, ids] }) => {
    if (!s.isStacked(table!)) return { inputs: [s.of(table!), s.of(ids!)] };
    // One table of all runs' rows, and ids that count through it.
    const own = s.of(table!);
    const [runs, count, ...row] = s.specOf(own).shape as [number, number, ...number[]];
    const all = s.reshape(own, [runs * count, ...row]);
    const chosen = s.stacked(ids!);
    const { shape } = s.specOf(chosen);
    const values = Int32Array.from({ length: runs }, (_, run) => run * count);
    const starts = s.add("Constant", [], { values }, [
      { shape: [runs, ...shape.slice(1).map(() => 1)], dtype: "int32" },
    ])[0]!;
    const moved = s.add("Add", [chosen, starts], {}, [{ shape, dtype: "int32" }])[0]!;
    return { inputs: [all, moved] };
  },
};

/**
 * The trace of `runs` runs of a function side by side: State, Input, outputs and new state have an
 * axis for runs in front.
 *
 * @example
 * ```ts
 * import { printTrace, tf, trace } from "factlab";
 * import { stackTrace } from "factlab/engine";
 * const add = trace({
 *   inputs: { x: { shape: [2], dtype: "float32" } },
 *   run: ({ total }, { x }) => ({ state: { total: tf.add(total!, x!) } }),
 * }, { state: { total: [2] }, branches: () => 1 });
 * console.log(printTrace(stackTrace(add, 3))); // … Add(%0, %1) float32[3,2]
 * ```
 */
export function stackTrace(trace: Trace, runs: number): Trace {
  const s = new Stacking(runs);
  const front = ({ shape, dtype }: ResultSpec) => ({ shape: [runs, ...shape], dtype });
  for (const operation of trace.operations) {
    const { op, inputs, attributes, results } = operation;
    const isSource = op === "State" || op === "Input";
    const isStacked = isSource || inputs.some((edge) => s.isStacked(edge));
    let edges: Edge[];
    if (isSource) edges = s.add(op, [], attributes, results.map(front));
    else if (!isStacked) {
      edges = s.add(op, inputs.map((edge) => s.of(edge)), attributes, [...results]);
    } else {
      const [first] = inputs;
      const rank = trace.operations[first![0]]!.results[first![1]]!.shape.length;
      const rule = RULES[op] ?? broadcast;
      const stacked = rule(s, operation, rank);
      edges = s.add(op, stacked.inputs, stacked.attributes ?? attributes, results.map(front));
    }
    s.known.push({ edges, isStacked });
  }
  const ends = (named: Readonly<Record<string, Edge>>) =>
    mapValues(named, (edge) => s.stacked(edge));
  return {
    outputs: ends(trace.outputs),
    state: ends(trace.state),
    operations: s.operations,
  };
}
