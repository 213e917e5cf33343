/**
 * What a trained model knows, and what it would know with something in it changed.
 *
 * @module
 */

import { evaluationSets } from "../generator/mod.ts";
import { type Edit, edited, type ModelConfiguration } from "../model/mod.ts";
import { measureKnowledge, type SetKnowledge } from "../probes/mod.ts";
import { tf } from "../engine/mod.ts";
import type { HeadAt } from "./asking.ts";
import { evaluationOf } from "./calls.ts";
import { onModel } from "./on_model.ts";
import { modelOf } from "./step.ts";
import type { Run } from "./run.ts";

/**
 * Knowledge of a run's model on its evaluation sets, by name; with an edit, of the model that it
 * makes: a head ablated, a pattern replaced. The run itself stays as it is.
 *
 * @example
 * ```ts
 * import { knowledgeOf, tf, train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20 }, { fresh: true });
 * for await (const _ of run);
 * const blind = knowledgeOf(run, (place, layer, value) =>
 *   place === "attn_out" && layer === 0 ? tf.zerosLike(value) : undefined);
 * console.log(knowledgeOf(run).training!.loss, blind.training!.loss);
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model: iterate it, or await run.load().
 */
export function knowledgeOf(run: Run, edit?: Edit): Record<string, SetKnowledge> {
  const { configuration, corpus } = run;
  const forward = modelOf(configuration);
  const evaluation = evaluationOf(
    configuration.model,
    edit ? edited(forward, edit) : forward,
    corpus,
  );
  return onModel(
    run,
    "Cannot measure knowledge",
    evaluation,
    (engine) => measureKnowledge(evaluationSets(corpus), { engine, evaluation }),
  );
}

/**
 * The edit that takes away what a head writes: its part of `z` is zero (zero ablation).
 *
 * @throws {Error} if there is no such head.
 */
export function withoutHead(
  { layers, heads, width }: ModelConfiguration,
  { layer, head }: HeadAt,
): Edit {
  for (const [field, value, count] of [["layer", layer, layers], ["head", head, heads]] as const) {
    if (Number.isInteger(value) && value >= 0 && value < count) continue;
    throw new Error(
      `Cannot ablate: ${field} must be a whole number from 0 to ${count - 1}, got ${value}.`,
    );
  }
  const own = width / heads;
  const kept = Array.from({ length: width }, (_, i) => Number(Math.floor(i / own) !== head));
  return (place, at, value) =>
    place === "z" && at === layer ? tf.mul(value, tf.tensor(kept)) : undefined;
}
