/**
 * What all studies of fine-tuning share (docs/protocol.md, "Fine-tuning"): a finished run of the
 * regime goes on with other people, at a constant small learning rate and, where nothing is said,
 * with fresh moments.
 *
 * @module
 */

import { type Scale, type Schedule, uniform } from "../generator/mod.ts";
import type { SetKnowledge } from "../probes/mod.ts";
import { interpolate } from "../readings/mod.ts";
import type { Regime } from "../study/mod.ts";
import {
  configure,
  type Measurement,
  type RunConfiguration,
  type RunInput,
  type RunRecord,
} from "../trainer/mod.ts";

/** The constant rate, as a share of the base run's peak. */
export const TUNING_RATE = 0.075;

/** Steps of tuning, and those after which a run is measured. */
const STEPS: Record<Scale, number> = { smoke: 20, laptop: 1500, paper: 4000 };
const POINTS = [1, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1100, 1500];
/** Those that the paper tells numbers of are among them. */
const PAPER_POINTS = [
  1,
  10,
  25,
  50,
  80,
  100,
  130,
  200,
  290,
  375,
  500,
  770,
  1000,
  1400,
  2000,
  2800,
  4000,
];

/** People whom the base run knows. */
export function oldPeople(regime: Regime): number {
  return regime.base.people;
}

/** Steps of tuning where nothing else is said. */
export function tuningSteps({ scale }: Regime): number {
  return STEPS[scale];
}

/** How a run is tuned; what is left out is as in the paper. */
export interface TunedRun {
  /** Seed of base run and tuning. */
  seed: number;
  /** New people beside the old ones. */
  added?: number;
  /** Who is drawn; by default the new people alone. */
  schedule?: Schedule;
  /** Multiple of {@link TUNING_RATE}. */
  rate?: number;
  /** Go on with AdamW's moments of the base run; fresh ones by default. */
  moments?: "kept";
  /** Steps of linear warm-up. */
  warmup?: number;
  /** Steps of tuning; the scale's by default. */
  steps?: number;
  /** What is learned and what is kept; plain training by default. */
  tuning?: RunInput["tuning"];
  /** Changes to what is measured. */
  evaluation?: Partial<RunConfiguration["evaluation"]>;
  /** The run that is tuned; by default the regime's of that seed. */
  base?: RunInput;
  /** Biographies or questions a step; the base run's by default. */
  batch?: number;
}

/**
 * A run that goes on from a finished one. Old people are evaluated as "group 1", new ones as
 * "group 2", both on held-out templates.
 *
 * @example
 * ```ts
 * import { regimeOf, tunedRun } from "factlab";
 * console.log(tunedRun(regimeOf("laptop"), { seed: 0, added: 64 }).steps); // 5000 + 1500
 * ```
 */
export function tunedRun(regime: Regime, own: TunedRun): RunInput {
  const { seed, added = 0, rate = 1, warmup = 0, steps = tuningSteps(regime) } = own;
  const { moments, tuning, batch } = own;
  const base = own.base ?? regime.run({ seed });
  const { people, optimizer, steps: begin } = configure(base);
  const looks = regime.scale === "paper" ? PAPER_POINTS : POINTS;
  const points = looks.map((step) => Math.round(step * steps / looks.at(-1)!));
  return {
    ...base,
    people: people + added,
    start: { run: base, step: begin, ...(moments ? { moments } : {}) },
    steps: begin + steps,
    schedule: own.schedule ?? [{ people: uniform(people, people + added) }],
    optimizer: {
      ...base.optimizer,
      lr: TUNING_RATE * rate * optimizer.lr,
      floor: 1,
      warmup: Math.min(warmup, steps),
    },
    ...(tuning ? { tuning } : {}),
    ...(batch ? { batch } : {}),
    evaluation: {
      ...base.evaluation,
      measurements: 2,
      attention: 6,
      flow: 0,
      groups: added > 0 ? [0, people] : [0],
      steps: points.filter((step) => step > 0 && step < steps).map((step) => begin + step),
      ...own.evaluation,
    },
  };
}

/** Steps of tuning done at a measurement. */
export function tunedSteps(record: RunRecord): (measurement: Measurement) => number {
  const { start } = record.header.configuration;
  return ({ step }) => step - (start?.step ?? 0);
}

/** Knowledge of old or new people at a measurement, on held-out templates. */
export function groupOf(measurement: Measurement, which: "old" | "new"): SetKnowledge {
  return measurement.sets[which === "old" ? "group 1" : "group 2"]!;
}

/**
 * Accuracy on old or new people before tuning, at its worst, and in the end.
 *
 * @example
 * ```ts
 * import { newPeople, readResults, recordsOf, type Regime } from "factlab";
 * import { runArms } from "factlab/study";
 * import { accuracies } from "./fine_tuning.ts";
 * const results = readResults(newPeople);
 * const [arm] = runArms(results.experiment.arms);
 * console.log(recordsOf(results, arm!).map((record) => accuracies(record, "old")));
 * ```
 */
export function accuracies(
  { measurements }: RunRecord,
  which: "old" | "new",
): { before: number; least: number; end: number } {
  const values = measurements.map((m) => groupOf(m, which).accuracy);
  return { before: values[0]!, least: Math.min(...values), end: values.at(-1)! };
}

/**
 * Steps of tuning after which new people are known to a share; Infinity if never.
 *
 * @example
 * ```ts
 * import { newPeople, readResults, recordsOf } from "factlab";
 * import { runArms } from "factlab/study";
 * import { newKnownAt } from "./fine_tuning.ts";
 * const results = readResults(newPeople);
 * const [arm] = runArms(results.experiment.arms);
 * console.log(recordsOf(results, arm!).map((record) => newKnownAt(record, 0.5)));
 * ```
 */
export function newKnownAt(record: RunRecord, share: number): number {
  const clock = tunedSteps(record);
  const points = record.measurements.map((m) => ({ x: groupOf(m, "new").accuracy, y: clock(m) }));
  const step = interpolate(points, share);
  return Number.isNaN(step) ? Infinity : step;
}

/** Accuracy on old people after some steps of tuning, linear between measurements; NaN after them. */
export function oldAccuracyAt(record: RunRecord, steps: number): number {
  const clock = tunedSteps(record);
  const points = record.measurements.map((m) => ({ x: clock(m), y: groupOf(m, "old").accuracy }));
  return interpolate(points, steps);
}
