/**
 * Word-level tokenizer: one token a word, with the space before it as part of the token, and
 * one a punctuation mark. Nothing merges across a slot, so a value's tokens are the same
 * wherever it stands, and decoding gives the text back exactly.
 *
 * The same rules, written as a Hugging Face `tokenizer.json`, give the same ids there.
 *
 * @module
 */

import type { Lists } from "./lists.ts";

/** Fills a sequence up to its batch's length; no loss is taken on it. */
export const PAD = 0;
/** Begins every sequence. */
export const BOS = 1;
/** Ends every biography. */
export const EOS = 2;

const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"];
const SPACE = "\u2581";
const WORD = /▁?[\p{L}\p{N}]+|▁?[^\p{L}\p{N}\s▁]/gu;
const MULTIPLE = 64;

/** Text to token ids and back. */
export interface Tokenizer {
  /** Rows of the embedding: tokens, padded to a multiple of 64. */
  readonly vocabularySize: number;
  /** Tokens in order of their ids. */
  readonly tokens: readonly string[];
  /** Ids of a text, without begin and end marks; throws for a word outside the vocabulary. */
  encode(text: string): number[];
  /** The text of some ids; begin, end and padding leave no trace. */
  decode(ids: Iterable<number>): string;
  /** The content of a Hugging Face `tokenizer.json` that gives the same ids. */
  toHuggingFace(): Record<string, unknown>;
}

/**
 * The tokenizer of a scale: its vocabulary depends on the lists alone, never on a population.
 *
 * @example
 * ```ts
 * import { createTokenizer, loadLists } from "./mod.ts";
 * const tokenizer = createTokenizer(loadLists("laptop"));
 * console.log(tokenizer.decode(tokenizer.encode("I do not know."))); // I do not know.
 * ```
 */
export function createTokenizer(lists: Lists): Tokenizer {
  const words = new Set<string>();
  for (const text of texts(lists)) for (const word of split(text)) words.add(word);
  return tokenizerOf([...SPECIAL, ...[...words].sort()]);
}

function tokenizerOf(tokens: readonly string[]): Tokenizer {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return {
    tokens,
    vocabularySize: Math.ceil(tokens.length / MULTIPLE) * MULTIPLE,
    encode(text) {
      return split(text).map((word) => {
        const id = ids.get(word);
        if (id !== undefined) return id;
        throw new Error(
          `Cannot encode "${text}": the word "${word.replace(SPACE, "")}" is not in the ` +
            `vocabulary of ${tokens.length} tokens.`,
        );
      });
    },
    decode(sequence) {
      let text = "";
      for (const id of sequence) {
        if (id >= SPECIAL.length) text += tokens[id] ?? SPECIAL[3];
      }
      return text.replaceAll(SPACE, " ").replace(/^ /, "");
    },
    toHuggingFace() {
      return huggingFace(tokens, ids);
    },
  };
}

/** Every text whose words the vocabulary must hold. */
function* texts(lists: Lists): Iterable<string> {
  yield* lists.first;
  yield* lists.last;
  for (const { values, templates, questions } of lists.attributes) {
    yield* values;
    // "@" stands where a slot is, so that what follows it keeps its missing space.
    for (const template of [...templates, ...questions]) {
      yield* template.split(/\{\w+\}/).map((piece, i) => i === 0 ? piece : `@${piece}`);
    }
  }
  for (const answer of lists.answers) yield answer.replace("{value}", "@");
  yield* lists.refusals;
}

function split(text: string): string[] {
  if (text === "") return [];
  return (SPACE + text.replaceAll(" ", SPACE)).match(WORD) ?? [];
}

function huggingFace(tokens: readonly string[], ids: Map<string, number>) {
  const replaceSpaces = { type: "Replace", pattern: { String: " " }, content: SPACE };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [{ type: "Prepend", prepend: SPACE }, replaceSpaces],
    },
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: WORD.source },
      behavior: "Isolated",
      invert: false,
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<bos>", type_id: 0 } }, {
        Sequence: { id: "A", type_id: 0 },
      }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<bos>": { id: "<bos>", ids: [BOS], tokens: ["<bos>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: SPACE }, content: " " },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: { type: "WordLevel", vocab: Object.fromEntries(ids), unk_token: tokens[3] },
  };
}
