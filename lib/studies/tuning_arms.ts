/**
 * How studies of fine-tuning are shown: old and new people over the steps of tuning, and the plane
 * of old against new accuracy.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { accuracies, groupOf, newKnownAt, oldAccuracyAt, tunedSteps } from "./fine_tuning.ts";
import { bandOf, meanText, seedsText } from "./readings.ts";
import { armsOf, recordsOf, type Results } from "./study.ts";

/** Arms to show, with their colours and names. */
export interface TuningArms {
  /** Arms to draw, in order. */
  arms: readonly string[];
  /** What an arm is called in the legend; its own name by default. */
  name?: (arm: string) => string;
  /** A colour `#rrggbb` an arm; a scale from light to dark by default. */
  colors?: readonly string[];
  /** The finding, in one sentence. */
  caption: string;
}

function shown(results: Results, { arms, name = (arm) => arm, colors }: TuningArms) {
  return arms
    .map((arm, i) => ({
      name: name(arm),
      color: (colors ?? orderedColors(arms.length))[i]!,
      records: recordsOf(results, arm),
    }))
    .filter(({ records }) => records.length > 0);
}

/**
 * Accuracy and loss on old and on new people over the steps of tuning.
 *
 * @example
 * ```ts
 * import { newPeople } from "./new_people.ts";
 * import { readResults } from "./study.ts";
 * import { tuningFigure } from "./tuning_arms.ts";
 * const results = readResults(newPeople);
 * const arms = [...new Set(results.trials.map(({ arm }) => arm))];
 * console.log(tuningFigure(results, { arms, caption: "New people." }).alt);
 * ```
 */
export function tuningFigure(results: Results, options: TuningArms): Figure {
  const arms = shown(results, options);
  const lines = (which: "old" | "new", quantity: "loss" | "accuracy") =>
    arms.map(({ name, color, records }) => ({
      name,
      color,
      ...bandOf(records, (m) => groupOf(m, which)[quantity], tunedSteps(records[0]!)),
    }));
  const x = { title: "steps of tuning", log: true };
  const share = { title: "share of values", range: [0, 1] as [number, number] };
  const floor = arms[0]?.records[0]?.header.floor.loss;
  const loss = (which: "old" | "new") =>
    curvesPlot({
      title: `attribute loss, ${which} people`,
      lines: lines(which, "loss"),
      x,
      y: { title: "nats a value" },
      levels: floor ? [{ y: floor, label: "knows nobody" }] : [],
    });
  return panels([
    curvesPlot({ title: "accuracy, old people", lines: lines("old", "accuracy"), x, y: share }),
    curvesPlot({ title: "accuracy, new people", lines: lines("new", "accuracy"), x, y: share }),
    loss("old"),
    loss("new"),
  ], {
    arrange: "stacked",
    caption: `${options.caption} Held-out templates; ${
      seedsText(arms.map(({ records }) => records.length))
    }.`,
  });
}

/**
 * Old against new accuracy: each line a course of tuning, from top left. Without `arms`, those that
 * have as many seeds as any.
 *
 * @example
 * ```ts
 * import { newPeople } from "./new_people.ts";
 * import { readResults } from "./study.ts";
 * import { planeFigure } from "./tuning_arms.ts";
 * console.log(planeFigure(readResults(newPeople), { caption: "New people." }).alt);
 * ```
 */
export function planeFigure(
  results: Results,
  options: Omit<TuningArms, "arms"> & { arms?: readonly string[] },
): Figure {
  const { arms = withMostSeeds(results) } = options;
  return panels([curvesPlot({
    title: "what is kept against what is learned",
    lines: shown(results, { ...options, arms }).map(({ name, color, records }) => {
      const clock = tunedSteps(records[0]!);
      return {
        name,
        color,
        marks: "both" as const,
        x: bandOf(records, (m) => groupOf(m, "new").accuracy, clock).y,
        y: bandOf(records, (m) => groupOf(m, "old").accuracy, clock).y,
      };
    }),
    x: { title: "accuracy, new people", range: [0, 1] },
    y: { title: "accuracy, old people", range: [0, 1] },
  })], { caption: options.caption });
}

function withMostSeeds(results: Results): string[] {
  const seeds = (arm: string) => results.trials.filter((trial) => trial.arm === arm).length;
  const arms = armsOf(results);
  const most = Math.max(...arms.map(seeds));
  return arms.filter((arm) => seeds(arm) === most);
}

/**
 * What became of old and new people in each arm.
 *
 * @example
 * ```ts
 * import { newPeople } from "./new_people.ts";
 * import { readResults } from "./study.ts";
 * import { tuningTable } from "./tuning_arms.ts";
 * const results = readResults(newPeople);
 * const arms = [...new Set(results.trials.map(({ arm }) => arm))];
 * console.log(tuningTable(results, { arms, caption: "New people." }).text);
 * ```
 */
export function tuningTable(
  results: Results,
  { arms, name = (arm) => arm, caption }: TuningArms,
): TextAndHtml {
  const halfKnown = (record: RunRecord) => newKnownAt(record, 0.5);
  return table(
    arms.map((arm) => {
      const records = recordsOf(results, arm);
      const old = records.map((record) => accuracies(record, "old"));
      const fresh = records.map((record) => accuracies(record, "new"));
      return {
        arm: name(arm),
        n: records.length,
        "old before": meanText(old.map(({ before }) => before)),
        "old at worst": meanText(old.map(({ least }) => least)),
        "old in the end": meanText(old.map(({ end }) => end)),
        "new half known (steps)": meanText(records.map(halfKnown)),
        "old then": meanText(records.map((record) => oldAccuracyAt(record, halfKnown(record)))),
        "new in the end": meanText(fresh.map(({ end }) => end)),
      };
    }),
    { caption },
  );
}
