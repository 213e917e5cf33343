/**
 * What runs cost, by arithmetic: floating-point operations over a rate measured on laptop runs.
 * Good to a factor of about 1.5, to say "about 9 min" before work starts.
 *
 * @module
 */

import { packGroups, tokensOf } from "../generator/mod.ts";
import { parameterCount, parameterShapes } from "../model/mod.ts";
import { configure, corpusOf, rowsAt, type RunConfiguration, stepShapes } from "../trainer/mod.ts";

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
type Text = Pick<RunConfiguration, "scale" | "batch" | "lengthGroups">;

function textOf({ scale, batch, lengthGroups }: Text): TextSize {
  const key = `${scale} ${batch} ${lengthGroups}`;
  const known = sizes.get(key) ?? measureText({ scale, batch, lengthGroups });
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
    const { shape } = packGroups(rowsAt(configuration, corpus, { step }), shapes);
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
 * What a run takes, about, up to some step: 6 operations a parameter and token, forward and
 * backward, and 2 more where a reference lends its attention.
 *
 * @example
 * ```ts
 * import { configure } from "../trainer/mod.ts";
 * import { costOf } from "./cost.ts";
 * const { operations, seconds } = costOf(configure({ steps: 4000 }));
 * console.log(operations.toExponential(1), "operations,", seconds / 60, "minutes on one core");
 * ```
 */
export function costOf(configuration: RunConfiguration, steps = configuration.steps): Cost {
  const { model, batch, evaluation, reference, start } = configuration;
  const text = textOf(configuration);
  const parameters = parameterCount(parameterShapes(model, text.vocabularySize));
  const trained = Math.max(0, steps - (start?.step ?? 0));
  const operations = (reference ? 8 : 6) * parameters * batch * text.padded * trained;
  const measuring = evaluation.measurements * MEASUREMENT * evaluation.people / 128;
  const seconds = SETUP + operations / rate(model.width) + measuring;
  return { ...text, parameters, operations, seconds };
}

/**
 * Seconds that a run takes on one core, about; see {@link costOf}.
 *
 * @example
 * ```ts
 * import { configure } from "../trainer/mod.ts";
 * import { secondsOf } from "./cost.ts";
 * console.log(secondsOf(configure({ steps: 4000 })) / 60, "minutes on one core");
 * ```
 */
export function secondsOf(configuration: RunConfiguration, steps?: number): number {
  return costOf(configuration, steps).seconds;
}
