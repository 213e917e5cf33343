/**
 * Populations of made-up people: unique full names, independent uniform attributes, and for
 * each person and attribute a split of the templates.
 *
 * @module
 */

import { displaySymbol, table, type TextAndHtml } from "../display/mod.ts";
import type { PeopleRange } from "./distribution.ts";
import { type Attribute, LEAST_NAMES, type Lists, TEMPLATES_PER_ATTRIBUTE } from "./lists.ts";
import { below, type Random, shuffle, stream } from "./random.ts";

/** Templates of 25 that a person is trained with. */
const TRAINING_TEMPLATES = 20;
/** Templates of 25 that nobody is trained with. */
const COMMON_HELD_OUT = 2;

/** Which templates a sentence may use. */
export type TemplateSet =
  /** The 20 this person is trained with. */
  | "training"
  /** The 3 held out for this person, with which other people are trained. */
  | "held-out"
  /** The 2 held out from everybody. */
  | "new";

/** People by index: names and values as indices into the lists. */
export interface Population {
  /** Where names and values come from. */
  readonly lists: Lists;
  /** Number of people. */
  readonly size: number;
  /** [size, 3] indices of first, middle and last name. */
  readonly names: Int32Array;
  /** [size, attributes] indices of values. */
  readonly values: Int32Array;
  /** [size, attributes, 25] templates: 20 for training, 3 held out, 2 held out from everybody. */
  readonly templates: Uint8Array;
  /** [size, attributes] 1 where training does not tell it; left out where it tells everything. */
  readonly untold?: Uint8Array;
  /** [size, attributes] values that people had before they were updated; left out where nobody was. */
  readonly former?: Int32Array;
}

/** One person, in words. */
export interface Person {
  /** Index in the population. */
  index: number;
  /** First, middle and last name. */
  name: string;
  /** Values by the name of the attribute. */
  values: Record<string, string>;
}

/**
 * Draws a population. A larger population of the same seed begins with the same people. Names are
 * drawn from all of the lists, or from the first `names` of each. `updated` says whose values have
 * changed since ({@link updatedPopulation}).
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, personOf } from "factlab";
 * const population = createPopulation({ lists: loadLists("laptop"), people: 512, seed: 0 });
 * console.log(personOf(population, 0).name);
 * ```
 *
 * @throws {Error} if the names allow fewer people, or the lists have fewer names.
 */
export function createPopulation(
  { lists, people, seed, names = null, updated = null }: {
    lists: Lists;
    people: number;
    seed: number;
    names?: number | null;
    updated?: PeopleRange | null;
  },
): Population {
  const most = Math.min(lists.first.length, lists.last.length);
  if (names !== null && !(Number.isInteger(names) && names >= LEAST_NAMES && names <= most)) {
    throw new Error(
      `Cannot draw a population: names must be a whole number from ${LEAST_NAMES} to ${most} ` +
        `(all that the lists hold), or null for all of them, got ${names}.`,
    );
  }
  const [first, last] = [names ?? lists.first.length, names ?? lists.last.length];
  const possible = first ** 2 * last;
  if (!Number.isInteger(people) || people < 1 || people > possible / 2) {
    const source = names === null ? `scale ${lists.scale} has` : `${names} names a list make`;
    throw new Error(
      `Cannot draw a population: people must be a whole number from 1 to ${possible / 2} ` +
        `(half of the full names ${source}), got ${people}.`,
    );
  }
  const random = stream(seed, "people");
  const taken = new Set<number>();
  const draw = () => [below(first, random), below(first, random), below(last, random)];
  const population = drawPeople({ lists, people, seed, random, taken, draw });
  return updated ? updatedPopulation(population, { ...updated, seed }) : population;
}

/**
 * Fewest names a list that make enough full names for so many people and, of what these leave, for
 * unseen ones: at most half of them are used.
 */
export function leastNames({ people, unseen }: { people: number; unseen: number }): number {
  const needed = Math.max(2 * people, people + 2 * unseen);
  let names = LEAST_NAMES;
  while (names ** 3 < needed) names++;
  return names;
}

