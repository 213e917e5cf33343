/**
 * PNG of few colours, a byte a pixel: a third of the size of four bytes a pixel, which is most of
 * what a notebook with figures weighs.
 * Leaves out pictures of many colours, such as photographs.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";

/** Entries of a palette. */
const ENTRIES = 256;

/** How far a channel of a pixel may be off, of 255: as little as leaves room in the palette. */
const TOLERANCES = [0, 2, 4, 7, 10, 14, 20];

/** Pixels from which on a colour is an area of its own, and stays as it is. */
const AREA = 150;

/**
 * Opaque pixels as a PNG with a palette: of colours that are nearly alike the most frequent one
 * stands for all; null where there are more than a palette holds, or where pixels are translucent.
 * `pixels` is RGBA, row by row.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { indexedPng } from "./indexed.ts";
 *
 * const png = indexedPng(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 255), 2, 1);
 * assertEquals([...png!.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * assertEquals(indexedPng(Uint8Array.of(0, 0, 0, 128), 1, 1), null);
 * ```
 */
export function indexedPng(pixels: Uint8Array, width: number, height: number): Uint8Array | null {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] !== 255) return null;
    const color = colorAt(pixels, at);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const colors = [...counts].toSorted(([, one], [, other]) => other - one).map(([color]) => color);
  const areas = colors.filter((color) => counts.get(color)! >= AREA).length;
  const found = paletteOf(colors, areas);
  if (!found) return null;
  const { palette, entryOf } = found;
  const rows = new Uint8Array(height * (width + 1)); // Each row begins with its filter: none.
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      rows[y * (width + 1) + 1 + x] = entryOf.get(colorAt(pixels, at))!;
    }
  }
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", joined([word(width), word(height), Uint8Array.of(8, 3, 0, 0, 0)])),
    chunk("PLTE", joined(palette.map((color) => word(color).subarray(1)))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

function colorAt(pixels: Uint8Array, at: number): number {
  return pixels[at]! << 16 | pixels[at + 1]! << 8 | pixels[at + 2]!;
}

/** The palette of the least tolerance that has room, and each colour's entry in it: areas come first. */
function paletteOf(colors: readonly number[], areas: number) {
  for (const tolerance of TOLERANCES) {
    const palette: number[] = [];
    const entryOf = new Map<number, number>();
    for (const color of colors) {
      const near = palette.length < areas
        ? -1
        : palette.findIndex((entry) => distance(entry, color) <= tolerance);
      const entry = near < 0 ? palette.push(color) - 1 : near;
      if (entry >= ENTRIES) break;
      entryOf.set(color, entry);
    }
    if (entryOf.size === colors.length) return { palette, entryOf };
  }
  return null;
}

/** How far the channel that differs most is off. */
function distance(one: number, other: number): number {
  const red = Math.abs((one >> 16) - (other >> 16));
  const green = Math.abs((one >> 8 & 255) - (other >> 8 & 255));
  const blue = Math.abs((one & 255) - (other & 255));
  return Math.max(red, green, blue);
}

function chunk(kind: string, data: Uint8Array): Uint8Array {
  const body = joined([new TextEncoder().encode(kind), data]);
  return joined([word(data.length), body, word(crc32(body))]);
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
