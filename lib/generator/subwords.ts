/**
 * Vocabularies of subwords: byte-pair encoding (Sennrich et al. 2016), whose merges were learned once
 * from biographies of the paper's scale (tools/subwords.ts) and are kept in data/subwords.json. A
 * vocabulary takes the first so many of them, as a scale takes the first so many names: a smaller one
 * cuts the same words into more pieces. Names and values share their pieces with others.
 *
 * @module
 */

import { BPE } from "@huggingface/tokenizers";
import { createHash } from "node:crypto";
import { z } from "zod";
import { must, problemsOf } from "../display/mod.ts";
import { DATA } from "./lists.ts";

/** Tokens, and how words are made of them. */
export interface Vocabulary {
  /** In order of their ids, without special ones. */
  tokens: readonly string[];
  /** The tokens of a word or mark; undefined where it has none. */
  parts(word: string): readonly string[] | undefined;
  /** The model of a Hugging Face `tokenizer.json`, but for its vocabulary. */
  model: Record<string, unknown>;
}

/** Sizes that a vocabulary of subwords may have, special tokens included. */
export const SUBWORDS = { least: 128, most: 4096 } as const;

const FILE = "subwords.json";
const schema = z.strictObject({
  alphabet: z.string().min(1),
  merges: z.array(z.string().regex(/^\S+ \S+$/)).min(1),
});

/** All that a vocabulary may take. */
interface Merges {
  alphabet: readonly string[];
  /** Both parts of a token, the first learned first. */
  merges: readonly (readonly [string, string])[];
  /** Of the file's content. */
  digest: string;
}

let read: Merges | undefined;

/** Read once; a file that is changed while a program runs would be two vocabularies. */
function learned(): Merges {
  if (read) return read;
  let text: string;
  try {
    text = Deno.readTextFileSync(new URL(FILE, DATA));
  } catch (cause) {
    throw new Error(`Cannot read data/${FILE}: ${(cause as Error).message}.`, { cause });
  }
  let parsed: z.infer<typeof schema>;
  try {
    const content = JSON.parse(text);
    const checked = schema.safeParse(content, { error: must });
    if (!checked.success) throw new Error(problemsOf(checked.error.issues, content, []).join("; "));
    parsed = checked.data;
  } catch (cause) {
    throw new Error(`Cannot read data/${FILE}: ${(cause as Error).message}.`, { cause });
  }
  return read = {
    alphabet: [...parsed.alphabet],
    merges: parsed.merges.map((pair) => pair.split(" ") as [string, string]),
    digest: createHash("sha256").update(JSON.stringify(parsed)).digest("hex").slice(0, 12),
  };
}

/** 12 hexadecimal digits of the hash of the merges. */
export function subwordsDigest(): string {
  return learned().digest;
}

/** The vocabulary of so many subwords, special tokens not among them. */
export function subwords(size: number): Vocabulary {
  const { alphabet, merges: all } = learned();
  const merges = all.slice(0, size - alphabet.length);
  const tokens = [...alphabet, ...merges.map((pair) => pair.join(""))];
  const model = {
    type: "BPE" as const,
    dropout: null,
    // No token has this name: an unknown letter is refused there as it is here.
    unk_token: "",
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    merges: merges.map((pair) => [...pair] as [string, string]),
  };
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const bpe = new BPE({ ...model, vocab } as ConstructorParameters<typeof BPE>[0]);
  const known = new Set(alphabet);
  return {
    tokens,
    parts: (word) => [...word].every((mark) => known.has(mark)) ? bpe.bpe(word) : undefined,
    model,
  };
}
