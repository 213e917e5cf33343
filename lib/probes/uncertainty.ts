/**
 * How sure a model is of what it says, and what that tells (paper section 5, row 23): histograms
 * of certainty from which distributions, ROC curves and calibration are read.
 *
 * @module
 */

/** How sure the model is of one value, teacher-forced. */
export interface Certain {
  /** Probability of the value it would say: the product of its tokens' largest probabilities. */
  confidence: number;
  /** Entropy in nats, summed over the value's tokens. */
  entropy: number;
  /** Whether every token is right. */
  right: boolean;
}

/** Counts by certainty, from unsure to sure; {@link binCentre} says where a bin lies. */
export interface Certainty {
  /** Values by confidence: those that are right, those that are wrong. */
  confidence: { right: number[]; wrong: number[] };
  /** Values by entropy, the largest first. */
  entropy: number[];
  /** People by the mean confidence of their values. */
  people: number[];
}

/** Bins of a histogram. */
export const BINS = 64;
/** Log-odds of a confidence, and minus the logarithm of an entropy, that the bins cover. */
const RANGE = [-4, 12] as const;
const WIDTH = (RANGE[1] - RANGE[0]) / BINS;

/** The bin of a score on the log-odds scale; what lies beyond falls into the first or last. */
function bin(score: number): number {
  return Math.max(0, Math.min(BINS - 1, Math.floor((score - RANGE[0]) / WIDTH)));
}

/** Confidence at a place among the bins, counted in bins. */
function confidenceAt(place: number): number {
  return 1 / (1 + Math.exp(-(RANGE[0] + place * WIDTH)));
}

/** Confidence in the middle of a bin. */
export function binCentre(index: number): number {
  return confidenceAt(index + 0.5);
}

/**
 * Confidence of the values in a bin: its middle. The outermost bins have no other edge than 0 and 1,
 * so their values may be as sure as they are right, as far as the bin goes.
 */
function confidenceIn(index: number, accuracy: number): number {
  if (index === 0) return Math.min(confidenceAt(1), accuracy);
  return index === BINS - 1 ? Math.max(confidenceAt(index), accuracy) : binCentre(index);
}

const logOdds = (p: number) => Math.log(p) - Math.log(Math.max(1e-12, 1 - p));

const empty = () => new Array<number>(BINS).fill(0);
const count = (histogram: number[], score: number) => histogram[bin(score)]!++;

/** Counts what is right and what is wrong by confidence. */
export function countsByConfidence(
  values: readonly Pick<Certain, "confidence" | "right">[],
): Certainty["confidence"] {
  const counts = { right: empty(), wrong: empty() };
  for (const { confidence, right } of values) {
    count(counts[right ? "right" : "wrong"], logOdds(confidence));
  }
  return counts;
}

/**
 * Counts the values of some people by certainty; `people` has one list of values a person.
 *
 * @example
 * ```ts
 * import { certaintyOf } from "factlab";
 * const sure = { confidence: 0.99, entropy: 0.05, right: true };
 * const counts = certaintyOf([[sure, { ...sure, right: false }]]);
 * console.log(counts.confidence.right.indexOf(1), counts.confidence.wrong.indexOf(1));
 * ```
 */
export function certaintyOf(people: readonly (readonly Certain[])[]): Certainty {
  const counts: Certainty = {
    confidence: countsByConfidence(people.flat()),
    entropy: empty(),
    people: empty(),
  };
  for (const values of people) {
    for (const { entropy } of values) {
      count(counts.entropy, -Math.log(Math.max(1e-12, entropy)));
    }
    const mean = values.reduce((sum, { confidence }) => sum + confidence, 0) / values.length;
    count(counts.people, logOdds(mean));
  }
  return counts;
}

/** One threshold of a detector. */
export interface Operating {
  /** Share of the unknown that is called known: missed hallucinations. */
  missed: number;
  /** Share of the known that is called unknown: false alarms. */
  falseAlarms: number;
}

/**
 * The ROC curve of telling known from unknown by a threshold, from counts by certainty: one point
 * a threshold, from "everything is known" to "nothing is".
 *
 * @example
 * ```ts
 * import { rocCurve } from "factlab";
 * // Counts in bins from unsure to sure: people the model knows, and people it does not.
 * const [known, unknown] = [[0, 1, 9], [6, 3, 1]];
 * console.log(rocCurve(known, unknown));
 * ```
 */
