/**
 * What a device can hold: refuses a run that would not fit before any work starts.
 *
 * @module
 */

import type { Corpus } from "../generator/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { runShapes } from "./step.ts";

/**
 * GiB that a run needs, about, with each sequence as long as the longest: its state, and what a step
 * keeps for its way back.
 *
 * state: 4 bytes a number of parameters, moments, other models; step: 4 bytes a number of
 * B T (3 V + layers (16 C + 3 mlp)) + 4 layers H B T^2.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "factlab";
 * import { memoryOf } from "./limits.ts";
 * const configuration = configure({ scale: "smoke" });
 * console.log(memoryOf(configuration, corpusOf(configuration))); // { state: 0.001, step: 0.03 }
 * ```
 */
export function memoryOf(
  configuration: RunConfiguration,
  { tokenizer, writer }: Corpus,
): { state: number; step: number } {
  const { model, batch } = configuration;
  const { vocabularySize } = tokenizer;
  const { state } = runShapes(configuration, vocabularySize);
  const numbers = Object.values(state)
    .reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const tokens = batch * writer.length.max;
  const perToken = 3 * vocabularySize + model.layers * (16 * model.width + 3 * model.mlp);
  const scores = 4 * model.layers * model.heads * tokens * writer.length.max;
  const gib = (count: number) => 4 * count / 2 ** 30;
  return { state: gib(numbers), step: gib(tokens * perToken + scores) };
}

/** Refuses a run that cannot fit into so many GiB of memory. */
export function checkMemory(
  configuration: RunConfiguration,
  corpus: Corpus,
  { total, where }: { total: number; where: string },
): void {
  const { state, step } = memoryOf(configuration, corpus);
  if (state + step <= total) return;
  const { model, batch } = configuration;
  const fits = Math.floor(batch * (total - state) / step);
  throw new Error(
    `Cannot run: batch: a step needs about ${(state + step).toFixed(0)} GiB and ${where} has ` +
      `${total.toFixed(0)} GiB, got batch ${batch} with ${model.layers} layers of width ` +
      `${model.width}. Use a smaller batch${fits >= 1 ? `: ${fits} would fit` : " or model"}.`,
  );
}
