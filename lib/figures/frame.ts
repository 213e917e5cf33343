/**
 * The frame around plots: title, legend, caption, and the place of each plot, in whole pixels.
 * Every text gets its own room, so nothing overlaps, whatever the length of names and captions: a
 * figure whose texts would leave its plots no room is larger than was asked for.
 * Leaves out what is inside a plot: each kind of plot says how much room its labels need.
 *
 * @module
 */

import type { Layout, Trace } from "./drawing.ts";
import { type Figure, figure, MOST_PIXELS } from "./figure.ts";
import { legendNames, legendRoom, onceInLegend } from "./legend.ts";
import { type Counted, seedsNote, usualSeeds } from "./seeds.ts";
import {
  fontSizes,
  ink,
  lineHeight,
  narrowWidth,
  plotlyText,
  size,
  titleDrop,
  wrap,
} from "./theme.ts";

/** The pixels a plot may fill; `left` is the room it must leave so that stacked plots line up. */
export interface PlotRoom {
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Least room left of the axis, in pixels. */
  left?: number;
  /** Least room right of the axis, in pixels. */
  right?: number;
  /** The number of seeds that the caption says; names say others. */
  usual?: number;
  /** Whether lines have their names at their ends; by default where these lie apart. */
  named?: boolean;
}

/** A plot: told the pixels it may fill, it answers with all there is to draw. */
export type Plot = (room: PlotRoom) => PlotParts;

/** What one plot draws. It calls its own axes x and y, whichever they are in the figure. */
export interface PlotParts {
  /** Plotly traces. */
  traces: readonly Trace[];
  /** Plotly's x axis. */
  xaxis: Layout;
  /** Plotly's y axis. */
  yaxis: Layout;
  /** Plotly's shapes. */
  shapes?: readonly Layout[];
  /** Plotly's annotations. */
  annotations?: readonly Layout[];
  /** Names that stand at the ends of lines. */
  named?: readonly string[];
  /** Seeds of all that is drawn. */
  seeds?: readonly Counted[];
  /** Room for labels around the axes, in pixels. */
  inset: { left: number; right: number; top: number; bottom: number };
  /** What the plot is about, above it; in a figure of one plot this is the figure's title. */
  title?: string;
  /** What the plot says, in one line. */
  reading: string;
}

/** What surrounds the plots of a figure. */
export interface FrameOptions {
  /** What the figure is about. */
  title?: string;
  /** What is seen, in which unit, over what: drawn below the plots, wrapped to the width. */
  caption?: string;
  /** What the figure says, in one line; by default made from the numbers. */
  alt?: string;
  /** Two plots side by side, or one below the other; of more there are two a row. */
  arrange?: "beside" | "stacked";
  /** Width in pixels, from 100; by default 760, or 828 with two plots a row. */
  width?: number;
  /** Height in pixels without the caption, from 100; by default 420, or 300 for each row of plots. */
  height?: number;
}

/** Least width and height that may be asked of a figure, in pixels. */
const leastSize = 100;

/** Least width and height of what is inside the axes of a plot, in pixels. */
const leastPlot = 40;

const padding = 10;

/** How much wider bold letters are. */
const boldWidth = 1.1;

/**
 * A figure of one or more plots.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { frame } from "factlab";
 *
 * const dot = () => ({
 *   traces: [{ x: [1], y: [1] }],
 *   xaxis: {},
 *   yaxis: {},
 *   inset: { left: 40, right: 0, top: 0, bottom: 40 },
 *   reading: "one dot",
 * });
 * assertEquals(frame([dot], { title: "Dot" }).alt, "Dot: one dot");
 * ```
 */
export function frame(plots: readonly Plot[], options: FrameOptions = {}): Figure {
  checkSize(options);
  const { arrange = "beside" } = options;
  const columns = plots.length > 2 || (plots.length === 2 && arrange === "beside") ? 2 : 1;
  const { width = columns > 1 ? size.twice : size.width } = options;
  const parts = arranged(plots, { ...options, width, columns });
  if (width <= narrowWidth) return figure(parts);
  // What stands side by side goes below each other where there is no room.
  const { height, ...stacked } = options;
  const narrow = arranged(plots, {
    ...(columns > 1 ? stacked : options),
    width: narrowWidth,
    columns: 1,
    // A plot that is to be high keeps half of it, however long its legend becomes.
    ...(columns === 1 && height ? { least: height / 2 / plots.length } : {}),
  });
  return figure({ ...parts, narrow: narrow.layout });
}

