// A figure: plain Plotly traces and a layout, with a one-line reading, that shows and saves itself.
// Leaves out what is in it (curves.ts, bars.ts, ...) and how pictures are made (render.ts).

import { extname } from "node:path";
import {
  type Displayable,
  displaySymbol,
  escapeHtml,
  frameSymbol,
  type MimeBundle,
  oneLine,
} from "../display/mod.ts";
import { pngOf } from "./png.ts";
import { plotlyForPages, renderSvg } from "./render.ts";
import { baseLayout } from "./theme.ts";

/**
 * MIME type of the layout for a phone, of the same traces (heatmaps without their scale); exported
 * pages take it.
 */
export const NARROW = "application/vnd.factlab.narrow.v1+json";

/** A Plotly trace. */
export type Trace = Readonly<Record<string, unknown>>;

/** A Plotly layout. */
export type Layout = Readonly<Record<string, unknown>>;

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
  /** Writes the form that the path's ending names: .png (double size), .svg, .json or .html. */
  save(path: string): Promise<void>;
}

/**
 * A figure from Plotly traces and a layout.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { figure } from "./figure.ts";
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
  const { title, ...rest } = parts.layout ?? {};
  const data = plain(parts.data) as readonly Trace[];
  const layout = plain({
    ...baseLayout,
    ...(title === undefined ? {} : { title: typeof title === "string" ? { text: title } : title }),
    ...rest,
  }) as Layout;
  const alt = oneLine(parts.alt);
  const drawing = { data, layout };
  const narrow = parts.narrow && { layout: plain({ ...baseLayout, ...parts.narrow }) };

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
      await Deno.writeTextFile(path, page(drawing, alt, await plotlyForPages()));
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

/** Plain JSON values: typed arrays as arrays, at most six digits, null for what is not a number. */
function plain(value: unknown): unknown {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return null;
    return Number.isInteger(value) ? value : Number(value.toPrecision(6));
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined).map((
      [key, entry],
    ) => [key, plain(entry)]),
  );
}

/** One page with the figure and all it needs: it is read offline and asks no host for anything. */
function page(drawing: { data: unknown; layout: unknown }, alt: string, plotly: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(alt)}</title>
<div id="figure" role="img" aria-label="${escapeHtml(alt)}"></div>
<script>${plotly.replaceAll("</script", "<\\/script")}</script>
<script>
const { data, layout } = ${JSON.stringify(drawing).replaceAll("<", "\\u003c")};
Plotly.newPlot("figure", data, layout, { displayModeBar: false });
</script>
</html>
`;
}
