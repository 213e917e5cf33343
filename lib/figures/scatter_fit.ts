/**
 * Points and the law fitted to them, on log-log axes unless told otherwise.
 * Leaves out the fitting: studies fit, and say so in the label.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import type { AxisOptions } from "./axis.ts";
import { curvesPlot, type Line } from "./curves.ts";
import type { Figure } from "./figure.ts";
import { frame, type FrameOptions, type Plot } from "./frame.ts";
import type { Level } from "./marks.ts";
import { type Numbers, numbersOf, shown } from "./numbers.ts";
import type { Seeds } from "./seeds.ts";
import { type Meaning, plainColors } from "./theme.ts";

/** Points with the law fitted to them. */
export interface FittedPoints {
  /** The points' name in the legend, where no law says it. */
  name: string;
  /** Where along the x axis. */
  x: Numbers;
  /** The values. */
  y: Numbers;
  /** Standard deviation of each value. */
  sd?: Numbers;
  /** Seeds behind them, or behind each. */
  n?: Seeds;
  /** What they stand for, which decides the colour. */
  meaning?: Meaning;
  /** A colour `#rrggbb` for what has no meaning of its own. */
  color?: string;
  /** The fitted law and what it and its points are called, such as "12 N^1.1 (1.0 to 1.2)". */
  fit?: { at: (x: number) => number; label: string };
}

/** A plot of points and fitted laws. */
export interface ScatterFitOptions extends FrameOptions {
  /** The points. */
  points: readonly FittedPoints[];
  /** The horizontal axis; logarithmic by default. */
  x: AxisOptions;
  /** The vertical axis; logarithmic by default. */
  y: AxisOptions;
  /** Horizontal lines to read values against. */
  levels?: readonly Level[];
}

/**
 * A figure of points and the laws fitted to them.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scatterFit } from "factlab";
 *
 * const law = scatterFit({
 *   points: [{
 *     name: "runs",
 *     x: [256, 512, 1024],
 *     y: [300, 610, 1190],
 *     fit: { at: (n) => 1.2 * n, label: "1.2 N" },
 *   }],
 *   x: { title: "people N" },
 *   y: { title: "end of plateau (steps)" },
 * });
 * assertEquals(law.data.map(({ name }) => name), ["1.2 N", "runs"]);
 * ```
 */
export function scatterFit(options: ScatterFitOptions): Figure {
  return frame([scatterFitPlot(options)], options);
}

/**
 * The plot of {@link scatterFit} as a part of `panels`.
 *
 * @example
 * ```ts
 * import { panels, scatterFitPlot } from "factlab";
 * const points = [{ name: "plateau end", x: [512, 1024, 2048], y: [900, 1800, 3500] }];
 * console.log(panels([scatterFitPlot({ points, x: { title: "people" }, y: { title: "step" } })]).alt);
 * ```
 */
export function scatterFitPlot(options: ScatterFitOptions): Plot {
  const x = { log: true, ...options.x };
  const lines = options.points.flatMap((points, index): Line[] => {
    const color = points.color ?? plainColors[index % plainColors.length];
    const drawn = { ...points, color, marks: "points" as const, unnamed: Boolean(points.fit) };
    return points.fit ? [drawn, fitLine(drawn, points.fit, x.log)] : [drawn];
  });
  return curvesPlot({ ...options, lines, x, y: { log: true, ...options.y } });
}

/** The law between the outermost points, fine enough to look smooth. */
function fitLine(
  points: FittedPoints,
  fit: NonNullable<FittedPoints["fit"]>,
  log: boolean,
): Line {
  const known = numbersOf(points.x, `scatter: x of points ${shown(points.name)}`);
  const ends = extent(log ? known.filter((x) => x > 0) : known);
  const x = ends ? Array.from({ length: 41 }, (_, index) => between(ends, index / 40, log)) : [];
  const { meaning, color } = points;
  return { name: fit.label, x, y: x.map(fit.at), meaning, color, dash: "dash" };
}

function between([low, high]: [number, number], share: number, log: boolean): number {
  return log ? low * (high / low) ** share : low + (high - low) * share;
}
