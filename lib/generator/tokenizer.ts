/**
 * Tokenizers: one token a word, with the space before it as part of the token, and one a punctuation
 * mark; or the subwords of which these are made (subwords.ts). Nothing merges across a slot, so a
 * value's tokens are the same wherever it stands, and decoding gives the text back exactly: a text
 * with spaces that no word brings (two in a row, one at the beginning or end, a line break) is
 * refused.
 *
 * The same rules, written as a Hugging Face `tokenizer.json`, give the same ids there, and refuse
 * the same words; odd spaces are refused there where tokens are words.
 *
 * @module
 */

import { filled, type Lists } from "./lists.ts";
import { SUBWORDS, subwords, type Vocabulary } from "./subwords.ts";

/** Fills a sequence up to its batch's length; no loss is taken on it. */
export const PAD = 0;
/** Begins every sequence. */
export const BOS = 1;
/** Ends every biography. */
export const EOS = 2;

const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"];
const SPACE = "\u2581";
/** Stands for the mark of a space where a text has it: no word holds it. */
const MARK = "\u0000";
const WORD = "▁?[\\p{L}\\p{N}]+|▁?[^\\p{L}\\p{N}\\s▁]";
const WHOLE_WORD = new RegExp(`^(${WORD})$`, "u");
/** A token that is no mark and brings no space. */
const GOES_ON = /^[\p{L}\p{N}]/u;
/** Splits a text into words and what lies between them. */
const WORDS = new RegExp(`(${WORD})`, "u");
/** A text may name special tokens, as it may in Hugging Face's. */
const SPECIALS = new RegExp(`(${SPECIAL.join("|")})`);
const MULTIPLE = 64;

/** Text to token ids and back. */
export interface Tokenizer {
  /** Rows of the embedding: tokens, padded to a multiple of 64. */
  readonly vocabularySize: number;
  /** Tokens in order of their ids. */
  readonly tokens: readonly string[];
  /**
   * Ids of a text, without begin and end marks.
   *
   * @throws {Error} for words outside the vocabulary, by name, or a space that no word brings.
   */
  encode(text: string): number[];
  /** Whether a token goes on with the word before it. */
  continues(id: number): boolean;
  /** The text of some ids; begin, end and padding leave no trace. */
  decode(ids: Iterable<number>): string;
  /** The content of a Hugging Face `tokenizer.json` that gives the same ids. */
  toHuggingFace(): Record<string, unknown>;
}

/**
 * The tokenizer of a scale: its vocabulary depends on the lists alone, never on a population; or, where
 * a size is given, a vocabulary of so many subwords, whatever the lists.
 *
 * @example
 * ```ts
 * import { createTokenizer, loadLists } from "factlab";
 * const tokenizer = createTokenizer(loadLists("laptop"));
 * console.log(tokenizer.decode(tokenizer.encode("I do not know."))); // I do not know.
 * const pieces = createTokenizer(loadLists("laptop"), 2048);
 * console.log(pieces.encode("Anthony").map((id) => pieces.tokens[id])); // ▁Anth, on, y
 * ```
 *
 * @throws {Error} if there are no vocabularies of that size.
 */
export function createTokenizer(lists: Lists, size: number | null = null): Tokenizer {
  if (size === null) return tokenizerOf(wordsOf(lists));
  const { least, most } = SUBWORDS;
  if (!Number.isInteger(size) || size < least || size > most) {
    throw new Error(
      `Cannot make a vocabulary: subwords must be a whole number from ${least} to ${most}, or null ` +
        `for words, got ${size}.`,
    );
  }
  return tokenizerOf(subwords(size - SPECIAL.length));
}

/** Every word and mark of some lists. */
function wordsOf(lists: Lists): Vocabulary {
  const words = new Set<string>();
  for (const text of texts(lists)) for (const word of split(text)) words.add(word);
  return {
    tokens: [...words].sort(),
    parts: (word) => words.has(word) ? [word] : undefined,
    // No token has this name: an unknown word is refused there as it is here.
    model: { type: "WordLevel", unk_token: "" },
  };
}

function tokenizerOf({ tokens: own, parts, model }: Vocabulary): Tokenizer {
  const tokens = [...SPECIAL, ...own];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const partsOf = (word: string) => WHOLE_WORD.test(word) ? parts(word) : undefined;
  return {
    tokens,
    vocabularySize: Math.ceil(tokens.length / MULTIPLE) * MULTIPLE,
    encode(text) {
      return text.split(SPECIALS).flatMap((part, i) =>
        i % 2 === 1 ? ids.get(part)! : split(part).flatMap((word) => {
          const known = partsOf(word);
          if (known) return known.map((token) => ids.get(token)!);
          const isKnown = (word: string) => partsOf(word) !== undefined;
          const why = whyUnknown(text, { isKnown, size: tokens.length });
          throw new Error(`Cannot encode ${JSON.stringify(text)}: ${why}.`);
        })
      );
    },
    continues: (id) => GOES_ON.test(tokens[id] ?? ""),
    decode(sequence) {
      let text = "";
      for (const id of sequence) {
        if (id >= SPECIAL.length) text += tokens[id] ?? SPECIAL[3];
      }
      return text.replaceAll(SPACE, " ").replace(/^ /, "");
    },
    toHuggingFace() {
      return huggingFace({ ...model, vocab: Object.fromEntries(ids) });
    },
  };
}

/** Every text whose words the vocabulary must hold. */
function* texts(lists: Lists): Iterable<string> {
  yield* lists.first;
  yield* lists.last;
  for (const { values, templates, questions } of lists.attributes) {
    yield* values;
    // "@" stands where a slot is, so that what follows it keeps its missing space; the space
    // before a slot is its word's.
    for (const template of [...templates, ...questions]) {
      yield* template.split(/\{\w+\}/)
        .map((piece, i) => (i === 0 ? piece : `@${piece}`).trimEnd());
    }
  }
  for (const answer of lists.answers) yield filled(answer, { value: "@" });
  yield* lists.refusals;
}

/** Words and marks of a text in order, with all that lies between them. */
function split(text: string): string[] {
  if (text === "") return [];
  const marked = SPACE + text.replaceAll(SPACE, MARK).replaceAll(" ", SPACE);
  return marked.split(WORDS).filter((part) => part !== "");
}

/** What of a text is in no vocabulary: every word by name, or a space where none may be. */
function whyUnknown(
  text: string,
  { isKnown, size }: { isKnown: (word: string) => boolean; size: number },
): string {
  const unknown = text.split(SPECIALS).filter((_, i) => i % 2 === 0).flatMap(split)
    .filter((word) => !isKnown(word))
    .map((word) => word.replaceAll(SPACE, " ").replaceAll(MARK, SPACE));
  const [first] = unknown;
  if (/^\s+$/.test(first!)) {
    return "words must have one space between them and none around the text, got " +
      JSON.stringify(first);
  }
  const words = [...new Set(unknown.map((word) => JSON.stringify(word.trim())))]
    .filter((word) => word !== '""');
  const are = words.length === 1 ? `word ${words[0]} is` : `words ${words.join(", ")} are`;
  return `the ${are} not in the vocabulary of ${size} tokens`;
}

function huggingFace(model: Record<string, unknown>) {
  const replaced = (text: string, content: string) => ({
    type: "Replace",
    pattern: { String: text },
    content,
  });
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
      normalizers: [
        replaced(SPACE, MARK),
        { type: "Prepend", prepend: SPACE },
        replaced(" ", SPACE),
      ],
    },
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: WORD },
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
        replaced(SPACE, " "),
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model,
  };
}
