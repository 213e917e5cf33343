/**
 * A figure: plain Plotly traces and a layout, with a one-line reading, that shows and saves itself.
 * Leaves out what is in it (curves.ts, bars.ts, ...) and how pictures are made (render.ts).
 *
 * @module
 */

import { dirname, extname, join } from "node:path";
import {
  type Displayable,
  displaySymbol,
  escapeHtml,
  frameSymbol,
  type MimeBundle,
  oneLine,
} from "../display/mod.ts";
import type { Layout, Trace } from "./drawing.ts";
import { darkTwins } from "./dark.ts";
import { plain } from "./plain.ts";
import { pngOf } from "./png.ts";
import { plotlyForPages, renderSvg } from "./render.ts";
import { baseLayout } from "./theme.ts";

/**
 * MIME type of the layout for a phone, of the same traces (heatmaps without their scale); exported
 * pages take it.
 */
export const NARROW = "application/vnd.factlab.narrow.v1+json";

/** What a figure is made of. */
export interface FigureParts {
  /** Plotly traces; typed arrays are welcome. */
  data: readonly Trace[];
  /** Plotly layout; a title may be a string; size, font and colours have defaults. */
  layout?: Layout;
  /** What the figure says, in one line: for readers who cannot see it, and for terminals. */
  alt: string;
  /** The layout for the width of a phone, which pages take where there is no room. */
  narrow?: Layout;
}

/** What pages load, once for all pages of a folder. */
const PLOTLY = "plotly.min.js";

/** Pixels of the longest side; Plotly and browsers draw no larger figure in time. */
export const MOST_PIXELS = 10_000;

/** Bars of a trace; each takes Plotly about a millisecond, and a screen has fewer pixels. */
const MOST_BARS = 5_000;

/** A figure that shows itself in notebooks and saves itself to files. */
export interface Figure extends Displayable {
  /** Plotly traces as plain JSON. */
  readonly data: readonly Trace[];
  /** Plotly layout as plain JSON, with width and height. */
  readonly layout: Layout;
  /** What the figure says, in one line. */
  readonly alt: string;
  /** The forms for a notebook: an interactive figure, a picture, a line of text. */
  bundle(): Promise<MimeBundle>;
  /** A picture, `scale` pixels for each of the layout's. */
  png(options?: { scale?: number }): Promise<Uint8Array>;
  /** A drawing that scales. */
  svg(): Promise<string>;
  /**
   * Writes the form that the path's ending names: .png (double size), .svg, .json or .html, which
   * all pages of a folder draw with the one plotly.min.js beside them.
   */
  save(path: string): Promise<void>;
}

/**
 * A figure from Plotly traces and a layout.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { figure } from "factlab";
 *
 * const loss = figure({
 *   data: [{ y: Float32Array.of(3.5, 1.25) }],
 *   layout: { title: "Loss" },
 *   alt: "Loss falls from 3.5 to 1.25 nats.",
 * });
 * assertEquals(loss.data, [{ y: [3.5, 1.25] }]);
 * assertEquals(Object.keys(await loss.bundle()), [
 *   "application/vnd.plotly.v1+json",
 *   "image/png",
 *   "text/plain",
 * ]);
 * ```
 */
export function figure(parts: FigureParts): Figure {
  const data = checked(plain(parts.data, "data") as readonly Trace[]);
  const own = dressed(parts.layout ?? {}, "layout");
  const layout = {
    ...own,
    meta: { ...own.meta as Layout, dark: darkTwins({ data, layout: own }) },
  };
  const alt = oneLine(parts.alt);
  const drawing = { data, layout };
  const narrow = parts.narrow && { layout: dressed(parts.narrow, "narrow") };

  const svg = () => renderSvg(drawing);
  const png = async (options?: { scale?: number }) => await pngOf(await svg(), options);
  const bundle = async () => ({
    "application/vnd.plotly.v1+json": drawing,
    "image/png": (await png()).toBase64(),
    ...(narrow ? { [NARROW]: narrow } : {}),
    "text/plain": alt,
  });
  const frame = async () => ({ "image/svg+xml": await svg(), "text/plain": alt });

  async function save(path: string): Promise<void> {
    const form = extname(path);
    if (form === ".png") await Deno.writeFile(path, await png({ scale: 2 }));
    else if (form === ".svg") await Deno.writeTextFile(path, await svg());
    else if (form === ".json") await Deno.writeTextFile(path, JSON.stringify(drawing) + "\n");
    else if (form === ".html") {
      await Deno.copyFile(plotlyForPages(), join(dirname(path), PLOTLY));
      await Deno.writeTextFile(path, page(drawing, alt));
    } else {
      throw new TypeError(
        `Cannot save figure: ending must be .png, .svg, .json or .html, got "${form}"`,
      );
    }
  }

  return {
    data,
    layout,
    alt,
    bundle,
    png,
    svg,
    save,
    [displaySymbol]: bundle,
    [frameSymbol]: frame,
  };
}

function checked(data: readonly Trace[]): readonly Trace[] {
  if (!Array.isArray(data)) {
    throw new TypeError(`Cannot draw figure: data must be an array of traces, got ${typeof data}.`);
  }
  for (const [index, { type, x, y }] of data.entries()) {
    const bars = Math.max(...[x, y].map((values) => Array.isArray(values) ? values.length : 0));
    if (type !== "bar" || bars <= MOST_BARS) continue;
    throw new RangeError(
      `Cannot draw figure: data[${index}] must have at most ${MOST_BARS} bars, got ${bars}. ` +
        `Draw so many as points or a line.`,
    );
  }
  return data;
}

/** A layout with the house's look where it says nothing else. */
function dressed({ title, ...rest }: Layout, path: string): Layout {
  const layout = plain({
    ...baseLayout,
    ...(title === undefined ? {} : { title: typeof title === "string" ? { text: title } : title }),
    ...rest,
  }, path) as Layout;
  for (const side of ["width", "height"]) {
    const pixels = layout[side];
    if (typeof pixels === "number" && pixels >= 1 && pixels <= MOST_PIXELS) continue;
    throw new RangeError(
      `Cannot draw figure: ${path}.${side} must be from 1 to ${MOST_PIXELS} pixels, got ${pixels}. ` +
        `Long captions, titles and legends take their share.`,
    );
  }
  return layout;
}

/** A page with the figure, which with Plotly beside it is read offline and asks no host for anything. */
function page(drawing: { data: unknown; layout: unknown }, alt: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(alt)}</title>
<div id="figure" role="img" aria-label="${escapeHtml(alt)}"></div>
<script src="${PLOTLY}"></script>
<script>
const { data, layout } = ${JSON.stringify(drawing).replaceAll("<", "\\u003c")};
Plotly.newPlot("figure", data, layout, { displayModeBar: false });
</script>
</html>
`;
}
