// A grid of numbers with colours: the number stands in each cell, so the colours need no guessing.
// Leaves out interpolation between cells.

import { axisLook, axisTitle, roomBelow, roomLeft } from "./axis.ts";
import type { Figure } from "./figure.ts";
import { frame, type FrameOptions, type Plot } from "./frame.ts";
import {
  divergingScale,
  fontSizes,
  lineHeight,
  plotlyText,
  sequentialScale,
  textWidth,
  wrap,
} from "./theme.ts";

/** A plot of a grid. */
export interface HeatmapOptions extends FrameOptions {
  /** The columns, left to right. */
  x: { title: string; labels: readonly string[] };
  /** The rows, bottom to top. */
  y: { title: string; labels: readonly string[] };
  /** The values, a list for each row; null where nothing was measured. */
  z: readonly ArrayLike<number | null>[];
  /** The quantity with its unit, beside the colours. */
  value: string;
  /** Lowest and highest value of the colours; by default those of the data. */
  range?: readonly [number, number];
  /** The value that means "no change": colours go apart from it to both sides. */
  middle?: number;
  /** How a number reads in its cell; by default with two decimals, fewer from 10 upward. */
  format?: (value: number) => string;
}

/**
 * A figure of a grid.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { heatmap } from "./heatmap.ts";
 *
 * const patching = heatmap({
 *   x: { title: "patched from step", labels: ["0", "500"] },
 *   y: { title: "reference of step", labels: ["100", "1000"] },
 *   z: [[1.5, 1], [0.25, 0.5]],
 *   value: "plateau length (steps)",
 * });
 * assertEquals(patching.alt, "plateau length (steps): from 0.25 at 0, 1000 to 1.5 at 0, 100");
 * ```
 */
export function heatmap(options: HeatmapOptions): Figure {
  return frame([heatmapPlot(options)], options);
}

/** Pixels at and below which a plot goes without a scale of its colours. */
const NARROW = 420;

/**
 * The plot of {@link heatmap} as a part of `panels`.
 *
 * @example
 * ```ts
 * import { panels } from "./curves.ts";
 * import { heatmapPlot } from "./heatmap.ts";
 * const grid = { title: "people", labels: ["64", "128"] };
 * const plot = heatmapPlot({ x: grid, y: grid, z: [[0.1, 0.2], [0.3, null]], value: "share known" });
 * console.log(panels([plot]).alt);
 * ```
 */
export function heatmapPlot(options: HeatmapOptions): Plot {
  const { x, y, z, value, middle } = options;
  const known = z.flatMap((row) => Array.from(row, (cell) => cell ?? NaN)).filter(Number.isFinite);
  const [low, high] = options.range ?? [Math.min(...known), Math.max(...known)];
  const largest = Math.max(1, Math.abs(low), Math.abs(high));
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(largest)));
  const { format = (cell: number) => cell.toFixed(decimals) } = options;
  const reach = middle === undefined ? 0 : Math.max(high - middle, middle - low);
  return (room) => {
    const left = roomLeft(y.title, room.height - 90, y.labels, room.left);
    const valueLines = wrap(value, room.height - 110, fontSizes.note);
    // Where there is little room the numbers in the cells have to do without a scale.
    const scale = room.width > NARROW;
    const right = scale ? 70 + valueLines.length * fontSizes.note * lineHeight : 4;
    const width = room.width - left - right;
    const column = width / x.labels.length - 4;
    const longest = Math.max(
      ...x.labels.flatMap((label) => label.split(" ")).map((word) =>
        textWidth(word, fontSizes.note)
      ),
    );
    const upright = longest > column;
    const columns = x.labels.map((label) =>
      upright ? [label] : wrap(label, column, fontSizes.note)
    );
    const lines = upright
      ? Math.max(...x.labels.map((label) => textWidth(label, fontSizes.note))) /
        (fontSizes.note * lineHeight)
      : Math.max(1, ...columns.map((own) => own.length));
    const bottom = roomBelow(x.title, width, lines);
    return {
      traces: [{
        type: "heatmap",
        z: z.map((row) => Array.from(row)),
        text: z.map((row) =>
          Array.from(row, (at) => at === null || !Number.isFinite(at) ? "" : plotlyText(format(at)))
        ),
        texttemplate: "%{text}",
        textfont: { size: fontSizes.note },
        hoverinfo: "z",
        ...{ xgap: 2, ygap: 2, showlegend: false, showscale: scale },
        colorscale: middle === undefined ? sequentialScale : divergingScale,
        ...(middle === undefined
          ? { zmin: low, zmax: high }
          : { zmin: middle - reach, zmax: middle + reach }),
        colorbar: {
          title: {
            text: valueLines.map(plotlyText).join("<br>"),
            side: "right",
            font: { size: fontSizes.note },
          },
          ...{
            thickness: 14,
            outlinewidth: 0,
            tickfont: { size: fontSizes.note },

            ypad: 0,
            nticks: 6,
          },
        },
      }],
      xaxis: { ...labelled(x, columns, width), ...(upright ? { tickangle: -90 } : {}) },
      yaxis: labelled(y, y.labels.map((label) => [label]), room.height - bottom),
      inset: { left, right, top: 6, bottom },
      title: options.title,
      reading: reading(options, known),
    };
  };
}

function labelled(
  axis: { title: string; labels: readonly string[] },
  lines: string[][],
  pixels: number,
) {
  return {
    ...axisLook,
    title: axisTitle(axis.title, pixels),
    ...{ showgrid: false, showline: false, ticks: "", tickangle: 0 },
    range: [-0.5, axis.labels.length - 0.5],
    tickvals: axis.labels.map((_, at) => at),
    ticktext: lines.map((label) => label.map(plotlyText).join("<br>")),
  };
}

function reading({ x, y, z, value }: HeatmapOptions, known: readonly number[]): string {
  if (known.length === 0) return `${value} was not measured`;
  const where = (wanted: number) => {
    const row = z.findIndex((cells) => Array.from(cells).includes(wanted));
    const column = Array.from(z[row] ?? []).indexOf(wanted);
    return `${Number(wanted.toPrecision(3))} at ${x.labels[column]}, ${y.labels[row]}`;
  };
  return `${value}: from ${where(Math.min(...known))} to ${where(Math.max(...known))}`;
}
