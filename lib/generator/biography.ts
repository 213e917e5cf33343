/**
 * Biographies: six sentences, one an attribute, in random order, the full name in each, with
 * the spans of names, values and template text in tokens.
 *
 * @module
 */

import { displaySymbol, escapeHtml, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import { filled, type Lists } from "./lists.ts";
import { nameParts, type Population, type TemplateSet, templatesOf } from "./population.ts";
import { below, type Random, shuffle } from "./random.ts";
import { BOS, EOS, type Tokenizer } from "./tokenizer.ts";

/** What a stretch of tokens is. */
export interface Span {
  /** A full name, a value, or words and marks of a template. */
  kind: "name" | "value" | "text";
  /** Index of the attribute the sentence states. */
  attribute: number;
  /** Position of the sentence in the biography, from 0. */
  sentence: number;
  /** First token. */
  start: number;
  /** One past the last token. */
  end: number;
}

/** How much a biography tells, and how often it says whom it is about. */
export interface Telling {
  /** Sentences of a biography: so many attributes, drawn anew each time; null for all. */
  sentences?: number | null;
  /** Sentences, from the first, that say the full name; later ones say "this person". Null for all. */
  named?: number | null;
}

/** One biography in tokens: begin mark, sentences, end mark. In a notebook it shows its words. */
export interface Biography {
  /** Index of the person in their population. */
  person: number;
  /** Begin mark, sentences, end mark. */
  tokens: number[];
  /** All tokens between the marks, in order. */
  spans: Span[];
}

/** How sentences are chosen and ordered; those of training leave out what it does not tell. */
export interface Style {
  /** Which templates may be used. */
  set: TemplateSet;
  /** Use only this many of a person's templates (paper row 3); all when undefined. */
  templates?: number;
  /** Whether sentences come in random order or always in the attributes' order. */
  order: "shuffled" | "fixed";
}

/** Writes biographies of a population's people. */
export interface Writer {
  /** Writes one biography of a person, another each time. */
  write(population: Population, person: number, style: Style, random: Random): Biography;
  /** Length of a biography in tokens: mean, standard deviation, and the longest possible. */
  readonly length: { mean: number; sd: number; max: number };
}

/** Where a sentence does not say the name. */
const STAND_IN = "this person";

const NAME = -1;
const VALUE = -2;

/**
 * A writer for some lists: templates, names and values are turned into tokens once. `telling` says how
 * much its biographies tell.
 *
 * @example
 * ```ts
 * import { createPopulation, createTokenizer, createWriter, loadLists, stream } from "factlab";
 * const lists = loadLists("laptop");
 * const population = createPopulation({ lists, people: 512, seed: 0 });
 * const tokenizer = createTokenizer(lists);
 * const style = { set: "training", order: "shuffled" } as const;
 * const biography = createWriter(lists, tokenizer).write(population, 7, style, stream(0, "demo"));
 * console.log(tokenizer.decode(biography.tokens));
 * ```
 */
export function createWriter(
  lists: Lists,
  tokenizer: Tokenizer,
  telling: Telling = {},
): Writer {
  const { sentences, named, standIn } = toldOf(lists, tokenizer, telling);
  const encode = (texts: readonly string[]) => texts.map((text) => tokenizer.encode(text));
  const [first, last] = [encode(lists.first), encode(lists.last)];
  const values = lists.attributes.map((attribute) => encode(attribute.values));
  const templates = lists.attributes.map((attribute) =>
    attribute.templates.map((template) => templateTokens(template, tokenizer))
  );
  const order = lists.attributes.map((_, i) => i);

  return {
    length: lengths(templates, values, {
      ...{ sentences, named, standIn: standIn.length },
      name: nameLength(first, last),
    }),
    write(population, person, style, random) {
      const [a, b, c] = [0, 1, 2].map((part) => population.names[3 * person + part]!);
      const name = [...first[a!]!, ...first[b!]!, ...last[c!]!];
      const { untold } = style.set === "training" ? population : {};
      const told = untold ? order.filter((a) => !untold[person * order.length + a]) : order;
      const isDrawn = style.order === "shuffled" || sentences < told.length;
      const drawn = isDrawn ? shuffle([...told], random).slice(0, sentences) : told;
      const ordered = style.order === "fixed" ? drawn.toSorted((a, b) => a - b) : drawn;
      const tokens = [BOS];
      const spans: Span[] = [];
      ordered.forEach((attribute, sentence) => {
        const allowed = templatesOf(population, person, attribute, style.set);
        const template =
          allowed[below(Math.min(style.templates ?? Infinity, allowed.length), random)]!;
        const value = population.values[person * order.length + attribute]!;
        let text = tokens.length;
        const insert = (kind: "name" | "value", ids: number[]) => {
          const start = tokens.length;
          if (start > text) {
            spans.push({ kind: "text", attribute, sentence, start: text, end: start });
          }
          tokens.push(...ids);
          text = tokens.length;
          spans.push({ kind, attribute, sentence, start, end: text });
        };
        for (const token of templates[attribute]![template]!) {
          if (token === NAME && sentence < named) insert("name", name);
          else if (token === NAME) tokens.push(...standIn);
          else if (token === VALUE) insert("value", values[attribute]![value]!);
          else tokens.push(token);
        }
        if (tokens.length > text) {
          spans.push({ kind: "text", attribute, sentence, start: text, end: tokens.length });
        }
      });
      tokens.push(EOS);
      const biography = { person, tokens, spans };
      // Beside the data, not among it, as with populations.
      return Object.defineProperty(biography, displaySymbol, {
        value: () => biographyView(biography, tokenizer)[displaySymbol](),
      });
    },
  };
}

/** How much is told, with the tokens that stand in for the name where it is not said. */
function toldOf(
  { attributes: { length } }: Lists,
  tokenizer: Tokenizer,
  { sentences, named }: Telling,
): { sentences: number; named: number; standIn: number[] } {
  const refuse = (message: string) => {
    throw new Error(`Cannot write biographies: ${message}`);
  };
  if (sentences && sentences > length) {
    refuse(
      `sentences must be at most the ${length} attributes of the lists, got ${sentences}. ` +
        "Take fewer, or null for all.",
    );
  }
  const all = sentences ?? length;
  if (!named) return { sentences: all, named: all, standIn: [] };
  if (named >= all) {
    refuse(`named must be below the ${all} sentences, got ${named}. Take fewer, or null for all.`);
  }
  try {
    return { sentences: all, named, standIn: tokenizer.encode(STAND_IN) };
  } catch (cause) {
    const message =
      `Cannot write biographies: named must be null for lists that nowhere say the words ` +
      `of "${STAND_IN}", got ${named}. Say them in a template or a refusal.`;
    throw new Error(message, { cause });
  }
}

/**
 * Each value in a text of its own, the sentence that tells it after a begin mark and no further: what
 * is told by the name alone. Their one span is the value. Sentences that do not say the name are left
 * out.
 *
 * @example
 * ```ts
 * import { batchAt, configure, corpusOf } from "factlab";
 * import { byName } from "factlab/generator";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * const [biography] = batchAt(corpus, { step: 0, batch: 1 });
 * for (const { tokens } of byName(biography!)) console.log(corpus.tokenizer.decode(tokens));
 * ```
 */
export function byName(biography: Biography): Biography[] {
  const { person, tokens, spans } = biography;
  return namedValues(biography).map(({ value: { attribute, sentence, start, end } }) => {
    const begin = Math.min(...spans.filter((s) => s.sentence === sentence).map((s) => s.start));
    const shift = 1 - begin;
    const value = { kind: "value", attribute, sentence: 0, start: start + shift, end: end + shift };
    return { person, tokens: [BOS, ...tokens.slice(begin, end)], spans: [value as Span] };
  });
}

/** The values of a biography whose sentence says the name, with that name. */
export function namedValues({ spans }: Biography): { value: Span; name: Span }[] {
  const names = new Map(
    spans.filter(({ kind }) => kind === "name").map((span) => [span.sentence, span]),
  );
  return spans.flatMap((value) => {
    const name = names.get(value.sentence);
    return value.kind === "value" && name ? [{ value, name }] : [];
  });
}

/** Ids of a template, with NAME and VALUE in its slots. */
function templateTokens(template: string, tokenizer: Tokenizer): number[] {
  return template.split(/(\{\w+\})/).flatMap((piece, i, pieces) => {
    if (piece === "{name}") return [NAME];
    if (piece === "{value}") return [VALUE];
    // Encoded after a stand-in, what follows a slot keeps its missing space.
    const text = i === 0 ? piece : `@${piece}`;
    const trimmed = i < pieces.length - 1 ? text.trimEnd() : text;
    const before = i === 0 ? 0 : tokenizer.encode("@").length;
    return tokenizer.encode(trimmed).slice(before);
  });
}

/** Mean, variance and longest of some lengths in tokens. */
type Moments = ReturnType<typeof moments>;

/** Lengths of full names: two given names and a family name. */
function nameLength(first: number[][], last: number[][]): Moments {
  const [given, family] = [first, last].map((names) => moments(names.map(({ length }) => length)));
  const sum = (of: keyof Moments) => 2 * given![of] + family![of];
  return { mean: sum("mean"), variance: sum("variance"), max: sum("max") };
}

/** Lengths in tokens of biographies that tell so many attributes and name the person so often. */
function lengths(
  templates: number[][][],
  values: number[][][],
  { sentences, named, standIn, name }: {
    sentences: number;
    named: number;
    standIn: number;
    name: Moments;
  },
): Writer["length"] {
  const own = templates.map((group, attribute) => {
    // Two slots become the name's tokens and the value's.
    const texts = moments(group.map((tokens) => tokens.length - 2 + name.mean));
    const slots = moments(values[attribute]!.map((tokens) => tokens.length));
    return {
      mean: texts.mean + slots.mean,
      variance: texts.variance + slots.variance,
      max: Math.max(...group.map((tokens) => tokens.length)) - 2 + name.max + slots.max,
    };
  });
  const sum = (of: (sentence: typeof own[0]) => number) => own.reduce((all, s) => all + of(s), 0);
  // Attributes are drawn alike, without replacement; names that are left out are shorter.
  const share = sentences / own.length;
  const spread = own.length > 1 ? moments(own.map(({ mean }) => mean)).variance : 0;
  const among = share < 1 ? sentences * (1 - share) * spread * own.length / (own.length - 1) : 0;
  const unnamed = Math.max(0, sentences - named);
  const longest = own.map(({ max }) => max).sort((a, b) => b - a).slice(0, sentences);
  return {
    mean: 2 + share * sum(({ mean }) => mean) + unnamed * (standIn - name.mean),
    // The name is as long wherever a biography says it.
    sd: Math.sqrt(
      share * sum(({ variance }) => variance) + among + (sentences - unnamed) ** 2 * name.variance,
    ),
    max: 2 + longest.reduce((all, max) => all + max, 0) + unnamed * (standIn - name.max),
  };
}

function moments(counts: number[]) {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / counts.length;
  return { mean, variance, max: Math.max(...counts) };
}

/** A question about a person, in tokens: begin mark and one of the attribute's questions. */
export function question(
  population: Population,
  tokenizer: Tokenizer,
  { person, attribute, index = 0 }: { person: number; attribute: number; index?: number },
): number[] {
  const { questions } = population.lists.attributes[attribute]!;
  const name = nameParts(population.lists, population.names, person).join(" ");
  return [BOS, ...tokenizer.encode(filled(questions[index]!, { name }))];
}

/** A page may set its own, JupyterLab's themes have theirs, and other places are light. */
const COLOURS = {
  name: "var(--factlab-name,var(--jp-brand-color0,#0060a0))",
  value: "var(--factlab-value,var(--jp-warn-color0,#b04a00))",
  text: "inherit",
} as const;

/**
 * A biography with its names (blue) and values (orange) marked; [name] and {value} in text.
 *
 * @example
 * ```ts
 * import { batchAt, biographyView, configure, corpusOf } from "factlab";
 * const corpus = corpusOf(configure({ scale: "smoke" }));
 * const [biography] = batchAt(corpus, { step: 0, batch: 1 });
 * console.log(biographyView(biography!, corpus.tokenizer).text); // [names] and {values} marked
 * ```
 */
export function biographyView(biography: Biography, tokenizer: Tokenizer): TextAndHtml {
  const parts = biography.spans.map(({ kind, start, end }) => {
    const text = tokenizer.decode(biography.tokens.slice(start, end));
    // Punctuation and possessives follow their word without a space.
    const attached = /^[.,;:']/.test(text) || start === 1;
    return { kind, text, space: attached ? "" : " " };
  });
  const marks = { name: ["[", "]"], value: ["{", "}"], text: ["", ""] } as const;
  const plain = parts.map(({ kind, text, space }) => space + marks[kind].join(text)).join("");
  const html = parts.map(({ kind, text, space }) => {
    const style = kind === "text" ? "" : ` style="color:${COLOURS[kind]};font-weight:600"`;
    return `${space}<span${style}>${escapeHtml(text)}</span>`;
  }).join("");
  return textAndHtml(plain, `<p style="max-width:46em;line-height:1.5">${html}</p>`);
}
