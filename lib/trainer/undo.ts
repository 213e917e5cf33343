/**
 * What of a fine-tuned model's forgetting can be undone without training (Palit et al. 2026): the
 * top singular direction of every matrix's change taken back, or the mean shift of the logits about
 * old people subtracted.
 *
 * @module
 */

import { batchAt, bucketLengths, type Corpus, lengthFor, pack, uniform } from "../generator/mod.ts";
import {
  type Forward,
  forwardOf,
  otherModel,
  otherState,
  type Parameters,
  parameterShapes,
} from "../model/mod.ts";
import { callOf, type Engine, type Tensor, type Tensors, tf } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";

/** Name of the logits' shift in the state. */
export const SHIFT = "shift";

/** Iterations of the power method; the top singular values of updates stand well apart. */
const ITERATIONS = 50;
/** Biographies of old people from which the mean shift is taken. */
const BIOGRAPHIES = 64;

/** A model whose logits have the state's shift subtracted. */
export function shiftedForward(forward: Forward): Forward {
  return (state, tokens, options) =>
    tf.sub(forward(state, tokens, options), state[SHIFT]!) as Tensor;
}

/** Parameters with the top singular direction of every matrix's change since `old` taken back. */
export function withoutTopDirection(
  now: Parameters,
  old: Parameters,
  shapes: Record<string, readonly number[]>,
): Parameters {
  return Object.fromEntries(
    Object.entries(now).map(([name, values]) => {
      const shape = shapes[name]!;
      if (shape.length !== 2) return [name, values];
      const [rows, columns] = shape as [number, number];
      const change = values.map((value, i) => value - old[name]![i]!);
      const { left, right, size } = topDirection(change, rows, columns);
      return [
        name,
        values.map((value, i) =>
          value - size * left[Math.floor(i / columns)]! * right[i % columns]!
        ),
      ];
    }),
  );
}

/**
 * The largest singular value of a matrix [rows, columns] with its directions, by the power method.
 *
 * @example
 * ```ts
 * import { topDirection } from "./undo.ts";
 * console.log(topDirection(Float32Array.of(3, 0, 0, 1), 2, 2).size); // 3
 * ```
 */
export function topDirection(
  matrix: Float32Array,
  rows: number,
  columns: number,
): { left: Float64Array; right: Float64Array; size: number } {
  const left = new Float64Array(rows);
  const right = new Float64Array(columns).map((_, i) => 1 + i / columns);
  let size = 0;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    normalise(right);
    left.fill(0);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) left[i]! += matrix[i * columns + j]! * right[j]!;
    }
    size = normalise(left);
    if (size === 0) break;
    right.fill(0);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) right[j]! += matrix[i * columns + j]! * left[i]!;
    }
  }
  normalise(right);
  return { left, right, size };
}

function normalise(vector: Float64Array): number {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) vector.forEach((value, i) => vector[i] = value / length);
  return length;
}

/**
 * Mean over value tokens of how far the logits have moved since `old`, [V], on biographies of the
 * first `people` people; computed in float32 on an engine like the given one.
 */
export function meanShift(
  { model, seed }: RunConfiguration,
  corpus: Corpus,
  { engine, now, old, people }: {
    engine: Engine;
    now: Parameters;
    old: Parameters;
    people: number;
  },
): Float32Array {
  const asked: Corpus = {
    ...corpus,
    options: { ...corpus.options, seed: seed + 1, schedule: [{ people: uniform(0, people) }] },
  };
  const biographies = batchAt(asked, { step: 0, batch: BIOGRAPHIES });
  const length = lengthFor(biographies, bucketLengths(corpus.writer));
  const { inputs } = pack(biographies, length);
  const rows = Int32Array.from(
    biographies.flatMap(({ spans }, row) =>
      spans.filter(({ kind }) => kind === "value").flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (_, i) => row * length + start + i - 1)
      )
    ),
  );
  const forward = forwardOf(model);
  const shift = callOf({
    name: "the mean shift of the logits",
    inputs: {
      tokens: { shape: [BIOGRAPHIES, length], dtype: "int32" },
      rows: { shape: [rows.length], dtype: "int32" },
    },
    run(state, { tokens, rows }) {
      const logits = (own: Tensors) => tf.mean(forward(own, tokens!, { rows }), 0);
      return { outputs: { shift: tf.sub(logits(state), logits(otherModel(state))) } };
    },
  });
  const shapes = parameterShapes(model, corpus.tokenizer.vocabularySize);
  const state = { ...shapes, ...otherState(shapes) };
  const own = engine.like({ state, calls: [shift] }, { precision: "fp32" });
  try {
    own.write({ ...now, ...otherState(old) });
    return shift.run(own, { tokens: inputs, rows }).shift as Float32Array;
  } finally {
    own.dispose();
  }
}
