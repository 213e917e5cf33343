/**
 * Curves: lines or points over a common x axis, with bands over seeds, levels and phases.
 * Also panels: several plots in one figure.
 * Leaves out the measurements' meaning: studies choose lines, levels and words.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import {
  type Axis,
  type AxisOptions,
  axisOver,
  likelyTicks,
  plotlyAxis,
  roomBelow,
  roomLeft,
} from "./axis.ts";
import type { Trace } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { frame, type FrameOptions, type Plot } from "./frame.ts";
import { type Level, levelMarks, type Phase, spanMarks } from "./marks.ts";
import { type LineEnd, namesAtEnds, roomForNames } from "./line_ends.ts";
import { type Numbers, numbersOf, said } from "./numbers.ts";
import { isSingle, nameWith, type Seeds } from "./seeds.ts";
import {
  bandOpacity,
  faded,
  ink,
  type Meaning,
  meanings,
  plainColors,
  plotlyText,
} from "./theme.ts";

/** One curve. */
export interface Line {
  /** Its name, at its end or in the legend, where it is not that of the plot. */
  name: string;
  /** Where along the x axis. */
  x: Numbers;
  /** The values. */
  y: Numbers;
  /** Standard deviation of each value: a band around a line, a bar at a point. */
  sd?: Numbers;
  /** Seeds behind it, or behind each of its points. */
  n?: Seeds;
  /** What it stands for, which decides the colour. */
  meaning?: Meaning;
  /** A colour `#rrggbb` for what has no meaning of its own. */
  color?: string;
  /** Plotly's name of a dash; by default dotted for one seed and solid otherwise. */
  dash?: "solid" | "dot" | "dash" | "dashdot";
  /** Another line says what it is: it is not named. */
  unnamed?: boolean;
  /** Drawn as a line (the default), as points, or as both. */
  marks?: "line" | "points" | "both";
}

/** A plot of curves. */
export interface CurvesOptions extends FrameOptions {
  /** The curves. */
  lines: readonly Line[];
  /** The horizontal axis. */
  x: AxisOptions;
  /** The vertical axis. */
  y: AxisOptions;
  /** Horizontal lines to read values against. */
  levels?: readonly Level[];
  /** Stretches of the x axis with a name. */
  spans?: readonly Phase[];
}

/**
 * A figure of curves.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { curves } from "factlab";
 *
 * const learning = curves({
 *   title: "One run",
 *   lines: [{ name: "training", meaning: "training", x: [10, 100, 1000], y: [3.7, 3.7, 0.2] }],
 *   x: { title: "step", log: true },
 *   y: { title: "loss (nats a value)" },
 *   levels: [{ y: 3.73, label: "nobody known" }],
 *   spans: [{ x0: 20, x1: 400, label: "plateau" }],
 *   caption: "N = 512 people, seed 0.",
 * });
 * assertEquals(
 *   learning.alt,
 *   "One run: loss (nats a value) by step: training goes from 3.7 to 0.2",
 * );
 * ```
 */
export function curves(options: CurvesOptions): Figure {
  return frame([curvesPlot(options)], options);
}

/**
 * Several plots in one figure with one caption and, where lines end too close for names, a legend.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { curvesPlot, panels } from "factlab";
 *
 * const axes = { x: { title: "step" }, y: { title: "loss (nats)" } };
 * const line = { name: "training", x: [0, 1], y: [3, 1] };
 * const both = panels([
 *   curvesPlot({ ...axes, title: "uniform", lines: [line] }),
 *   curvesPlot({ ...axes, title: "power law", lines: [line] }),
 * ], { arrange: "beside" });
 * assertEquals(both.data.length, 2);
 * ```
 */
export function panels(
  plots: readonly (Plot | CurvesOptions)[],
  options: FrameOptions = {},
): Figure {
  return frame(plots.map((plot) => typeof plot === "function" ? plot : curvesPlot(plot)), options);
}

/**
 * The plot of {@link curves} as a part of {@link panels}.
 *
 * @example
 * ```ts
 * import { curvesPlot, panels } from "factlab";
 * const plot = (title: string, y: number[]) =>
 *   curvesPlot({
 *     title,
 *     lines: [{ name: "a run", x: [1, 10, 100], y }],
 *     x: { title: "training step", log: true },
 *     y: { title },
 *   });
 * console.log(panels([plot("loss", [9, 4, 1]), plot("accuracy", [0, 0.1, 0.9])]).alt);
 * ```
 */
