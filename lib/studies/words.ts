/**
 * Numbers in the words of a claim, which are computed where they depend on the scale.
 *
 * @module
 */

const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });

/**
 * "8, 16 and 32".
 *
 * @example
 * ```ts
 * import { listed } from "./words.ts";
 * console.log(listed([8, 16, 32]));
 * ```
 */
export function listed(values: readonly (number | string)[]): string {
  return LIST.format(values.map(String));
}

const COUNTS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/**
 * "eight"; digits from ten on.
 *
 * @example
 * ```ts
 * import { counted } from "./words.ts";
 * console.log(counted(8), counted(32)); // eight 32
 * ```
 */
export function counted(count: number): string {
  return COUNTS[count] ?? String(count);
}

/**
 * A share in words: "1/8".
 *
 * @example
 * ```ts
 * import { oneIn } from "./words.ts";
 * console.log(oneIn(0.125));
 * ```
 */
export function oneIn(share: number): string {
  return `1/${1 / share}`;
}
