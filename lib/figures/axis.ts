// Axes: range, ticks and title from the numbers that are drawn, and the way from numbers to pixels.
// Leaves out categories: heatmap.ts and bars.ts name theirs.

import type { Layout } from "./figure.ts";
import { fontSizes, ink, lineHeight, plotlyText, textWidth, wrap } from "./theme.ts";

/** What an axis shows. */
export interface AxisOptions {
  /** The quantity with its unit, such as "loss (nats a value)". */
  title: string;
  /** Equal steps for equal factors. Values that are not positive are left out. */
  log?: boolean;
  /** Lowest and highest value; by default what the data needs. */
  range?: readonly [number, number];
}

/** An axis with its range fixed. */
export interface Axis {
  /** The quantity with its unit. */
  readonly title: string;
  /** Whether equal steps mean equal factors. */
  readonly log: boolean;
  /** Lowest and highest value. */
  readonly range: readonly [number, number];
  /** Where on the axis a value lies, 0 at its start and 1 at its end. */
  share(value: number): number;
  /** The value as Plotly's annotations want it: its decimal logarithm on a log axis. */
  place(value: number): number;
}

/**
 * An axis over the values.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { axisOver } from "./axis.ts";
 *
 * const steps = axisOver([1, 10, 100], { title: "step", log: true, range: [1, 100] });
 * assertEquals(steps.share(10), 0.5);
 * ```
 */
export function axisOver(values: Iterable<number>, options: AxisOptions, pad = 0.02): Axis {
  const { title, log = false } = options;
  const place = (value: number) => log ? Math.log10(value) : value;
  const [low, high] = options.range?.map(place) ?? padded(extent(values, place), log, pad);
  const [from, to] = [low ?? 0, high ?? 1];
  return {
    title,
    log,
    range: log ? [10 ** from, 10 ** to] : [from, to],
    share: (value) => (place(value) - from) / (to - from),
    place,
  };
}

function extent(values: Iterable<number>, place: (value: number) => number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    const at = place(value);
    if (!Number.isFinite(at)) continue;
    low = Math.min(low, at);
    high = Math.max(high, at);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Some air around the data; amounts that come near zero start at zero. */
function padded([low, high]: [number, number], log: boolean, pad: number): [number, number] {
  const air = high > low ? (high - low) * pad : Math.abs(high) * 0.1 || 1;
  const fromZero = !log && low >= 0 && low < 0.3 * high;
  return [fromZero ? 0 : low - air, high + air];
}

/** The axis as Plotly draws it along this many pixels. */
export function plotlyAxis(axis: Axis, pixels: number, side: "x" | "y"): Layout {
  const [low, high] = axis.range.map(axis.place) as [number, number];
  return {
    ...axisLook,
    title: axisTitle(axis.title, pixels),
    type: axis.log ? "log" : "linear",
    range: [low, high],
    ...(axis.log
      ? { dtick: logTicks(high - low, pixels, side), tickformat: ",~g" }
      : { nticks: Math.max(3, Math.round(pixels / (side === "x" ? 90 : 36))) }),
  };
}

/** How every axis looks. */
export const axisLook: Layout = {
  showline: true,
  linecolor: ink.faint,
  linewidth: 1,
  ticks: "outside",
  ticklen: 5,
  tickcolor: ink.faint,
  tickfont: { size: fontSizes.note },
  gridcolor: ink.grid,
  zeroline: false,
  separatethousands: true,
  exponentformat: "none",
};

/** The title of an axis of this length, wrapped. */
export function axisTitle(title: string, pixels: number): Layout {
  const lines = wrap(title, pixels, fontSizes.base).map(plotlyText);
  return { text: lines.join("<br>"), font: { size: fontSizes.base }, standoff: 8 };
}

/** Room in pixels for the ticks and title below an axis this long, with this many lines a tick. */
export function roomBelow(title: string, pixels: number, tickLines = 1): number {
  const titleLines = wrap(title, pixels, fontSizes.base).length;
  return 14 + tickLines * fontSizes.note * lineHeight + titleLines * fontSizes.base * lineHeight +
    6;
}

/** Room in pixels, `least` or more, for tick labels and the title left of an axis this long. */
export function roomLeft(
  title: string,
  pixels: number,
  ticks: readonly string[],
  least = 0,
): number {
  const titleLines = wrap(title, pixels, fontSizes.base).length;
  const label = Math.max(...ticks.map((tick) => textWidth(tick, fontSizes.note)));
  return Math.max(least, 16 + label + titleLines * fontSizes.base * lineHeight + 6);
}

/** The longest tick labels that an axis may come to have. */
export function likelyTicks({ range: [low, high], log }: Axis): string[] {
  if (log) {
    return [low, high].map((value) =>
      `${Number((10 ** Math.round(Math.log10(value))).toPrecision(1))}`
    );
  }
  const decimals = Math.max(0, Math.ceil(-Math.log10((high - low) / 4)));
  return [low, high].map((value) => value.toFixed(decimals));
}

/** One, two, five of each decade where their labels fit, else whole decades. */
function logTicks(decades: number, pixels: number, side: "x" | "y"): number | "D1" | "D2" {
  if (decades < 0.4 && pixels / (decades * 9) > (side === "x" ? 40 : 20)) return "D1";
  const room = pixels / (decades * 3);
  return room > (side === "x" ? 50 : 26) || decades < 1.3 ? "D2" : Math.ceil(decades / 8);
}