export function rocCurve(known: readonly number[], unknown: readonly number[]): Operating[] {
  const [all, others] = [known, unknown].map((counts) => counts.reduce((a, b) => a + b, 0));
  let [missed, kept] = [others!, all!];
  const points = [{ missed: 1, falseAlarms: 0 }];
  known.forEach((count, i) => {
    kept -= count;
    missed -= unknown[i]!;
    points.push({ missed: missed / others!, falseAlarms: 1 - kept / all! });
  });
  return points;
}

/**
 * Area under the ROC curve: chance that a known one is surer than an unknown one, ties half.
 *
 * @example
 * ```ts
 * import { areaUnderCurve } from "factlab";
 * // Counts in bins from unsure to sure: people the model knows, and people it does not.
 * const [known, unknown] = [[0, 1, 9], [6, 3, 1]];
 * console.log(areaUnderCurve(known, unknown)); // 1 tells all apart, .5 none
 * ```
 */
export function areaUnderCurve(known: readonly number[], unknown: readonly number[]): number {
  const points = rocCurve(known, unknown);
  return points.slice(1).reduce((area, { falseAlarms, missed }, i) => {
    const before = points[i]!;
    // Caught against false alarms, trapezes.
    return area +
      (falseAlarms - before.falseAlarms) * (1 - (missed + before.missed) / 2);
  }, 0);
}

/**
 * Share of the unknown that is caught where a share of the known raises a false alarm.
 *
 * @example
 * ```ts
 * import { caughtAt } from "factlab";
 * // Counts in bins from unsure to sure: people the model knows, and people it does not.
 * const [known, unknown] = [[0, 1, 9], [6, 3, 1]];
 * console.log(caughtAt(known, unknown, 0.1)); // .9 of the unknown at 10 % false alarms
 * ```
 */
export function caughtAt(
  known: readonly number[],
  unknown: readonly number[],
  falseAlarms: number,
): number {
  const points = rocCurve(known, unknown);
  const after = points.findIndex((point) => point.falseAlarms > falseAlarms);
  if (after < 0) return 1 - points.at(-1)!.missed;
  const [a, b] = [points[after - 1]!, points[after]!];
  const share = (falseAlarms - a.falseAlarms) / (b.falseAlarms - a.falseAlarms);
  return 1 - (a.missed + share * (b.missed - a.missed));
}

/** One bar of a reliability diagram. */
export interface Reliability {
  /** Mean confidence of the values in it. */
  confidence: number;
  /** Share of them that is right. */
  accuracy: number;
  /** Values in it. */
  count: number;
}

/**
 * Accuracy against confidence in equally wide bins of confidence; empty ones are left out.
 *
 * @example
 * ```ts
 * import { reliability } from "factlab";
 * // Right and wrong values in bins of confidence, from 0 to 1.
 * const counts = { right: [1, 2, 8], wrong: [9, 2, 0] };
 * console.log(reliability(counts, 3));
 * ```
 */
export function reliability(
  { right, wrong }: Certainty["confidence"],
  bars = 10,
): Reliability[] {
  const totals = Array.from({ length: bars }, () => ({ confidence: 0, right: 0, count: 0 }));
  right.forEach((count, i) => {
    const all = count + wrong[i]!;
    if (all === 0) return;
    const confidence = confidenceIn(i, count / all);
    const total = totals[Math.min(bars - 1, Math.floor(confidence * bars))]!;
    total.confidence += all * confidence;
    total.right += count;
    total.count += all;
  });
  return totals.filter(({ count }) => count > 0).map(({ confidence, right, count }) => ({
    confidence: confidence / count,
    accuracy: right / count,
    count,
  }));
}

/**
 * Expected calibration error: mean distance of accuracy from confidence, weighted by count; NaN of
 * no values. What is surer or less sure than the bins can tell counts as right as it may be.
 *
 * @example
 * ```ts
 * import { calibrationError } from "factlab";
 * // Right and wrong values in bins of confidence, from 0 to 1.
 * const counts = { right: [1, 2, 8], wrong: [9, 2, 0] };
 * console.log(calibrationError(counts)); // mean distance of accuracy from confidence
 * ```
 */
export function calibrationError(counts: Certainty["confidence"], bars = 10): number {
  const shown = reliability(counts, bars);
  if (shown.length === 0) return NaN;
  const total = shown.reduce((sum, { count }) => sum + count, 0);
  return shown.reduce(
    (sum, { confidence, accuracy, count }) => sum + Math.abs(accuracy - confidence) * count / total,
    0,
  );
}
