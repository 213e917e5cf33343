/**
 * What a run configuration is: plain JSON, everything that decides a run's results. configure.ts
 * completes, checks and hashes it.
 *
 * @module
 */

import type { PeopleRange, Scale, Schedule } from "../generator/mod.ts";
import type { ModelConfiguration } from "../model/mod.ts";
import type { ProbeSettings } from "../probes/mod.ts";
import type { Precision } from "../engine/mod.ts";
import type { Tuning } from "./tuning.ts";

/** AdamW and its learning-rate schedule. */
export interface OptimizerConfiguration {
  /** Peak learning rate. */
  lr: number;
  /** Learning rate at the end, as a share of the peak; 1 keeps it constant. */
  floor: number;
  /** Steps of linear warm-up, counted from where the run begins. */
  warmup: number;
  /** Decoupled weight decay on matrices and the embedding, none on norms. */
  decay: number;
  /** AdamW's decay of the mean. */
  beta1: number;
  /** AdamW's decay of the squares' mean. */
  beta2: number;
  /** Largest gradient norm, or null for no clipping. */
  clip: number | null;
}

/** A checkpoint of another run: its configuration and the steps it had done. */
export interface CheckpointOf {
  /** The run it is of. */
  run: RunInput;
  /** Steps that run had done. */
  step: number;
}

/**
 * What is measured, and when; the probes' settings are theirs: `attention`, at how many of the
 * measurements everything is read, `flow` and `asked`, how many people are looked at then.
 */
export interface EvaluationConfiguration extends ProbeSettings {
  /** People in each evaluation set, at most. */
  people: number;
  /** Measurements, about even in log step. */
  measurements: number;
  /**
   * First persons of groups that are evaluated apart, as sets "group 1", "group 2", …: people
   * before and after fine-tuning, groups one after the other.
   */
  groups: number[];
  /** Steps at which a study wants a measurement as well. */
  steps: number[];
  /** Settings of a user's own probes, by name; `train` completes them. */
  probes: Record<string, Record<string, unknown>>;
}

/** Everything that decides a run's results. */
export interface RunConfiguration {
  /** Which lists, model and sizes are meant where nothing is said. */
  scale: Scale;
  /** Seed of people, parameters, batches and evaluation. */
  seed: number;
  /** Size N of the population. */
  people: number;
  /**
   * Given names (first, middle) and family names that people are drawn from: the first so many of
   * each list. The vocabulary holds the most that the scale allows, whatever the number. Null stands
   * for the scale's own names, which are also all that its vocabulary holds.
   */
  names: number | null;
  /**
   * Digest of the names, values and templates that it is made of, where they are those of a folder
   * that `train` was given as `lists`; null for factlab's own.
   */
  lists: string | null;
  /**
   * Tokens of a vocabulary of subwords (byte-pair encoding), of which names, values and all other words
   * are made; the smaller it is, the more of them a word takes. Null: one token a word.
   */
  subwords: number | null;
  /**
   * People whose values are other ones than the seed gives, where the lists have others: facts that
   * have changed. Null: nobody's.
   */
  updated: PeopleRange | null;
  /** Who is drawn when. */
  schedule: Schedule;
  /** Order of sentences while training. */
  order: "shuffled" | "fixed";
  /** Training templates a person and attribute, of at most 20. */
  templates: number;
  /** Sentences of a biography, each about one attribute, drawn anew each time; null for all. */
  sentences: number | null;
  /** Sentences, from the first, that say the full name; later ones say "this person". Null: all. */
  named: number | null;
  /** Size and kind of the model. */
  model: ModelConfiguration;
  /**
   * Go on from another run's parameters: steps, schedule and data order count on from that step.
   * AdamW's moments are fresh, at zero, if they are not "kept". Null begins at step 0 with fresh
   * parameters.
   */
  start: CheckpointOf & { moments?: "kept" } | null;
  /** Attention patching: the model whose attention patterns take the place of the own ones. */
  reference: CheckpointOf | null;
  /**
   * A model that has learned to compare answers (`tuning.compare`), whose word takes the place of the
   * true value where a run is rewarded for its own answers. Null: it is rewarded by what is true.
   */
  rewardModel: CheckpointOf | null;
  /** How a model that knows people is tuned. */
  tuning: Tuning;
  /** How parameters are changed. */
  optimizer: OptimizerConfiguration;
  /** Biographies (or questions) a step. */
  batch: number;
  /**
   * Groups of similar length that a step's rows are put into, 1 to 8, each padded to a length of its
   * own: less padding, and sums in another order.
   */
  lengthGroups: number;
  /** Training steps, those before `start` included. */
  steps: number;
  /** Stop once the attribute loss on training templates is below this share of L0; 0 never. */
  stopBelow: number;
  /** What is measured, and when. */
  evaluation: EvaluationConfiguration;
  /** Precision of matrix products. */
  precision: Precision;
  /** Version of the code, as far as it alters results. */
  recipe: number;
}

/**
 * A configuration as a person writes it: what is left out is today's default of the scale, or, with
 * a recipe, what that has always left out.
 */
export type RunInput =
  & Partial<Omit<RunConfiguration, "model" | "tuning" | "optimizer" | "evaluation">>
  & {
    model?: Partial<ModelConfiguration>;
    tuning?: Partial<Tuning>;
    optimizer?: Partial<OptimizerConfiguration>;
    evaluation?: Partial<EvaluationConfiguration>;
  };
