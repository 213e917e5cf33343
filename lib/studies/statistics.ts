/**
 * The few statistics that studies need: means over seeds and the power law with its interval.
 *
 * @module
 */

import { stream } from "../generator/mod.ts";

/**
 * Arithmetic mean.
 *
 * @example
 * ```ts
 * import { mean } from "./statistics.ts";
 * console.log(mean([1, 2, 6])); // 3
 * ```
 */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/**
 * Sample standard deviation (n - 1); 0 for one value.
 *
 * @example
 * ```ts
 * import { standardDeviation } from "./statistics.ts";
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
 * import { line } from "./statistics.ts";
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
  return { slope, intercept, r2: 1 - residual / total };
}

/** One measured point of a power law: value against size, of one seed. */
export interface Point {
  /** What the law is over, such as people. */
  size: number;
  /** What was measured there. */
  value: number;
}

/** value = factor x size^exponent, with a 95 % interval of the exponent. */
export interface PowerLaw {
  /** The value at size 1. */
  factor: number;
  /** Slope on logarithms. */
  exponent: number;
  /** 95 % interval of the exponent. */
  interval: [number, number];
  /** Share of variance explained, on logarithms. */
  r2: number;
}

const RESAMPLES = 1000;

/**
 * Fits a power law by least squares of log value on log size over all seeds; the interval is a
 * bootstrap over seeds within each size.
 *
 * @example
 * ```ts
 * import { fitPowerLaw } from "./statistics.ts";
 * const points = [256, 512, 1024].flatMap((size) => [1, 1.1].map((k) => ({ size, value: k * size })));
 * console.log(fitPowerLaw(points).exponent); // about 1
 * ```
 */
export function fitPowerLaw(points: readonly Point[]): PowerLaw {
  const fit = (chosen: readonly Point[]) =>
    line(chosen.map(({ size }) => Math.log(size)), chosen.map(({ value }) => Math.log(value)));
  const { slope, intercept, r2 } = fit(points);
  const groups = [...new Set(points.map(({ size }) => size))]
    .map((size) => points.filter((point) => point.size === size));
  const random = stream(0, "bootstrap");
  const pick = (group: readonly Point[]) => group[Math.floor(random() * group.length)]!;
  const slopes = Array.from(
    { length: RESAMPLES },
    () => fit(groups.flatMap((group) => group.map(() => pick(group)))).slope,
  ).sort((a, b) => a - b);
  const at = (share: number) => slopes[Math.floor(share * (RESAMPLES - 1))]!;
  return { factor: Math.exp(intercept), exponent: slope, interval: [at(0.025), at(0.975)], r2 };
}

/**
 * value = offset + factor x size^exponent: the offset is what does not depend on the size, here
 * the first phase. For each offset of a grid below the smallest value, a line through log(value -
 * offset) on log size; of these the one with the least squares in log value.
 *
 * @example
 * ```ts
 * import { fitPowerLawWithOffset } from "./statistics.ts";
 * const points = [256, 512, 1024, 2048].map((size) => ({ size, value: 100 + 2 * size ** 0.8 }));
 * console.log(fitPowerLawWithOffset(points)); // offset 100, factor 2, exponent .8, about
 * ```
 */
export function fitPowerLawWithOffset(
  points: readonly Point[],
): { offset: number; factor: number; exponent: number } {
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
 * 95 % interval of a share by Wilson's score: `found` of `total`.
 *
 * @example
 * ```ts
 * import { wilson } from "./statistics.ts";
 * console.log(wilson(0, 20)); // 0 to .16
 * ```
 */
export function wilson(found: number, total: number): [number, number] {
  const z = 1.959964;
  const share = found / total;
  const centre = share + z * z / (2 * total);
  const spread = z * Math.sqrt(share * (1 - share) / total + z * z / (4 * total * total));
  const scale = 1 + z * z / total;
  // Rounding may leave the interval by a hair.
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
