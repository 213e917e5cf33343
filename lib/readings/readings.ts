/**
 * What studies read off records: curves with bands over seeds, plateau ends, final values.
 *
 * @module
 */

import { lastCrossing, type Plateau, plateauOf, type SetName } from "../probes/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { floorOf } from "./floors.ts";
import { interpolate, mean, standardDeviation } from "./statistics.ts";

/** A part of a record that curves are read from; runs and records both have it. */
export type Curves = Pick<RunRecord, "measurements"> & {
  header: Pick<RunRecord["header"], "floor"> & Partial<RunRecord["header"]>;
};

/** Thrown where a record, or what a claim reads in it, is not there: that seed is not counted. */
export class MissingRecord extends Error {}

/** A curve's mean and standard deviation over seeds. */
export interface Band {
  /** Steps, or what else the clock tells. */
  x: number[];
  /** Mean over records. */
  y: number[];
  /** Standard deviation over records. */
  sd: number[];
  /** How many records. */
  n: number;
}

/**
 * A quantity over steps, mean and standard deviation over records, at the steps that all records
 * have; measurements without the quantity are left out.
 *
 * @example
 * ```ts
 * import { armNamed, bandOf, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * const { x, y, sd } = bandOf(
 *   recordsOf(results, armNamed(results, "base")),
 *   ({ sets }) => sets["held-out"].accuracy,
 * );
 * console.log(x.at(-1), y.at(-1), sd.at(-1)); // 4000 steps, mean and standard deviation
 * ```
 */
export function bandOf<Line extends { step: number } = Measurement>(
  records: readonly { measurements: readonly Line[] }[],
  quantity: (measurement: Line) => number | null | undefined,
  clock: (measurement: Line) => number = ({ step }) => step,
): Band {
  const curves = records.map(({ measurements }) =>
    new Map(measurements.flatMap((measurement) => {
      const value = quantity(measurement);
      const time = clock(measurement);
      return time > 0 && typeof value === "number" ? [[time, value] as const] : [];
    }))
  );
  const x = [...(curves[0]?.keys() ?? [])].filter((step) => curves.every((c) => c.has(step)));
  const at = x.map((step) => curves.map((curve) => curve.get(step)!));
  return { x, y: at.map(mean), sd: at.map(standardDeviation), n: records.length };
}

/** Loss and accuracy of one evaluation set over steps. */
export function curveOf(
  measurements: readonly Measurement[],
  set: SetName,
): { steps: number[]; loss: number[]; accuracy: number[] } {
  return {
    steps: measurements.map(({ step }) => step),
    loss: measurements.map(({ sets }) => sets[set]!.loss),
    accuracy: measurements.map(({ sets }) => sets[set]!.accuracy),
  };
}

/** The plateau of a record, from its measurements on training templates, against {@link floorOf}. */
export function plateauIn({ measurements, header }: Curves): Plateau {
  return plateauOf(curveOf(measurements, "training"), floorOf(header));
}

/**
 * Step at which the plateau ends (.95 L0); NaN if it does not.
 *
 * @example
 * ```ts
 * import { armNamed, plateauEnd, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(plateauEnd));
 * ```
 */
export function plateauEnd(record: Curves): number {
  return plateauIn(record).ends.main ?? NaN;
}

/** The same, and Infinity for a plateau that is never left, for claims that one is longer. */
export function plateauEndOrNever(record: Curves): number {
  return plateauIn(record).ends.main ?? Infinity;
}

/**
 * Step at which the loss on training templates first comes within 5 % of L0, linear in log step
 * between measurements; NaN if never.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, statisticsEnd, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(statisticsEnd));
 * ```
 */
export function statisticsEnd({ measurements, header }: Curves): number {
  const floor = floorOf(header);
  const steps = measurements.map(({ step }) => step);
  const loss = measurements.map(({ sets }) => sets.training.loss);
  const below = loss.findIndex((value) => value <= 1.05 * floor.loss);
  return lastCrossing(steps.slice(0, below + 1), loss.slice(0, below + 1), 1.05 * floor.loss) ??
    (below === 0 ? steps[0]! : NaN);
}

/** Steps between the end of the statistics phase and the plateau's end; 0 if there are none. */
export function flatLength(record: Curves): number {
  return Math.max(0, plateauEnd(record) - statisticsEnd(record));
}

/**
 * Step at which knowledge A' of the training templates passes a share; NaN if never.
 *
 * @example
 * ```ts
 * import { armNamed, knowledgeAt, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map((record) => knowledgeAt(record, 0.5)));
 * ```
 */
export function knowledgeAt({ measurements, header }: Curves, share: number): number {
  const floor = floorOf(header);
  const ignorance = ({ sets }: Measurement) =>
    -(sets.training.accuracy - floor.accuracy) / (1 - floor.accuracy);
  return lastBelow(measurements, ignorance, -share);
}

