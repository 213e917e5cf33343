/**
 * The legend of a figure whose lines end too close to be named there, and its room in whole pixels.
 * Leaves out names at the ends of lines: line_ends.ts.
 *
 * @module
 */

import type { Trace } from "./drawing.ts";
import { fontSizes, lineHeight, widest } from "./theme.ts";

/** The names in the legend, each once. */
export function legendNames(traces: readonly Trace[]): string[] {
  const named = traces.filter((trace) => trace.showlegend === true);
  return [...new Set(named.map(({ name }) => String(name)))];
}

/** Pixels of an entry before its name. */
const symbolWidth = 52;

/** Columns of equal width, as many as fit, so that the number of rows is known beforehand. */
export function legendRoom(names: string[], width: number): { entry: number; height: number } {
  if (names.length === 0) return { entry: 0, height: 0 };
  const longest = Math.ceil(widest(names, fontSizes.base));
  const fitting = Math.max(1, Math.floor(width / (longest + symbolWidth)));
  const rows = Math.ceil(names.length / fitting);
  const columns = Math.ceil(names.length / rows); // Four names: two and two, not three and one.
  const share = Math.ceil(width / (columns + 1)) - 40;
  const entry = rows > 1 ? Math.max(longest, share) : longest;
  return { entry, height: rows * (fontSizes.base * lineHeight + 4) + 8 };
}

/** A name that several plots share stands in the legend once, and switches all of them. */
export function onceInLegend(traces: readonly Trace[]): Trace[] {
  const seen = new Set<unknown>();
  return traces.map((trace) => {
    if (trace.showlegend !== true || !seen.has(trace.name)) {
      if (trace.showlegend === true) seen.add(trace.name);
      return trace;
    }
    return { ...trace, showlegend: false };
  });
}
