/**
 * What is asked of a model: knowledge, attention, gradient flow, answers; and what is read off
 * its curves. A probe of ours is a file and an entry of {@link PROBES}.
 *
 * @module
 */

import { answers } from "./answers.ts";
import { attention } from "./attention.ts";
import { flow } from "./gradient_flow.ts";
import { knowledge } from "./knowledge.ts";

/** The probes that every run may have, in the order of a measurement. */
export const PROBES: readonly [
  typeof knowledge,
  typeof attention,
  typeof flow,
  typeof answers,
] = [knowledge, attention, flow, answers];

export * from "./answers.ts";
export * from "./attention.ts";
export * from "./evaluation.ts";
export * from "./floor.ts";
export * from "./gradient_flow.ts";
export * from "./knowledge.ts";
export * from "./plateau.ts";
export type { Moment, Prepared, Probe, Setting, Subject } from "./probe.ts";
export * from "./uncertainty.ts";
