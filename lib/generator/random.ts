/**
 * Named streams of random numbers: everything drawn in factlab comes from (seed, name, …), so
 * any part can be drawn again without the parts before it.
 *
 * @module
 */

import seedrandom from "seedrandom";

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * The stream of a seed with the given name, for example `stream(0, "data", step)`.
 *
 * @example
 * ```ts
 * import { stream } from "factlab";
 * console.log(stream(0, "people")() === stream(0, "people")()); // true
 * ```
 */
export function stream(seed: number, ...name: (string | number)[]): Random {
  return seedrandom.alea(`${seed}/${name.join("/")}`);
}

/** A whole number in [0, count). */
export function below(count: number, random: Random): number {
  return Math.floor(random() * count);
}

/** Shuffles in place (Fisher-Yates) and returns the same array. */
export function shuffle<A extends { length: number; [i: number]: number }>(
  items: A,
  random: Random,
): A {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1, random);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

/** Standard normal numbers by the Box-Muller transform: independent of TensorFlow's generators. */
export function normal(count: number, random: Random): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
