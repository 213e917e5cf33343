/**
 * Row 16 in more pictures: learning curves of every alpha, and of each tenth of the people.
 *
 * @module
 */

import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import { bandOf, finalAccuracy, floorOf, mean, withMost } from "../readings/mod.ts";
import { type Arm, armsFigure, recordsOf, type Results } from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { gridAt } from "./power_law.ts";

/**
 * Learning curves of every alpha in the headline population, all people evaluated alike.
 *
 * @example
 * ```ts
 * import { alphaCurves, powerLawStudy, readResults } from "factlab";
 * console.log(alphaCurves(readResults(powerLawStudy)).alt);
 * ```
 */
export function alphaCurves(results: Results): Figure {
  const { people, long } = gridAt(results.regime).headline;
  const colors = orderedColors(long.length);
  return armsFigure(results, {
    arms: long.map((arm, i) => ({ arm, name: `alpha ${arm.alpha}`, color: colors[i] })),
    caption: bestCaption(results, long) + `${people} people. ` +
      drawnCaption(recordsOf(results, long.at(-1)!)),
  });
}

/** At which alpha most is known in the end. */
function bestCaption(results: Results, arms: readonly (Arm & { alpha: number })[]): string {
  const known = (arm: Arm) => mean(recordsOf(results, arm).map(finalAccuracy));
  const best = withMost(arms, known);
  return best ? `Most is known with alpha ${best.alpha} (${known(best).toFixed(2)}). ` : "";
}

/** Says how far the line of knowing nobody lies from where it is drawn, at the largest alpha. */
function drawnCaption(records: readonly RunRecord[]): string {
  if (records.length === 0) return "";
  const share = mean(records.map(({ header }) => floorOf(header).loss / header.floor.loss));
  return "The line is for people drawn alike; at the largest alpha knowing nobody scores " +
    `${share.toFixed(2)} of it.`;
}

/**
 * Loss of each tenth of the people by frequency, at one alpha of the headline population.
 *
 * @example
 * ```ts
 * import { decilesFigure, powerLawStudy, readResults } from "factlab";
 * console.log(decilesFigure(readResults(powerLawStudy)).alt);
 * ```
 *
 * @throws {Error} for an alpha that the study does not have.
 */
export function decilesFigure(results: Results, alpha = 0.6): Figure {
  const { alphas, headline: { people, long } } = gridAt(results.regime);
  const arm = long.find((arm) => arm.alpha === alpha);
  if (!arm) {
    throw new Error(`Cannot draw tenths: alpha must be one of ${alphas.join(", ")}, got ${alpha}.`);
  }
  const records = recordsOf(results, arm);
  const shown = [0, 1, 3, 5, 7, 9];
  const colors = orderedColors(shown.length);
  return panels([curvesPlot({
    title: `attribute loss by frequency, alpha ${alpha}`,
    lines: shown.map((decile, i) => ({
      name: decile === 0
        ? "most frequent tenth"
        : decile === 9
        ? "rarest tenth"
        : `tenth ${decile + 1}`,
      color: colors[i],
      ...bandOf(records, ({ sets }) => sets.training.deciles?.[decile]?.[0]),
    })),
    x: { title: "training step", log: true },
    y: { title: "nats a value" },
    levels: records[0]
      ? [{ y: floorOf(records[0].header).loss, label: "knows nobody, over all people" }]
      : [],
  })], {
    caption: tenthsCaption(records) + `${people} people, training templates.`,
  });
}

/** How much further the most frequent tenth is in the end. */
function tenthsCaption(records: readonly RunRecord[]): string {
  const ends = records.flatMap(({ measurements }) => {
    const { deciles } = measurements.at(-1)!.sets.training;
    return deciles ? [deciles] : [];
  });
  if (ends.length === 0) return "";
  const loss = (tenth: number) => mean(ends.map((tenths) => tenths.at(tenth)![0])).toFixed(2);
  return `In the end the loss of the rarest tenth is ${loss(-1)} nats, that of the most frequent ` +
    `one ${loss(0)}. `;
}
