/**
 * What runs cost, by arithmetic: floating-point operations over a rate measured on laptop runs.
 * Good to a factor of about 1.5, to say "about 9 min" before work starts. Of accelerators there is
 * no arithmetic: what runs have taken on one says what others will take.
 *
 * @module
 */

import { fittingShape, tokensOf } from "../generator/mod.ts";
import { parameterCount, parameterShapes } from "../model/mod.ts";
import type { SweepRun } from "../sweep/mod.ts";
import {
  besideOf,
  configure,
  corpusOf,
  deviceOf,
  LOCAL,
  measuringSteps,
  readRecord,
  rowsAt,
  type RunConfiguration,
  sittings,
  stepShapes,
} from "../trainer/mod.ts";

/**
 * Operations a second of one Zen 4 core at 2.6 GHz: 4,000 laptop steps take 200 s. Wider matrices
 * keep it busier: a step of the paper's model takes 629 ms on two cores (bench/README.md).
 */
const rate = (width: number) => width <= 128 ? 83e9 : 130e9;
/** Seconds a run takes before its first step, and a measurement of 128 people takes. */
const SETUP = 4;
const MEASUREMENT = 0.6;
/** Biographies whose lengths are looked at, and people they are about: lengths depend on neither. */
const SAMPLED = 2048;
const PEOPLE = 128;

/** How long the text of a scale is. */
export interface TextSize {
  /** Tokens of a biography, mean. */
  tokens: number;
  /** The same with the padding to the longest of its batch, or of its group. */
  padded: number;
  /** Rows of the embedding. */
  vocabularySize: number;
}

const sizes = new Map<string, TextSize>();

/** What the length of a run's text depends on. */
type Text =
  & Pick<
    RunConfiguration,
    "scale" | "names" | "lists" | "subwords" | "sentences" | "named" | "batch" | "lengthGroups"
  >
  & { tuning: Pick<RunConfiguration["tuning"], "text"> };

function textOf(
  { scale, names, lists, subwords, sentences, named, batch, lengthGroups, tuning: { text } }: Text,
): TextSize {
  const telling = { scale, names, lists, subwords, sentences, named };
  const own = { ...telling, batch, lengthGroups, tuning: { text } };
  const key = JSON.stringify(own);
  const known = sizes.get(key) ?? measureText(own);
  sizes.set(key, known);
  return known;
}

function measureText(text: Text): TextSize {
  const configuration = configure({ ...text, people: PEOPLE, evaluation: { people: 2 } });
  const corpus = corpusOf(configuration);
  const shapes = stepShapes(configuration, corpus);
  const steps = Math.max(1, Math.ceil(SAMPLED / text.batch));
  let padded = 0;
  for (let step = 0; step < steps; step++) {
    const shape = fittingShape([rowsAt(configuration, corpus, { step })], shapes);
    padded += tokensOf(shape) / text.batch / steps;
  }
  const { vocabularySize } = corpus.tokenizer;
  return { tokens: corpus.writer.length.mean, padded, vocabularySize };
}

/** What a run takes. */
export interface Cost extends TextSize {
  /** Numbers that are trained. */
  parameters: number;
  /** Floating-point operations of its training steps, padding included. */
  operations: number;
  /** Seconds on one core, with set-up and measurements. */
  seconds: number;
}

/**
 * What a run takes, about, up to some step: 2 operations a parameter and token for every pass, of
 * which a step has {@link passesOf}.
 *
 * @example
 * ```ts
 * import { configure } from "factlab";
 * import { costOf } from "factlab/study";
 * const { operations, seconds } = costOf(configure({ steps: 4000 }));
 * console.log(operations.toExponential(1), "operations,", seconds / 60, "minutes on one core");
 * ```
 */
export function costOf(configuration: RunConfiguration, steps = configuration.steps): Cost {
  const { model, batch, evaluation, start } = configuration;
  const looks = measuringSteps(configuration).filter((step) => step <= steps).length;
  const text = textOf(configuration);
  const parameters = parameterCount(parameterShapes(model, text.vocabularySize));
  const trained = Math.max(0, steps - (start?.step ?? 0));
  const operations = 2 * passesOf(configuration) * parameters * batch * text.padded * trained;
  const measuring = looks * MEASUREMENT * evaluation.people / 128;
  const seconds = SETUP + operations / rate(model.width) + measuring;
  return { ...text, parameters, operations, seconds };
}

/**
 * Passes of a step's rows through a model: 3 forward and backward, 1 through a reference or the model
 * that the run began with; where answers are sampled, 1 for these, and for
 * rewards 1 more, or 3 with a reward model, which reads refusals too.
 */
