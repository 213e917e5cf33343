/**
 * What runs cost, by arithmetic: floating-point operations over a rate measured on laptop runs.
 * Good to a factor of about 1.5, to say "about 9 min" before work starts.
 *
 * @module
 */

import { createTokenizer, createWriter, loadLists } from "../generator/mod.ts";
import { parameterCount, parameterShapes } from "../model/mod.ts";
import type { RunConfiguration } from "../trainer/mod.ts";

/**
 * Operations a second of one Zen 4 core at 2.6 GHz: 4,000 laptop steps take 200 s. Wider matrices
 * keep it busier: a step of the paper's model takes 629 ms on two cores (bench/README.md).
 */
const rate = (width: number) => width <= 128 ? 70e9 : 130e9;
/** Seconds a run takes before its first step, and a measurement of 128 people takes. */
const SETUP = 4;
const MEASUREMENT = 0.6;

const tokens = new Map<string, { length: number; vocabularySize: number }>();

function textOf(scale: RunConfiguration["scale"]) {
  if (!tokens.has(scale)) {
    const lists = loadLists(scale);
    const tokenizer = createTokenizer(lists);
    const { length } = createWriter(lists, tokenizer);
    tokens.set(scale, { length: length.mean, vocabularySize: tokenizer.vocabularySize });
  }
  return tokens.get(scale)!;
}

/**
 * Seconds that a run takes on one core, about.
 *
 * @example
 * ```ts
 * import { configure } from "../trainer/mod.ts";
 * import { secondsOf } from "./cost.ts";
 * console.log(secondsOf(configure({ steps: 4000 })) / 60, "minutes on one core");
 * ```
 */
export function secondsOf(configuration: RunConfiguration, steps = configuration.steps): number {
  const { scale, model, batch, evaluation, reference, start } = configuration;
  const { length, vocabularySize } = textOf(scale);
  const parameters = parameterCount(parameterShapes(model, vocabularySize));
  // Forward and backward; a reference's forward pass comes on top.
  const operations = (reference ? 8 : 6) * parameters * batch * length;
  const training = Math.max(0, steps - (start?.step ?? 0)) * operations / rate(model.width);
  return SETUP + training + evaluation.measurements * MEASUREMENT * evaluation.people / 128;
}
