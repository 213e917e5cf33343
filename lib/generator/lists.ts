/**
 * The lists that biographies are made of, read from `data/` and checked: names, attributes
 * with their values, templates. A scale takes a prefix of each list.
 *
 * @module
 */

import { z } from "zod";
import { must, problemsOf } from "../display/mod.ts";

/** How large everything is: `smoke` for tests, `laptop` for committed results, `paper`. */
export type Scale = "smoke" | "laptop" | "paper";

/** The scales, smallest first. */
export const SCALES: readonly Scale[] = ["smoke", "laptop", "paper"];

/** Given names (first and middle) and family names at each scale. */
const NAME_COUNTS: Record<Scale, { first: number; last: number }> = {
  smoke: { first: 16, last: 16 },
  laptop: { first: 64, last: 64 },
  paper: { first: 900, last: 1000 },
};

/** Fewest names of each list that people may be drawn from, where a run says how many. */
export const LEAST_NAMES = 8;
/** Most of them at each scale: where a run says a number, its vocabulary holds so many, always. */
export const MOST_NAMES: Readonly<Record<Scale, number>> = { smoke: 32, laptop: 256, paper: 900 };

/** Templates an attribute has; the split of a population counts on it. */
export const TEMPLATES_PER_ATTRIBUTE = 25;

/** One attribute of a person: where its values come from and how sentences state it. */
export interface Attribute {
  /** Name in configurations and records, for example "birth_place". */
  name: string;
  /** Name for people, for example "birth place". */
  label: string;
  /** All possible values at this scale. */
  values: readonly string[];
  /** Sizes of the independent lists the values are a product of; one entry for a plain list. */
  factors: readonly number[];
  /** Sentences with `{name}` and `{value}`. */
  templates: readonly string[];
  /** Questions with `{name}`, for fine-tuning. */
  questions: readonly string[];
  /**
   * The attribute before it, by index, that its value goes with: value i with value i, from the first
   * one on again where there are fewer. In a `share` of people; in the others it is drawn like any.
   */
  given?: { attribute: number; share: number };
  /** Share of people of whom training tells it; of all where nothing is said. */
  told?: number;
}

/** Everything a population and a vocabulary are made of. */
export interface Lists {
  /** Whose prefix of each list this is. */
  scale: Scale;
  /** Given names, for first and middle names. */
  first: readonly string[];
  /** Family names. */
  last: readonly string[];
  /** What is told of a person, in the order of `fixed` sentences. */
  attributes: readonly Attribute[];
  /** Answers with `{value}`, for fine-tuning. */
  answers: readonly string[];
  /** Ways to say that one does not know, for fine-tuning. */
  refusals: readonly string[];
}

const share = z.number().gt(0).max(1);
const sizes = z.strictObject({
  smoke: z.int().positive().optional(),
  laptop: z.int().positive().optional(),
  paper: z.int().positive().optional(),
});
const attributeFile = z.array(z.strictObject({
  name: z.string().regex(/^[a-z][a-z_]*$/),
  label: z.string().min(1),
  values: z.string().min(1),
  size: sizes.default({}),
  factors: z.partialRecord(z.enum(["smoke", "laptop", "paper"]), z.array(z.string()).min(1))
    .optional(),
  format: z.string().optional(),
  given: z.strictObject({ attribute: z.string(), share: share.default(1) }).optional(),
  told: share.optional(),
})).min(1).superRefine((attributes, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  if (attributes.every(({ told = 1 }) => told < 1)) {
    refuse([0, "told"], "must be left out, or be of another one: something is told of everybody");
  }
  attributes.forEach(({ name, factors, format = "", given }, i) => {
    if (attributes.findIndex((other) => other.name === name) < i) {
      refuse([i, "name"], "must be unique");
    }
    const missing = Object.values(factors ?? {}).flat()
      .find((factor) => !format.includes(`{${factor}}`));
    if (missing) {
      refuse([i, "format"], `must use every factor, {${missing}} too`);
    }
    const before = attributes.slice(0, i).map((other) => other.name);
    if (given && !before.includes(given.attribute)) {
      refuse([i, "given", "attribute"], `must be one of those before it (${before.join(", ")})`);
    }
  });
});

