/**
 * Axes: range, ticks and title from the numbers that are drawn, and the way from numbers to pixels.
 * Also the labels of categories, as many as have room.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import type { Layout } from "./drawing.ts";
import { shown } from "./numbers.ts";
import { rounded } from "./plain.ts";
import { fontSizes, ink, lineHeight, plotlyText, widest, wrap } from "./theme.ts";

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
  const [from, to] = options.range
    ? givenRange(options).map(place) as [number, number]
    : padded(extent(Array.from(values, place)) ?? [0, 1], log, pad);
  return {
    title,
    log,
    range: log ? [10 ** from, 10 ** to] : [from, to],
    share: (value) => (place(value) - from) / (to - from),
    place,
  };
}

/** Farther from zero than these, sums and powers of ten overflow; nearer to it, quotients do. */
const FARTHEST = { linear: 1e300, log: 250 };
const NEAREST = 1e-290;

/** Some air around the data; amounts that come near zero start at zero. */
function padded(ends: [number, number], log: boolean, pad: number): [number, number] {
  const farthest = log ? FARTHEST.log : FARTHEST.linear;
  const [low, high] = ends.map((end) =>
    Math.abs(end) < NEAREST ? 0 : clamp(end, -farthest, farthest)
  ) as [number, number];
  const air = rounded(high) > rounded(low) ? (high - low) * pad : Math.abs(high) * 0.1 || 1;
  const fromZero = !log && low >= 0 && low < 0.3 * high;
  return [fromZero ? 0 : low - air, high + air];
}

/** The range that was asked for, if an axis can have it. */
export function givenRange({ title, log, range = [0, 1] }: AxisOptions): readonly [number, number] {
  const [low, high] = range;
  const known = range.every((end) => typeof end === "number" && Math.abs(end) <= FARTHEST.linear);
  const apart = known && rounded(low) < rounded(high) && high - low >= NEAREST;
  if (apart && (!log || low > 0)) return range;
  const positive = log ? " and above 0, for the axis is logarithmic" : "";
  throw new RangeError(
    `Cannot draw axis ${
      shown(title)
    }: range must be two numbers, the lower first${positive}, got ` +
      `${shown(range)}. Leave it out to see all of the data.`,
  );
}

/** The number that is nearest to a value from `low` to `high`. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
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
    ...(isExtreme(axis) ? { exponentformat: "e" } : {}),
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
  return Math.max(
    least,
    16 + widest(ticks, fontSizes.note) + titleLines * fontSizes.base * lineHeight + 6,
  );
}

/** Whether numbers on the axis are too long to be written without an exponent. */
function isExtreme({ range: [low, high], log }: Axis): boolean {
  return !log && (Math.max(-low, high) >= 1e15 || high - low < 1e-9);
}

/**
 * The names of categories along so many pixels: each wrapped between its neighbours or, where a
 * word is too long for that and the room below some pixels, upright; of very many every second, third, … has a label. `lines` is
 * how many lines high they are.
 */
export function categoryTicks(
  names: readonly string[],
  pixels: number,
  { gap, uprightBelow = Infinity }: { gap: number; uprightBelow?: number },
): { axis: Layout; lines: number } {
  const room = pixels / names.length - gap;
  const words = names.flatMap((name) => name.split(" "));
  const upright = room < uprightBelow && widest(words, fontSizes.note) > room;
  const labels = names.map((name) => upright ? [name] : wrap(name, room, fontSizes.note));
  return {
    axis: { tickangle: upright ? -90 : 0, ...withRoom(labels, pixels) },
    lines: upright
      ? widest(names, fontSizes.note) / (fontSizes.note * lineHeight)
      : labels.reduce((most, lines) => Math.max(most, lines.length), 1),
  };
}

/**
 * Ticks with these labels: all, if need be close to each other, or in even steps as many as keep
 * clear of each other.
 */
export function withRoom(labels: readonly string[][], pixels: number): Layout {
  const room = pixels / labels.length;
  const least = room < 0.7 * fontSizes.note ? fontSizes.note / room : 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const every = [1, 2, 5].map((step) => step * power).find((step) => step >= least) ?? 10 * power;
  const shown = labels.flatMap((lines, at) => at % every === 0 ? [{ lines, at }] : []);
  return {
    tickvals: shown.map(({ at }) => at),
    ticktext: shown.map(({ lines }) => lines.map(plotlyText).join("<br>")),
  };
}

/** The longest tick labels that an axis may come to have. */
export function likelyTicks(axis: Axis): string[] {
  const { range: [low, high], log } = axis;
  if (isExtreme(axis)) return ["-1.2345e+300"];
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