export function curvesPlot(options: CurvesOptions): Plot {
  const { levels = [], spans = [] } = options;
  const lines = options.lines.map(measured);
  const xs = lines.flatMap((line) => line.x);
  const air = lines.some(({ marks = "line" }) => marks !== "line") ? 0.04 : 0;
  const x = axisOver([...xs, ...spans.flatMap(({ x0, x1 }) => [x0, x1])], options.x, air);
  const y = axisOver([...lines.flatMap(reach), ...levels.map((level) => level.y)], options.y, 0.06);
  const colors = lineColors(lines);

  return (room) => {
    const height = room.height - roomBelow(x.title, room.width - 90);
    const left = roomLeft(y.title, height - 40, likelyTicks(y), room.left);
    const names = lines.map(({ name, n }) => nameWith(name, n, room.usual));
    const ends = lineEnds(lines, names, colors, options.title);
    const plain = Math.max(18, room.right ?? 0);
    const laid = (right: number) => {
      const width = room.width - left - right;
      const phases = spanMarks(spans, { width, x });
      const top = phases.room + 6;
      return { right, phases, top, area: { width, height: height - top, x, y } };
    };
    const wide = laid(Math.max(plain, ends.length > 0 ? roomForNames(ends, room.width) : 0));
    const atEnds = room.named === false || ends.length === 0
      ? null
      : namesAtEnds(ends, wide.area, room);
    const { right, phases, top, area } = atEnds ? wide : laid(plain);
    const pixels = lines.map((line) => positions(line, area));
    const marks = levelMarks(levels, area, pixels);
    return {
      traces: [
        ...lines.flatMap((line, index) => band(line, colors[index] ?? "", y)),
        ...lines.map((line, index) => ({
          ...lineTrace(line, colors[index] ?? "", index),
          name: plotlyText(names[index]!),
          showlegend: isNamed(line, options.title),
        })).toSorted(pointsLast),
      ],
      xaxis: plotlyAxis(x, area.width, "x"),
      yaxis: plotlyAxis(y, area.height, "y"),
      shapes: [phases, marks, atEnds].flatMap((own) => own?.shapes ?? []),
      annotations: [phases, marks, atEnds].flatMap((own) => own?.annotations ?? []),
      named: atEnds ? ends.map(({ name }) => plotlyText(name)) : undefined,
      seeds: lines.map(({ n, sd, marks = "line" }) => ({
        ...{ seeds: n, spread: sd !== undefined },
        single: marks === "line" ? "dotted" : "hollow",
      })),
      inset: { left, right, top, bottom: room.height - height },
      title: options.title,
      reading: reading(lines, options),
    };
  };
}

/** What is called as its plot is needs no name. */
function isNamed({ name, unnamed = false }: Line, title?: string): boolean {
  return !unnamed && name !== title;
}

/** Where lines end that are drawn as such and have a name. */
function lineEnds(
  lines: readonly Measured[],
  names: readonly string[],
  colors: readonly string[],
  title?: string,
): LineEnd[] {
  return lines.flatMap((line, index) => {
    const last = line.y.findLastIndex((y, at) => Number.isFinite(y) && Number.isFinite(line.x[at]));
    if (last < 0 || !isNamed(line, title) || line.marks === "points") return [];
    return [{ name: names[index]!, color: colors[index]!, x: line.x[last]!, y: line.y[last]! }];
  });
}

/** A curve with NaN where nothing was measured. */
interface Measured extends Line {
  x: number[];
  y: number[];
  sd?: number[];
}

function measured(line: Line, index: number): Measured {
  const field = `curves: lines[${index}]`;
  const x = numbersOf(line.x, `${field}.x`);
  const y = numbersOf(line.y, `${field}.y`, x.length);
  return { ...line, x, y, sd: line.sd && numbersOf(line.sd, `${field}.sd`, x.length) };
}

