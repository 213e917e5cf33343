/**
 * Curves drawn by hand as SVG, in a fraction of a millisecond: frames of a figure that moves while
 * processors are wanted for other work. Leaves out all that a reader asks of a finished figure:
 * that is curves.ts.
 *
 * @module
 */

import { type Displayable, displayable, escapeHtml, extent, oneLine } from "../display/mod.ts";
import { fontFamily, ink, size } from "./theme.ts";

/** One curve. */
export interface QuickLine {
  /** What it is; "" where the panel's title says it. */
  name: string;
  /** Its colour. */
  color: string;
  /** Its points in order of x; what is not finite is left out. */
  points: readonly (readonly [x: number, y: number])[];
}

/** One panel of the drawing. */
export interface QuickPanel {
  /** What is drawn, with its unit. */
  title: string;
  /** Its curves. */
  lines: readonly QuickLine[];
  /** A level line, with words. */
  level?: { y: number; label: string };
  /** Lowest and highest y; those of the points where nothing is said. */
  range?: readonly [low: number, high: number];
}

/** A drawing of panels above each other. */
export interface QuickCurvesOptions {
  /** The x axis of all panels, by powers of ten; the range is fixed, so that nothing jumps. */
  x: { title: string; range: readonly [low: number, high: number] };
  /** From top to bottom. */
  panels: readonly QuickPanel[];
  /** What it says, in one line. */
  alt: string;
}

const HEIGHT = 120;
const LEFT = 56;
const RIGHT = 16;
const TOP = 24;
const FOOT = 40;

/**
 * The curves as a picture that is shown and forgotten.
 *
 * @example
 * ```ts
 * import { bundleOf } from "factlab/display";
 * import { palette, quickCurves } from "factlab/figures";
 * const loss = { name: "", color: palette.blue, points: [[1, 8], [10, 4], [100, 3.6]] as const };
 * const picture = quickCurves({
 *   x: { title: "training step", range: [1, 1000] },
 *   panels: [{ title: "training loss (nats a token)", lines: [loss] }],
 *   alt: "training loss 3.6 at step 100",
 * });
 * console.log(Object.keys(await bundleOf(picture))); // image/svg+xml, text/plain
 * ```
 */
export function quickCurves({ x, panels, alt }: QuickCurvesOptions): Displayable {
  const [first, last] = x.range.map((end) => Math.log10(Math.max(end, 1)));
  const across = (value: number) =>
    LEFT + (size.width - LEFT - RIGHT) * (Math.log10(value) - first!) / (last! - first! || 1);
  const height = panels.length * (TOP + HEIGHT) + FOOT;
  const drawn = panels.map((panel, i) => panelOf(panel, across, i * (TOP + HEIGHT) + TOP));
  const bottom = height - FOOT;
  const ticks = Array.from(
    { length: Math.floor(last! + 1e-9) - Math.ceil(first! - 1e-9) + 1 },
    (_, i) => 10 ** (Math.ceil(first! - 1e-9) + i),
  ).map((tick) => text(across(tick), bottom + 15, String(tick), "middle"));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${height}" ` +
    `viewBox="0 0 ${size.width} ${height}" font-family="${fontFamily}" font-size="12">` +
    `<rect width="100%" height="100%" fill="${ink.paper}"/>` + drawn.join("") + ticks.join("") +
    text(across(10 ** ((first! + last!) / 2)), bottom + 32, x.title, "middle") + "</svg>";
  return displayable(() => ({ "image/svg+xml": svg, "text/plain": oneLine(alt) }));
}

function panelOf(
  { title, lines, level, range }: QuickPanel,
  across: (x: number) => number,
  top: number,
): string {
  const seen = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const [low, high] = range ?? extent([...seen, ...(level ? [level.y] : [])]) ?? [0, 1];
  const up = (y: number) => top + HEIGHT - (HEIGHT - 6) * (y - low) / (high - low || 1) - 3;
  const curves = lines.map(({ color, points }) => {
    const places = points
      .filter(([x, y]) => x > 0 && Number.isFinite(y))
      .map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`);
    const end = places.at(-1)?.split(",");
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${
      places.join(" ")
    }"/>` + (end ? `<circle cx="${end[0]}" cy="${end[1]}" r="3" fill="${color}"/>` : "");
  });
  const right = size.width - RIGHT;
  const flat = level
    ? `<path d="M${LEFT} ${up(level.y)}H${right}" stroke="${ink.faint}" stroke-dasharray="5 4"/>` +
      text(right, up(level.y) - 4, level.label, "end")
    : "";
  const names = lines.filter(({ name }) => name !== "").map(({ name, color }) =>
    `<tspan fill="${color}" dx="14">${escapeHtml(name)}</tspan>`
  );
  return `<rect x="${LEFT}" y="${top}" width="${right - LEFT}" height="${HEIGHT}" fill="none" ` +
    `stroke="${ink.grid}"/>` + flat + curves.join("") +
    `<text x="${LEFT}" y="${top - 7}" fill="${ink.text}">${escapeHtml(title)}${
      names.join("")
    }</text>` + text(LEFT - 5, top + 11, label(high), "end") +
    text(LEFT - 5, top + HEIGHT - 2, label(low), "end");
}

const label = (value: number) => String(Number(value.toPrecision(3)));

function text(x: number, y: number, words: string, anchor: "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${
    y.toFixed(1)
  }" text-anchor="${anchor}" fill="${ink.faint}">` +
    `${escapeHtml(words)}</text>`;
}
