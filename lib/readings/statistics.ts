/**
 * The few statistics that studies need: means over seeds with their intervals, tests of many means,
 * and the power law. Student's distribution is jStat's.
 *
 * @module
 */

import jStat from "jstat";

/** 97.5 % quantile of the normal distribution. */
const NORMAL = 1.959964;

/**
 * Arithmetic mean.
 *
 * @example
 * ```ts
 * import { mean } from "factlab";
 * console.log(mean([1, 2, 6])); // 3
 * ```
 */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/**
 * The item with the largest value; those whose value is no number do not count.
 *
 * @example
 * ```ts
 * import { withMost } from "factlab/readings";
 * console.log(withMost(["a", "bbb", "cc"], ({ length }) => length)); // bbb
 * ```
 */
export function withMost<T>(items: readonly T[], valueOf: (item: T) => number): T | undefined {
  const known = items.map((item) => ({ item, value: valueOf(item) }))
    .filter(({ value }) => Number.isFinite(value));
  return known.toSorted((one, other) => other.value - one.value)[0]?.item;
}

/**
 * Sample standard deviation (n - 1); 0 for one value.
 *
 * @example
 * ```ts
 * import { standardDeviation } from "factlab";
 * console.log(standardDeviation([1, 2, 3])); // 1
 * ```
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (values.length - 1));
}

/**
 * Least squares of y on x.
 *
 * @example
 * ```ts
 * import { line } from "factlab/readings";
 * console.log(line([0, 1, 2], [1, 3, 5])); // slope 2, intercept 1, r2 1
 * ```
 */
export function line(
  x: readonly number[],
  y: readonly number[],
): { slope: number; intercept: number; r2: number } {
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0);
  const slope = covariance / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const intercept = my - slope * mx;
  const residual = y.reduce((sum, v, i) => sum + (v - intercept - slope * x[i]!) ** 2, 0);
  const total = y.reduce((sum, v) => sum + (v - my) ** 2, 0);
  return { slope, intercept, r2: total === 0 ? 1 : 1 - residual / total };
}

/**
 * The middle value, or the mean of the two in the middle; NaN for none.
 *
 * @example
 * ```ts
 * import { median } from "factlab/readings";
 * console.log(median([3, 1, 8]), median([3, 1, 8, 4])); // 3 and 3.5
 * ```
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}

/**
 * y where x first reaches a value, linear between points; the first point's y if it begins there,
 * NaN if it is never reached.
 *
 * @example
 * ```ts
 * import { interpolate } from "factlab/readings";
 * console.log(interpolate([{ x: 0, y: 1 }, { x: 10, y: 3 }], 5)); // 2
 * ```
 */
export function interpolate(points: readonly { x: number; y: number }[], x: number): number {
  const after = points.findIndex((point) => point.x >= x);
  if (after < 0) return NaN;
  const [a, b] = [points[Math.max(0, after - 1)]!, points[after]!];
  return a === b ? b.y : a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
}

/**
 * Where a curve is lowest, by the parabola through the least of its points and both neighbours; an
 * end that is the least is its own answer. Points come in the order of x.
 *
 * @example
 * ```ts
 * import { lowestOf } from "factlab/readings";
 * console.log(lowestOf([0, 1, 2].map((x) => ({ x, y: (x - 1.2) ** 2 })))); // 1.2
 * ```
 */
export function lowestOf(points: readonly { x: number; y: number }[]): number {
  const least = points.reduce((best, { y }, i) => y < points[best]!.y ? i : best, 0);
  const [before, own, after] = [-1, 0, 1].map((side) => points[least + side]);
  if (!before || !after) return own!.x;
  const [left, right] = [before.y - own!.y, after.y - own!.y];
  if (left + right === 0) return own!.x;
  const [a, b] = [before.x - own!.x, after.x - own!.x];
  return own!.x + (a * a * right - b * b * left) / (2 * (a * right - b * left));
}

/** One measured point of a power law: value against size, of one seed. */
export interface Point {
  /** What the law is over, such as people. */
  size: number;
  /** What was measured there. */
  value: number;
  /** The seed it is of; points of one seed are not independent of each other. */
  seed?: number;
}

/** value = factor x size^exponent, with a 95 % interval of the exponent. */
export interface PowerLaw {
  /** The value at size 1. */
  factor: number;
  /** Slope on logarithms. */
  exponent: number;
  /** 95 % interval of the exponent over seeds; null where two seeds or more do not give one. */
  interval: [number, number] | null;
  /** Share of variance explained, on logarithms. */
  r2: number;
}

/**
 * Fits a power law by least squares of log value on log size over all points. What varies is the
 * seed: the interval is Student's, of the exponents that each seed with two sizes or more gives by
 * itself.
 *
 * @example
 * ```ts
 * import { fitPowerLaw } from "factlab";
 * const points = [256, 512, 1024].flatMap((size) =>
 *   [1, 1.1].map((k, seed) => ({ size, value: k * size, seed }))
 * );
 * console.log(fitPowerLaw(points)); // exponent 1, in both seeds
 * ```
 *
 * @throws {Error} for fewer than two sizes, or a size or value that has no logarithm.
 */
export function fitPowerLaw(points: readonly Point[]): PowerLaw {
  checkPoints(points);
  const { slope, intercept, r2 } = fitOnLogs(points);
  const bySeed = Map.groupBy(points.filter(({ seed }) => seed !== undefined), ({ seed }) => seed!);
  const exponents = [...bySeed.values()].filter((own) => sizesIn(own) > 1)
    .map((own) => fitOnLogs(own).slope);
  return {
    factor: Math.exp(intercept),
    exponent: slope,
    interval: exponents.length > 1 ? meanInterval(exponents) : null,
    r2,
  };
}

