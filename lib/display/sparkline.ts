/**
 * A curve in one line of text, for tables and terminals; a figure shows more.
 *
 * @module
 */

const BARS = "▁▂▃▄▅▆▇█";

/**
 * The values, in order, as a row of bars between the lowest and the highest; many values share
 * `width` bars, each the mean of its part. Values that are not finite are left out.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparkline } from "factlab/display";
 *
 * assertEquals(sparkline([8, 4, 2, 1]), "█▄▂▁");
 * assertEquals(sparkline([8, 8, 1, 1], 2), "█▁");
 * ```
 */
export function sparkline(values: ArrayLike<number>, width = 24): string {
  const known = Array.from(values).filter(Number.isFinite);
  const count = Math.min(width, known.length);
  const means = Array.from({ length: count }, (_, i) => {
    const part = known.slice(
      Math.floor(i * known.length / count),
      Math.floor((i + 1) * known.length / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [low, high] = extent(means) ?? [0, 0];
  const top = BARS.length - 1;
  return means.map((mean) => BARS[high > low ? Math.round(top * (mean - low) / (high - low)) : 0])
    .join("");
}

/**
 * The lowest and the highest of the values that are finite, of however many; undefined if none is.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { extent } from "factlab/display";
 *
 * assertEquals(extent([3, NaN, 1, 2]), [1, 3]);
 * assertEquals(extent([]), undefined);
 * ```
 */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}