/** The folder with factlab's own lists. */
export const DATA: URL = new URL("../../data/", import.meta.url);

/** Which lists, beside their scale. */
export interface ListOptions {
  /**
   * Names of each list that people will be drawn from, as in a run's configuration. With any number
   * the lists hold {@link MOST_NAMES}; null, the default, stands for the scale's own names.
   */
  names?: number | null;
  /** Folder that they are read from; factlab's own by default. */
  folder?: URL;
  /** Folder of the files that the first one does not have; none by default. */
  otherwise?: URL;
}

/**
 * Reads and checks the lists of a scale.
 *
 * @example
 * ```ts
 * import { loadLists } from "factlab";
 * const { attributes } = loadLists("laptop");
 * console.log(attributes.map(({ name }) => name));
 * console.log(loadLists("laptop", { names: 100 }).first.length); // 256, as with any number
 * ```
 *
 * @throws {Error} for a missing or edited file: an empty line, a duplicate, too few items, a
 * template without its slots.
 */
export function loadLists(
  scale: Scale,
  { names = null, folder = DATA, otherwise }: ListOptions = {},
): Lists {
  const folders = otherwise ? [folder, otherwise] : [folder];
  const most = MOST_NAMES[scale];
  const { first, last } = names === null ? NAME_COUNTS[scale] : { first: most, last: most };
  return {
    scale,
    first: checked("names/first.txt", ONE_WORD, prefix(folders, "names/first.txt", first)),
    last: checked("names/last.txt", ONE_WORD, prefix(folders, "names/last.txt", last)),
    attributes: readAttributes(scale, folders),
    answers: readSentences(folders, "templates/answers.txt", ["{value}"]),
    refusals: readSentences(folders, "templates/refusals.txt", []),
  };
}

/** Where a file is looked for, in this order. */
type Folders = readonly URL[];

function readAttributes(scale: Scale, folders: Folders): Attribute[] {
  const file = "attributes.json";
  let json: unknown;
  try {
    json = JSON.parse(readText(folders, file));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Error(`Cannot read data/${file}: it must be JSON (${cause.message}).`, { cause });
  }
  const parsed = attributeFile.safeParse(json, { error: must });
  if (!parsed.success) {
    throw new Error(
      `Cannot read data/${file}: ${problemsOf(parsed.error.issues, json).join("; ")}.`,
    );
  }
  const names = parsed.data.map(({ name }) => name);
  return parsed.data.map(({ name, label, values, size, factors, format, given, told }) => {
    const pools = factors?.[scale]?.map((list) => readList(folders, `values/${list}.txt`));
    const count = size[scale] ?? size.laptop ?? Infinity;
    const pool = pools
      ? product(format ?? "", factors![scale]!, pools)
      : prefix(folders, `values/${values}.txt`, count);
    return {
      name,
      label,
      values: pool,
      factors: pools ? pools.map((list) => list.length) : [pool.length],
      templates: readTemplates(folders, name),
      questions: readSentences(folders, `templates/questions/${name}.txt`, ["{name}"]),
      ...(given ? { given: { ...given, attribute: names.indexOf(given.attribute) } } : {}),
      ...(told === undefined || told === 1 ? {} : { told }),
    };
  });
}

/** All combinations of the pools, the last pool varying fastest. */
function product(format: string, names: string[], pools: readonly (readonly string[])[]): string[] {
  let combinations: Record<string, string>[] = [{}];
  names.forEach((name, i) => {
    combinations = combinations.flatMap((slots) =>
      pools[i]!.map((item) => ({ ...slots, [name]: item }))
    );
  });
  return combinations.map((slots) => filled(format, slots));
}

/**
 * A template with texts in its slots, letter by letter, whatever they hold.
 *
 * @example
 * ```ts
 * import { filled } from "factlab/generator";
 * console.log(filled("{name} studied {value}.", { name: "Ann", value: "{name} & $&" }));
 * ```
 */
