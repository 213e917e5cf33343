/**
 * What a run is to its users, and how it may be run.
 *
 * @module
 */

import type { Biography, Corpus } from "../generator/mod.ts";
import type { Displayable } from "../display/mod.ts";
import type { CompleteOptions, Completion } from "../model/mod.ts";
import type { AnyProbe, SetKnowledge } from "../probes/mod.ts";
import type { Beside, Device, Engine } from "../engine/mod.ts";
import type { ActivationCache, Answer, Asked, HeadAt, TextScore } from "./asking.ts";
import type { RunConfiguration } from "./configuration.ts";
import type { Measurement, RecordHeader } from "./record.ts";

/** How to run; none of it changes results beyond rounding. */
export interface TrainOptions {
  /** Ends training after the current step; so do the stop button, SIGINT and SIGTERM. */
  signal?: AbortSignal;
  /**
   * Train from the start even if there is a record or a checkpoint; by default only if
   * FACTLAB_FRESH=1 is set. FACTLAB_FRESH=0 reads records whatever is asked. A fresh run that was
   * stopped goes on when it is iterated again. A name in the place of true does so once under this
   * name: asked for again, in this process or another, the run goes on, or its record is read.
   */
  fresh?: boolean | string;
  /**
   * Where it is computed: "cpu", this machine's processor, or "gpu", an accelerator with a PJRT
   * plugin; FACTLAB_DEVICE or "cpu" by default. Results are the same up to rounding, and a run goes
   * on only on the kind of device that it was begun on.
   */
  device?: Device;
  /**
   * Other runs of the same shape, seeds or learning rates, that are trained in one program with this
   * one on a device that is too large for one: `sideBySide(n)`, handed to each of them.
   */
  beside?: Beside;
  /** What computes, by name, in the place of a device's own: "eager", op by op, is for tests. */
  engine?: string;
  /** Cores to use, all by default; a process fixes them with its first run. */
  cores?: number;
  /**
   * Folder of names, values and templates that its people are made of, in the form of data/; what it
   * does not have is factlab's own. Its digest becomes `lists` of the configuration, so that a run is
   * named by what the lists hold, not by where they lie.
   */
  lists?: URL;
  /** Seconds between two checkpoints; 60 by default. */
  checkpointSeconds?: number;
  /** Steps after which a checkpoint is written and kept, also when the run goes on or is repeated. */
  checkpoints?: number[];
  /**
   * A folder for TensorBoard: the whole run, loss and accuracy of every evaluation set, as event
   * files in a folder of the run's hash.
   */
  tensorboard?: URL;
  /**
   * Probes of your own: their readings are in the record under their names, and they are part of the
   * run's identity by name and settings (`evaluation.probes` in the configuration).
   */
  probes?: readonly AnyProbe[];
}

/** A training step that is done. */
export interface StepDone {
  /** Its number, from 1. */
  step: number;
  /** Steps that the run makes in all. */
  steps: number;
  /** Its training loss in nats a token. */
  loss: number;
  /**
   * Seconds that this sitting has spent on steps so far. What is measured, saved or drawn between
   * them, and what is compiled before them, does not count.
   */
  seconds: number;
}

/**
 * A run: iterate it to train (or to read its record), then ask it.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train({ scale: "smoke", people: 24, steps: 600, optimizer: { lr: 5e-3 } }, { fresh: true });
 * for await (const _ of run);
 * const { prompt, said, truth } = run.answer(0)[1]!; // of the birth place
 * console.log(prompt, said, "-", truth);
 * console.log(run.score(`${prompt} ${truth}`).tokens.at(-1)); // { word, logProbability }
 * console.log(run.cache(prompt).at("pattern", 0).shape); // heads, words that look, words
 * console.log(run.ablate({ layer: 1, head: 0 }).training!.accuracy);
 * run.dispose();
 * ```
 */
export interface Run extends AsyncIterable<Measurement>, Displayable {
  /** Everything that decides its results. */
  readonly configuration: RunConfiguration;
  /** Identity of the configuration. */
  readonly hash: string;
  /** Its people and their biographies. */
  readonly corpus: Corpus;
  /** Floor of knowledge: what a model that knows nobody scores. */
  readonly floor: RecordHeader["floor"];
  /** Where the measurements come from. */
  readonly source: "record" | "training";
  /** Versions, processor, threads and engine of the machine that has trained it. */
  readonly environment: RecordHeader["environment"];
  /** Measurements so far. */
  readonly measurements: Measurement[];
  /** Whether the last measurement is the run's last. */
  readonly finished: boolean;
  /** The step at which training went on from a checkpoint; undefined if it began at the start. */
  readonly resumedAt: number | undefined;
  /** Steps that its model was trained for; undefined while there is no model. */
  readonly step: number | undefined;
  /** Called after every step, for progress. */
  onStep?: (progress: StepDone) => void;
  /** The trained state and its functions; undefined when read from a record. */
  readonly engine: Engine | undefined;
  /**
   * Makes the model of a run that was read from its record available again: of its last checkpoint,
   * or of the folder of an exported model, data/models/<hash> or out/models/<hash> where none is given.
   */
  load(folder?: URL): Promise<Engine>;
  /** Lets the trained model continue a prompt. */
  complete(prompt: string, options?: CompleteOptions): string;
  /** The same, with the probability of each token it adds. */
  completion(prompt: string, options?: CompleteOptions): Completion;
  /**
   * How likely a text is to the model, token by token: log probabilities in nats.
   *
   * @throws {Error} for words that are not in its vocabulary, by name, and where there is no model.
   */
  score(text: string | Biography): TextScore;
  /**
   * Everything that happens while the model reads a text, by place and layer; all else is as it is
   * in training.
   *
   * @throws {Error} for words that are not in its vocabulary, by name, and where there is no model.
   */
  cache(text: string | Biography): ActivationCache;
  /**
   * Knowledge by evaluation set without what a head writes (zero ablation); layer and head count
   * from 0. {@link knowledgeOf} takes any other edit.
   *
   * @throws {Error} if there is no such head, or no model.
   */
  ablate(head: HeadAt): Record<string, SetKnowledge>;
  /**
   * What the model says of a person, attribute by attribute and greedily, beside the truth: in
   * unfinished sentences, or in questions where it was taught to answer these.
   *
   * @throws {Error} if there is no such person, or no model.
   */
  answer(person: number, asked?: Asked): Answer[];
  /** Frees the engine. */
  dispose(): void;
}
