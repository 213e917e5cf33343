/**
 * A decoder-only transformer: pre-norm RMSNorm, a mixer (mixers.ts), an MLP with one hidden layer,
 * tied embeddings, no biases. With attention, the computation of Hugging Face's ArceeForCausalLM.
 *
 * Axes: B batch, T time, C width, H heads, D = C / H head width, V vocabulary, M = B x T rows, of
 * all groups together where there are several.
 *
 * @module
 */

import {
  rmsNorm,
  rowsOf,
  squaredRelu,
  tanhGelu,
  type Tensor,
  type Tensors,
  tf,
} from "../engine/mod.ts";
import { type ModelConfiguration, NORM_EPSILON } from "./configuration.ts";
import type { Past } from "./mixer.ts";
import { mixerOf } from "./mixers.ts";
import { EMBEDDING, FINAL_NORM, layerPart } from "./parameters.ts";
import { type At, type Edit, inTurn } from "./places.ts";

/** Options of a forward pass. */
export interface ForwardOptions {
  /** Sees and may replace what is at a place. */
  edit?: Edit;
  /** int32 [P]: rows of M that leave the last layer; all when undefined. */
  rows?: Tensor;
  /** What the sequences, all of one group, go on from. */
  past?: Past;
}

/**
 * Tokens int32 [B, T]; or several such groups, each with a B and T of its own, so that sequences of
 * similar length share little padding.
 */
export type Tokens = Tensor | readonly Tensor[];

/**
 * A model as a function of a state that holds its parameters: logits [M, V] for tokens, those of
 * the first group first. Only mixing sees groups: all else works on the M rows together.
 */
export type Forward = (state: Tensors, tokens: Tokens, options?: ForwardOptions) => Tensor;

/**
 * A model with something seen or changed in every pass, after what a caller changes.
 *
 * @example
 * ```ts
 * import { edited, forwardOf, MODELS, tf } from "factlab";
 * // Without its first MLP, wherever it is used: in a call, in a probe, op by op.
 * const cut = edited(forwardOf(MODELS.smoke), (place, layer, value) =>
 *   place === "mlp_out" && layer === 0 ? tf.zerosLike(value) : undefined);
 * console.log(typeof cut);
 * ```
 */
export function edited(forward: Forward, edit: Edit): Forward {
  return (state, tokens, options = {}) =>
    forward(state, tokens, { ...options, edit: inTurn(options.edit, edit) });
}

/**
 * The plain model: {@link forward} of a configuration.
 *
 * @example
 * ```ts
 * import {
 *   forwardOf,
 *   initialParameters,
 *   MODELS,
 *   openTensorFlow,
 *   parameterShapes,
 *   tf,
 * } from "factlab";
 * await openTensorFlow();
 * const shapes = parameterShapes(MODELS.smoke, 100);
 * const state = Object.fromEntries(
 *   Object.entries(initialParameters(MODELS.smoke, 100, 0))
 *     .map(([name, values]) => [name, tf.tensor(values, [...shapes[name]!])]),
 * );
 * console.log(forwardOf(MODELS.smoke)(state, tf.tensor([[1, 5]], [1, 2], "int32")).shape); // 2, 100
 * ```
 */
export function forwardOf(model: ModelConfiguration): Forward {
  return (state, tokens, options) => forward(model, state, tokens, options);
}

/**
 * Logits [M, V], or [P, V] with `rows`, for tokens [B, T] or several groups of them.
 *
 * @example
 * ```ts
 * import {
 *   forward,
 *   initialParameters,
 *   MODELS,
 *   openTensorFlow,
 *   parameterShapes,
 *   tf,
 * } from "factlab";
 * await openTensorFlow();
 * const shapes = parameterShapes(MODELS.smoke, 100);
 * const parameters = Object.fromEntries(
 *   Object.entries(initialParameters(MODELS.smoke, 100, 0))
 *     .map(([name, values]) => [name, tf.tensor(values, shapes[name] as number[])]),
 * );
 * const tokens = tf.tensor([1, 5, 7, 9], [2, 2], "int32");
 * console.log(forward(MODELS.smoke, parameters, tokens).shape); // [4, 100]
 * ```
 */
export function forward(
  model: ModelConfiguration,
  parameters: Tensors,
  tokens: Tokens,
  { edit = () => {}, rows, past }: ForwardOptions = {},
): Tensor {
  const groups = tokens instanceof Array ? tokens : [tokens];
  const atGroup = (group: number): At => (place, layer, value) =>
    edit(place, layer, value, group) ?? value;
  const at = atGroup(0);
  const pick = (x: Tensor, layer: number) =>
    rows && layer === model.layers - 1 ? rowsOf(x, rows) : x;
  const mixer = mixerOf(model);
  const mixes = groups.map(({ shape: [B, T] }, group) =>
    mixer.mix(model, { B: B!, T: T!, at: atGroup(group), past })
  );
  const sizes = groups.map(({ size }) => size);

  const ids = groups.map((own) => tf.reshape(own, [-1]));
  let x = rowsOf(parameters[EMBEDDING]!, joinGroups(ids)); // [M, C]
  for (let layer = 0; layer < model.layers; layer++) {
    const part = layerPart(model, layer);
    const own = mixer.parameters(model, layer);
    const weights = (name: keyof typeof part) => parameters[part[name].name]!;
    x = at("resid_pre", layer, x);

    const normed = rmsNorm(x, weights("attentionNorm"), NORM_EPSILON);
    const ownWeights = (name: string) => parameters[own[name]!.name]!;
    const projected = mixer.project(model, normed, ownWeights)
      .map((all) => splitGroups(all, sizes));
    const mixed = mixes.map((mix, group) =>
      mix(projected.map((each) => each[group]!), layer, ownWeights)
    );
    const z = at("z", layer, joinGroups(mixed));
    const output = tf.matMul(pick(z, layer) as never, weights("output") as never, false, true);
    x = tf.add(pick(x, layer), at("attn_out", layer, output));

    const inner = tf.matMul(
      rmsNorm(x, weights("mlpNorm"), NORM_EPSILON) as never,
      weights("up") as never,
      false,
      true,
    );
    const hidden = model.activation === "relu2" ? squaredRelu(inner) : tanhGelu(inner);
    const mlp = tf.matMul(hidden as never, weights("down") as never, false, true) as Tensor;
    x = tf.add(x, at("mlp_out", layer, mlp));
  }
  const final = rmsNorm(x, parameters[FINAL_NORM]!, NORM_EPSILON);
  return tf.matMul(final as never, parameters[EMBEDDING] as never, false, true);
}

/** What there is [M, …] of the rows of all groups, from what there is of each. */
export function joinGroups(groups: readonly Tensor[]): Tensor {
  return groups.length === 1 ? groups[0]! : tf.concat([...groups]);
}

/** What there is of the rows of each group, as many as `sizes` says, from that of all [M, …]. */
export function splitGroups(all: Tensor, sizes: readonly number[]): Tensor[] {
  return sizes.length === 1 ? [all] : tf.split(all, [...sizes]);
}
