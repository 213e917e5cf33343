/**
 * Inputs of many runs of a function as one array.
 *
 * @module
 */

import type { Spec, Values } from "../contract.ts";

/**
 * An input of some runs side by side, each of some steps, as [capacity, runs, …]: zeros where there
 * is no step.
 */
export function packed(
  { shape, dtype }: Spec,
  capacity: number,
  runs: readonly (readonly Values[])[],
  name: string,
): Values[string] {
  const size = shape.reduce((a, b) => a * b, 1);
  const length = capacity * runs.length * size;
  const stack = dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  runs.forEach((steps, run) =>
    steps.forEach((values, step) => stack.set(values[name]!, (step * runs.length + run) * size))
  );
  return stack;
}
