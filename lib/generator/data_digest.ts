/**
 * Which names, values and templates a run is made of, as a digest: part of its identity where the
 * lists are not those that runs have always been made of.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { asFolder } from "../environment.ts";
import { DATA, type Lists, loadLists, type Scale } from "./lists.ts";

/**
 * Digests of factlab's own lists. They do not enter identities, so that the runs made of them keep
 * their names; they are never changed, whatever happens to the lists.
 */
export const OWN_DATA: Readonly<Record<Scale, string>> = {
  smoke: "862fa9c1655a",
  laptop: "81a7f80b9d1a",
  paper: "4ab2f8699fe0",
};

/** The same of the lists with the most names of a scale: those of runs that say `names`. */
const OWN_DATA_OF_MOST: Readonly<Record<Scale, string>> = {
  smoke: "50a547501fcc",
  laptop: "7f47b881cdce",
  paper: "32464c383b7d",
};

/** Whose lists are meant: of a run, or of a scale where people are drawn from its own names. */
export interface ListsOf {
  /** Whose prefix of each list. */
  scale: Scale;
  /** Names that people are drawn from; null for the scale's own. */
  names?: number | null;
  /** Digest of the lists of a folder of one's own; null for those in data/. */
  lists?: string | null;
}

/** The digest of factlab's own lists that a run is made of. */
export function ownData({ scale, names = null }: ListsOf): string {
  return (names === null ? OWN_DATA : OWN_DATA_OF_MOST)[scale];
}

/**
 * 12 hexadecimal digits of the hash of all that a run takes from its lists: every item in its
 * order, of the scale's prefix alone. Labels are for people and do not count.
 *
 * @example
 * ```ts
 * import { loadLists } from "factlab";
 * import { dataDigest } from "factlab/generator";
 * const lists = loadLists("smoke");
 * console.log(dataDigest(lists) === dataDigest({ ...lists, last: lists.last.toReversed() })); // false
 * ```
 */
export function dataDigest({ first, last, attributes, answers, refusals }: Lists): string {
  const items = [
    first,
    last,
    attributes.map(({ name, values, factors, templates, questions, given, told }) => [
      name,
      values,
      factors,
      templates,
      questions,
      // Where nothing is said of them, digests are what they were before there was a choice.
      ...(given || told !== undefined ? [{ given, told }] : []),
    ]),
    answers,
    refusals,
  ];
  return createHash("sha256").update(JSON.stringify(items)).digest("hex").slice(0, 12);
}

/** By the digest that factlab's own lists have. */
const known = new Map<string, { stamp: string; digest: string }>();

/** The digest of the lists as they are on this machine now; files are read when they have changed. */
export function currentData({ scale, names, lists = null }: ListsOf): string {
  if (lists !== null) return lists;
  const own = ownData({ scale, names });
  const stamp = stampOf(DATA);
  const before = known.get(own);
  if (before?.stamp === stamp) return before.digest;
  const digest = dataDigest(loadLists(scale, { names }));
  known.set(own, { stamp, digest });
  return digest;
}

/** Lists of folders of one's own that were opened in this process, by digest. */
const opened = new Map<string, { lists: Lists; folder: URL }>();

/**
 * Opens a folder of one's own lists for a scale, so that runs may be made of them: what the folder
 * does not have is taken from factlab's own. Returns their digest; null if they are factlab's own.
 *
 * @example
 * ```ts
 * import { DATA, openLists } from "factlab/generator";
 * console.log(openLists(DATA, { scale: "smoke" })); // null: factlab's own
 * ```
 *
 * @throws {Error} as {@link loadLists} does, with the folder's name.
 */
export function openLists(folder: URL, { scale, names = null }: ListsOf): string | null {
  const place = asFolder(folder);
  let lists: Lists;
  try {
    lists = loadLists(scale, { names, folder: place, otherwise: DATA });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(message.replace("data/", decodeURI(place.pathname)), { cause });
  }
  const digest = dataDigest(lists);
  if (digest === ownData({ scale, names })) return null;
  opened.set(digest, { lists, folder: place });
  return digest;
}

/**
 * The lists that a run is made of.
 *
 * @example
 * ```ts
 * import { listsOf } from "factlab/generator";
 * console.log(listsOf({ scale: "smoke" }).attributes.map(({ label }) => label));
 * ```
 *
 * @throws {Error} if they are those of a folder that was not opened in this process.
 */
export function listsOf({ scale, names, lists = null }: ListsOf): Lists {
  if (lists === null) return loadLists(scale, { names });
  const known = opened.get(lists);
  if (known) return known.lists;
  throw new Error(
    `Cannot read lists: their folder must be opened before a run of lists ${lists}, got none. Pass ` +
      "it, as in train(input, { lists: folder }), or call openLists(folder, { scale, names }).",
  );
}

/**
 * Where lists of one's own were opened in this process; undefined for factlab's, and for others.
 *
 * @example
 * ```ts
 * import { folderOfLists } from "factlab/generator";
 * console.log(folderOfLists(null)); // undefined
 * ```
 */
export function folderOfLists(lists: string | null): URL | undefined {
  return lists === null ? undefined : opened.get(lists)?.folder;
}

const FOLDERS = ["names/", "values/", "templates/", "templates/questions/"];

/** Names, sizes and times of all files that lists are read from. */
function stampOf(folder: URL): string {
  const files = FOLDERS.flatMap((part) => {
    try {
      return [...Deno.readDirSync(new URL(part, folder))].map(({ name }) => part + name);
    } catch {
      return []; // Reading the lists says what is missing.
    }
  });
  return ["attributes.json", ...files.sort()].map((file) => {
    try {
      const { size, mtime } = Deno.statSync(new URL(file, folder));
      return `${file} ${size} ${mtime?.getTime()}`;
    } catch {
      return file;
    }
  }).join("\n");
}
