/**
 * The eyes of an adaptive schedule: whether the people of the present phase are no longer
 * strangers, so that the next phase may begin.
 *
 * @module
 */

import {
  type Corpus,
  type Decision,
  type EvaluationSet,
  phaseAt,
  type Population,
  probabilities,
  shuffle,
  stream,
} from "../generator/mod.ts";
import { measureKnowledge, noKnowledge } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import type { RunCalls } from "./calls.ts";

/** People who are looked at, at most. */
const WATCHED = 64;

/** What decides when the phases of a schedule end. */
export interface Watcher {
  /** Looks, before a step, whether its phase ends; undefined if it does not, or is not asked. */
  decide(step: number, decisions: readonly Decision[]): Decision | undefined;
  /** The next step after one at which it may look; Infinity if never. */
  next(step: number): number;
}

/** The watcher of a run. */
export function watcher({ configuration, corpus, calls, engine }: {
  configuration: RunConfiguration;
  corpus: Corpus;
  calls: Pick<RunCalls, "evaluation">;
  engine: Engine;
}): Watcher {
  const { schedule } = configuration;
  const { evaluation } = calls;
  const seen = new Map<object, { set: EvaluationSet; floor: number }>();
  return {
    decide(step, decisions) {
      const phase = phaseAt(schedule, step, decisions);
      const { until } = phase;
      if (!until || step === 0 || step % until.every !== 0) return undefined;
      if (!seen.has(phase)) seen.set(phase, watched(corpus, schedule.indexOf(phase), phase));
      const { set, floor } = seen.get(phase)!;
      const { loss } = measureKnowledge([set], { engine, evaluation }).training!;
      if (loss >= until.below * floor) return undefined;
      const share = (loss / floor).toPrecision(3);
      return { step, event: `phase ${schedule.indexOf(phase) + 1} ends: loss at ${share} of L0` };
    },
    // Of all phases: the present one may end before the next look.
    next: (step) =>
      Math.min(
        ...schedule.map(({ until }) =>
          until ? until.every * (Math.floor(step / until.every) + 1) : Infinity
        ),
      ),
  };
}

/** Biographies of some people of a phase, and the no-knowledge loss of all of its people. */
function watched(
  corpus: Corpus,
  index: number,
  { people }: RunConfiguration["schedule"][number],
): { set: EvaluationSet; floor: number } {
  const { population, writer, options } = corpus;
  const random = stream(options.seed, "watch", index);
  const likely = probabilities(people, population.size);
  const members = Int32Array.from({ length: population.size }, (_, i) => i)
    .filter((person) => likely[person]! > 0);
  const style = { set: "training", order: "shuffled", templates: options.templates } as const;
  const biographies = Array.from(
    shuffle(members.slice(), random).slice(0, WATCHED),
    (person) => writer.write(population, person, style, random),
  );
  return {
    set: { name: "training", population, biographies },
    floor: noKnowledge(partOf(population, members)).loss,
  };
}

/** Some people of a population, by index. */
function partOf(population: Population, members: Int32Array): Population {
  const count = population.lists.attributes.length;
  const values = new Int32Array(members.length * count);
  members.forEach((person, i) =>
    values.set(population.values.subarray(person * count, (person + 1) * count), i * count)
  );
  return { ...population, size: members.length, values };
}
