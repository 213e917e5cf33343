/**
 * Where the plateau ends, by four definitions (docs/protocol.md, "Plateau"), and whether there is
 * one. Works on curves alone; knows neither models nor records.
 *
 * @module
 */

/** A curve of attribute loss and accuracy over steps. */
export interface Curve {
  /** Training steps, rising. */
  steps: number[];
  /** Attribute loss at each, nats a value. */
  loss: number[];
  /** Attribute accuracy at each. */
  accuracy: number[];
}

/** Ends of the plateau in steps; null where the curve never gets there (censored). */
export interface PlateauEnds {
  /** Last crossing of 0.95 L0 from above: the main definition. */
  main: number | null;
  /** Last crossing of 0.99 L0. */
  early: number | null;
  /** First time A' = (A - A0) / (1 - A0) stays at 1 %. */
  accuracy: number | null;
  /** Kink of two straight lines fitted to L against log step. */
  hinge: number | null;
}

/** The four ends, and how much of the way to 50 % accuracy is flat. */
export interface Plateau {
  /** Where it ends, four ways. */
  ends: PlateauEnds;
  /** Share of the steps to A' = 50 % that L spends in [0.97, 1.06] L0; null before 50 %. */
  flat: number | null;
  /** Step at which A' = 50 %. */
  half: number | null;
  /** Whether there is a plateau to speak of: `flat` is at least 25 %. */
  exists: boolean;
}

/** What a model that knows nobody scores. */
export interface Floor {
  /** No-knowledge loss L0, nats a value. */
  loss: number;
  /** No-knowledge accuracy A0. */
  accuracy: number;
}

/**
 * Analyses one curve.
 *
 * @example
 * ```ts
 * import { plateauOf } from "factlab";
 * const steps = [10, 100, 1000, 2000, 4000];
 * const loss = [8, 3.5, 3.5, 3.0, 0.2];
 * const accuracy = [0, 0.03, 0.03, 0.2, 0.95];
 * console.log(plateauOf({ steps, loss, accuracy }, { loss: 3.5, accuracy: 0.03 }).ends.main);
 * ```
 */
export function plateauOf(curve: Curve, floor: Floor): Plateau {
  const { steps, loss } = curve;
  const knowledge = curve.accuracy.map((a) => (a - floor.accuracy) / (1 - floor.accuracy));
  const unknown = knowledge.map((a) => -a);
  const half = lastCrossing(steps, unknown, -0.5);
  const flat = half === null
    ? null
    : stepsWithin(steps, loss, [0.97 * floor.loss, 1.06 * floor.loss], half) / half;
  return {
    ends: {
      main: lastCrossing(steps, loss, 0.95 * floor.loss),
      early: lastCrossing(steps, loss, 0.99 * floor.loss),
      accuracy: lastCrossing(steps, unknown, -0.01),
      hinge: half === null ? null : hinge(steps, loss, floor.loss, half),
    },
    flat,
    half,
    exists: flat !== null && flat >= 0.25,
  };
}

/**
 * The last time a curve passes a level from above, linear in log step between points.
 *
 * @example
 * ```ts
 * import { lastCrossing } from "factlab";
 * console.log(lastCrossing([1, 10, 100], [4, 3, 1], 2)); // between 10 and 100, in log steps
 * ```
 */
export function lastCrossing(steps: number[], values: number[], level: number): number | null {
  for (let i = steps.length - 1; i > 0; i--) {
    const [above, below] = [values[i - 1]!, values[i]!];
    if (!(above > level && below <= level)) continue;
    const [a, b] = [logStep(steps[i - 1]!), logStep(steps[i]!)];
    return Math.exp(a + (b - a) * (above - level) / (above - below));
  }
  return null;
}

/** Step 0 has no logarithm; it counts as half a step. */
function logStep(step: number): number {
  return Math.log(Math.max(step, 0.5));
}

/** Steps up to `end` during which a curve lies within bounds, linear between points. */
function stepsWithin(
  steps: number[],
  values: number[],
  [low, high]: [number, number],
  end: number,
): number {
  let inside = 0;
  for (let i = 1; i < steps.length && steps[i - 1]! < end; i++) {
    const [a, b] = [values[i - 1]!, values[i]!];
    const stop = Math.min(1, (end - steps[i - 1]!) / (steps[i]! - steps[i - 1]!));
    const at = (level: number) => (level - a) / (b - a);
    const [enter, leave] = a === b
      ? (a >= low && a <= high ? [0, 1] : [1, 1])
      : [Math.min(at(low), at(high)), Math.max(at(low), at(high))];
    const share = Math.min(leave, stop) - Math.max(enter, 0);
    inside += Math.max(0, share) * (steps[i]! - steps[i - 1]!);
  }
  return inside;
}

/**
 * Least squares of L on log step, constant up to the kink and straight after it, from the first
 * L <= 1.05 L0 to A' = 50 %.
 */
export function hinge(steps: number[], loss: number[], floor: number, half: number): number | null {
  const first = loss.findIndex((value) => value <= 1.05 * floor);
  const points = steps
    .map((step, i) => ({ x: logStep(step), y: loss[i]!, i, step }))
    .filter(({ i, step }) => i >= first && step <= half);
  if (first < 0 || points.length < 4) return null;
  let best = { error: Infinity, kink: NaN };
  const [start, end] = [points[0]!.x, points.at(-1)!.x];
  const GRID = 400;
  for (let k = 1; k < GRID; k++) {
    const kink = start + (end - start) * k / GRID;
    const error = hingeError(points, kink);
    if (error < best.error) best = { error, kink };
  }
  return Math.exp(best.kink);
}

/** Residual sum of squares of y = a + b max(0, x - kink). */
function hingeError(points: { x: number; y: number }[], kink: number): number {
  const n = points.length;
  const u = points.map(({ x }) => Math.max(0, x - kink));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const [meanU, meanY] = [sum(u) / n, sum(points.map(({ y }) => y)) / n];
  const covariance = sum(points.map(({ y }, i) => (u[i]! - meanU) * (y - meanY)));
  const variance = sum(u.map((value) => (value - meanU) ** 2));
  const slope = variance === 0 ? 0 : covariance / variance;
  return sum(points.map(({ y }, i) => (y - meanY - slope * (u[i]! - meanU)) ** 2));
}
