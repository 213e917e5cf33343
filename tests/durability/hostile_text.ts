/**
 * Odd bytes and odd texts, for tests of readers here and of other software that reads what we write.
 *
 * @module
 */

import type { Tokenizer } from "../../lib/generator/mod.ts";
import { below, type Random } from "../../lib/generator/random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Replaces, removes, repeats or inserts a few bytes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let result = [...bytes];
  for (let n = 1 + below(4, random); n > 0; n--) {
    const at = below(result.length + 1, random);
    const length = below(1 + below(24, random), random);
    const kind = below(5, random);
    if (kind === 0) result[at] = below(256, random);
    if (kind === 1) result.splice(at, length);
    if (kind === 2) result.splice(at, 0, ...result.slice(at, at + length));
    if (kind === 3) result.splice(at, 0, ...Array.from({ length }, () => below(256, random)));
    if (kind === 4) result = result.slice(0, at);
  }
  return Uint8Array.from(result);
}

/** What may stand between words, or look like it. */
const BETWEEN = ["", "  ", "\n", "\t", "\u00a0", "\u3000", "\ufeff", "\u0085", "\u200b", "\u2581"];

/** Words of a vocabulary, now and then with odd spaces, marks or changes. */
export function hostileText({ tokens }: Tokenizer, random: Random): string {
  const words = Array.from({ length: below(20, random) }, () => {
    const word = tokens[below(tokens.length, random)]!.replace("\u2581", () => " ");
    return random() < 0.03 ? word + BETWEEN[below(BETWEEN.length, random)] : word;
  });
  const text = random() < 0.9 ? words.join("").trim() : words.join("");
  return random() < 0.3 ? decoder.decode(mutateBytes(encoder.encode(text), random)) : text;
}