/** Curves without meaning or colour of their own take the plain colours in turn; a name keeps its. */
function lineColors(lines: readonly Line[]): string[] {
  const byName = new Map<string, string>();
  const used = new Set(lines.map(({ meaning, color }) => meaning ? meanings[meaning] : color));
  const free = plainColors.filter((color) => !used.has(color));
  return lines.map(({ name, meaning, color }) => {
    const own = meaning ? meanings[meaning] : color;
    const chosen = own ?? byName.get(name) ?? free[byName.size % free.length] ?? "#444444";
    if (own === undefined) byName.set(name, chosen);
    return chosen;
  });
}

/** All heights a curve reaches, its band included. */
function reach({ y: ys, sd }: Measured): number[] {
  return ys.flatMap((y, index) => {
    const spread = sd?.[index] || 0;
    return y - spread > 0 || y <= 0 ? [y - spread, y + spread] : [y, y + spread];
  });
}

function positions(
  line: Measured,
  { width, height, x, y }: { width: number; height: number; x: Axis; y: Axis },
) {
  return line.x
    .map((at, index): [number, number] => [
      x.share(at) * width,
      (1 - y.share(line.y[index]!)) * height,
    ])
    .filter(([across, down]) => Number.isFinite(across) && Number.isFinite(down));
}

function lineTrace(line: Measured, color: string, index: number): Trace {
  const { marks = "line", n } = line;
  const single = isSingle(n) && marks === "line";
  return {
    type: "scatter",
    mode: marks === "line" ? "lines" : marks === "points" ? "markers" : "lines+markers",
    legendgroup: line.name,
    legendrank: 1000 + index,
    x: line.x,
    y: line.y,
    line: { color, width: 2.5, dash: line.dash ?? (single ? "dot" : "solid") },
    ...(marks === "line" ? {} : { marker: pointLook(line.x, n, color) }),
    ...(marks === "line" || !line.sd
      ? {}
      : { error_y: { type: "data", array: line.sd, color, thickness: 1.5, width: 4 } }),
  };
}

/** Points of one seed are hollow. */
function pointLook(x: readonly number[], n: Seeds, color: string): Trace {
  const hollow = x.map((_, at) => isSingle(n, at));
  if (!hollow.includes(true)) return { color, size: 9, line: { color: ink.paper, width: 1 } };
  return {
    size: 9,
    color: hollow.map((single) => single ? ink.paper : color),
    line: { color, width: 2 },
  };
}

/** Points are drawn over lines, such as those fitted to them. */
function pointsLast(one: Trace, other: Trace): number {
  return Number(one.mode === "markers") - Number(other.mode === "markers");
}

/** The band of one standard deviation, as a closed outline; on a log axis it stays positive. */
function band(line: Measured, color: string, axis: Axis): Trace[] {
  const { sd, marks = "line" } = line;
  if (!sd || marks !== "line") return [];
  const points = line.x
    .map((x, index) => ({ x, y: line.y[index]!, sd: sd[index] || 0 }))
    .filter(({ x, y, sd }) => [x, y, sd].every(Number.isFinite) && (!axis.log || y > 0));
  if (!points.some((point) => point.sd > 0)) return []; // As of one seed.
  const floor = axis.log ? axis.range[0] : -Infinity;
  const back = points.toReversed();
  return [{
    type: "scatter",
    mode: "lines",
    name: plotlyText(line.name),
    legendgroup: line.name,
    showlegend: false,
    hoverinfo: "skip",
    x: [...points, ...back].map(({ x }) => x),
    y: [
      ...points.map(({ y, sd }) => y + sd),
      ...back.map(({ y, sd }) => Math.max(floor, y - sd)),
    ].map((y) => Number(y.toPrecision(3))), // Nobody reads a number off a band.
    fill: "toself",
    fillcolor: faded(color, bandOpacity),
    line: { width: 0, color },
  }];
}

function reading(lines: readonly Measured[], { x, y }: CurvesOptions): string {
  const ends = lines.map((line) => {
    const known = line.y.filter(Number.isFinite);
    const range = extent(known);
    if (!range) return `${line.name} has no values`;
    return line.marks === "points"
      ? `${line.name} from ${said(range[0])} to ${said(range[1])}`
      : `${line.name} goes from ${said(known[0]!)} to ${said(known.at(-1)!)}`;
  });
  return `${y.title} by ${x.title}: ${ends.join(", ")}`;
}
