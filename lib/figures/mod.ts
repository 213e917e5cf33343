/**
 * Plotly figures from measurements; they display in a notebook, a file or a terminal.
 * Re-exports only.
 *
 * @module
 */

export * from "./bars.ts";
export * from "./curves.ts";
export type { Layout, Trace } from "./drawing.ts";
export * from "./figure.ts";
export * from "./heatmap.ts";
export * from "./quick.ts";
export * from "./scatter_fit.ts";
export { frame, type FrameOptions, type Plot, type PlotParts, type PlotRoom } from "./frame.ts";
export type { AxisOptions } from "./axis.ts";
export type { Numbers } from "./numbers.ts";
export type { Counted, Seeds } from "./seeds.ts";
export type { Level, Phase } from "./marks.ts";
export { orderedColors, type Ramp } from "./ramp.ts";
export {
  type Meaning,
  meanings,
  palette,
  plainColors,
  plotlyText,
  sequentialScale,
  titleDrop,
} from "./theme.ts";
