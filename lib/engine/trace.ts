/**
 * What a function computes, as plain data: every operation with its inputs, attributes and the
 * shapes of its results. A function is traced once and lowered by as many engines as there are;
 * tracing computes nothing and needs no TensorFlow.
 *
 * @module
 */

import type { Branching, PureFunction, Result, Shapes, Spec } from "./contract.ts";
import { applyUpdates, checkResult, mapValues } from "./contract.ts";
import type { Trace } from "./operation.ts";
import { Recorder } from "./recorder.ts";
import type { Tensor } from "./tfjs.ts";

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
 * import { printTrace, type PureFunction, tf, trace } from "factlab";
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
  const recorder = new Recorder();
  return recorder.record(() => {
    const sources = (op: string, specs: Record<string, Spec>) =>
      mapValues(specs, ({ shape, dtype }, name) => recorder.source(op, name, { shape, dtype }));
    const state = sources("State", mapValues(shapes, (shape) => ({ shape, dtype: "float32" })));
    const inputs = sources("Input", fn.inputs);
    const given = fn.run(state, inputs, branches);
    checkResult(fn, given, shapes);
    const result = whole(given, { state, rules });
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
