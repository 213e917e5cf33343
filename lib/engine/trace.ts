/**
 * What a function computes, as plain data: every operation with its inputs, attributes and the
 * shapes of its results. A function is traced once and lowered by as many engines as there are;
 * tracing computes nothing and needs no TensorFlow.
 *
 * @module
 */

import type {
  Branching,
  DType,
  PureFunction,
  Result,
  Shapes,
  Spec,
  UpdateRule,
} from "./contract.ts";
import { applyUpdates, checkShape, mapValues } from "./contract.ts";
import { Recorder } from "./recorder.ts";
import type { Tensor } from "./tfjs.ts";

/** A value: one result of one operation, both by index. */
export type Edge = readonly [operation: number, result: number];

/** Shape and element type of a result. */
export interface ResultSpec {
  /** Axes, all fixed. */
  shape: readonly number[];
  /** Type of each number. */
  dtype: DType;
}

/** One operation of a trace. */
export interface Operation {
  /** A kernel's name, or State, Input (both have a `name`) or Constant (has `values`). */
  op: string;
  /** What it is computed from: results of operations before it. */
  inputs: readonly Edge[];
  /** All that its results depend on besides. */
  attributes: Readonly<Record<string, unknown>>;
  /** Its results. */
  results: readonly ResultSpec[];
}

/** A function as data. */
export interface Trace {
  /** In an order in which they can be computed. */
  operations: readonly Operation[];
  /** What the caller gets, by name. */
  outputs: Readonly<Record<string, Edge>>;
  /** New state by name. */
  state: Readonly<Record<string, Edge>>;
  /** What a rule that the engine has a form of its own for updates after that. */
  updates?: {
    rule: UpdateRule;
    gradients: Readonly<Record<string, Edge>>;
    scalars: Readonly<Record<string, Edge>>;
  };
}

/** How a function is traced. */
export interface TraceOptions {
  /** Shapes of the engine's state. */
  state: Shapes;
  /** How the engine splits sequences over branches. */
  branches: Branching;
  /** Update rules, by name, that the engine has a form of its own for. */
  rules?: readonly string[];
}

/**
 * Traces a function: calls it once with tensors that have shapes and no values.
 *
 * @example
 * ```ts
 * import { printTrace, type PureFunction, tf, trace } from "./mod.ts";
 * const add: PureFunction = {
 *   inputs: { x: { shape: [2], dtype: "float32" } },
 *   run: ({ total }, { x }) => ({ state: { total: tf.add(total!, x!) } }),
 * };
 * console.log(printTrace(trace(add, { state: { total: [2] }, branches: () => 1 })));
 * ```
 *
 * @throws {Error} with the reason, for a value read back in the middle, a shape that depends on
 * values, random numbers, an unknown operation, a disposed captured tensor, a state that is none.
 */
export function trace(
  fn: PureFunction,
  { state: shapes, branches, rules = [] }: TraceOptions,
): Trace {
  const { name = "a function" } = fn;
  const recorder = new Recorder();
  return recorder.record(() => {
    const given = (op: string, specs: Record<string, Spec>) =>
      mapValues(specs, ({ shape, dtype }, name) => recorder.source(op, name, { shape, dtype }));
    const state = given("State", mapValues(shapes, (shape) => ({ shape, dtype: "float32" })));
    const inputs = given("Input", fn.inputs);
    const result = whole(fn.run(state, inputs, branches), { state, rules });
    for (const [key, tensor] of Object.entries(result.state ?? {})) {
      if (!shapes[key]) throw new Error(`Cannot compile ${name}: "${key}" is not state.`);
      checkShape(fn, key, tensor, shapes[key]);
    }
    const edges = (tensors: Record<string, Tensor> = {}) =>
      mapValues(tensors, (tensor) => recorder.edgeOf(tensor));
    const { updates } = result;
    return {
      outputs: edges(result.outputs),
      state: edges(result.state),
      ...(updates
        ? {
          updates: {
            rule: updates.rule,
            gradients: edges(updates.gradients),
            scalars: edges(updates.scalars),
          },
        }
        : {}),
      operations: recorder.operations,
    };
  });
}

/** A result with its updates written out, where the engine has no form of its own for their rule. */
function whole(
  result: Result,
  { state, rules }: { state: Record<string, Tensor>; rules: readonly string[] },
): Result {
  const { updates } = result;
  if (!updates || rules.includes(updates.rule.name)) return result;
  const changed = applyUpdates(updates, { ...state, ...result.state });
  return { outputs: result.outputs, state: { ...result.state, ...changed } };
}

/**
 * A trace as text, an operation a line: `%3 = Add(%1, %2) float32[2]`. State that is not used is
 * left out.
 *
 * @example
 * ```ts
 * import { printTrace, tf, trace } from "./mod.ts";
 * const half = trace({
 *   inputs: { x: { shape: [2], dtype: "float32" } },
 *   run: (_, { x }) => ({ outputs: { y: tf.div(x!, 2) } }),
 * }, { state: {}, branches: () => 1 });
 * console.log(printTrace(half));
 * ```
 */
export function printTrace({ operations, outputs, state }: Trace): string {
  const value = ([operation, result]: Edge) =>
    `%${operation}` + (operations[operation]!.results.length > 1 ? `.${result}` : "");
  const ends = [...Object.values(outputs), ...Object.values(state)];
  const used = new Set([...operations.flatMap(({ inputs }) => inputs), ...ends].map(([i]) => i));
  const lines = operations.flatMap(({ op, inputs, attributes, results }, i) => {
    if (op === "State" && !used.has(i)) return [];
    const said = Object.entries(attributes).map(([key, own]) =>
      `${key}=${
        ArrayBuffer.isView(own) ? `(${(own as Float32Array).length})` : JSON.stringify(own)
      }`
    );
    const types = results.map(({ shape, dtype }) => `${dtype}[${shape.join(",")}]`);
    return [`%${i} = ${op}(${[...inputs.map(value), ...said].join(", ")}) ${types.join(" ")}`];
  });
  const said = (what: string, edges: Trace["outputs"]) =>
    Object.entries(edges).map(([name, edge]) => `${what} ${name} = ${value(edge)}`);
  return [...lines, ...said("output", outputs), ...said("state", state)].join("\n");
}
