/**
 * A grid of numbers with colours: the number stands in each cell, so the colours need no guessing.
 * Leaves out interpolation between cells.
 *
 * @module
 */

import { extent } from "../display/mod.ts";
import {
  axisLook,
  axisTitle,
  categoryTicks,
  givenRange,
  roomBelow,
  roomLeft,
  withRoom,
} from "./axis.ts";
import type { Layout } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { frame, type FrameOptions, type Plot } from "./frame.ts";
import { type Numbers, numbersOf, said, shown } from "./numbers.ts";
import {
  divergingScale,
  fontSizes,
  lineHeight,
  plotlyText,
  sequentialScale,
  wrap,
} from "./theme.ts";

/** How a label stands out; undefined for one that does not. */
export type Emphasis = "bold" | "italic" | undefined;

/** The labels along one side of a grid. */
export interface GridSide {
  /** What they are. */
  title: string;
  /** The labels, in order. */
  labels: readonly string[];
  /** Those that stand out. */
  emphasis?: readonly Emphasis[];
}

/** A plot of a grid. */
export interface HeatmapOptions extends FrameOptions {
  /** The columns, left to right. */
  x: GridSide;
  /** The rows, bottom to top. */
  y: GridSide;
  /** The values, a list for each row; null where nothing was measured. */
  z: readonly Numbers[];
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
 * import { heatmap } from "factlab";
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

/** Pixels below which a cell has no room for its number. */
const SMALL = 16;

/**
 * The plot of {@link heatmap} as a part of `panels`.
 *
 * @example
 * ```ts
 * import { heatmapPlot, panels } from "factlab";
 * const grid = { title: "people", labels: ["64", "128"] };
 * const plot = heatmapPlot({ x: grid, y: grid, z: [[0.1, 0.2], [0.3, null]], value: "share known" });
 * console.log(panels([plot]).alt);
 * ```
 */
export function heatmapPlot(options: HeatmapOptions): Plot {
  const { x, y, value, middle } = options;
  if (options.z.length !== y.labels.length) {
    throw new RangeError(
      `Cannot draw heatmap: z must have a row for each of the ${y.labels.length} labels of y, got ` +
        `${options.z.length}.`,
    );
  }
  const z = options.z.map((row, at) => numbersOf(row, `heatmap: z[${at}]`, x.labels.length));
  if (middle !== undefined && !Number.isFinite(middle)) {
    throw new RangeError(`Cannot draw heatmap: middle must be a number, got ${shown(middle)}.`);
  }
  const { range } = options;
  const [low, high] = range ? givenRange({ title: value, range }) : extent(z.flat()) ?? [0, 1];
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
    const columns = categoryTicks(x.labels, width, { gap: 4 });
    const bottom = roomBelow(x.title, width, columns.lines);
    const height = room.height - bottom;
    // Where there is little room for the cells the colours have to do without numbers.
    const small = width / x.labels.length < SMALL || height / y.labels.length < SMALL;
    return {
      traces: [{
        type: "heatmap",
        z,
        ...(small ? {} : {
          text: z.map((row) =>
            row.map((cell) => Number.isFinite(cell) ? plotlyText(String(format(cell))) : "")
          ),
          texttemplate: "%{text}",
          textfont: { size: fontSizes.note },
        }),
        hoverinfo: "z",
        ...(small ? {} : { xgap: 2, ygap: 2 }),
        ...{ showlegend: false, showscale: scale },
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
      xaxis: { ...labelled(x, width), ...emphasised(columns.axis, x) },
      yaxis: {
        ...labelled(y, height),
        ...emphasised(withRoom(y.labels.map((label) => [label]), height), y),
      },
      inset: { left, right, top: 6, bottom },
      title: options.title,
      reading: reading(z, options),
    };
  };
}

function marked(text: string, emphasis: Emphasis): string {
  if (emphasis === undefined) return text;
  const tag = emphasis === "bold" ? "b" : "i";
  return `<${tag}>${text}</${tag}>`;
}

/**
 * A label as Plotly shows it, letter by letter, standing out or not.
 *
 * @example
 * ```ts
 * import { labelText } from "factlab/figures";
 * console.log(labelText("Procter & Gamble", "italic")); // <i>Procter &amp; Gamble</i>
 * ```
 */
export function labelText(label: string, emphasis: Emphasis): string {
  return marked(plotlyText(label), emphasis);
}

/** Ticks with their labels in Plotly's markup. */
function emphasised(ticks: Layout, { emphasis = [] }: GridSide): Layout {
  const places = ticks.tickvals as number[];
  return {
    ...ticks,
    ticktext: (ticks.ticktext as string[]).map((text, i) => marked(text, emphasis[places[i]!])),
  };
}

function labelled(axis: GridSide, pixels: number) {
  return {
    ...axisLook,
    title: axisTitle(axis.title, pixels),
    ...{ showgrid: false, showline: false, ticks: "", tickangle: 0 },
    range: [-0.5, axis.labels.length - 0.5],
  };
}

function reading(z: number[][], { x, y, value }: HeatmapOptions): string {
  const ends = extent(z.flat());
  if (!ends) return `${value} was not measured`;
  const [least, most] = ends.map((wanted) => {
    const row = z.findIndex((cells) => cells.includes(wanted));
    return `${said(wanted)} at ${x.labels[z[row]!.indexOf(wanted)]}, ${y.labels[row]}`;
  });
  return `${value}: from ${least} to ${most}`;
}
