/**
 * What a machine can hold: refuses a run that would not fit before any work starts.
 *
 * @module
 */

import type { Corpus } from "../generator/mod.ts";
import { memoryGiB } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";

/** Refuses a batch that cannot fit into this machine's memory. */
export function checkMemory(
  { model, batch }: RunConfiguration,
  { tokenizer, writer }: Corpus,
): void {
  const tokens = batch * writer.length.max;
  const perToken = 3 * tokenizer.vocabularySize + model.layers * (16 * model.width + 3 * model.mlp);
  const scores = 4 * model.layers * model.heads * batch * writer.length.max ** 2;
  const needed = 4 * (tokens * perToken + scores) / 2 ** 30;
  const total = memoryGiB();
  if (needed <= total) return;
  throw new Error(
    `Cannot run: batch: a step needs about ${needed.toFixed(0)} GiB and this machine has ` +
      `${total.toFixed(0)} GiB, got batch ${batch} with ${model.layers} layers of width ` +
      `${model.width}. Use a smaller batch.`,
  );
}