function checkSize(options: FrameOptions): void {
  for (const side of ["width", "height"] as const) {
    const pixels = options[side];
    if (pixels === undefined || (pixels >= leastSize && pixels <= MOST_PIXELS)) continue;
    throw new RangeError(
      `Cannot draw figure: ${side} must be from ${leastSize} to ${MOST_PIXELS} pixels, got ${pixels}.`,
    );
  }
}

/** Where a plot stands: its row, its first column and the one after its last. */
interface Cell {
  row: number;
  from: number;
  to: number;
}

/** The figure's parts at one width. */
function arranged(
  plots: readonly Plot[],
  options: FrameOptions & { width: number; columns: number; least?: number },
): { data: Trace[]; layout: Layout; alt: string } {
  const { width, columns, least = leastPlot } = options;
  const rows = Math.max(1, Math.ceil(plots.length / columns));
  const height = options.height ?? (rows > 1 ? 300 * rows : size.height);
  const innerWidth = width - 2 * padding;
  const columnWidth = innerWidth / columns;
  const cells = plots.map((_, index): Cell => ({
    row: Math.floor(index / columns),
    from: index % columns,
    // The last one has what is left of its row.
    to: index === plots.length - 1 ? columns : index % columns + 1,
  }));
  const widths = cells.map(({ from, to }) => (to - from) * columnWidth);

  // Names, seeds and headings hardly depend on the room, but the room for plots depends on them.
  const sketches = plots.map((plot, at) => plot({ width: widths[at]!, height: height / rows }));
  const seeds = sketches.flatMap((part) => part.seeds ?? []);
  const usual = usualSeeds(seeds);
  const caption = [options.caption ?? "", seedsNote(seeds)].filter((text) => text !== "").join(" ");
  const captionLines = wrap(caption, innerWidth, fontSizes.caption);
  const captionHeight = captionLines.length * fontSizes.caption * lineHeight;
  const fullHeight = Math.ceil(height + captionHeight);

  // A plot that stands alone gives the figure its title.
  const title = options.title ?? (sketches.length === 1 ? sketches[0]!.title : undefined) ?? "";
  const titleLines = wrap(title, innerWidth, fontSizes.title);
  const titleHeight = titleLines.length * fontSizes.title * lineHeight;
  const headings = sketches.map((part, at) =>
    plots.length > 1 ? wrap(part.title ?? "", widths[at]! - 12, fontSizes.base * boldWidth) : []
  );
  const heading = most(headings.map((lines) => lines.length)) * fontSizes.base * lineHeight + 6;
  const under = padding + titleHeight;
  const rowBelow = (top: number) => (height - top - padding) / rows;
  const roomBelow = (top: number, at: number) => ({
    ...{ width: widths[at]!, height: rowBelow(top) - heading, usual },
  });
  const drafts = plots.map((plot, at) => plot(roomBelow(under, at)));
  // A name at a line's end in one of the plots needs no legend; a legend needs no names at ends.
  const named = new Set(drafts.flatMap((part) => part.named ?? []));
  const names = legendNames(drafts.flatMap(({ traces }) => traces));
  const isNamed = names.every((name) => named.has(name));
  const legend = legendRoom(isNamed ? [] : names, innerWidth);
  const top = under + legend.height;
  const rowHeight = rowBelow(top);
  const room = (at: number): PlotRoom => ({
    ...roomBelow(top, at),
    named: isNamed && drafts[at]!.named !== undefined,
  });
  const firsts = plots.map((plot, at) => plot(room(at)).inset);
  const parts = plots.map((plot, at) => {
    const alike = (side: "from" | "to") =>
      firsts.filter((_, other) => cells[other]![side] === cells[at]![side]);
    const left = most(alike("from").map((inset) => inset.left));
    const right = most(alike("to").map((inset) => inset.right));
    return plot({ ...room(at), left, right });
  });

  const lacking = {
    width: most(parts.map(({ inset }, at) => leastPlot - widths[at]! + inset.left + inset.right)),
    height: most(
      parts.map(({ inset }, at) => least - room(at).height + inset.top + inset.bottom),
    ),
  };
  if (lacking.width > 0 || lacking.height > 0) {
    const [wider, higher] = [columns * lacking.width, rows * lacking.height].map(Math.ceil);
    return arranged(plots, { ...options, width: width + wider!, height: height + higher! });
  }

  const fromTop = (pixels: number) => 1 - pixels / fullHeight;
  const placed = parts.map((part, at) => {
    const { inset } = part;
    const start = padding + cells[at]!.from * columnWidth;
    const above = top + cells[at]!.row * rowHeight;
    return place(part, at + 1, {
      x: [(start + inset.left) / width, (start + widths[at]! - inset.right) / width],
      y: [fromTop(above + rowHeight - inset.bottom), fromTop(above + heading + inset.top)],
      heading: { lines: headings[at]!, x: start / width, y: fromTop(above) },
    });
  });

  const layout: Record<string, unknown> = {
    width,
    height: fullHeight,
    title: {
      text: titleLines.map(plotlyText).join("<br>"),
      font: { size: fontSizes.title, color: ink.text },
      ...{ x: padding / width, xanchor: "left", xref: "container" },
      ...{ y: fromTop(padding + titleDrop(titleLines.length, fontSizes.title)) },
      ...{ yanchor: "top", yref: "container" },
    },
    margin: { l: 0, r: 0, t: 0, b: 0, autoexpand: false },
    showlegend: !isNamed,
    legend: {
      orientation: "h",
      ...{ x: padding / width, xanchor: "left", y: fromTop(padding + titleHeight), yanchor: "top" },
      ...{ entrywidth: legend.entry, entrywidthmode: "pixels", font: { size: fontSizes.base } },
      ...{ bgcolor: "rgba(0,0,0,0)", itemwidth: 34, traceorder: "normal" },
    },
    shapes: placed.flatMap(({ shapes }) => shapes),
    annotations: [
      ...placed.flatMap(({ annotations }) => annotations),
      ...(caption ? [captionNote(captionLines, padding / width)] : []),
    ],
  };
  for (const { axes } of placed) Object.assign(layout, axes);

  const readings = parts.map(({ title: heading, reading }) =>
    plots.length > 1 && heading ? `${heading}: ${reading}` : reading
  );
  return {
    data: onceInLegend(placed.flatMap(({ traces }) => traces)),
    layout,
    alt: options.alt ?? (title ? `${title}: ` : "") + readings.join("; "),
  };
}

