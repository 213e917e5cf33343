/**
 * Attention patching (paper section 3.2, appendix B): on the same tokens a fixed reference model
 * is run first, and its attention patterns take the place of the model's own.
 *
 * @module
 */

import type { Tensor, Tensors } from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { Parameter, Role } from "./mixer.ts";
import { type Edit, inTurn } from "./places.ts";
import { type Forward, forward } from "./transformer.ts";

/**
 * What other models a state may hold: a reference whose attention is used or that a model is kept
 * near, and a reward model.
 */
export type OtherModel = "reference" | "rewardModel";

/** Another model's parameters as a state holds them. */
export function otherState<T>(
  parameters: Record<string, T>,
  role: OtherModel = "reference",
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [`${role}.${name}`, value]),
  );
}

/** The parameters that a state holds beside the model's own; none if there is no such model. */
export function otherModel(state: Tensors, role: OtherModel = "reference"): Tensors {
  const begin = `${role}.`;
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(begin))
      .map(([name, value]) => [name.slice(begin.length), value]),
  );
}

/**
 * A model with the attention of a reference, whose parameters are in the same state
 * ({@link otherState}). An `edit` sees the patterns that are used, the reference's.
 *
 * The patterns depend on the reference's parameters alone, so no gradient flows into them: the
 * stop-gradient of the paper.
 *
 * @example
 * ```ts
 * import {
 *   initialParameters,
 *   MODELS,
 *   openTensorFlow,
 *   parameterShapes,
 *   patchedForward,
 *   tf,
 * } from "factlab";
 * import { otherState } from "factlab/model";
 * await openTensorFlow();
 * const [model, shapes] = [MODELS.smoke, parameterShapes(MODELS.smoke, 64)];
 * const tensorsOf = (seed: number) =>
 *   Object.fromEntries(
 *     Object.entries(initialParameters(model, 64, seed)).map((
 *       [name, values],
 *     ) => [name, tf.tensor(values, [...shapes[name]!])]),
 *   );
 * const state = { ...tensorsOf(0), ...otherState(tensorsOf(1)) };
 * console.log(patchedForward(model)(state, tf.tensor([[1, 5, 9]], [1, 3], "int32")).shape); // [3, 64]
 * ```
 */
export function patchedForward(model: ModelConfiguration): Forward {
  return (state, tokens, options = {}) => {
    const patterns: Tensor[][] = Array.from({ length: model.layers }, () => []);
    forward(model, otherModel(state), tokens, {
      edit(place, layer, value, group) {
        if (place === "pattern") patterns[layer]![group] = value;
      },
    });
    const patch: Edit = (place, layer, _, group) =>
      place === "pattern" ? patterns[layer]![group] : undefined;
    return forward(model, state, tokens, { ...options, edit: inTurn(patch, options.edit) });
  };
}

/** Roles of what a patched model's loss does not depend on. */
const UNUSED: readonly Role[] = ["attention query", "attention key"];

/** The parameters that get a gradient: all, or all but queries and keys if patched. */
export function trainable(table: readonly Parameter[], patched: boolean): readonly Parameter[] {
  return patched ? table.filter(({ role }) => !UNUSED.includes(role)) : table;
}
