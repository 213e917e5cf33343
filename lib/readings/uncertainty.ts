/**
 * What a finished model's certainty tells: known from unknown people by a threshold, and right from
 * wrong values. Read from the counts in the last line of a record.
 *
 * @module
 */

import {
  type AnswerCertainty,
  areaUnderCurve,
  calibrationError,
  caughtAt,
  type Certainty,
  type SetName,
} from "../probes/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { MissingRecord } from "./readings.ts";

/** What a threshold is put on: a value's confidence or entropy, or a person's mean confidence. */
export type Detector = "confidence" | "entropy" | "people";

/** False alarms at which the caught share is told. */
const FALSE_ALARMS = 0.05;

/** Counts of a set at the end of a run; undefined in records without them. */
export function certaintyIn({ measurements }: RunRecord, set: SetName): Certainty | undefined {
  return measurements.at(-1)?.sets[set]?.certainty;
}

/**
 * A record that counts its values by certainty, for claims: one from before these counts is as good
 * as none.
 *
 * @throws {MissingRecord} if it does not.
 */
export function withCounts(record: RunRecord): RunRecord {
  if (certaintyIn(record, "unseen")) return record;
  throw new MissingRecord();
}

/** Counts by what a threshold is put on, right and wrong values together. */
export function countsOf(counts: Certainty, detector: Detector): number[] {
  if (detector !== "confidence") return counts[detector];
  return counts.confidence.right.map((count, i) => count + counts.confidence.wrong[i]!);
}

/** Known (held-out templates) and unknown counts of a record, from unsure to sure. */
export function knownAndUnknown(
  record: RunRecord,
  detector: Detector,
): [number[], number[]] | undefined {
  const [known, unknown] = (["held-out", "unseen"] as const).map((set) => certaintyIn(record, set));
  if (!known || !unknown) return undefined;
  return [countsOf(known, detector), countsOf(unknown, detector)];
}

/**
 * How well a threshold tells known from unknown people at the end of a run: area under the ROC
 * curve, and the share of the unknown caught at {@link FALSE_ALARMS}. NaN in records without
 * counts.
 *
 * @example
 * ```ts
 * import { armNamed, detection, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * const records = recordsOf(results, armNamed(results, "base"));
 * console.log(records.map((record) => detection(record, "people").area));
 * ```
 */
export function detection(
  record: RunRecord,
  detector: Detector,
): { area: number; caught: number } {
  const counts = knownAndUnknown(record, detector);
  if (!counts) return { area: NaN, caught: NaN };
  return { area: areaUnderCurve(...counts), caught: caughtAt(...counts, FALSE_ALARMS) };
}

/** Expected calibration error about a set of people at the end of a run. */
export function calibrationIn(record: RunRecord, set: SetName): number {
  const counts = certaintyIn(record, set);
  return counts ? calibrationError(counts.confidence) : NaN;
}

/** What a model says of some people where a threshold decides what is said: shares of the questions. */
export interface Selective {
  /** Answers that are right. */
  right: number;
  /** Answers that are wrong. */
  wrong: number;
  /** Refusals, and answers less sure than the threshold. */
  refused: number;
}

/**
 * What becomes of a model's answers where those below a threshold of confidence are refused: one point
 * a threshold, from none to one that nothing passes. The threshold of a place is the same in all sets.
 *
 * @example
 * ```ts
 * import { selective } from "factlab/readings";
 * // Answers in bins from unsure to sure, and one refusal.
 * console.log(selective({ right: [0, 1, 4], wrong: [3, 1, 0], refused: 1 }).at(-2)); // .4 right
 * ```
 */
export function selective({ right, wrong, refused }: AnswerCertainty): Selective[] {
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const all = sum(right) + sum(wrong) + refused;
  return [...right, 0].map((_, from) => {
    const [kept, made] = [right, wrong].map((counts) => sum(counts.slice(from)) / all);
    return { right: kept!, wrong: made!, refused: 1 - kept! - made! };
  });
}
