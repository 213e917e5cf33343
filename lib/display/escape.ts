/**
 * Text from data made safe to show: in HTML, and in a terminal.
 * Leaves out sanitising of markup: nothing here lets any markup through.
 *
 * @module
 */

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * The text as HTML shows it letter by letter, in an element as well as in a quoted attribute.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeHtml } from "factlab";
 *
 * assertEquals(escapeHtml("Ann <script>"), "Ann &lt;script&gt;");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}

/**
 * The text on one line and without control codes, so that data can neither break the alignment of
 * a table nor move the cursor or change the colours of a terminal. Halves of letters, which no file
 * can hold, become signs of replacement.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oneLine } from "factlab/display";
 *
 * assertEquals(oneLine("Ann\n\x1b[31mLee"), "Ann [31mLee");
 * ```
 */
export function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
}
