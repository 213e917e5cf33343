/**
 * Numbers that callers pass to plots: checked, and as a line of text says them.
 * Leaves out where they lie in a figure: axis.ts.
 *
 * @module
 */

import { oneLine } from "../display/mod.ts";

/** Numbers in order; null or NaN where nothing was measured. */
export type Numbers = ArrayLike<number | null>;

/**
 * The numbers, NaN where nothing was measured. `count` is how many there must be.
 *
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { numbersOf } from "./numbers.ts";
 *
 * assertEquals(numbersOf([1, null], "curves: lines[0].y"), [1, NaN]);
 * assertThrows(() => numbersOf([1], "curves: lines[0].y", 2), Error, "must hold 2 values, got 1");
 * ```
 */
export function numbersOf(values: Numbers, field: string, count = values.length): number[] {
  if (values.length !== count) {
    throw new RangeError(
      `Cannot draw ${field} must hold ${count} values, got ${values.length}. Put null where ` +
        `nothing was measured.`,
    );
  }
  return Array.from(values, (value: unknown, index) => {
    if (typeof value === "number") return value;
    if (value === null || value === undefined) return NaN;
    throw new TypeError(
      `Cannot draw ${field}[${index}] must be a number or null, got ${shown(value)}. ` +
        `Dates and texts as places go with figure().`,
    );
  });
}

/** Any value as an error tells it: short, on one line, without control codes. */
export function shown(value: unknown): string {
  const text = oneLine(Deno.inspect(value, { depth: 1, iterableLimit: 3, compact: true }));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/**
 * A number as a line of text says it: three digits, or what is there instead of a number.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { said } from "./numbers.ts";
 *
 * assertEquals([350, 0.12345, 1e-7, NaN].map(said), ["350", "0.123", "1e-7", "not measured"]);
 * ```
 */
export function said(value: number): string {
  return Number.isNaN(value) ? "not measured" : String(Number(value.toPrecision(3)) + 0);
}
