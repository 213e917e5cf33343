// PNGs with a palette: what another decoder reads back, how far off, and what is not made one.

import { assert, assertEquals } from "@std/assert";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { figure } from "../../lib/figures/mod.ts";
import { indexedPng } from "../../lib/figures/indexed.ts";

/** Opaque pixels, a colour each. */
const pixelsOf = (colors: readonly [number, number, number][]) =>
  Uint8Array.from(colors.flatMap((color) => [...color, 255]));

/** What a decoder that is not ours makes of a PNG. */
async function decoded(png: Uint8Array): Promise<Uint8Array> {
  const image = await loadImage(png);
  const pen = createCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  return Uint8Array.from(pen.getImageData(0, 0, image.width, image.height).data);
}

Deno.test("few colours come back to the last bit", async () => {
  const pixels = pixelsOf(Array.from({ length: 12 }, (_, at) => [at, 255 - at, 7 * at]));
  assertEquals(await decoded(indexedPng(pixels, 4, 3)!), pixels);
});

Deno.test("of many like colours each comes back nearly as it was", async () => {
  const colors = Array.from({ length: 3000 }, (_, at): [number, number, number] => {
    const grey = at % 250;
    return [grey, grey, grey + at % 6];
  });
  const pixels = pixelsOf(colors);
  const png = indexedPng(pixels, 60, 50);
  assert(png);
  const back = await decoded(png);
  assert(pixels.every((value, at) => Math.abs(value - back[at]!) <= 7));
});

Deno.test("an area keeps its colour, however like a larger one's it is", async () => {
  const noise = Array.from({ length: 900 }, (_, at): [number, number, number] => {
    const grey = at % 250;
    return [grey, grey, grey + at % 6];
  });
  const large = Array.from({ length: 3000 }, (): [number, number, number] => [60, 54, 45]);
  const small = Array.from({ length: 300 }, (): [number, number, number] => [60, 58, 50]);
  const pixels = pixelsOf([...large, ...small, ...noise]);
  const back = await decoded(indexedPng(pixels, 60, 70)!);
  assertEquals(back.slice(0, 4 * 3300), pixels.slice(0, 4 * 3300));
});

Deno.test("more colours than a palette tells apart, and translucent ones, are refused", () => {
  const many = Array.from({ length: 4096 }, (_, at): [number, number, number] =>
    [
      ...[at & 15, at >> 4 & 15, at >> 8].map((part) => 17 * part),
    ] as [number, number, number]);
  assertEquals(indexedPng(pixelsOf(many), 64, 64), null);
  assertEquals(indexedPng(Uint8Array.of(1, 2, 3, 254), 1, 1), null);
});

Deno.test("a figure's picture has a palette and takes a fraction of four bytes a pixel", async () => {
  const png = await figure({ data: [{ y: [1, 3, 2] }], layout: { title: "One" }, alt: "" }).png();
  assertEquals(png[25], 3); // The colour type that means a palette.
  assert(png.length < 15_000, `${png.length} bytes`);
});
