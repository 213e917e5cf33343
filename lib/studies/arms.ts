/**
 * How studies that compare arms are shown: learning curves of each, and one table of outcomes.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, panels, plainColors } from "../figures/mod.ts";
import type { Measurement } from "../trainer/mod.ts";
import {
  bandOf,
  finalAccuracy,
  finalShare,
  flatLength,
  knowledgeAt,
  meanText,
  plateauEnd,
  seedsText,
} from "./readings.ts";
import { mean } from "./statistics.ts";
import { armsOf, recordsOf, type Results } from "./study.ts";

/** How arms are drawn. */
export interface ArmsFigure {
  /** What an arm is called in the legend; its own name by default. */
  name?: (arm: string) => string;
  /** Colours by arm, for arms with a meaning. */
  color?: (arm: string, index: number) => string;
  /** How an arm's line is dashed; solid by default. */
  dash?: (arm: string) => "solid" | "dot" | "dash";
  /** Arms to draw, in order; all by default. */
  arms?: readonly string[];
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
 * import { armsFigure } from "./arms.ts";
 * import { mixer } from "./mixer.ts";
 * import { readResults } from "./study.ts";
 * console.log(armsFigure(readResults(mixer), { caption: "Attention or recurrence." }).alt);
 * ```
 */
export function armsFigure(results: Results, options: ArmsFigure): Figure {
  const { name = (arm) => arm, color = (_, i) => plainColors[i % plainColors.length]! } = options;
  const arms = (options.arms ?? armsOf(results))
    .map((arm) => ({ arm, records: recordsOf(results, arm) }))
    .filter(({ records }) => records.length > 0);
  const clock = (m: Measurement) => options.overSamples ? m.samples : m.step;
  const lines = (quantity: "loss" | "accuracy") =>
    arms.map(({ arm, records }, i) => ({
      name: name(arm),
      color: color(arm, i),
      dash: options.dash?.(arm),
      ...bandOf(records, (m) => m.sets["held-out"]![quantity], clock),
    }));
  const floor = (of: "loss" | "accuracy") =>
    mean(arms.map(({ records }) => records[0]!.header.floor[of]));
  const x = { title: options.overSamples ? "biographies seen" : "training step", log: true };
  const seeds = seedsText(arms.map(({ records }) => records.length));
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
    caption: `${options.caption} Held-out templates; ${seeds}.`.trim(),
  });
}

/**
 * What became of each arm: plateau end, 50 % known, final loss and accuracy.
 *
 * @example
 * ```ts
 * import { armsTable } from "./arms.ts";
 * import { mixer } from "./mixer.ts";
 * import { readResults } from "./study.ts";
 * console.log(armsTable(readResults(mixer), { caption: "Attention or recurrence" }).text);
 * ```
 */
export function armsTable(
  results: Results,
  { name = (arm: string) => arm, caption }: { name?: (arm: string) => string; caption: string },
): TextAndHtml {
  return table(
    armsOf(results).map((arm) => {
      const records = recordsOf(results, arm);
      const { batch = 1 } = records[0]?.header.configuration ?? {};
      return {
        arm: name(arm),
        n: records.length,
        "plateau end (step)": meanText(records.map(plateauEnd)),
        "after the statistics phase": meanText(records.map(flatLength)),
        "(biographies)": meanText(records.map((r) => plateauEnd(r) * batch)),
        "50 % known (step)": meanText(records.map((r) => knowledgeAt(r, 0.5))),
        "final loss / L0": meanText(records.map(finalShare)),
        "final accuracy": meanText(records.map(finalAccuracy)),
      };
    }),
    { caption },
  );
}
