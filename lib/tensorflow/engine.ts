/**
 * What an engine is, compiled or eager: the shapes of programs and functions, and the checks both
 * kinds share.
 *
 * @module
 */

import type { AdamUpdates } from "./adam.ts";
import { type Tensor, tf } from "./load.ts";

/** Tensors by name. */
export type Tensors = Record<string, Tensor>;

/** Plain numbers by name, as they enter and leave an engine. */
export type Values = Record<string, Float32Array | Int32Array>;

/** Shape and element type of one input. */
export interface Spec {
  /** Axes, all fixed. */
  shape: readonly number[];
  /** Type of each number. */
  dtype: "float32" | "int32";
}

/** A pure function with the inputs it takes. */
export interface PureFunction {
  /** What each call is given. */
  inputs: Record<string, Spec>;
  /** What comes of state and inputs. */
  run(state: Tensors, inputs: Tensors): Result;
}

/** What a pure function returns: outputs, new state by name, and state that Adam updates. */
export interface Result {
  /** What the caller gets. */
  outputs?: Tensors;
  /** What replaces parts of the state. */
  state?: Tensors;
  /** What changes parts of the state by Adam. */
  adam?: AdamUpdates;
}

/** What to compile: float32 state by name and shape, and functions by name. */
export interface Program {
  /** Shapes of the state, all float32. */
  state: Record<string, readonly number[]>;
  /** Functions over that state, by name. */
  functions: Record<string, PureFunction>;
}

/** bf16: products of matrices in bfloat16, all else in float32. fp32: everything in float32. */
export type Precision = "bf16" | "fp32";

/** State and functions, ready to run. */
export interface Engine {
  /** Runs a function on inputs in row-major order and returns its outputs. */
  run(name: string, inputs?: Values): Values;
  /** A copy of the state: all of it, or the given names. */
  read(names?: string[]): Record<string, Float32Array>;
  /** Replaces the given parts of the state. */
  write(values: Record<string, Float32Array>): void;
  /** Frees the state; the engine cannot be used afterwards. */
  dispose(): void;
  /** Nodes in the graph; 0 for an eager engine. */
  readonly nodes: number;
  /** Precision of its products: the one asked for, where the CPU has it. */
  readonly precision: Precision;
}

/** tf.tidy for a body that returns plain numbers: tidy would search every one for tensors. */
export function scoped<T>(body: () => T): T {
  tf.engine().startScope();
  try {
    return body();
  } finally {
    tf.engine().endScope();
  }
}

export function checked(fn: string, key: string, spec: Spec, value: Values[string] | undefined) {
  const size = spec.shape.reduce((a, b) => a * b, 1);
  if (value?.length === size) return value;
  throw new Error(
    `Cannot run "${fn}": input ${key} must have ${size} values (${spec.shape.join(" x ")}), ` +
      `got ${value?.length ?? "none"}.`,
  );
}

export function checkShape(
  fn: string,
  key: string,
  tensor: Tensor,
  shape: readonly number[],
): void {
  if (String(tensor.shape) === String(shape)) return;
  throw new Error(
    `Cannot compile ${fn}: new state ${key} must have shape [${shape}], got [${tensor.shape}].`,
  );
}

export function mapValues<A, B>(
  record: Record<string, A>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value, key)]),
  );
}
