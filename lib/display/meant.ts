/**
 * What was meant by a name that there is not: the nearest one that there is.
 *
 * @module
 */

import { closest, distance } from "fastest-levenshtein";

/** Letters that a slip of the hand changes in a short name; in a longer one it is a third of them. */
const SLIP = 2;

/**
 * The name that was probably meant, by the fewest letters to change; undefined if none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "factlab/display";
 * console.log(nearest("modle", ["model", "optimizer"]), nearest("epochs", ["model", "optimizer"]));
 * ```
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closest(given, names);
  const changed = distance(given, name);
  return changed < given.length && changed <= Math.max(SLIP, given.length / 3) ? name : undefined;
}

/**
 * The end of a refusal: ` (did you mean model?)`, or nothing if no name is near.
 *
 * @example
 * ```ts
 * import { didYouMean } from "factlab/display";
 * console.log(`got modle${didYouMean("modle", ["model", "optimizer"])}`);
 * ```
 */
export function didYouMean(given: unknown, names: readonly string[]): string {
  const name = typeof given === "string" ? nearest(given, names) : undefined;
  return name === undefined ? "" : ` (did you mean ${name}?)`;
}
