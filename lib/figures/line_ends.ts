/**
 * Names at the ends of lines, in place of a legend: each as near to its end as the others let it.
 * Leaves out the lines themselves, and what is done where the ends lie too close (frame.ts).
 *
 * @module
 */

import type { PlotRoom } from "./frame.ts";
import type { Area, Marks } from "./marks.ts";
import { fontSizes, lineHeight, plotlyText, widest, wrap } from "./theme.ts";

/** The end of a line: what it is called, and where it lies on the axes. */
export interface LineEnd {
  /** The line's name. */
  name: string;
  /** The line's colour. */
  color: string;
  /** Where along the x axis. */
  x: number;
  /** The value there. */
  y: number;
}

/** Pixels between a line's end and its name, of which a leader takes most. */
const gap = 16;

/** Pixels that a name may be above or below its line's end; farther ones are lost. */
const farthest = 60;

/** Share of the axis' width from which on a line may end: nothing is to its right but its name. */
const rightmost = 0.8;

/** Height of a line of text, in pixels. */
const row = Math.ceil(fontSizes.note * lineHeight);

/** The names in lines that leave most of the width to the plot. */
function wrapped({ name }: Pick<LineEnd, "name">, width: number): string[] {
  return wrap(name, Math.min(170, 0.3 * width), fontSizes.note);
}

/** Pixels that the names take at the right of a plot in a room this wide. */
export function roomForNames(ends: readonly Pick<LineEnd, "name">[], width: number): number {
  return gap + 4 + Math.ceil(widest(ends.flatMap((end) => wrapped(end, width)), fontSizes.note));
}

/**
 * The names with leaders to them, or null where they would lie too far from their lines.
 * Rooms where they are sure to be named take them wherever they lie.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { axisOver } from "./axis.ts";
 * import { namesAtEnds } from "./line_ends.ts";
 *
 * const x = axisOver([], { title: "step", range: [0, 1] });
 * const area = { width: 400, height: 300, x, y: x };
 * const end = (name: string, y: number) => ({ name, color: "#222222", x: 1, y });
 * const names = namesAtEnds([end("low", 0.5), end("high", 0.51)], area, { width: 500 });
 * assertEquals(names?.annotations.map(({ text }) => text), ["high", "low"]);
 * ```
 */
export function namesAtEnds(
  ends: readonly LineEnd[],
  area: Area,
  { width, named = false }: Pick<PlotRoom, "width" | "named">,
): Marks | null {
  const placed = ends
    .map((end) => ({
      end,
      lines: wrapped(end, width),
      across: area.x.share(end.x) * area.width,
      down: (1 - area.y.share(end.y)) * area.height,
    }))
    .toSorted((one, other) => one.down - other.down);
  if (!named && placed.some(({ across }) => across < rightmost * area.width)) return null;
  const places = apart(
    placed.map(({ down, lines }) => ({ at: down, size: lines.length * row })),
    [-row / 2, area.height + row / 2],
  );
  if (!named && places.some((at, i) => Math.abs(at - placed[i]!.down) > farthest)) return null;
  const at = placed.map(({ end, lines, across, down }, i) => {
    const [right, up] = [area.width - across + gap, down - places[i]!];
    return { end, lines, right, up, x: area.x.place(end.x), y: area.y.place(end.y) };
  });
  return {
    shapes: at.map(({ end, right, up }) => ({
      type: "line",
      line: { color: end.color, width: 1 },
      // Only what is placed by the axes' domains is seen outside of the plot.
      ...{
        xref: "x domain",
        xsizemode: "pixel",
        xanchor: area.x.share(end.x),
        x0: 2,
        x1: right - 3,
      },
      ...{ yref: "y domain", ysizemode: "pixel", yanchor: area.y.share(end.y), y0: 0, y1: up },
    })),
    annotations: at.map(({ end, lines, right, up, x, y }) => ({
      text: lines.map(plotlyText).join("<br>"),
      ...{ x, xanchor: "left", xshift: right, y, yanchor: "middle", yshift: up },
      ...{ showarrow: false, align: "left", borderpad: 0 },
      font: { size: fontSizes.note, color: end.color },
    })),
  };
}

/**
 * Centres of things of some size, in order, as near as can be to where each should be, none over
 * another and all in range: an isotonic regression, pooling neighbours that would overlap. What
 * has no room begins at the top.
 */
function apart(
  things: readonly { at: number; size: number }[],
  [low, high]: readonly [number, number],
): number[] {
  const total = things.reduce((sum, { size }) => sum + size, 0);
  const before = things.map((_, i) =>
    things.slice(0, i).reduce((sum, { size }) => sum + size, 0) + things[i]!.size / 2
  );
  // With the room of those before taken off, places need only be in order.
  const pools: { sum: number; count: number }[] = [];
  things.forEach(({ at }, i) => {
    pools.push({ sum: at - before[i]!, count: 1 });
    for (let last = pools.length - 1; last > 0; last--) {
      const [one, other] = [pools[last - 1]!, pools[last]!];
      if (one.sum / one.count <= other.sum / other.count) break;
      pools.splice(last - 1, 2, { sum: one.sum + other.sum, count: one.count + other.count });
    }
  });
  const middles = pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
  return middles.map((middle, i) => Math.max(low, Math.min(middle, high - total)) + before[i]!);
}
