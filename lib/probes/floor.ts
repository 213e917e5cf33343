/**
 * What a model scores that knows how often each value occurs and nothing about individuals: the
 * line above which it is still learning the text (paper section 3; docs/protocol.md, "Knowing
 * nobody").
 *
 * @module
 */

import type { Population } from "../generator/mod.ts";

/** What a model that knows nobody scores at best. */
export interface NoKnowledge {
  /** Cross-entropy of a population's values under what was drawn, mean over attributes, nats. */
  loss: number;
  /** The loss of each attribute, nats. */
  attributes: number[];
  /** Share of the value most often drawn, mean over attributes. */
  accuracy: number;
}

/**
 * The no-knowledge loss and accuracy of a population: the plug-in entropy of its own values,
 * not the logarithm of the lists' sizes, which a finite population never reaches. Where people are
 * not drawn alike, `likely` says how often each is: such a model knows the values' frequencies as
 * drawn, and what it scores on everybody alike is the cross-entropy under these. `among` asks about
 * some of the people.
 *
 * @example
 * ```ts
 * import { createPopulation, loadLists, noKnowledge, powerLaw, probabilities } from "factlab";
 * const population = createPopulation({ lists: loadLists("laptop"), people: 512, seed: 0 });
 * console.log(noKnowledge(population).loss);
 * const likely = probabilities(powerLaw(1), 512);
 * console.log(noKnowledge(population, { likely }).loss); // higher: frequent people's values mislead
 * ```
 */
export function noKnowledge(
  population: Population,
  { likely, among }: { likely?: ArrayLike<number>; among?: Iterable<number> } = {},
): NoKnowledge {
  const { size } = population;
  const asked = among ? Int32Array.from(among) : undefined;
  const count = asked?.length ?? size;
  const parts = population.lists.attributes.map(({ factors }, attribute) => {
    const drawn = factorCounts(population, attribute, factors, { weights: likely });
    const there = factorCounts(population, attribute, factors, { people: asked });
    return {
      loss: drawn.reduce((sum, own, f) => sum + crossEntropyOf(there[f]!, own), 0),
      accuracy: drawn.reduce((p, own, f) => p * there[f]![commonest(own)]! / count, 1),
    };
  });
  return {
    loss: mean(parts.map(({ loss }) => loss)),
    attributes: parts.map(({ loss }) => loss),
    accuracy: mean(parts.map(({ accuracy }) => accuracy)),
  };
}

/**
 * The loss of a model that knows the population's value frequencies, on other people: mean of
 * -ln of the add-one-smoothed frequency of their true values.
 */
export function noKnowledgeOf(others: Population, population: Population): number {
  return mean(population.lists.attributes.map(({ factors }, attribute) => {
    const seen = factorCounts(population, attribute, factors);
    const asked = factorCounts(others, attribute, factors);
    return seen.reduce((total, counts, f) => {
      const smoothed = population.size + counts.length;
      const loss = counts.reduce(
        (sum, count, value) => sum - asked[f]![value]! * Math.log((count + 1) / smoothed),
        0,
      );
      return total + loss / others.size;
    }, 0);
  }));
}

/** How often each value of each factor occurs, or is drawn; a plain list has one factor. */
function factorCounts(
  { lists, size, values }: Population,
  attribute: number,
  factors: readonly number[],
  { weights, people }: { weights?: ArrayLike<number>; people?: Int32Array } = {},
): number[][] {
  const counts = factors.map((length) => new Array<number>(length).fill(0));
  const count = people?.length ?? size;
  for (let i = 0; i < count; i++) {
    const person = people?.[i] ?? i;
    let rest = values[person * lists.attributes.length + attribute]!;
    for (let f = factors.length - 1; f >= 0; f--) {
      counts[f]![rest % factors[f]!]! += weights?.[person] ?? 1;
      rest = Math.floor(rest / factors[f]!);
    }
  }
  return counts;
}

/** -sum p ln q of two histograms; what does not occur costs nothing. */
function crossEntropyOf(occurring: readonly number[], drawn: readonly number[]): number {
  const [all, total] = [occurring, drawn].map((counts) => counts.reduce((a, b) => a + b, 0));
  return occurring.reduce(
    (sum, count, value) =>
      count === 0 ? sum : sum - count / all! * Math.log(drawn[value]! / total!),
    0,
  );
}

function commonest(counts: readonly number[]): number {
  return counts.reduce((best, count, value) => count > counts[best]! ? value : best, 0);
}

function mean(values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
