/**
 * Who is drawn at a step. A distribution is plain JSON that says how likely each person is; a
 * schedule is a list of phases, each a distribution for so many steps, or until its people are no
 * longer strangers. Studies build them with the functions below and combine them freely.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** People of a population, from one to below another. */
export interface PeopleRange {
  /** The first of them. */
  from: number;
  /** One past the last. */
  to: number;
}

/** Relative weight of one person in a range of people; the end is the population's by default. */
export interface Group {
  /** First person of the group. */
  from: number;
  /** One past its last person. */
  to?: number;
  /** How likely each of its people is, relative to those of other groups. */
  weight: number;
}

/** How likely each person is: the same within groups, or falling with the index. */
export type Distribution =
  | { kind: "groups"; groups: Group[] }
  | { kind: "power-law"; alpha: number };

/** When a phase without a fixed length ends. */
export interface Until {
  /** Once the attribute loss on its people is below this share of their no-knowledge loss. */
  below: number;
  /** Steps between two looks. */
  every: number;
}

/** Distributions one after the other; the last phase has no end. */
export type Schedule = { steps?: number; until?: Until; people: Distribution }[];

/** What a run has decided on its way: the step at which a phase without a fixed length ended. */
export interface Decision {
  /** Step before which it was decided. */
  step: number;
  /** What was decided, and why. */
  event: string;
}

/**
 * Everybody alike, or everybody in [from, to).
 *
 * @example
 * ```ts
 * import { probabilities, uniform } from "factlab";
 * console.log(probabilities(uniform(0, 4), 8)); // a quarter each for the first four of eight
 * ```
 */
export function uniform(from = 0, to?: number): Distribution {
  return { kind: "groups", groups: [{ from, ...(to === undefined ? {} : { to }), weight: 1 }] };
}

/**
 * Person i (from 1) is drawn in proportion to i^-alpha.
 *
 * @example
 * ```ts
 * import { powerLaw, probabilities } from "factlab";
 * console.log(probabilities(powerLaw(1), 4)); // 12 : 6 : 4 : 3
 * ```
 */
export function powerLaw(alpha: number): Distribution {
  return { kind: "power-law", alpha };
}

/**
 * The first `count` people are `weight` times as likely as each of the others.
 *
 * @example
 * ```ts
 * import { celebrities, probabilities } from "factlab";
 * console.log(probabilities(celebrities(2, 8), 10)); // 1/3 each of two, 1/24 of the rest
 * ```
 */
export function celebrities(count: number, weight: number): Distribution {
  return { kind: "groups", groups: [{ from: 0, to: count, weight }, { from: count, weight: 1 }] };
}

/**
 * New people [count, …) with each of the first `count` old people drawn `weight` times as often.
 *
 * @example
 * ```ts
 * import { probabilities, replay } from "factlab";
 * console.log(probabilities(replay(4, 0.25), 8)); // four old people, seldom, and four new ones
 * ```
 */
export const replay: typeof celebrities = celebrities;

/**
 * A few people first: `epochs` passes over `people` of them, then everybody.
 *
 * @example
 * ```ts
 * import { warmUp } from "factlab";
 * console.log(warmUp({ people: 128, epochs: 60, batch: 8 })); // 960 steps on 128 people, then all
 * ```
 */
export function warmUp(
  { people, epochs, batch }: { people: number; epochs: number; batch: number },
): Schedule {
  const steps = Math.max(1, Math.round(epochs * people / batch));
  return [{ steps, people: uniform(0, people) }, { people: uniform() }];
}

/**
 * A few people first, more as soon as the plateau is left: `start` people, then `factor` times as
 * many, until everybody is in. No length is given; a run watches its attribute loss and decides.
 *
 * @example
 * ```ts
 * import { adaptive } from "factlab";
 * console.log(adaptive({ people: 1024, start: 128, factor: 4 }).length); // 128, 512, everybody: 3
 * ```
 */
export function adaptive(
  { people, start, factor = 2, below = 0.9, every = 25 }: {
    people: number;
    start: number;
    factor?: number;
  } & Partial<Until>,
): Schedule {
  if (!(factor > 1) || !(start >= 1)) {
    throw new Error(
      "Cannot schedule people: an adaptive schedule must start with at least 1 person and grow by " +
        `a factor above 1, got start ${start} and factor ${factor}.`,
    );
  }
  const phases: Schedule = [];
  for (let size = start; size < people; size = Math.ceil(size * factor)) {
    phases.push({ until: { below, every }, people: uniform(0, size) });
  }
  return [...phases, { people: uniform() }];
}

/**
 * Groups of equal size one after the other, the whole sequence `repeats` times.
 *
 * @example
 * ```ts
 * import { sequential } from "factlab";
 * console.log(sequential({ people: 64, groups: 4, steps: 400 }).map(({ people }) => people));
 * ```
 */
export function sequential(
  { people, groups, repeats = 1, steps }: {
    people: number;
    groups: number;
    repeats?: number;
    steps: number;
  },
): Schedule {
  const phase = Math.floor(steps / (groups * repeats));
  return Array.from({ length: groups * repeats }, (_, i) => {
    const group = i % groups;
    const edge = (k: number) => Math.round(k * people / groups);
    const last = i === groups * repeats - 1;
    return { ...(last ? {} : { steps: phase }), people: uniform(edge(group), edge(group + 1)) };
  });
}

/** The phase of a step, given what has been decided so far. */
export function phaseAt(
  schedule: Schedule,
  step: number,
  decisions: readonly Decision[] = [],
): Schedule[number] {
  let end = 0;
  let decided = 0;
  for (const phase of schedule) {
    end = phase.until ? decisions[decided++]?.step ?? Infinity : end + (phase.steps ?? Infinity);
    if (step < end) return phase;
  }
  return schedule.at(-1)!;
}

/** The distribution of a step, given what has been decided so far. */
export function distributionAt(
  schedule: Schedule,
  step: number,
  decisions: readonly Decision[] = [],
): Distribution {
  return phaseAt(schedule, step, decisions).people;
}

/**
 * The probability of each of `people` people.
 *
 * @example
 * ```ts
 * import { powerLaw, probabilities } from "factlab";
 * console.log(probabilities(powerLaw(1), 3)); // 6/11, 3/11, 2/11
 * ```
 *
 * @throws {Error} if a group lies outside the population, or weights have no finite sum above 0.
 */
export function probabilities(distribution: Distribution, people: number): Float64Array {
  const weights = new Float64Array(people);
  if (distribution.kind === "power-law") {
    for (let i = 0; i < people; i++) weights[i] = (i + 1) ** -distribution.alpha;
  } else {
    for (const { from, to = people, weight } of distribution.groups) {
      if (from >= to || to > people) {
        throw new Error(
          `Cannot draw people: a group must lie within 0 and ${people}, got from ${from} to ${to}.`,
        );
      }
      for (let i = from; i < to; i++) weights[i] = weights[i]! + weight;
    }
  }
  const total = weights.reduce((a, b) => a + b, 0);
  if (!Number.isFinite(total) || total <= 0) {
    throw new Error(
      `Cannot draw people: the weights of all must add up to a finite number above 0, got ${total}. ` +
        "Only how they compare counts: scale them.",
    );
  }
  return weights.map((w) => w / total);
}

/** Draws people from a distribution. */
export function sampler(distribution: Distribution, people: number): (random: Random) => number {
  const cumulative = probabilities(distribution, people);
  for (let i = 1; i < people; i++) cumulative[i]! += cumulative[i - 1]!;
  return (random) => {
    const target = random() * cumulative[people - 1]!;
    let [low, high] = [0, people - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
