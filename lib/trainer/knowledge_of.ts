/**
 * What a trained model knows, and what it would know with something in it changed.
 *
 * @module
 */

import { evaluationSets } from "../generator/mod.ts";
import { type Edit, edited } from "../model/mod.ts";
import { measureKnowledge, type SetKnowledge } from "../probes/mod.ts";
import { evaluationOf } from "./calls.ts";
import { modelOf, runShapes } from "./step.ts";
import type { Run } from "./run.ts";

/**
 * Knowledge of a run's model on its evaluation sets, by name; with an edit, of the model that it
 * makes: a head ablated, a pattern replaced. The run itself stays as it is.
 *
 * @example
 * ```ts
 * import { tf } from "../engine/mod.ts";
 * import { knowledgeOf } from "./knowledge_of.ts";
 * import { train } from "./train.ts";
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
  const { configuration, corpus, engine: trained } = run;
  if (!trained) {
    throw new Error(
      "Cannot measure knowledge: there is no model yet. Iterate the run, or await run.load().",
    );
  }
  const forward = modelOf(configuration);
  const evaluation = evaluationOf(
    configuration.model,
    edit ? edited(forward, edit) : forward,
    corpus,
  );
  const { state } = runShapes(configuration, corpus.tokenizer.vocabularySize);
  const engine = trained.like({ state, calls: [evaluation] });
  try {
    engine.write(trained.read());
    return measureKnowledge(evaluationSets(corpus), { engine, evaluation });
  } finally {
    engine.dispose();
  }
}
