/**
 * What Plotly draws: traces and a layout, as plain JSON.
 *
 * @module
 */

/** A Plotly trace. */
export type Trace = Readonly<Record<string, unknown>>;

/** A Plotly layout. */
export type Layout = Readonly<Record<string, unknown>>;

/** What is drawn: traces and a layout with width and height in pixels. */
export interface Drawing {
  /** Plotly traces. */
  readonly data: readonly Trace[];
  /** Plotly layout. */
  readonly layout: Layout;
}
