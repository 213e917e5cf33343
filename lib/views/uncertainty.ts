/**
 * What a finished model's certainty tells, as figures: how sure it is of seen and unseen people, and
 * whether it is right as often.
 *
 * @module
 */

import { curvesPlot, type Figure, palette, panels } from "../figures/mod.ts";
import { areaUnderCurve, binCentre, caughtAt, reliability, type SetName } from "../probes/mod.ts";
import {
  calibrationIn,
  certaintyIn,
  countsOf,
  type Detector,
  knownAndUnknown,
  mean,
  withMost,
} from "../readings/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";

/**
 * How sure the finished model is of its values: seen and unseen people.
 *
 * @example
 * ```ts
 * import { confidenceFigure, finishedRuns, hallucination, readResults } from "factlab";
 * console.log(confidenceFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function confidenceFigure(records: readonly RunRecord[]): Figure {
  const line = (set: SetName) =>
    atLeastAsSure(records.flatMap((record) => {
      const counts = certaintyIn(record, set);
      return counts ? [countsOf(counts, "confidence")] : [];
    }));
  const n = records.length;
  const [seen, unseen] = [line("held-out"), line("unseen")];
  const half = ({ x, y }: typeof seen) => percent(y[x.findIndex((edge) => edge >= 0.5)] ?? NaN);
  return panels([curvesPlot({
    title: "how sure the finished model is of its values",
    lines: [
      { name: "seen people", meaning: "heldOut", n, ...seen },
      { name: "unseen people", meaning: "unseen", n, ...unseen },
    ],
    x: { title: "probability of what it would say", range: [0, 1] },
    y: { title: "share of values at least as sure", range: [0, 1] },
  })], {
    caption: (n > 0
      ? `With a probability of a half or more it says ${
        half(seen)
      } of the values of people it has ` +
        `seen, and ${half(unseen)} of those of people it never met. `
      : "") + "Finished models.",
  });
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

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

const DETECTORS: { detector: Detector; name: string; color: string }[] = [
  { detector: "confidence", name: "a value's confidence", color: palette.blue },
  { detector: "entropy", name: "a value's entropy", color: palette.orange },
  { detector: "people", name: "a person's confidence", color: palette.green },
];

/**
 * Mean share caught at every false-alarm rate, over records.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination, readResults, rocFigure } from "factlab";
 * console.log(rocFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function rocFigure(records: readonly RunRecord[]): Figure {
  const alarms = Array.from({ length: 51 }, (_, i) => i / 50);
  const lines = DETECTORS.flatMap(({ detector, name, color }) => {
    const counts = records.flatMap((record) => {
      const own = knownAndUnknown(record, detector);
      return own ? [own] : [];
    });
    if (counts.length === 0) return [];
    const area = mean(counts.map((own) => areaUnderCurve(...own)));
    const y = alarms.map((rate) => mean(counts.map((own) => caughtAt(...own, rate))));
    return [{
      name: `${name}, area ${area.toFixed(3)}`,
      color,
      n: counts.length,
      x: alarms,
      y,
      area,
    }];
  });
  const best = withMost(lines, ({ area }) => area);
  return panels([curvesPlot({
    title: "telling unknown people by a threshold",
    lines: [
      ...lines,
      { name: "chance, area 0.5", meaning: "control", dash: "dash", x: [0, 1], y: [0, 1] },
    ],
    x: { title: "known called unknown (false alarms)", range: [0, 1] },
    y: { title: "unknown caught", range: [0, 1] },
  })], {
    caption: (best ? `Unknown people are told best by ${best.name}. ` : "") +
      "Finished models, values after the name alone.",
  });
}

/**
 * Accuracy against confidence: what a model says it knows, and what it does.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination, readResults, reliabilityFigure } from "factlab";
 * console.log(reliabilityFigure(finishedRuns(readResults(hallucination))).alt);
 * ```
 */
export function reliabilityFigure(records: readonly RunRecord[]): Figure {
  const n = records.length;
  const error = (set: SetName) => mean(records.map((record) => calibrationIn(record, set)));
  const barsOf = (set: SetName) => {
    const all = records.flatMap((record) => certaintyIn(record, set)?.confidence ?? []);
    if (all.length === 0) return [];
    const add = (key: "right" | "wrong") =>
      all[0]![key].map((_, i) => all.reduce((sum, own) => sum + own[key][i]!, 0));
    return reliability({ right: add("right"), wrong: add("wrong") });
  };
  /** Whether it is right more or less often than it is sure, on average. */
  const lean = (set: SetName) => {
    const bars = barsOf(set);
    const gap = bars.reduce((sum, own) => sum + own.count * (own.accuracy - own.confidence), 0);
    return gap > 0 ? "more" : "less";
  };
  const line = (set: SetName, name: string, meaning: "heldOut" | "unseen") => {
    const points = barsOf(set);
    return points.length === 0 ? [] : [{
      ...{ name, meaning, n },
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
  })], {
    caption: (n > 0
      ? `People it has seen: right ${lean("held-out")} often than it is sure (calibration error ` +
        `${percent(error("held-out"))}). People it never met: right ${lean("unseen")} often ` +
        `(${percent(error("unseen"))}). `
      : "") + "Finished models, ten bins of confidence.",
  });
}
