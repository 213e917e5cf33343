/**
 * The words of a biography as labels of a figure: names and values look different from the text
 * around them.
 * Leaves out what is drawn: attention_map.ts and attention_view.ts.
 *
 * @module
 */

import type { Emphasis } from "../figures/mod.ts";
import type { Biography, Tokenizer } from "../generator/mod.ts";

/** What a caption says of the labels. */
export const WORDS_NOTE = "Bold: names; italic: values.";

/**
 * Tokens as they are read. Invisible letters tell equal words apart, which would share a row.
 *
 * @example
 * ```ts
 * import { wordLabels } from "./word_labels.ts";
 * console.log(wordLabels(["▁Ann", "▁Ann"])); // "Ann", and "Ann" with a letter of no width
 * ```
 */
export function wordLabels(tokens: readonly string[]): string[] {
  return tokens.map((token, i) => token.replace("▁", "") + "\u200b".repeat(i));
}

/**
 * How each token looks: names bold, values italic.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "../trainer/mod.ts";
 * import { batchAt } from "../generator/mod.ts";
 * import { wordLooks } from "./word_labels.ts";
 * const [biography] = batchAt(corpusOf(configure({ scale: "smoke" })), { step: 0, batch: 1 });
 * console.log(wordLooks(biography!).filter((look) => look === "bold").length);
 * ```
 */
export function wordLooks({ tokens, spans }: Pick<Biography, "tokens" | "spans">): Emphasis[] {
  const looks = Array.from({ length: tokens.length }, (): Emphasis => undefined);
  for (const { kind, start, end } of spans) {
    if (kind !== "text") looks.fill(kind === "name" ? "bold" : "italic", start, end);
  }
  return looks;
}

/** The tokens of a biography before its sentence of that number, counted from 0, as text. */
export function wordsUntil(
  { tokens, spans }: Biography,
  sentence: number,
  tokenizer: Tokenizer,
): string[] {
  const end = spans.find((span) => span.sentence === sentence)?.start ?? tokens.length - 1;
  return Array.from({ length: end }, (_, i) => tokenizer.tokens[tokens[i]!]!);
}
