/**
 * SVG as PNG: resvg as WebAssembly, where its panics are errors; as a native addon they would end
 * the process.
 * Leaves out how the SVG comes about (render.ts) and how few colours are kept (indexed.ts).
 *
 * @module
 */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { indexedPng } from "./indexed.ts";

/** The shipped font, with which text is measured and drawn. */
export const fontFamily = "DejaVu Sans";

/** Pixels of the largest picture; it takes 400 MB while it is drawn. */
const MOST_PIXELS = 1e8;

/**
 * The picture of an SVG document as PNG bytes, `scale` pixels for each of its own.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pngOf } from "./png.ts";
 *
 * const png = await pngOf(`<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>`);
 * assertEquals([...png.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * ```
 */
export async function pngOf(svg: string, options: { scale?: number } = {}): Promise<Uint8Array> {
  const { scale = 1 } = options;
  const { Resvg, fontBuffers } = await (loaded ??= load());
  try {
    const picture = new Resvg(svg, {
      imageRendering: 1, // Cells of a heatmap keep sharp edges.
      fitTo: { mode: "zoom", value: scale },
      font: { fontBuffers, defaultFontFamily: fontFamily },
    });
    checkScale(scale, picture);
    const drawn = picture.render();
    return indexedPng(drawn.pixels, drawn.width, drawn.height) ?? drawn.asPng();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new Error(
      `Cannot draw picture: its SVG must be one that resvg can draw, got "${error}". The figure's ` +
        `svg() gives it all the same.`,
    );
  }
}

function checkScale(scale: number, { width, height }: { width: number; height: number }): void {
  const most = Math.sqrt(MOST_PIXELS / (width * height));
  if (scale * Math.min(width, height) >= 1 && scale <= most) return;
  throw new RangeError(
    `Cannot draw picture: scale must be above 0 and at most ${most.toFixed(1)} for a figure of ` +
      `${width} x ${height}, got ${scale}. An SVG has every size.`,
  );
}

/** With no font at all, resvg would leave out every letter without a word. */
export function fontFiles(): string[] {
  const folder = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"].map((name) =>
    join(folder, name)
  );
}

const require = createRequire(import.meta.url);
let loaded: ReturnType<typeof load> | undefined;

async function load() {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  await initWasm(Deno.readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return { Resvg, fontBuffers: await Promise.all(fontFiles().map((file) => Deno.readFile(file))) };
}
