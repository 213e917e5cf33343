/**
 * What knowing nobody scores in a run where people are not drawn alike: the values' frequencies as
 * drawn are all that such a model knows, and it is evaluated on everybody alike.
 *
 * @module
 */

import {
  createPopulation,
  distributionAt,
  listsOf,
  type Population,
  probabilities,
} from "../generator/mod.ts";
import { type Floor, noKnowledge } from "../probes/mod.ts";
import type { RunConfiguration, RunRecord } from "../trainer/mod.ts";

const drawnFloors = new Map<string, Floor>();

/**
 * No-knowledge loss and accuracy over everybody alike. It is the record's own, L0, but where the
 * last phase draws some people more often than others, and nobody never. Without a configuration
 * people count as drawn alike.
 *
 * @example
 * ```ts
 * import { configure, powerLaw } from "factlab";
 * import { floorOf } from "factlab/readings";
 * const floor = { loss: 3.5, attributes: [3.5], accuracy: 0.03, unseen: 3.6 };
 * const configuration = configure({ schedule: [{ people: powerLaw(1) }] });
 * console.log(floorOf({ floor, configuration }).loss); // not 3.5
 * ```
 */
export function floorOf(
  { floor, configuration }:
    & Pick<RunRecord["header"], "floor">
    & Partial<RunRecord["header"]>,
): Floor {
  const likely = configuration && unlike(configuration);
  if (!likely) return floor;
  const { scale, seed, people, names, lists, updated, schedule } = configuration;
  const key = JSON.stringify([scale, seed, people, names, lists, updated, schedule.at(-1)]);
  const known = drawnFloors.get(key) ?? noKnowledge(populationOf(configuration), { likely });
  drawnFloors.set(key, known);
  return known;
}

/**
 * No-knowledge loss over the most frequent people alone, a share of all.
 *
 * @example
 * ```ts
 * import { configure, powerLaw } from "factlab";
 * import { frequentFloor } from "factlab/readings";
 * console.log(frequentFloor(configure({ schedule: [{ people: powerLaw(1) }] }), 0.1));
 * ```
 */
export function frequentFloor(configuration: RunConfiguration, share: number): number {
  const { people, schedule } = configuration;
  const likely = probabilities(distributionAt(schedule, Infinity), people);
  const among = Array.from(likely, (_, person) => person)
    .sort((a, b) => likely[b]! - likely[a]! || a - b)
    .slice(0, Math.floor(share * people));
  return noKnowledge(populationOf(configuration), { likely, among }).loss;
}

/** How likely each person is in the last phase, if they are not alike and all may be drawn. */
function unlike({ schedule, people }: RunConfiguration): Float64Array | undefined {
  // The toy memory, whose records have this form too, draws no people.
  if (!schedule) return undefined;
  const likely = probabilities(distributionAt(schedule, Infinity), people);
  return likely.some((p) => p !== likely[0]) && likely.every((p) => p > 0) ? likely : undefined;
}

function populationOf(configuration: RunConfiguration): Population {
  const { people, seed, names, updated } = configuration;
  return createPopulation({ lists: listsOf(configuration), people, seed, names, updated });
}
