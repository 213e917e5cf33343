/**
 * What is asked of a model: knowledge, attention, gradient flow, answers; and what is read off
 * its curves. A probe of ours is a file and an entry of {@link PROBES}.
 *
 * @module
 */

import { answerCertainty } from "./answer_certainty.ts";
import { answers } from "./answers.ts";
import { attention } from "./attention.ts";
import { flow } from "./gradient_flow.ts";
import { knowledge } from "./knowledge.ts";
import { persons } from "./persons.ts";
import type { Schema } from "./probe.ts";
import { verification } from "./verification.ts";

/** The probes that every run may have, in the order of a measurement; a new one is a line here and in the type. */
export const PROBES: readonly [
  typeof knowledge,
  typeof attention,
  typeof flow,
  typeof answerCertainty,
  typeof answers,
  typeof verification,
  typeof persons,
] = [knowledge, attention, flow, answerCertainty, answers, verification, persons];

/** One of them. */
export type KnownProbe = typeof PROBES[number];

/** The settings of all of them, as a run's `evaluation` has them. */
export type ProbeSettings = Joined<Parameters<KnownProbe["prepare"]>[1]>;

/** The readings of all of them, by name. */
export type ProbeReadings = { [P in KnownProbe as P["name"]]?: ReadingOf<P> };

/** What a probe reads. */
export type ReadingOf<P> = P extends { reading: Schema<infer Reading> } ? Reading : never;

/** All members of a union at once. */
export type Joined<Union> = (Union extends unknown ? (one: Union) => void : never) extends
  ((all: infer All) => void) ? All
  : never;

export * from "./answer_certainty.ts";
export * from "./answers.ts";
export * from "./attention.ts";
export * from "./evaluation.ts";
export * from "./floor.ts";
export * from "./gradient_flow.ts";
export * from "./knowledge.ts";
export * from "./persons.ts";
export * from "./plateau.ts";
export {
  type AnyProbe,
  type Moment,
  type Prepared,
  type Probe,
  type ProbeSetting,
  readingSchemas,
  type Schema,
  settingsOff,
  settingsSchemas,
  type Subject,
} from "./probe.ts";
export * from "./uncertainty.ts";
export * from "./verification.ts";
