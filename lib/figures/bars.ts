/**
 * Bars in groups, with error bars and levels.
 * Leaves out stacking: parts of a whole are read better side by side.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import {
  axisLook,
  type AxisOptions,
  axisOver,
  axisTitle,
  categoryTicks,
  likelyTicks,
  plotlyAxis,
  roomBelow,
  roomLeft,
} from "./axis.ts";
import { type Numbers, numbersOf, said } from "./numbers.ts";
import type { Figure } from "./figure.ts";
import { frame, type FrameOptions, type Plot } from "./frame.ts";
import { type Level, levelMarks } from "./marks.ts";
import { isSingle, type Seeds } from "./seeds.ts";
import { ink, type Meaning, meanings, plainColors, plotlyText } from "./theme.ts";

/** One bar for every category. */
export interface BarSeries {
  /** Its name in the legend. */
  name: string;
  /** A value for every category; null where nothing was measured. */
  y: Numbers;
  /** Standard deviation of each value. */
  sd?: Numbers;
  /** Seeds behind each value. */
  n?: Seeds;
  /** What it stands for, which decides the colour. */
  meaning?: Meaning;
  /** A colour `#rrggbb` for what has no meaning of its own. */
  color?: string;
}

/** A plot of bars. */
export interface BarsOptions extends FrameOptions {
  /** The names along the x axis. */
  categories: readonly string[];
  /** The bars of each category; the legend is left out for one series. */
  series: readonly BarSeries[];
  /** What the categories are. */
  x: { title: string };
  /** The vertical axis, from zero; if logarithmic, from a power of ten below the bars. */
  y: AxisOptions;
  /** Horizontal lines to read values against. */
  levels?: readonly Level[];
}

/**
 * A figure of bars.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bars } from "factlab";
 *
 * const kept = bars({
 *   categories: ["no replay", "replay"],
 *   series: [{ name: "old people", meaning: "old", y: [0.2, 0.9], sd: [0.05, 0.02] }],
 *   x: { title: "arm" },
 *   y: { title: "accuracy", range: [0, 1] },
 * });
 * assertEquals(kept.alt, "accuracy by arm: no replay 0.2, replay 0.9");
 * ```
 */
export function bars(options: BarsOptions): Figure {
  return frame([barsPlot(options)], options);
}

/**
 * The plot of {@link bars} as a part of `panels`.
 *
 * @example
 * ```ts
 * import { barsPlot, panels } from "factlab";
 * const plot = barsPlot({
 *   categories: ["old people", "new people"],
 *   series: [{ name: "known", y: [0.2, 0.9] }],
 *   x: { title: "group" },
 *   y: { title: "accuracy" },
 * });
 * console.log(panels([plot, plot], { caption: "Twice the same." }).alt);
 * ```
 */
export function barsPlot(options: BarsOptions): Plot {
  const { categories, levels = [] } = options;
  const series = options.series.map((one, index) => {
    const field = `bars: series[${index}]`;
    const sd = one.sd && numbersOf(one.sd, `${field}.sd`, categories.length);
    return { ...one, y: numbersOf(one.y, `${field}.y`, categories.length), sd };
  });
  const tops = series.flatMap(({ y, sd }) =>
    y.map((value, index) => value + Math.sign(value) * (sd?.[index] || 0))
  );
  const foot = options.y.log ? footOf(series.flatMap((one) => one.y)) : 0;
  const y = axisOver([foot, ...tops, ...levels.map((level) => level.y)], options.y, 0.06);
  return (room) => {
    const left = roomLeft(y.title, room.height - 110, likelyTicks(y), room.left);
    const width = room.width - left - 18;
    const ticks = categoryTicks(categories, width, { gap: 6, uprightBelow: 60 });
    const bottom = roomBelow(options.x.title, width, ticks.lines);
    const area = {
      width,
      height: room.height - bottom - 6,
      x: axisOver([], { title: "", range: [0, 1] }),
      y,
    };
    const marks = levelMarks(levels, area, barEdges(series, area));
    return {
      traces: series.map((one, index) => ({
        type: "bar",
        name: plotlyText(one.name),
        legendgroup: one.name,
        showlegend: series.length > 1,
        x: categories.map((_, at) => at),
        y: one.y,
        marker: barLook(
          one,
          one.meaning
            ? meanings[one.meaning]
            : one.color ?? plainColors[index % plainColors.length]!,
        ),
        hovertext: categories.map(plotlyText),
        ...(one.sd ? { error_y: whiskers(one.sd) } : {}),
      })),
      xaxis: {
        ...axisLook,
        title: axisTitle(options.x.title, width),
        ...{ showgrid: false, range: [-0.5, categories.length - 0.5] },
        ...ticks.axis,
      },
      yaxis: { ...plotlyAxis(y, area.height, "y"), zeroline: true, zerolinecolor: ink.faint },
      ...marks,
      seeds: series.map(({ n, sd }) => ({
        ...{ seeds: n, spread: sd !== undefined, single: "hollow" },
      })),
      inset: { left, right: 18, top: 6, bottom },
      title: options.title,
      reading: reading(series, options),
    };
  };
}

/** Bars of one seed are hollow. */
function barLook({ y, n }: Measured, color: string) {
  const fills = y.map((_, at) => isSingle(n, at) ? ink.paper : color);
  return { color: fills, line: { color, width: 2 } };
}

/** Plotly takes null for 0 and draws its cap; what is no number at all it leaves out. */
function whiskers(sd: number[]) {
  const array = sd.map((value) => Number.isFinite(value) ? value : "none");
  return { type: "data", array, color: ink.text, thickness: 1.5, width: 5 };
}

/** A bar for every category, NaN where nothing was measured. */
type Measured = BarSeries & { y: number[]; sd?: number[] };

/** A log axis has no zero: the power of ten that even the lowest bar clearly rises above. */
function footOf(values: number[]): number {
  const [low] = extent(values.map(Math.log10)) ?? [0];
  return 10 ** Math.floor(low - 0.3);
}

/** The outlines of the bars in pixels, for labels to keep clear of: Plotly leaves a fifth as gap. */
function barEdges(
  series: readonly Measured[],
  { width, height, y }: { width: number; height: number; y: { share(value: number): number } },
) {
  return series.flatMap((one, index) =>
    one.y.map((value, at): [number, number][] => {
      const slot = width / one.y.length;
      const bar = 0.8 * slot / series.length;
      const x = (at + 0.1) * slot + index * bar;
      const top = (1 - y.share((value || 0) + (one.sd?.[at] || 0))) * height;
      if (!Number.isFinite(top)) return [];
      return [[x, height], [x, top], [x + bar / 2, height], [x + bar / 2, top], [x + bar, top], [
        x + bar,
        height,
      ]];
    })
  );
}

function reading(series: readonly Measured[], { categories, x, y }: BarsOptions): string {
  const values = series.map((one) => {
    const parts = categories.map((name, at) => `${name} ${said(one.y[at]!)}`);
    return (series.length > 1 ? `${one.name}: ` : "") + parts.join(", ");
  });
  return `${y.title} by ${x.title}: ${values.join("; ")}`;
}
