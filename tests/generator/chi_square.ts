/**
 * Pearson's chi-square test for the tests of what is drawn at random. Seeds are fixed, so a test
 * either always passes or never does.
 *
 * @module
 */

import { assert } from "@std/assert";

/** Normal quantile of p = 0.0001: what a right implementation exceeds once in 10,000 seeds. */
const Z = 3.719;

/** Fails if counts differ from expected ones more than chance allows at p = 0.0001. */
export function assertDrawnFrom(
  counts: readonly number[],
  expected: readonly number[],
  freedom = counts.length - 1,
): void {
  const statistic = counts.reduce((sum, n, i) => sum + (n - expected[i]!) ** 2 / expected[i]!, 0);
  // Wilson and Hilferty's approximation of the quantile.
  const limit = freedom * (1 - 2 / (9 * freedom) + Z * Math.sqrt(2 / (9 * freedom))) ** 3;
  assert(statistic < limit, `chi-square is ${statistic}, must be below ${limit} (p = 0.0001)`);
}

/** Fails if whole numbers in [0, categories) are not uniform, at p = 0.0001. */
export function assertUniform(draws: Iterable<number>, categories: number): void {
  const counts = new Array<number>(categories).fill(0);
  let total = 0;
  for (const draw of draws) {
    assert(draw in counts, `${draw} must be from 0 to ${categories - 1}`);
    counts[draw]!++;
    total++;
  }
  assertDrawnFrom(counts, counts.map(() => total / categories));
}