/**
 * Draws people who are not in a population, with name parts that are: "unseen" means a new
 * combination, never an untrained token. Streams of different names give different people.
 *
 * @example
 * ```ts
 * import { createPopulation, createUnseen, loadLists, personOf } from "factlab";
 * const population = createPopulation({ lists: loadLists("smoke"), people: 8, seed: 0 });
 * const unseen = createUnseen(population, { people: 4, seed: 0 });
 * console.log(personOf(unseen, 0).name); // made of the same names, in a new combination
 * ```
 *
 * @throws {Error} if the population's name parts allow too few new combinations.
 */
export function createUnseen(
  population: Population,
  { people, seed, name = "unseen" }: { people: number; seed: number; name?: string },
): Population {
  const { lists } = population;
  const parts = [0, 1, 2].map((part) => [
    ...new Set(Array.from({ length: population.size }, (_, i) => population.names[3 * i + part]!)),
  ]);
  const possible = parts.reduce((count, part) => count * part.length, 1) - population.size;
  if (!Number.isInteger(people) || people < 1) {
    throw new Error(
      `Cannot draw ${name} people: people must be a whole number of at least 1, got ${people}.`,
    );
  }
  if (people > possible / 2) {
    throw new Error(
      `Cannot draw ${people} ${name} people: the ${population.size} people of the population ` +
        `leave ${possible} new names, and at most half of them are used. Use more people or names.`,
    );
  }
  const random = stream(seed, name);
  const taken = new Set<number>();
  for (let i = 0; i < population.size; i++) taken.add(nameKey(lists, population.names, i));
  const draw = () => parts.map((part) => part[below(part.length, random)]!);
  return drawPeople({ lists, people, seed, random, taken, draw });
}

function drawPeople({ lists, people, seed, random, taken, draw }: {
  lists: Lists;
  people: number;
  seed: number;
  random: Random;
  taken: Set<number>;
  draw: () => number[];
}): Population {
  const count = lists.attributes.length;
  const names = new Int32Array(3 * people);
  const values = new Int32Array(count * people);
  const templates = new Uint8Array(count * people * TEMPLATES_PER_ATTRIBUTE);
  const untold = lists.attributes.some(({ told }) => told !== undefined)
    ? new Uint8Array(count * people)
    : undefined;
  const shared = commonHeldOut(seed, count);
  for (let i = 0; i < people; i++) {
    do {
      names.set(draw(), 3 * i);
    } while (taken.has(nameKey(lists, names, i)));
    taken.add(nameKey(lists, names, i));
    for (let a = 0; a < count; a++) {
      const cell = count * i + a;
      const attribute = lists.attributes[a]!;
      values[cell] = drawValue(attribute, values.subarray(count * i, cell), random);
      if (untold && attribute.told !== undefined) untold[cell] = Number(random() >= attribute.told);
      const own = templates.subarray(
        cell * TEMPLATES_PER_ATTRIBUTE,
        (cell + 1) * TEMPLATES_PER_ATTRIBUTE,
      );
      own.set(shared[a]!);
      shuffle(own.subarray(0, TEMPLATES_PER_ATTRIBUTE - COMMON_HELD_OUT), random);
    }
  }
  return shown({ lists, size: people, names, values, templates, ...(untold && { untold }) });
}

/** Beside the data, not among it: a population is compared and copied as plain values. */
function shown(population: Population): Population {
  return Object.defineProperty(population, displaySymbol, {
    value: () => peopleTable(population)[displaySymbol](),
  });
}

/** Times that an updated value is drawn until it is another one. */
const DRAWS = 64;

/**
 * The same people, some of them with other values than the seed gives, where the lists have others:
 * facts that have changed. They are the same however often they are drawn, and whoever else is updated;
 * what they were stays as `former`.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, personOf } from "factlab";
 * import { updatedPopulation } from "factlab/generator";
 * const population = createPopulation({ lists: loadLists("laptop"), people: 8, seed: 0 });
 * const updated = updatedPopulation(population, { from: 0, to: 4, seed: 0 });
 * console.log(personOf(population, 0).values, personOf(updated, 0).values);
 * ```
 *
 * @throws {Error} if there are no such people.
 */
