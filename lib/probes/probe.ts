/**
 * What a probe is: a question asked of a model while it trains. It owns a part of the
 * configuration, a part of a measurement, and the calls in between. mod.ts lists ours; a user's own
 * are handed to `train`.
 *
 * @module
 */

import { z } from "zod";
import type { Corpus, EvaluationSet } from "../generator/mod.ts";
import type { Engine, HasFunctions } from "../engine/mod.ts";
import type { Forward, ModelConfiguration } from "../model/mod.ts";
import type { Evaluation } from "./evaluation.ts";

/** What a probe looks at: a model in training, and the texts there are. */
export interface Subject {
  /** Size and kind of the model. */
  model: ModelConfiguration;
  /** The model as a function of the engine's state. */
  forward: Forward;
  /** People and texts it learns, with the options they are made from. */
  corpus: Corpus;
  /** The fixed evaluation sets, the training set first. */
  sets: readonly EvaluationSet[];
  /** Scores the values of biographies; one call for all who want it. */
  evaluation: Evaluation;
  /** Whether it is taught to answer questions. */
  questions: boolean;
}

/** When a reading is taken. */
export interface Moment {
  /** Training steps done. */
  step: number;
  /** Whether it is one of the points at which everything is read. */
  whole: boolean;
  /** Whether all steps are done; a run that stops before has no such moment. */
  last: boolean;
}

/** A probe at work on one subject. */
export interface Prepared<Reading> {
  /** What the engine must know. */
  calls: readonly HasFunctions[];
  /** Asks the model; undefined where there is nothing to tell at this moment. What it gives is JSON. */
  read(engine: Engine, moment: Moment): Reading | undefined;
}

/** A schema of zod for values of a type. */
export interface Schema<Value> {
  /** Checks a value. */
  safeParse(value: unknown): { success: boolean; data?: Value };
}

/** One setting of a probe: what it may be, and what it is where the probe is off. */
export interface ProbeSetting<Value> {
  /** Checks it. */
  schema: Schema<Value>;
  /** Its value where nobody asks; never changed, as names of runs depend on it. */
  off: Value;
}

/**
 * A question asked of a model, as a value. One of your own is handed to `train`, and is part of what
 * the run is: its name and settings are in the run's identity, its readings in the record.
 */
export interface Probe<
  Name extends string = string,
  Settings extends object = object,
  Reading = unknown,
> {
  /** Name of its reading in a measurement. */
  name: Name;
  /**
   * `import.meta.url` of the module whose default export it is: sweeps load it from there, in
   * processes and on machines of their own. Not needed to train in this process.
   */
  module?: string;
  /** Its settings in a run's `evaluation`. */
  settings: { [Key in keyof Settings]: ProbeSetting<Settings[Key]> };
  /** What a reading is, with units in its descriptions. */
  reading: Schema<Reading>;
  /** Gets ready to ask; undefined where it is off or has no meaning for this model. */
  prepare(subject: Subject, settings: Settings): Prepared<Reading> | undefined;
}

/** Some probe, whatever its settings and readings are. */
// deno-lint-ignore no-explicit-any
export type AnyProbe = Probe<string, any, unknown>;

/** The settings of some probes where they are off. */
export function settingsOff(probes: readonly AnyProbe[]): Record<string, unknown> {
  return Object.fromEntries(
    probes.flatMap(({ settings }) =>
      Object.entries(settings as AnyProbe["settings"]).map(([key, { off }]) => [key, off])
    ),
  );
}

/** The schemas of the settings of some probes. */
export function settingsSchemas(probes: readonly AnyProbe[]): Record<string, z.ZodType> {
  return Object.fromEntries(
    probes.flatMap(({ settings }) =>
      Object.entries(settings as AnyProbe["settings"])
        .map(([key, { schema }]) => [key, ofZod(schema)])
    ),
  );
}

/** The schemas of the readings of some probes, by name. */
export function readingSchemas(probes: readonly AnyProbe[]): Record<string, z.ZodType> {
  return Object.fromEntries(probes.map(({ name, reading }) => [name, ofZod(reading)]));
}

function ofZod(schema: Schema<unknown>): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new Error("Cannot use a probe: its schemas must be zod's, of the version factlab has.");
}
