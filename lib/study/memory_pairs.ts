/**
 * Keys on the unit sphere with labels: what the toy memory learns, and batches of it.
 *
 * Axes: B batch, C width.
 *
 * @module
 */

import { normal } from "../generator/mod.ts";

/** Keys [n, C] in rows and their values' numbers. */
export interface Pairs {
  keys: Float32Array;
  labels: Int32Array;
}

/** Rows scaled to length one. */
export function onSphere(rows: Float32Array, width: number): Float32Array {
  for (let start = 0; start < rows.length; start += width) {
    const row = rows.subarray(start, start + width);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    row.forEach((value, i) => row[i] = value / norm);
  }
  return rows;
}

/** Drawn keys, each with a drawn label of `values`. */
export function makePairs(
  { count, width, values }: { count: number; width: number; values: number },
  random: () => number,
): Pairs {
  return {
    keys: onSphere(normal(count * width, random), width),
    labels: Int32Array.from({ length: count }, () => Math.floor(random() * values)),
  };
}

/** Pairs drawn one by one, with replacement, each group in proportion to its size and weight. */
export function batchOf(
  groups: Pairs[],
  weights: number[],
  { batch, width }: { batch: number; width: number },
  random: () => number,
): Pairs {
  const totals = groups.map(({ labels }, i) => labels.length * weights[i]!);
  const total = totals.reduce((a, b) => a + b, 0);
  const keys = new Float32Array(batch * width);
  const labels = new Int32Array(batch);
  for (let row = 0; row < batch; row++) {
    let target = random() * total;
    let group = 0;
    while (group < groups.length - 1 && target >= totals[group]!) target -= totals[group++]!;
    const { keys: all, labels: known } = groups[group]!;
    const pair = Math.floor(random() * known.length);
    keys.set(all.subarray(pair * width, (pair + 1) * width), row * width);
    labels[row] = known[pair]!;
  }
  return { keys, labels };
}
