/**
 * What a finished model's certainty tells: known from unknown people by a threshold, and right from
 * wrong values. Read from the counts in the last line of a record.
 *
 * @module
 */

import { curvesPlot, type Figure, palette, panels } from "../figures/mod.ts";
import {
  areaUnderCurve,
  binCentre,
  calibrationError,
  caughtAt,
  type Certainty,
  reliability,
} from "../probes/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { seedCount } from "./readings.ts";
import { mean } from "./statistics.ts";
import { MissingRecord } from "./study.ts";

/** What a threshold is put on: a value's confidence or entropy, or a person's mean confidence. */
export type Detector = "confidence" | "entropy" | "people";

/** False alarms at which the caught share is told. */
export const FALSE_ALARMS = 0.05;

/** Counts of a set at the end of a run; undefined in records without them. */
function certainty({ measurements }: RunRecord, set: string): Certainty | undefined {
  return measurements.at(-1)?.sets[set]?.certainty;
}

/**
 * A record that counts its values by certainty, for claims: one from before these counts is as good
 * as none.
 *
 * @throws {MissingRecord} if it does not.
 */
export function withCounts(record: RunRecord): RunRecord {
  if (certainty(record, "unseen")) return record;
  throw new MissingRecord();
}

function countsOf(counts: Certainty, detector: Detector): number[] {
  if (detector !== "confidence") return counts[detector];
  return counts.confidence.right.map((count, i) => count + counts.confidence.wrong[i]!);
}

/** Known (held-out templates) and unknown counts of a record, from unsure to sure. */
function pair(record: RunRecord, detector: Detector): [number[], number[]] | undefined {
  const [known, unknown] = ["held-out", "unseen"].map((set) => certainty(record, set));
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
 * import { detection } from "./uncertainty.ts";
 * import { armNamed, readResults, recordsOf } from "./study.ts";
 * import { threePhases } from "./three_phases.ts";
 * const results = readResults(threePhases);
 * const records = recordsOf(results, armNamed(results, "base"));
 * console.log(records.map((record) => detection(record, "people").area));
 * ```
 */
export function detection(
  record: RunRecord,
  detector: Detector,
): { area: number; caught: number } {
  const counts = pair(record, detector);
  if (!counts) return { area: NaN, caught: NaN };
  return { area: areaUnderCurve(...counts), caught: caughtAt(...counts, FALSE_ALARMS) };
}

/** Expected calibration error about a set of people at the end of a run. */
export function calibrationIn(record: RunRecord, set: string): number {
  const counts = certainty(record, set);
  return counts ? calibrationError(counts.confidence) : NaN;
}

/**
 * How sure the finished model is of its values: seen and unseen people.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination } from "./hallucination.ts";
 * import { readResults } from "./study.ts";
 * import { confidenceFigure } from "./uncertainty.ts";
 * console.log(confidenceFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function confidenceFigure(records: readonly RunRecord[]): Figure {
  const line = (set: string) =>
    atLeastAsSure(records.flatMap((record) => {
      const counts = certainty(record, set);
      return counts ? [countsOf(counts, "confidence")] : [];
    }));
  return panels([curvesPlot({
    title: "how sure the finished model is of its values",
    lines: [
      { name: "seen people", meaning: "heldOut", ...line("held-out") },
      { name: "unseen people", meaning: "unseen", ...line("unseen") },
    ],
    x: { title: "probability of what it would say", range: [0, 1] },
    y: { title: "share of values at least as sure", range: [0, 1] },
  })], { caption: `Finished models, ${seedCount(records.length)}.` });
}

/** Mean share of the counts in a bin or above it, at the bin's lower edge. */
function atLeastAsSure(counts: number[][]): { x: number[]; y: number[] } {
  const bins = counts[0]?.map((_, bin) => bin) ?? [];
  const sum = (own: number[]) => own.reduce((a, b) => a + b, 0);
  return {
    x: bins.map((bin) => bin === 0 ? 0 : binCentre(bin - 0.5)),
    y: bins.map((bin) => mean(counts.map((own) => sum(own.slice(bin)) / sum(own)))),
  };
}

const DETECTORS: { detector: Detector; name: string; color: string }[] = [
  { detector: "confidence", name: "a value's confidence", color: palette.blue },
  { detector: "entropy", name: "a value's entropy", color: palette.orange },
  { detector: "people", name: "a person's mean confidence", color: palette.green },
];

/**
 * Mean share caught at every false-alarm rate, over records.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination } from "./hallucination.ts";
 * import { readResults } from "./study.ts";
 * import { rocFigure } from "./uncertainty.ts";
 * console.log(rocFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function rocFigure(records: readonly RunRecord[]): Figure {
  const alarms = Array.from({ length: 51 }, (_, i) => i / 50);
  return panels([curvesPlot({
    title: "telling unknown people by a threshold",
    lines: DETECTORS.flatMap(({ detector, name, color }) => {
      const counts = records.flatMap((record) => {
        const own = pair(record, detector);
        return own ? [own] : [];
      });
      if (counts.length === 0) return [];
      const area = mean(counts.map((own) => areaUnderCurve(...own)));
      return [{
        name: `${name} (area ${area.toFixed(3)})`,
        color,
        x: alarms,
        y: alarms.map((rate) => mean(counts.map((own) => caughtAt(...own, rate)))),
      }];
    }),
    x: { title: "known called unknown (false alarms)", range: [0, 1] },
    y: { title: "unknown caught", range: [0, 1] },
  })], { caption: `Finished models, ${seedCount(records.length)}, teacher-forced values.` });
}

/**
 * Accuracy against confidence: what a model says it knows, and what it does.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination } from "./hallucination.ts";
 * import { readResults } from "./study.ts";
 * import { reliabilityFigure } from "./uncertainty.ts";
 * console.log(reliabilityFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function reliabilityFigure(records: readonly RunRecord[]): Figure {
  const line = (set: string, name: string, meaning: "heldOut" | "unseen") => {
    const all = records.flatMap((record) => certainty(record, set)?.confidence ?? []);
    if (all.length === 0) return [];
    const add = (key: "right" | "wrong") =>
      all[0]![key].map((_, i) => all.reduce((sum, own) => sum + own[key][i]!, 0));
    const points = reliability({ right: add("right"), wrong: add("wrong") });
    const error = mean(records.map((record) => calibrationIn(record, set)));
    return [{
      name: `${name} (calibration error ${error.toFixed(3)})`,
      meaning,
      x: points.map(({ confidence }) => confidence),
      y: points.map(({ accuracy }) => accuracy),
      marks: "both" as const,
    }];
  };
  return panels([curvesPlot({
    title: "is it right as often as it is sure?",
    lines: [
      ...line("held-out", "seen people", "heldOut"),
      ...line("unseen", "unseen people", "unseen"),
      { name: "calibrated", meaning: "control", dash: "dash", x: [0, 1], y: [0, 1] },
    ],
    x: { title: "probability of what it would say", range: [0, 1] },
    y: { title: "share that is right", range: [0, 1] },
  })], { caption: `Finished models, ${seedCount(records.length)}, ten bins of confidence.` });
}
