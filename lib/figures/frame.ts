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
import {
  fontSizes,
  ink,
  lineHeight,
  narrowWidth,
  plotlyText,
  size,
  widest,
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
  /** Several plots side by side, or one below the other. */
  arrange?: "beside" | "stacked";
  /** Width in pixels, from 100; 760 by default. */
  width?: number;
  /** Height in pixels without the caption, from 100; 420 by default, 320 for each of stacked plots. */
  height?: number;
}

/** Least width and height that may be asked of a figure, in pixels. */
const leastSize = 100;

/** Least width and height of what is inside the axes of a plot, in pixels. */
const leastPlot = 40;

const padding = 10;
const symbolWidth = 52;
const headingHeight = fontSizes.base * lineHeight + 6;

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
  const { width = size.width } = options;
  const parts = arranged(plots, { ...options, width });
  if (width <= narrowWidth) return figure(parts);
  // What stands side by side goes below each other where there is no room.
  const beside = (options.arrange ?? "beside") === "beside" && plots.length > 1;
  const { height: _, ...stacked } = options;
  const narrow = arranged(plots, {
    ...(beside ? { ...stacked, arrange: "stacked" } : options),
    width: narrowWidth,
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

/** The figure's parts at one width. */
function arranged(
  plots: readonly Plot[],
  options: FrameOptions & { width: number },
): { data: Trace[]; layout: Layout; alt: string } {
  const { width, arrange = "beside", caption = "" } = options;
  const count = Math.max(1, plots.length);
  const [across, down] = arrange === "beside" ? [count, 1] : [1, count];
  const height = options.height ?? (down > 1 ? 320 * down : size.height);
  const innerWidth = width - 2 * padding;

  const captionLines = wrap(caption, innerWidth, fontSizes.caption);
  const captionHeight = captionLines.length * fontSizes.caption * lineHeight;
  const fullHeight = Math.ceil(height + captionHeight);

  // Names and headings do not depend on the room, but the room for the plots depends on them.
  const drafts = plots.map((plot) => plot({ width: innerWidth / across, height: height / down }));
  // A plot that stands alone gives the figure its title.
  const title = options.title ?? (drafts.length === 1 ? drafts[0]!.title : undefined) ?? "";
  const titleLines = wrap(title, innerWidth, fontSizes.title);
  const titleHeight = titleLines.length * fontSizes.title * lineHeight;
  const names = legendNames(drafts);
  const heading = plots.length > 1 && drafts.some((part) => part.title) ? headingHeight : 0;
  const legend = legendRoom(names, innerWidth);
  const top = padding + titleHeight + legend.height;
  const [columnWidth, rowHeight] = [innerWidth / across, (height - top - padding) / down];
  const room = { width: columnWidth, height: rowHeight - heading };
  const left = most(plots.map((plot) => plot(room).inset.left));
  const parts = plots.map((plot) => plot({ ...room, left: down > 1 ? left : 0 }));

  const lacking = {
    width: most(parts.map(({ inset }) => leastPlot - room.width + inset.left + inset.right)),
    height: most(parts.map(({ inset }) => leastPlot - room.height + inset.top + inset.bottom)),
  };
  if (lacking.width > 0 || lacking.height > 0) {
    const [wider, higher] = [across * lacking.width, down * lacking.height].map(Math.ceil);
    return arranged(plots, { ...options, width: width + wider!, height: height + higher! });
  }

  const fromTop = (pixels: number) => 1 - pixels / fullHeight;
  const placed = parts.map((part, index) => {
    const { inset } = part;
    const start = padding + (index % across) * columnWidth;
    const above = top + Math.floor(index / across) * rowHeight;
    return place(part, index + 1, {
      x: [(start + inset.left) / width, (start + columnWidth - inset.right) / width],
      y: [fromTop(above + rowHeight - inset.bottom), fromTop(above + heading + inset.top)],
      heading: heading > 0 ? { x: start / width, y: fromTop(above) } : undefined,
    });
  });

  const layout: Record<string, unknown> = {
    width,
    height: fullHeight,
    title: {
      text: titleLines.map(plotlyText).join("<br>"),
      font: { size: fontSizes.title, color: ink.text },
      ...{ x: padding / width, xanchor: "left", xref: "container" },
      ...{ y: fromTop(padding), yanchor: "top", yref: "container" },
    },
    margin: { l: 0, r: 0, t: 0, b: 0, autoexpand: false },
    showlegend: names.length > 0,
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
  heading?: { x: number; y: number };
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
      ...(heading ? [headingNote(part.title ?? "", heading)] : []),
    ],
    axes: {
      [`xaxis${suffix}`]: { ...part.xaxis, domain: x, anchor: `y${suffix}` },
      [`yaxis${suffix}`]: { ...part.yaxis, domain: y, anchor: `x${suffix}` },
    },
  };
}

function colorbarPlace({ x, y }: Place): Layout {
  return {
    x: x[1] + 0.015,
    xanchor: "left",
    y: (y[0] + y[1]) / 2,
    yanchor: "middle",
    len: y[1] - y[0],
  };
}

function headingNote(text: string, at: { x: number; y: number }): Layout {
  return {
    text: `<b>${plotlyText(text)}</b>`,
    ...{ xref: "paper", x: at.x, xanchor: "left", yref: "paper", y: at.y, yanchor: "top" },
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

/** The names in the legend, each once. */
function legendNames(parts: readonly PlotParts[]): string[] {
  const named = parts.flatMap(({ traces }) => traces).filter((trace) => trace.showlegend === true);
  return [...new Set(named.map(({ name }) => String(name)))];
}

/** Columns of equal width, as many as fit, so that the number of rows is known beforehand. */
function legendRoom(names: string[], width: number): { entry: number; height: number } {
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
function onceInLegend(traces: readonly Trace[]): Trace[] {
  const seen = new Set<unknown>();
  return traces.map((trace) => {
    if (trace.showlegend !== true || !seen.has(trace.name)) {
      if (trace.showlegend === true) seen.add(trace.name);
      return trace;
    }
    return { ...trace, showlegend: false };
  });
}