/** The largest of the numbers, and at least zero. */
function most(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), 0);
}

interface Place {
  x: [number, number];
  y: [number, number];
  heading: { lines: readonly string[]; x: number; y: number };
}

/** Gives a plot its axes' numbers and its place in the figure. */
function place(part: PlotParts, index: number, { x, y, heading }: Place) {
  const suffix = index === 1 ? "" : String(index);
  const renumber = (entry: Layout) => ({
    ...entry,
    xref: String(entry.xref ?? "x").replace(/^x/, `x${suffix}`),
    yref: String(entry.yref ?? "y").replace(/^y/, `y${suffix}`),
  });
  return {
    traces: part.traces.map((trace) => ({
      ...trace,
      ...{ xaxis: `x${suffix}`, yaxis: `y${suffix}` },
      // In the legend the names of one plot stand together.
      ...(trace.legendrank ? { legendrank: Number(trace.legendrank) + 100 * (index - 1) } : {}),
      ...(trace.colorbar ? { colorbar: { ...trace.colorbar, ...colorbarPlace({ x, y }) } } : {}),
    })),
    shapes: (part.shapes ?? []).map(renumber),
    annotations: [
      ...(part.annotations ?? []).map(renumber),
      ...(heading.lines.length > 0 ? [headingNote(heading)] : []),
    ],
    axes: {
      [`xaxis${suffix}`]: { ...part.xaxis, domain: x, anchor: `y${suffix}` },
      [`yaxis${suffix}`]: { ...part.yaxis, domain: y, anchor: `x${suffix}` },
    },
  };
}

function colorbarPlace({ x, y }: Pick<Place, "x" | "y">): Layout {
  return {
    x: x[1] + 0.015,
    xanchor: "left",
    y: (y[0] + y[1]) / 2,
    yanchor: "middle",
    len: y[1] - y[0],
  };
}

function headingNote({ lines, x, y }: Place["heading"]): Layout {
  return {
    text: lines.map((line) => `<b>${plotlyText(line)}</b>`).join("<br>"),
    ...{ xref: "paper", x, xanchor: "left", yref: "paper", y, yanchor: "top" },
    ...{ showarrow: false, borderpad: 0, align: "left", font: { size: fontSizes.base } },
  };
}

function captionNote(lines: string[], x: number): Layout {
  return {
    text: lines.map(plotlyText).join("<br>"),
    ...{ xref: "paper", x, xanchor: "left", yref: "paper", y: 0, yanchor: "bottom", yshift: 8 },
    ...{ showarrow: false, borderpad: 0, align: "left" },
    font: { size: fontSizes.caption, color: ink.faint },
  };
}
