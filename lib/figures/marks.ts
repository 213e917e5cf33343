/**
 * What stands beside the curves: horizontal levels and shaded phases, each with its label.
 * A level's label goes where it hides least; phases carry theirs above the plot, in rows.
 * Leaves out the curves themselves.
 *
 * @module
 */

import { type Axis, clamp } from "./axis.ts";
import type { Layout } from "./drawing.ts";
import {
  fontSizes,
  ink,
  lineHeight,
  meanings,
  phaseFills,
  plotlyText,
  textWidth,
} from "./theme.ts";

/** A horizontal line to read values against. */
export interface Level {
  /** Where on the y axis. */
  y: number;
  /** What it is, such as "nobody known: 3.73 nats". */
  label: string;
  /** Its colour; by default that of the no-knowledge line. */
  color?: string;
}

/** A stretch of the x axis with a name, such as a phase of learning. */
export interface Phase {
  /** Where it starts on the x axis; 0 on a logarithmic one is where that begins. */
  x0: number;
  /** Where it ends. */
  x1: number;
  /** Its name. */
  label: string;
  /** Shaded less than those to look at. */
  faint?: boolean;
}

/** The drawn area in pixels with its axes. */
export interface Area {
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** The horizontal axis. */
  x: Axis;
  /** The vertical axis. */
  y: Axis;
}