function fitOnLogs(points: readonly Point[]) {
  return line(points.map(({ size }) => Math.log(size)), points.map(({ value }) => Math.log(value)));
}

const sizesIn = (points: readonly Point[]) => new Set(points.map(({ size }) => size)).size;

/** Refuses what a power law cannot go through. */
function checkPoints(points: readonly Point[]): void {
  for (const { size, value } of points) {
    for (const [what, number] of [["sizes", size], ["values", value]] as const) {
      if (number > 0 && Number.isFinite(number)) continue;
      throw new Error(
        `Cannot fit a power law: ${what} must be above 0 and finite, got ${number} (size ${size}). ` +
          "Leave out what was not reached.",
      );
    }
  }
  if (sizesIn(points) > 1) return;
  throw new Error(
    `Cannot fit a power law: there must be at least two sizes, got ${sizesIn(points)}.`,
  );
}

/** Student's t with degrees of freedom: all that is used of jStat, which comes without types. */
const { studentt }: {
  studentt: {
    cdf(t: number, freedom: number): number;
    inv(share: number, freedom: number): number;
  };
} = jStat;

const standardError = (values: readonly number[]) =>
  standardDeviation(values) / Math.sqrt(values.length);

/**
 * Student's 95 % interval of a mean of two values or more.
 *
 * @example
 * ```ts
 * import { meanInterval } from "factlab/readings";
 * console.log(meanInterval([1, 2, 3])); // 2 ± 2.48
 * ```
 */
export function meanInterval(values: readonly number[]): [number, number] {
  const spread = studentt.inv(0.975, values.length - 1) * standardError(values);
  return [mean(values) - spread, mean(values) + spread];
}

/**
 * Student's two-sided p of a mean against a threshold: below .05 exactly where the threshold lies
 * outside {@link meanInterval}. Of two values or more that are not all the same.
 *
 * @example
 * ```ts
 * import { meanP } from "factlab/readings";
 * console.log(meanP([1, 2, 3], 0)); // 0.074
 * ```
 */
export function meanP(values: readonly number[], threshold: number): number {
  const t = (mean(values) - threshold) / standardError(values);
  return 2 * studentt.cdf(-Math.abs(t), values.length - 1);
}

/**
 * Which of several tests are significant at a rate of false discoveries: with their p in order, all
 * up to the last that is at most its rank's share of the rate (Benjamini and Hochberg 1995, the
 * procedure (1) of section 3.1).
 *
 * @example
 * ```ts
 * import { benjaminiHochberg } from "factlab/readings";
 * console.log(benjaminiHochberg([0.04, 0.001, 0.6])); // false, true, false
 * ```
 *
 * @throws {Error} for a p that is not from 0 to 1.
 */
export function benjaminiHochberg(p: readonly number[], rate = 0.05): boolean[] {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new Error(`Cannot choose among tests: p must be from 0 to 1, got ${wrong}.`);
  }
  const last = p.toSorted((a, b) => a - b)
    .findLast((value, i) => value <= (i + 1) / p.length * rate);
  return p.map((value) => last !== undefined && value <= last);
}

/**
 * value = offset + factor x size^exponent: the offset is what does not depend on the size, here
 * the first phase. For each offset of a grid below the smallest value, a line through log(value -
 * offset) on log size; of these the one with the least squares in log value.
 *
 * @example
 * ```ts
 * import { fitPowerLawWithOffset } from "factlab/readings";
 * const points = [256, 512, 1024, 2048].map((size) => ({ size, value: 100 + 2 * size ** 0.8 }));
 * console.log(fitPowerLawWithOffset(points)); // offset 100, factor 2, exponent .8, about
 * ```
 */
export function fitPowerLawWithOffset(
  points: readonly Point[],
): { offset: number; factor: number; exponent: number } {
  checkPoints(points);
  const smallest = Math.min(...points.map(({ value }) => value));
  const x = points.map(({ size }) => Math.log(size));
  const GRID = 200;
  const candidates = Array.from({ length: GRID }, (_, i) => {
    const offset = smallest * i / GRID;
    const { slope, intercept } = line(x, points.map(({ value }) => Math.log(value - offset)));
    const error = points.reduce((sum, { size, value }) => {
      const fitted = offset + Math.exp(intercept + slope * Math.log(size));
      return sum + Math.log(value / fitted) ** 2;
    }, 0);
    return { offset, factor: Math.exp(intercept), exponent: slope, error };
  });
  const { error: _, ...best } = candidates.reduce((a, b) => b.error < a.error ? b : a);
  return best;
}

/**
 * 95 % interval of a share by Wilson's score: `found` of `total`; all that is possible of none.
 *
 * @example
 * ```ts
 * import { wilson } from "factlab";
 * console.log(wilson(0, 20)); // 0 to .16
 * ```
 *
 * @throws {Error} unless found is from 0 to total.
 */
export function wilson(found: number, total: number): [number, number] {
  if (!(found >= 0 && found <= total)) {
    throw new Error(`Cannot take a share: found must be from 0 to ${total}, got ${found}.`);
  }
  if (total === 0) return [0, 1];
  const z = NORMAL;
  const share = found / total;
  const centre = share + z * z / (2 * total);
  const spread = z * Math.sqrt(share * (1 - share) / total + z * z / (4 * total * total));
  const scale = 1 + z * z / total;
  // Rounding may leave the interval by a hair.
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