export function updatedPopulation(
  population: Population,
  { from, to, seed }: PeopleRange & { seed: number },
): Population {
  const { lists: { attributes }, size, values: former } = population;
  if (from < 0 || to > size || from >= to) {
    throw new Error(
      `Cannot update people: must be some from 0 to below ${size}, got those from ${from} to ` +
        `below ${to}.`,
    );
  }
  const values = former.slice();
  for (let person = from; person < to; person++) {
    const random = stream(seed, "update", person);
    attributes.forEach((attribute, a) => {
      const cell = attributes.length * person + a;
      const before = values.subarray(cell - a, cell);
      for (let i = 0; i < DRAWS && values[cell] === former[cell]; i++) {
        values[cell] = drawValue(attribute, before, random);
      }
    });
  }
  return shown({ ...population, values, former });
}

/** A value of an attribute, given the person's values of those before it. */
function drawValue({ values, given }: Attribute, before: Int32Array, random: Random): number {
  if (given && (given.share === 1 || random() < given.share)) {
    return before[given.attribute]! % values.length;
  }
  return below(values.length, random);
}

/** For each attribute all templates, those held out from everybody last. */
function commonHeldOut(seed: number, attributes: number): Uint8Array[] {
  const random = stream(seed, "templates");
  return Array.from(
    { length: attributes },
    () => shuffle(Uint8Array.from({ length: TEMPLATES_PER_ATTRIBUTE }, (_, i) => i), random),
  );
}

function nameKey(lists: Lists, names: Int32Array, person: number): number {
  const [first, middle, last] = [0, 1, 2].map((part) => names[3 * person + part]!);
  return (first! * lists.first.length + middle!) * lists.last.length + last!;
}

/**
 * The template indices of one person and attribute that belong to a set.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists } from "factlab";
 * import { templatesOf } from "factlab/generator";
 * const population = createPopulation({ lists: loadLists("smoke"), people: 8, seed: 0 });
 * console.log(templatesOf(population, 0, 0, "held-out")); // indices among an attribute's templates
 * ```
 */
export function templatesOf(
  population: Population,
  person: number,
  attribute: number,
  set: TemplateSet,
): Uint8Array {
  const start = (person * population.lists.attributes.length + attribute) * TEMPLATES_PER_ATTRIBUTE;
  const common = TEMPLATES_PER_ATTRIBUTE - COMMON_HELD_OUT;
  const [from, to] = {
    training: [0, TRAINING_TEMPLATES],
    "held-out": [TRAINING_TEMPLATES, common],
    new: [common, TEMPLATES_PER_ATTRIBUTE],
  }[set];
  return population.templates.subarray(start + from!, start + to!);
}

/**
 * A person in words.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, personOf } from "factlab";
 * const population = createPopulation({ lists: loadLists("smoke"), people: 8, seed: 0 });
 * console.log(personOf(population, 0)); // name and the six values
 * ```
 */
export function personOf(population: Population, index: number): Person {
  const { lists, size, names, values } = population;
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new Error(`Cannot show person ${index}: must be a whole number from 0 to ${size - 1}.`);
  }
  return {
    index,
    name: nameParts(lists, names, index).join(" "),
    values: Object.fromEntries(
      lists.attributes.map((attribute, a) => [
        attribute.name,
        attribute.values[values[lists.attributes.length * index + a]!]!,
      ]),
    ),
  };
}

/** First, middle and last name of a person. */
export function nameParts(lists: Lists, names: Int32Array, person: number): string[] {
  const part = (k: number) => names[3 * person + k]!;
  return [lists.first[part(0)]!, lists.first[part(1)]!, lists.last[part(2)]!];
}

/**
 * The first people of a population as a table.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, peopleTable } from "factlab";
 * const population = createPopulation({ lists: loadLists("laptop"), people: 512, seed: 0 });
 * console.log(peopleTable(population, 3).text);
 * ```
 */
export function peopleTable(population: Population, count = 5): TextAndHtml {
  const shown = Math.min(count, population.size);
  const rows = Array.from({ length: shown }, (_, i) => {
    const { name, values } = personOf(population, i);
    return { name, ...values };
  });
  const labels = population.lists.attributes.map(({ name, label }) => ({
    key: name,
    title: label,
  }));
  return table(rows, {
    columns: [{ key: "name", title: "name" }, ...labels],
    caption: `${shown} of ${population.size} people`,
  });
}