/** Step from which what is read of measurements stays below a level, step 0 aside; NaN if never. */
export function lastBelow(
  measurements: readonly Measurement[],
  read: (measurement: Measurement) => number,
  level: number,
): number {
  const points = measurements.filter(({ step }) => step > 0);
  return lastCrossing(points.map(({ step }) => step), points.map(read), level) ?? NaN;
}

/**
 * The last measurement's loss on held-out templates, nats a value.
 *
 * @example
 * ```ts
 * import { armNamed, finalLoss, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(finalLoss));
 * ```
 */
export function finalLoss({ measurements }: Pick<RunRecord, "measurements">): number {
  return measurements.at(-1)!.sets["held-out"].loss;
}

/**
 * The last measurement's accuracy on held-out templates.
 *
 * @example
 * ```ts
 * import { armNamed, finalAccuracy, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(finalAccuracy));
 * ```
 */
export function finalAccuracy({ measurements }: Pick<RunRecord, "measurements">): number {
  return measurements.at(-1)!.sets["held-out"].accuracy;
}

/**
 * The last measurement's accuracy in the first sentence of held-out templates, which has the name
 * alone to go by: later sentences also have values that tell people apart.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, threePhases } from "factlab";
 * import { accuracyByName } from "factlab/readings";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(accuracyByName));
 * ```
 *
 * @throws {MissingRecord} if the record does not tell sentences apart.
 */
export function accuracyByName({ measurements }: Pick<RunRecord, "measurements">): number {
  const { positions } = measurements.at(-1)!.sets["held-out"];
  if (!positions) throw new MissingRecord();
  return positions[0]![1];
}

/**
 * {@link finalLoss} as a share of the no-knowledge loss.
 *
 * @example
 * ```ts
 * import { armNamed, finalShare, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(finalShare));
 * ```
 */
export function finalShare(record: Curves): number {
  return finalLoss(record) / record.header.floor.loss;
}

/** A quantity at a step, linear in log step between the measurements that have it. */
export function valueAt<Line extends { step: number } = Measurement>(
  { measurements }: { measurements: readonly Line[] },
  step: number,
  quantity: (measurement: Line) => number | null | undefined,
): number {
  const points = measurements.flatMap((measurement) => {
    const y = quantity(measurement);
    return typeof y === "number" ? [{ x: Math.log(Math.max(measurement.step, 0.5)), y }] : [];
  });
  return interpolate(points, Math.log(Math.max(step, 0.5)));
}

/**
 * The training loss of a record, nats a token. It is a mean over the steps since the measurement
 * before, and stands at the middle of them.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, threePhases } from "factlab";
 * import { trainingLosses } from "factlab/readings";
 * const results = readResults(threePhases);
 * for (const record of recordsOf(results, armNamed(results, "base"))) {
 *   console.log(trainingLosses(record).at(-1)); // { step, loss }
 * }
 * ```
 */
export function trainingLosses(
  { measurements }: Pick<RunRecord, "measurements">,
): { step: number; loss: number }[] {
  return measurements.flatMap(({ step, trainingLoss }, i) =>
    trainingLoss === null || i === 0
      ? []
      : [{ step: (measurements[i - 1]!.step + step) / 2, loss: trainingLoss }]
  );
}

/**
 * "0.95 ± 0.02 (n = 3)", or "0.95" for one value; a dash for none.
 *
 * @example
 * ```ts
 * import { meanText } from "factlab";
 * console.log(meanText([0.91, 0.93, 0.95]), meanText([0.91])); // "0.93 ± 0.02" "0.91"
 * ```
 */
export function meanText(values: readonly number[], digits = 3): string {
  const known = values.filter(Number.isFinite);
  const text = (value: number) => String(Number(value.toPrecision(digits)));
  if (known.length === 0) return "–";
  const rest = values.length > known.length ? `, ${values.length - known.length} censored` : "";
  if (known.length < 3) return known.map(text).join(", ") + rest;
  return `${text(mean(known))} ± ${text(standardDeviation(known))} (n = ${known.length}${rest})`;
}

/**
 * Groups of values as points or bars: each group's mean, and its standard deviation where there are
 * three seeds or more; null where there is none; and how many values it has.
 *
 * @example
 * ```ts
 * import { overSeeds } from "factlab/readings";
 * console.log(overSeeds([[1, 2, 3], [4], []])); // y: 2, 4, null; sd: 1, null, null; n: 3, 1, 0
 * ```
 */
export function overSeeds(
  groups: readonly (readonly number[])[],
): { y: (number | null)[]; sd: (number | null)[]; n: number[] } {
  return {
    y: groups.map((own) => own.length > 0 ? mean(own) : null),
    sd: groups.map((own) => own.length >= 3 ? standardDeviation(own) : null),
    n: groups.map((own) => own.length),
  };
}

/** How many seeds, in words. */
export function seedCount(count: number): string {
  return count === 1 ? "1 seed" : `${count} seeds`;
}
