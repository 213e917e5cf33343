/**
 * Rank correlation: does more of one go with more of another, whatever the form of the relation?
 *
 * @module
 */

import { mean } from "./statistics.ts";

/**
 * Spearman's rank correlation of two quantities of the same things, from -1 to 1: the correlation of
 * their ranks, equal values sharing the mean of theirs. NaN where one of them is the same for all.
 *
 * @example
 * ```ts
 * import { rankCorrelation } from "factlab";
 * console.log(rankCorrelation([1, 2, 3, 4], [1, 8, 27, 64])); // 1: in the same order
 * ```
 *
 * @throws {Error} if there is not one value of each for each thing.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) {
    throw new Error(
      `Cannot correlate: both must have one value a thing, got ${a.length} and ${b.length}.`,
    );
  }
  const [x, y] = [ranks(a), ranks(b)];
  const products = (p: number[], q: number[]) => mean(p.map((own, i) => own * q[i]!));
  return products(x, y) / Math.sqrt(products(x, x) * products(y, y));
}

/** Ranks of values, less their mean. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) result[order[i]!] = (from + to - order.length) / 2;
    from = to;
  }
  return result;
}
