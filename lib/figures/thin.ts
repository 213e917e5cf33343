/**
 * Marks that hide one another, once: a static picture of 200 000 points holds a few thousand, looks
 * the same and takes seconds, not minutes. The figure itself keeps all of its data.
 * Leaves out lines, which Plotly thins by itself.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import type { Layout, Trace } from "./drawing.ts";

/** Marks that are drawn as they are; a thousand take a third of a second. */
const FEW = 4000;

/** Columns and rows of a plot, each narrower than a mark: a cell holds the last mark drawn in it. */
const GRID = { x: 150, y: 75 };

/**
 * The traces with marks that others of their trace hide left out; lines stay as they are.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { thinned } from "./thin.ts";
 *
 * const x = Array.from({ length: 10_000 }, (_, at) => at % 10);
 * const [dots] = thinned([{ mode: "markers", x, y: x, text: x.map(String) }], {});
 * assertEquals(dots?.text, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
 * ```
 */
export function thinned(data: readonly Trace[], layout: Layout): Trace[] {
  return data.flatMap((trace) => {
    const { type = "scatter", mode = "", y } = trace;
    if (type !== "scatter" || !String(mode).includes("markers") || !isMany(y)) return [trace];
    const kept = seenOf(trace, y, layout);
    const marks = { ...pick(trace, y.length, kept) as Trace, mode: "markers" };
    if (!String(mode).includes("lines")) return [{ ...marks, mode }];
    // The line with one mark, for the legend, and the other marks over it.
    const { error_x: _, error_y: __, marker, ...line } = trace;
    const one = { ...marker as Trace, maxdisplayed: 1 };
    return [{ ...line, marker: one }, { ...marks, showlegend: false }];
  });
}

function isMany(values: unknown): values is unknown[] {
  return Array.isArray(values) && values.length > FEW;
}

/** Indices of the marks that are seen, in order. */
function seenOf({ x, xaxis, yaxis }: Trace, y: unknown[], layout: Layout): number[] {
  const xs = Array.isArray(x) ? x : y.map((_, index) => index);
  const column = cells(xs, axisOf(layout, xaxis ?? "x"), GRID.x);
  const row = cells(y, axisOf(layout, yaxis ?? "y"), GRID.y);
  const last = new Map<number, number>();
  for (let index = 0; index < y.length; index++) {
    const [across, up] = [column(index), row(index)];
    const inside = across >= -1 && across <= GRID.x && up >= -1 && up <= GRID.y;
    if (inside) last.set(across * 1000 + up, index);
  }
  return [...last.values()].toSorted((one, other) => one - other);
}

function axisOf(layout: Layout, name: unknown): Layout {
  return (layout[String(name).replace(/^./, "$&axis")] ?? {}) as Layout;
}

/** In which of so many cells along an axis each value lies. */
function cells(values: unknown[], axis: Layout, count: number): (index: number) => number {
  const number = (value: unknown) => typeof value === "string" ? Date.parse(value) : Number(value);
  const places = values.map((value) =>
    value === null ? NaN : axis.type === "log" ? Math.log10(number(value)) : number(value)
  );
  const ends = Array.isArray(axis.range) ? axis.range.map(number) : [];
  // Names of categories have no place but their order.
  const [low, high] = extent(ends) ?? extent(places) ?? [0, values.length];
  const placed = extent(places) ? places : places.map((_, index) => index);
  return (index) => Math.floor(count * (placed[index]! - low) / (high - low || 1));
}

/** The trace with these entries of each of its lists, at any depth, that has one for each mark. */
function pick(value: unknown, length: number, kept: readonly number[]): unknown {
  if (Array.isArray(value)) {
    return value.length === length ? kept.map((index) => value[index]) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, pick(entry, length, kept)]),
  );
}