/** Shapes and annotations for Plotly. */
export interface Marks {
  /** Lines and fills. */
  shapes: Layout[];
  /** Texts. */
  annotations: Layout[];
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pixels between the points at which curves are looked at. */
const grain = 3;

/** By how much of the axis a level on its very end may miss it. */
const EDGE = 1e-9;

/** Pixels between a level and its label, so that a curve that runs along the level stays seen. */
const gap = 4;

/**
 * Lines with labels that keep clear of the curves, as far as there is room. Curves are points in
 * pixels from the upper left corner of the area. A level outside the axis is left out.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { axisOver } from "./axis.ts";
 * import { levelMarks } from "./marks.ts";
 *
 * const x = axisOver([], { title: "step", range: [0, 1] });
 * const area = { width: 400, height: 300, x, y: x };
 * const { annotations } = levelMarks([{ y: 0.5, label: "half" }], area, []);
 * assertEquals(annotations[0]?.text, "half");
 * ```
 */
export function levelMarks(
  levels: readonly Level[],
  area: Area,
  curves: readonly (readonly [number, number])[][],
): Marks {
  const seen = levels.map((level) => ({ level, share: area.y.share(level.y) }))
    .filter(({ share }) => share >= -EDGE && share <= 1 + EDGE);
  const marks: Marks = { shapes: [], annotations: [] };
  if (seen.length === 0) return marks;
  const taken: Box[] = [];
  const lines = seen.map(({ share }) => (1 - share) * area.height);
  seen.forEach(({ level }, index) => {
    const color = level.color ?? meanings.noKnowledge;
    const at = lines[index] ?? 0;
    const others = lines.filter((_, other) => other !== index);
    const spot = bestSpot(level.label, at, area, { curves, taken, others });
    taken.push(spot.box);
    marks.shapes.push({
      type: "line",
      layer: "above",
      line: { color, width: 1.5, dash: "dash" },
      ...{ xref: "x domain", x0: 0, x1: 1, y0: level.y, y1: level.y },
    });
    marks.annotations.push({
      text: plotlyText(level.label),
      ...{ xref: "x domain", x: spot.box.left / area.width, xanchor: "left" },
      ...{ y: area.y.place(level.y), yanchor: spot.above ? "bottom" : "top" },
      ...{ yshift: spot.above ? gap : -gap, showarrow: false, borderpad: 0, bgcolor: ink.veil },
      font: { size: fontSizes.note, color },
    });
  });
  return marks;
}

interface Obstacles {
  curves: readonly (readonly [number, number])[][];
  taken: readonly Box[];
  others: readonly number[];
}

/** Of places along the line, above or below it, the one that hides least; rather right and above. */
function bestSpot(label: string, line: number, area: Area, { curves, taken, others }: Obstacles) {
  const width = textWidth(label, fontSizes.note);
  const height = fontSizes.note * lineHeight + 2;
  const spots = Array.from({ length: 18 }, (_, index) => {
    const [place, above] = [Math.floor(index / 2), index % 2 === 0];
    const left = Math.max(4, (area.width - width - 8) * (1 - place / 8) + 4);
    const top = above ? line - height - gap : line + gap;
    const box = { left, right: left + width, top, bottom: top + height };
    const crossed = taken.filter((other) => overlap(box, other)).length;
    const struck = others.filter((y) => y > box.top && y < box.bottom).length;
    const outside = top < 0 || box.bottom > area.height ? 1 : 0;
    const cost = 300 * (crossed + outside) + 100 * struck + place * 0.5 + (above ? 0 : 0.2);
    return { box, above, cost };
  });
  addHidden(spots, curves);
  return spots.reduce((best, spot) => spot.cost < best.cost ? spot : best);
}

/**
 * Adds to the cost of each spot the points it would hide. Polylines are walked in steps so small
 * that no label slips between two; nothing is kept of the way, so that they may be of any length.
 */
function addHidden(
  spots: { box: Box; cost: number }[],
  curves: readonly (readonly [number, number])[][],
): void {
  const top = Math.min(...spots.map(({ box }) => box.top)) - 1;
  const bottom = Math.max(...spots.map(({ box }) => box.bottom)) + 1;
  for (const points of curves) {
    points.forEach(([x, y], index) => {
      const [nextX, nextY] = points[index + 1] ?? [x, y];
      const steps = Math.min(500, Math.ceil(Math.hypot(nextX - x, nextY - y) / grain) || 1);
      for (let step = 0; step < steps; step++) {
        const down = y + (nextY - y) * step / steps;
        if (down <= top || down >= bottom) continue;
        const across = x + (nextX - x) * step / steps;
        for (const spot of spots) if (inside(spot.box, across, down, 1)) spot.cost++;
      }
    });
  }
}

function inside(box: Box, x: number, y: number, margin: number): boolean {
  return x > box.left - margin && x < box.right + margin &&
    y > box.top - margin && y < box.bottom + margin;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right &&
    one.top < other.bottom && other.top < one.bottom;
}

/** Height in pixels of one row of phase labels. */
const rowHeight = Math.ceil(fontSizes.note * lineHeight) + 2;

/**
 * Shaded phases with labels above the plot, and the pixels which these need there. What lies
 * outside the axis is left out.
 */
export function spanMarks(
  spans: readonly Phase[],
  area: Pick<Area, "width" | "x">,
): Marks & { room: number } {
  const marks: Marks = { shapes: [], annotations: [] };
  const rowEnds: number[] = [];
  spans.forEach((span) => {
    const [x0, x1] = [span.x0, span.x1].map((x) => clamp(x, ...area.x.range)) as [number, number];
    const [from, to] = [x0, x1].map((x) => area.x.share(x) * area.width) as [number, number];
    if (!(x0 < x1)) return;
    const half = textWidth(span.label, fontSizes.note) / 2;
    const middle = (from + to) / 2;
    const centre = clamp(middle, half, Math.max(half, area.width - half));
    let row = rowEnds.findIndex((end) => end + 8 < centre - half);
    if (row < 0) row = rowEnds.length;
    rowEnds[row] = centre + half;
    marks.shapes.push({
      ...{ type: "rect", layer: "below", line: { width: 0 } },
      fillcolor: phaseFills[span.faint ? "faint" : "strong"],
      ...{ x0, x1, yref: "y domain", y0: 0, y1: 1 },
    });
    marks.annotations.push({
      text: plotlyText(span.label),
      ...{ xref: "x domain", x: centre / area.width, xanchor: "center" },
      ...{ yref: "y domain", y: 1, yanchor: "bottom", yshift: 2 + row * rowHeight },
      ...{ showarrow: false, borderpad: 0, font: { size: fontSizes.note, color: ink.faint } },
    });
  });
  return { ...marks, room: rowEnds.length > 0 ? rowEnds.length * rowHeight + 4 : 0 };
}
