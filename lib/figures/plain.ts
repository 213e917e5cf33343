/**
 * What callers pass as plain JSON, or an error that names the place of what cannot be that.
 * Leaves out what Plotly makes of it.
 *
 * @module
 */

/** How deep values may lie in one another; a value in itself is deeper. */
const DEEPEST = 50;

/**
 * Plain JSON values: typed arrays as arrays, dates as ISO texts, null for what is not a number. Of
 * numbers that are not whole five digits stay, and from 100 000 on three decimals.
 *
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { plain } from "./plain.ts";
 *
 * const trace = { x: [new Date(0)], y: Float32Array.of(0.1), z: [NaN, undefined] };
 * assertEquals(plain(trace, "data[0]"), {
 *   x: ["1970-01-01T00:00:00.000Z"],
 *   y: [0.1],
 *   z: [null, null],
 * });
 * assertThrows(() => plain({ x: [1n] }, "data[0]"), Error, "data[0].x[0] must be");
 * ```
 */
export function plain(value: unknown, path: string, depth = 0): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? rounded(value) : null;
  if (typeof value === "string") return printable(value);
  if (typeof value === "boolean") return value;
  if (depth > DEEPEST) {
    throw new TypeError(
      `Cannot draw figure: ${short(path)} must not lie deeper than ${DEEPEST} levels. Does it ` +
        `hold itself?`,
    );
  }
  const inner = (item: unknown, place: string) => plain(item, path + place, depth + 1);
  if (isList(value)) {
    return Array.from(value, (item, index) => leaf(item) ?? inner(item, `[${index}]`));
  }
  if (typeof value === "object") {
    if ("toJSON" in value && typeof value.toJSON === "function") return inner(value.toJSON(), "");
    if (isRecord(value)) {
      return Object.fromEntries(
        Object.entries(value).filter(([, item]) => item !== undefined)
          .map(([key, item]) => [printable(key), inner(item, `.${key}`)]),
      );
    }
  }
  throw new TypeError(
    `Cannot draw figure: ${
      short(path)
    } must be a number, text, boolean, null, date, array or plain ` +
      `object, got ${kindOf(value)}. Convert it first, as with Number(…) or [...set].`,
  );
}

/** Most items of large arrays are numbers: they need no place. */
function leaf(item: unknown): number | undefined {
  return typeof item === "number" && Number.isFinite(item) ? rounded(item) : undefined;
}

/** The number as figures hold it. */
export function rounded(value: number): number {
  if (Number.isInteger(value)) return value + 0; // JSON knows no -0.
  return Number(Math.abs(value) < 1e5 ? value.toPrecision(5) : value.toFixed(3));
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Not an instance of a class; an object of another realm, as of a page, has its own prototype. */
function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  if (typeof value === "bigint") return `the BigInt ${String(value).slice(0, 40)}n`;
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  return `an instance of ${short(value.constructor?.name || "a class")}`;
}

function short(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * The text with a sign of replacement for what no SVG can hold: control codes, halves of letters.
 */
function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, "\ufffd");
}
