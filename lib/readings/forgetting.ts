/**
 * Who of the old people is forgotten while a model is tuned on new ones: people one by one, as the
 * probe `persons` reads them (docs/protocol.md, "People one by one").
 *
 * @module
 */

import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { MissingRecord } from "./readings.ts";
import { mean, withMost } from "./statistics.ts";

/** An old person while a model is tuned. */
export interface OldPerson {
  /** Index in the population. */
  person: number;
  /** Mean loss of the person's values before tuning, nats. */
  loss: number;
  /** Mean confidence in them before tuning. */
  confidence: number;
  /** Share of as many values as were right before that are still right, reading by reading. */
  kept: number[];
}

/** Old people of whom something was known before tuning, and when they were asked about. */
export interface OldPeople {
  /** Training steps of the readings, from that before tuning on. */
  steps: number[];
  /** The people. */
  people: OldPerson[];
}

/**
 * Old people ("group 1") of a tuned run, of whom something was known.
 *
 * @example
 * ```ts
 * import { oldPeopleIn, readResults, recordsOf, whoIsForgotten } from "factlab";
 * import { runArms } from "factlab/study";
 * const results = readResults(whoIsForgotten);
 * const [none] = runArms(results.experiment.arms);
 * for (const record of recordsOf(results, none!)) console.log(oldPeopleIn(record).people.length);
 * ```
 *
 * @throws {MissingRecord} if the record was made without the probe.
 */
export function oldPeopleIn({ measurements }: Pick<RunRecord, "measurements">): OldPeople {
  const readings = measurements.flatMap(({ step, persons }: Measurement) => {
    const own = persons?.["group 1"];
    return own ? [{ step, ...own }] : [];
  });
  const [before] = readings;
  if (!before) throw new MissingRecord();
  const people = before.person.map((person, i): OldPerson => ({
    person,
    loss: before.loss[i]!,
    confidence: before.confidence[i]!,
    kept: readings.map(({ right }) => Math.min(1, right[i]! / before.right[i]!)),
  }));
  return {
    steps: readings.map(({ step }) => step),
    people: people.filter((_, i) => before.right[i]! > 0),
  };
}

/** How far from half what is kept may be where half is said to be lost. */
const NEAR = 0.2;

/**
 * The reading at which what is kept is nearest to half, counted from 0.
 *
 * @throws {MissingRecord} if it is nowhere within .2 of half.
 */
export function halfLost({ steps, people }: OldPeople): number {
  const off = (reading: number) => Math.abs(keptOf(people, reading) - 0.5);
  const nearest = withMost(steps.map((_, reading) => reading), (reading) => -off(reading));
  if (nearest === undefined || !(off(nearest) <= NEAR)) throw new MissingRecord();
  return nearest;
}

/** Share that some people have kept at a reading, mean over people. */
export function keptOf(people: readonly OldPerson[], reading: number): number {
  return mean(people.map(({ kept }) => kept[reading]!));
}
