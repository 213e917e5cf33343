/**
 * A function as plain data: operations with their inputs, attributes and the shapes of their
 * results.
 *
 * @module
 */

import type { DType, UpdateRule } from "./contract.ts";

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

/**
 * A trace as text, an operation a line: `%3 = Add(%1, %2) float32[2]`. State that is not used is
 * left out.
 *
 * @example
 * ```ts
 * import { printTrace, tf, trace } from "factlab";
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
