/**
 * How studies that compare arms are shown: learning curves of each, and one table of outcomes.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, panels, plainColors } from "../figures/mod.ts";
import {
  bandOf,
  finalAccuracy,
  finalShare,
  flatLength,
  floorOf,
  knowledgeAt,
  mean,
  meanText,
  plateauEnd,
} from "../readings/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { recordsOf, type Results } from "./study.ts";
import { type Arm, runArms } from "./trial.ts";

/** An arm and how it is shown. */
export interface ShownArm {
  /** One of the experiment's. */
  arm: Arm;
  /** What figures and tables call it; its own name by default. */
  name?: string;
  /** A colour `#rrggbb`; by default the next one. */
  color?: string;
}

/** The arms to show, with their records; all of them as they are called, by default. */
export function shownArms(
  results: Results,
  arms: readonly ShownArm[] = runArms(results.experiment.arms).map((arm) => ({ arm })),
): (ShownArm & { name: string; records: RunRecord[] })[] {
  return arms.map((own) => ({
    ...own,
    name: own.name ?? own.arm.name,
    records: recordsOf(results, own.arm),
  }));
}

/** How arms are drawn. */
export interface ArmsFigure {
  /** Arms to draw, in order; all by default. Those without records are left out. */
  arms?: readonly ShownArm[];
  /** Arms are steps of one quantity, from little to much. */
  ordered?: boolean;
  /** Drawn over biographies seen instead of steps. */
  overSamples?: boolean;
  /** The finding, in one sentence. */
  caption: string;
}

/**
 * Attribute loss and accuracy on held-out templates, an arm a line, bands over its seeds.
 *
 * @example
 * ```ts
 * import { armsFigure, mixer, readResults } from "factlab";
 * console.log(armsFigure(readResults(mixer), { caption: "Attention or recurrence." }).alt);
 * ```
 */
export function armsFigure(results: Results, options: ArmsFigure): Figure {
  const arms = shownArms(results, options.arms).filter(({ records }) => records.length > 0);
  const clock = (m: Measurement) => options.overSamples ? m.samples : m.step;
  const colors = options.ordered ? orderedColors(arms.length) : plainColors;
  const lines = (quantity: "loss" | "accuracy") =>
    arms.map(({ name, color, records }, i) => ({
      name,
      color: color ?? colors[i % colors.length],
      ...bandOf(records, (m) => m.sets["held-out"][quantity], clock),
    }));
  const floor = (of: "loss" | "accuracy") =>
    mean(arms.map(({ records }) => records[0]!.header.floor[of]));
  const x = { title: options.overSamples ? "biographies seen" : "training step", log: true };
  return panels([
    curvesPlot({
      title: "attribute loss",
      lines: lines("loss"),
      x,
      y: { title: "nats a value" },
      levels: arms.length > 0 ? [{ y: floor("loss"), label: "knows nobody" }] : [],
    }),
    curvesPlot({
      title: "attribute accuracy",
      lines: lines("accuracy"),
      x,
      y: { title: "share of values", range: [0, 1] },
    }),
  ], {
    arrange: "stacked",
    caption: `${options.caption} Held-out templates.`.trim(),
  });
}

/**
 * What became of each arm: plateau end, 50 % known, final loss and accuracy.
 *
 * @example
 * ```ts
 * import { armsTable, mixer, readResults } from "factlab";
 * console.log(armsTable(readResults(mixer), { caption: "Attention or recurrence" }).text);
 * ```
 */
export function armsTable(
  results: Results,
  { arms, caption }: {
    /** Arms to list, in order; all by default. */
    arms?: readonly ShownArm[];
    caption: string;
  },
): TextAndHtml {
  return table(
    shownArms(results, arms).map(({ name, records }) => {
      const { batch = 1 } = records[0]?.header.configuration ?? {};
      return {
        arm: name,
        n: records.length,
        "plateau end (step)": records.length > 0 && records.every(beginsAfterPlateau)
          ? "over before it begins"
          : meanText(records.map(plateauEnd)),
        "after the statistics phase": records.some(goesOn)
          ? "–"
          : meanText(records.map(flatLength)),
        "(biographies)": meanText(records.map((r) => plateauEnd(r) * batch)),
        "50 % known (step)": meanText(records.map((r) => knowledgeAt(r, 0.5))),
        "final loss / L0": meanText(records.map(finalShare)),
        "final accuracy": meanText(records.map(finalAccuracy)),
      };
    }),
    { caption },
  );
}

/** Whether a run goes on from another, so that its first steps are not those of its model. */
const goesOn = ({ header }: RunRecord) => header.configuration.start !== null;

function beginsAfterPlateau(record: RunRecord): boolean {
  const [first] = record.measurements;
  return goesOn(record) && first!.sets.training.loss < 0.95 * floorOf(record.header).loss;
}
