/**
 * What a value looks like: a MIME bundle, one entry a form (plain text, HTML, picture, figure).
 * Leaves out sending it anywhere: that is show.ts and live.ts.
 *
 * @module
 */

import { escapeHtml } from "./escape.ts";

/** The forms of one value by MIME type; `text/plain` should always be among them. */
export type MimeBundle = Record<string, unknown>;

/** The method by which Jupyter kernels for Deno ask a value for its bundle. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/** The method by which {@link liveDisplay} asks for a cheap form, good for one frame. */
export const frameSymbol: unique symbol = Symbol.for("factlab.frame") as never;

/** A value that knows its own forms. */
export interface Displayable {
  /** The value's forms. */
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
  /** Optional cheap forms for one frame of a live display. */
  [frameSymbol]?(): MimeBundle | Promise<MimeBundle>;
}

/**
 * A value with these forms and nothing else. The function is called each time the value is shown.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bundleOf, displayable } from "factlab";
 *
 * const greeting = displayable(() => ({ "text/plain": "hello" }));
 * assertEquals(await bundleOf(greeting), { "text/plain": "hello" });
 * ```
 */
export function displayable(bundle: () => MimeBundle | Promise<MimeBundle>): Displayable {
  return { [displaySymbol]: bundle };
}

/**
 * Says whether a value brings its own forms.
 *
 * @example
 * ```ts
 * import { isDisplayable, table } from "factlab";
 * console.log(isDisplayable(table([{ a: 1 }])), isDisplayable("text")); // true false
 * ```
 */
export function isDisplayable(value: unknown): value is Displayable {
  return typeof value === "object" && value !== null && displaySymbol in value &&
    typeof value[displaySymbol] === "function";
}

/**
 * The forms of any value: its own ones, or plain text; with `frame`, the cheap ones where it has
 * them.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bundleOf } from "factlab";
 *
 * assertEquals(await bundleOf("12 people"), { "text/plain": "12 people" });
 * assertEquals(await bundleOf({ people: 12 }), { "text/plain": "{ people: 12 }" });
 * ```
 */
export async function bundleOf(
  value: unknown,
  options: { frame?: boolean } = {},
): Promise<MimeBundle> {
  if (isDisplayable(value)) {
    return await (options.frame && value[frameSymbol]
      ? value[frameSymbol]()
      : value[displaySymbol]());
  }
  return { "text/plain": typeof value === "string" ? value : Deno.inspect(value) };
}

/**
 * A displayable with a plain and an HTML form, which can also be read as `text` and `html`.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textAndHtml } from "factlab";
 *
 * assertEquals(textAndHtml("a < b").html, "<pre>a &lt; b</pre>");
 * ```
 */
export function textAndHtml(
  text: string,
  html: string = `<pre>${escapeHtml(text)}</pre>`,
): TextAndHtml {
  return { text, html, ...displayable(() => ({ "text/plain": text, "text/html": html })) };
}

/** A value in two forms: aligned plain text, and HTML in which all data is escaped. */
export interface TextAndHtml extends Displayable {
  /** Plain text for a terminal. */
  readonly text: string;
  /** HTML for a notebook. */
  readonly html: string;
}