function passesOf({ reference, rewardModel, tuning }: RunConfiguration): number {
  const { prefer, rejected, reinforce, distill } = tuning;
  if (reinforce) return 3 + (rewardModel ? 4 : 2) / reinforce.updates;
  const others = Number(reference !== null) + Number(prefer !== null || distill > 0);
  return 3 + others + (rejected === "own" ? 1 / 2 : 0);
}

/**
 * Seconds that a run takes on one core, about; see {@link costOf}.
 *
 * @example
 * ```ts
 * import { configure, secondsOf } from "factlab";
 * console.log(secondsOf(configure({ steps: 4000 })) / 60, "minutes on one core");
 * ```
 */
export function secondsOf(configuration: RunConfiguration, steps?: number): number {
  return costOf(configuration, steps).seconds;
}

/** A run that was trained in one sitting on an accelerator. */
interface Measured {
  /** When it began. */
  began: string;
  /** Places of the program that it was trained in, or 1. */
  beside: number;
  /** What it was trained on. */
  device: string;
  /** Its seconds for every second that one core would take. */
  pace: number;
}

/**
 * Seconds on a device for a second on one core, about: 1 on cpu. On an accelerator it is what the
 * fastest run of the scale has reached on the one that this machine has used last, by the logs beside
 * its records, in a program of as many places; NaN where there is none, as nobody knows.
 *
 * @example
 * ```ts
 * import { configure, secondsOf } from "factlab";
 * import { paceOn } from "factlab/study";
 * const seconds = secondsOf(configure({ steps: 4000 })) * paceOn("gpu", "laptop");
 * console.log(seconds, "seconds on one GPU");
 * ```
 */
export function paceOn(
  device: string,
  scale: RunConfiguration["scale"],
  { beside = 1 }: { beside?: number } = {},
): number {
  if (device === "cpu") return 1;
  const all = runFolders().flatMap((hash) => measuredOf(hash, scale));
  const last = all.reduce((a, b) => a.began > b.began ? a : b, all[0]!);
  const paces = all.filter((own) => own.device === last!.device && own.beside === beside)
    .map(({ pace }) => pace);
  // What is short spends its time on beginning: the fastest says what a long one takes.
  return paces.length > 0 ? Math.min(...paces) : NaN;
}

/**
 * Seconds that runs take on a device, about, list after list; those of a list are trained side by
 * side and take as long as the longest of them. Where only the pace of single runs is known, no more
 * is expected of those side by side; NaN where nobody knows.
 *
 * @example
 * ```ts
 * import { planSweep, wavesOf } from "factlab";
 * import { secondsOn } from "factlab/study";
 * const waves = wavesOf(planSweep([{ seed: 1 }, { seed: 2 }]), { device: "gpu", workers: 1 });
 * console.log(secondsOn("gpu", "laptop", waves), "seconds on one GPU");
 * ```
 */
export function secondsOn(
  device: string,
  scale: RunConfiguration["scale"],
  waves: readonly (readonly Pick<SweepRun, "configuration" | "again" | "beside">[])[],
): number {
  const places = new Set(waves.map(([first]) => first!.beside ?? 1));
  const paces = new Map(
    [...places, 1].map((beside) => [beside, paceOn(device, scale, { beside })]),
  );
  return waves.reduce((sum, wave) => {
    const each = wave.map(({ configuration, again }) => secondsOf(configuration, again));
    const pace = paces.get(wave[0]!.beside ?? 1)!;
    const single = paces.get(1)! * each.reduce((a, b) => a + b);
    return sum + (Number.isNaN(pace) ? single : pace * Math.max(...each));
  }, 0);
}

/** Whole sittings of a run on accelerators, if it is of a scale. */
function measuredOf(hash: string, scale: RunConfiguration["scale"]): Measured[] {
  const all = sittings(new URL(`${hash}/`, LOCAL)).filter(({ environment }) => environment?.device);
  const record = all.length > 0 ? readRecord(hash, "own")?.record : undefined;
  if (record?.header.configuration.scale !== scale) return [];
  const { configuration } = record.header;
  const begin = configuration.start?.step ?? 0;
  const end = record.measurements.at(-1)?.step;
  return all.filter(({ from, to }) => from === begin && to === end && to! > from)
    .map(({ began, to, seconds, environment }) => ({
      began,
      beside: besideOf(environment),
      device: deviceOf(environment),
      pace: seconds! / secondsOf(configuration, to),
    }));
}

/** Names of the runs on this machine. */
function runFolders(): string[] {
  try {
    return [...Deno.readDirSync(LOCAL)].map(({ name }) => name);
  } catch {
    return []; // None so far.
  }
}
