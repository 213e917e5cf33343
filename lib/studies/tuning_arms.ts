/**
 * How studies of fine-tuning are shown: old and new people over the steps of tuning, and the plane
 * of old against new accuracy.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import { bandOf, mean, meanText, withMost } from "../readings/mod.ts";
import { type Arm, type Results, runArms, type ShownArm, shownArms } from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { accuracies, groupOf, newKnownAt, oldAccuracyAt, tunedSteps } from "./fine_tuning.ts";

/** Arms to show, and what they show. */
export interface TuningArms {
  /** Arms to show, in order; all by default. Colours go from light to dark where none is given. */
  arms?: readonly ShownArm[];
  /** The finding, in one sentence. */
  caption: string;
}

function drawn(results: Results, options: Pick<TuningArms, "arms">) {
  const arms = shownArms(results, options.arms);
  const colors = orderedColors(arms.length);
  return arms.map((own, i) => ({ ...own, color: own.color ?? colors[i]! }))
    .filter(({ records }) => records.length > 0);
}

/**
 * Accuracy and loss on old and on new people over the steps of tuning.
 *
 * @example
 * ```ts
 * import { newPeople, readResults, tuningFigure } from "factlab";
 * console.log(tuningFigure(readResults(newPeople), { caption: "New people." }).alt);
 * ```
 */
export function tuningFigure(results: Results, options: TuningArms): Figure {
  const arms = drawn(results, options);
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
    caption: `${options.caption} Held-out templates.`,
  });
}

/**
 * Old against new accuracy: each line a course of tuning, from top left. Without `arms`, those that
 * have as many seeds as any; with them, the caption says which keeps most.
 *
 * @example
 * ```ts
 * import { newPeople, planeFigure, readResults } from "factlab";
 * console.log(planeFigure(readResults(newPeople), { caption: "New people." }).alt);
 * ```
 */
export function planeFigure(results: Results, options: TuningArms): Figure {
  const arms = drawn(results, { arms: options.arms ?? withMostSeeds(results) });
  const end = (records: readonly RunRecord[], which: "old" | "new") =>
    mean(records.map((record) => accuracies(record, which).end));
  const best = options.arms && withMost(arms, ({ records }) => end(records, "old"));
  const kept = best
    ? `In the end “${best.name}” keeps most: ${
      end(best.records, "old").toFixed(2)
    } of the old, with ` +
      `${end(best.records, "new").toFixed(2)} of the new. `
    : "";
  return panels([curvesPlot({
    title: "what is kept against what is learned",
    lines: arms.map(({ name, color, records }) => {
      const of = (which: "old" | "new") =>
        bandOf(records, (m) => groupOf(m, which).accuracy, tunedSteps(records[0]!));
      return {
        ...{ name, color, n: records.length, marks: "both" as const },
        ...{ x: of("new").y, y: of("old").y },
      };
    }),
    x: { title: "accuracy, new people", range: [0, 1] },
    y: { title: "accuracy, old people", range: [0, 1] },
  })], { height: 480, caption: kept + options.caption });
}

function withMostSeeds({ experiment: { arms }, trials }: Results): ShownArm[] {
  const seeds = (arm: Arm) => trials.filter((trial) => trial.arm === arm).length;
  const own = runArms(arms);
  const most = Math.max(...own.map(seeds));
  return own.filter((arm) => seeds(arm) === most).map((arm) => ({ arm }));
}

/**
 * What became of old and new people in each arm.
 *
 * @example
 * ```ts
 * import { newPeople, readResults, tuningTable } from "factlab";
 * console.log(tuningTable(readResults(newPeople), { caption: "New people." }).text);
 * ```
 */
export function tuningTable(results: Results, { arms, caption }: TuningArms): TextAndHtml {
  const halfKnown = (record: RunRecord) => newKnownAt(record, 0.5);
  return table(
    shownArms(results, arms).map(({ name, records }) => {
      const old = records.map((record) => accuracies(record, "old"));
      const fresh = records.map((record) => accuracies(record, "new"));
      return {
        arm: name,
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
