/**
 * The numbers that make_golden.py wrote, and the parameters they were computed with.
 *
 * @module
 */

import { assertAlmostEquals } from "@std/assert";
import type { ModelConfiguration } from "../../lib/model/mod.ts";
import modelNumbers from "./model.json" with { type: "json" };
import optimizerNumbers from "./optimizer.json" with { type: "json" };

interface Gradient {
  norm: number;
  at: number[];
  values: number[];
}

/** What ArceeForCausalLM computes with one activation. */
export interface Computed {
  logits: number[];
  loss: number;
  patterns: number[][];
  residuals: number[][];
  gradients: Record<string, Gradient>;
}

/** Losses of 20 AdamW steps, and sums over the parameters after them. */
export interface Trajectory {
  clip: number | null;
  losses: number[];
  norms: number[];
  final: Record<string, { sum: number; norm: number }>;
}

/** model.json. */
export const golden: {
  model: Omit<ModelConfiguration, "activation">;
  vocabulary: number;
  shape: number[];
  tokens: number[];
  targets: number[];
  shapes: Record<string, number[]>;
  relu2: Computed;
  gelu: Computed;
} = { ...modelNumbers, model: { ...modelNumbers.model, mixer: "attention" } };

/** optimizer.json. */
export const optimizerGolden: {
  batches: { tokens: number[]; targets: number[] }[];
  plain: Trajectory;
  clipped: Trajectory;
} = optimizerNumbers;

const PRIME = 1_000_003;

/** Numbers in [-1, 1): the same formula as in make_golden.py. */
export function noise(count: number, series: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const n = i * 7919 + series * 104_729 + 1;
    return 2 * (n * n % PRIME) / PRIME - 1;
  });
}

/** The tiny model's parameters. */
export function goldenParameters(): Record<string, Float32Array> {
  const names = Object.keys(golden.shapes).sort();
  return Object.fromEntries(names.map((name, series) => {
    const shape = golden.shapes[name]!;
    const values = noise(shape.reduce((a, b) => a * b, 1), series);
    return [name, values.map((value) => shape.length === 1 ? 1 + 0.2 * value : 0.5 * value)];
  }));
}

/** Holds if all numbers differ by at most a tolerance. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "value",
): void {
  assertAlmostEquals(actual.length, expected.length, 0, `${what}: ${actual.length} values`);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    assertAlmostEquals(a, b, tolerance, `${what}[${i}]: ${a} is not within ${tolerance} of ${b}`);
  }
}