export function filled(template: string, slots: Record<string, string>): string {
  return template.replace(
    /\{(\w+)\}/g,
    (slot, name) => Object.hasOwn(slots, name) ? slots[name]! : slot,
  );
}

function readTemplates(folders: Folders, attribute: string): string[] {
  const file = `templates/${attribute}.txt`;
  const templates = readSentences(folders, file, ["{name}", "{value}"]);
  if (templates.length !== TEMPLATES_PER_ATTRIBUTE) {
    throw new Error(
      `Cannot read data/${file}: it must hold ${TEMPLATES_PER_ATTRIBUTE} templates, ` +
        `got ${templates.length}.`,
    );
  }
  const cue: Rule = {
    holds: (template) => /\p{L}/u.test(filled(template, { name: "" }).split("{value}")[0]!),
    must: "say which attribute it is before {value}",
  };
  return checked(file, cue, templates);
}

/** What every line of a file must be. */
interface Rule {
  holds: (line: string) => boolean;
  must: string;
}

const ONE_WORD: Rule = { holds: (name) => /^\p{L}+$/u.test(name), must: "be one word of letters" };

function checked(file: string, { holds, must }: Rule, lines: string[]): string[] {
  const bad = lines.findIndex((line) => !holds(line));
  if (bad < 0) return lines;
  throw new Error(`Cannot read data/${file}: line ${bad + 1} must ${must}, got "${lines[bad]}".`);
}

/** Sentences with exactly the given slots in this order, each a word or more of its own. */
function readSentences(folders: Folders, file: string, slots: string[]): string[] {
  const wanted = slots.length > 0 ? slots.join(" and then ") + ", each once" : "no slots";
  const hasSlots: Rule = {
    holds: (line) => (line.match(/\{\w*\}/g) ?? []).join(" ") === slots.join(" "),
    must: `have ${wanted}`,
  };
  const spaced: Rule = {
    holds: (line) => !/[^ ]\{|\}[\p{L}\p{N}]/u.test(line),
    must: "have a space before each slot, and no letter or digit right after it",
  };
  return checked(file, spaced, checked(file, hasSlots, readList(folders, file)));
}

function prefix(folders: Folders, file: string, count: number): string[] {
  const items = readList(folders, file);
  if (count !== Infinity && items.length < count) {
    throw new Error(
      `Cannot read data/${file}: this scale needs ${count} lines, got ${items.length}.`,
    );
  }
  return items.slice(0, count);
}

function readList(folders: Folders, file: string): string[] {
  const lines = readText(folders, file).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const seen = new Map<string, number>();
  lines.forEach((line, i) => {
    if (line.trim() === "" || line !== line.trim()) {
      throw new Error(
        `Cannot read data/${file}: line ${i + 1} must be one item without spaces around it, ` +
          `got "${line}".`,
      );
    }
    if (/ {2}|[^\S ]|▁|<(?:pad|bos|eos|unk)>/.test(line)) {
      throw new Error(
        `Cannot read data/${file}: line ${i + 1} must have single spaces, no other white space ` +
          `and no marks of the tokenizer (▁, <eos>, …), got ${JSON.stringify(line)}.`,
      );
    }
    const before = seen.get(line.toLowerCase());
    if (before !== undefined) {
      throw new Error(
        `Cannot read data/${file}: "${line}" is on lines ${before + 1} and ${i + 1}.`,
      );
    }
    seen.set(line.toLowerCase(), i);
  });
  if (lines.length === 0) throw new Error(`Cannot read data/${file}: it must not be empty.`);
  return lines;
}

function readText(folders: Folders, file: string): string {
  const [folder, ...others] = folders;
  try {
    return Deno.readTextFileSync(new URL(file, folder));
  } catch (cause) {
    if (others.length > 0 && cause instanceof Deno.errors.NotFound) return readText(others, file);
    throw new Error(
      `Cannot read data/${file}: ${cause instanceof Error ? cause.message : cause}. ` +
        "Each attribute needs values, 25 templates and questions (see data/README.md).",
      { cause },
    );
  }
}
