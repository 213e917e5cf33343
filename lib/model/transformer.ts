/**
 * A decoder-only transformer: pre-norm RMSNorm, rotary positions, causal softmax attention (or a
 * recurrent block in its place), an MLP with one hidden layer, tied embeddings, no biases. With
 * attention, the computation of Hugging Face's ArceeForCausalLM.
 *
 * Axes: B batch, T time, C width, H heads, D = C / H head width, V vocabulary, M = B x T rows.
 *
 * @module
 */

import {
  rmsNorm,
  rowsOf,
  softmax,
  squaredRelu,
  tanhGelu,
  type Tensor,
  type Tensors,
  tf,
} from "../engine/mod.ts";
import { type ModelConfiguration, NORM_EPSILON, ROTARY_BASE } from "./configuration.ts";
import { EMBEDDING, FINAL_NORM, layerNames, mixerOutput } from "./parameters.ts";
import { recurrentMix, recurrentNames } from "./recurrent.ts";

/** A named place in the network, with the shape of what is there. */
export type Place =
  /** [M, C] the residual stream that enters a layer. */
  | "resid_pre"
  /** [B, H, T, T] attention probabilities, query by key. */
  | "pattern"
  /** [M, C] what attention or recurrence has mixed, before the output projection. */
  | "z"
  /** [M, C] what the MLP adds to the residual stream. */
  | "mlp_out";

/**
 * Sees what is at a place and may put something else there. This one mechanism captures
 * (remember the tensor), patches (return another one) and freezes.
 */
export type Edit = (place: Place, layer: number, value: Tensor) => Tensor | void;

/** Options of a forward pass. */
export interface ForwardOptions {
  /** Sees and may replace what is at a place. */
  edit?: Edit;
  /** int32 [P]: rows of M that leave the last layer; all when undefined. */
  rows?: Tensor;
}

/** A model as a function of a state that holds its parameters: logits for tokens [B, T]. */
export type Forward = (state: Tensors, tokens: Tensor, options?: ForwardOptions) => Tensor;

/** The plain model: {@link forward} of a configuration. */
export function forwardOf(model: ModelConfiguration): Forward {
  return (state, tokens, options) => forward(model, state, tokens, options);
}

/**
 * Logits [M, V], or [P, V] with `rows`, for tokens [B, T].
 *
 * @example
 * ```ts
 * import { openTensorFlow, tf } from "../engine/mod.ts";
 * import { MODELS } from "./configuration.ts";
 * import { initialParameters, parameterShapes } from "./parameters.ts";
 * import { forward } from "./transformer.ts";
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
  tokens: Tensor,
  { edit = () => {}, rows }: ForwardOptions = {},
): Tensor {
  const [B, T] = tokens.shape as [number, number];
  const at = (place: Place, layer: number, value: Tensor) => edit(place, layer, value) ?? value;
  const pick = (x: Tensor, layer: number) =>
    rows && layer === model.layers - 1 ? rowsOf(x, rows) : x;
  const mix = model.mixer === "attention"
    ? attention(model, parameters, { B, T, at })
    : (x: Tensor, layer: number) => {
      const names = recurrentNames(layer);
      return recurrentMix(model, x, { B, weights: (name) => parameters[names[name]]! });
    };

  let x = rowsOf(parameters[EMBEDDING]!, tf.reshape(tokens, [B * T])); // [M, C]
  for (let layer = 0; layer < model.layers; layer++) {
    const names = layerNames(layer);
    const weights = (name: keyof typeof names) => parameters[names[name]]!;
    x = at("resid_pre", layer, x);

    const z = at("z", layer, mix(rmsNorm(x, weights("attentionNorm"), NORM_EPSILON), layer));
    const output = parameters[mixerOutput(model, layer)]!;
    x = tf.add(
      pick(x, layer),
      tf.matMul(pick(z, layer) as never, output as never, false, true),
    );

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

/** Causal softmax attention: of normed x [M, C] to mixed values z [M, C], layer by layer. */
function attention(
  model: ModelConfiguration,
  parameters: Tensors,
  { B, T, at }: {
    B: number;
    T: number;
    at: (place: Place, layer: number, value: Tensor) => Tensor;
  },
): (x: Tensor, layer: number) => Tensor {
  const rotary = rotaryTables(model, T);
  const mask = causalMask(T);
  return (x, layer) => {
    const names = layerNames(layer);
    const weights = [names.query, names.key, names.value].map((name) => parameters[name]!);
    const joint = tf.concat(weights); // [3C, C]
    const { queries, keys, values } = splitHeads(
      model,
      tf.matMul(x as never, joint as never, false, true),
      B,
    );
    const scores = tf.add(tf.matMul(rotary.queries(queries), rotary.keys(keys), false, true), mask);
    const pattern = at("pattern", layer, softmax(scores)); // [B, H, T, T]
    const mixed = tf.transpose(tf.matMul(pattern, values), [0, 2, 1, 3]); // [B, T, H, D]
    return tf.reshape(mixed, [B * T, model.width]);
  };
}

/** [M, 3C] to three [B, H, T, D]. */
function splitHeads({ width, heads }: ModelConfiguration, joint: Tensor, B: number) {
  const T = joint.shape[0]! / B;
  const split = tf.transpose(
    tf.reshape(joint, [B, T, 3, heads, width / heads]),
    [2, 0, 3, 1, 4],
  );
  const [queries, keys, values] = tf.unstack(split);
  return { queries: queries!, keys: keys!, values: values! };
}

/**
 * Rotary positions (the half-rotation layout of Llama): x cos + rotate(x) sin, where rotate is
 * a signed permutation, here a product with a fixed D x D matrix. The queries' tables also hold
 * the attention scale 1 / sqrt(D).
 */
function rotaryTables({ width, heads }: ModelConfiguration, T: number) {
  const D = width / heads;
  const half = D / 2;
  const angles = Float32Array.from({ length: T * D }, (_, i) => {
    const [t, d] = [Math.floor(i / D), i % half];
    return t * ROTARY_BASE ** (-2 * d / D);
  });
  const rotation = new Float32Array(D * D);
  for (let d = 0; d < half; d++) {
    rotation[(d + half) * D + d] = -1;
    rotation[d * D + d + half] = 1;
  }
  const turn = tf.tensor(rotation, [D, D]);
  const apply = (scale: number) => {
    const cos = tf.tensor(angles.map((angle) => Math.cos(angle) * scale), [T, D]);
    const sin = tf.tensor(angles.map((angle) => Math.sin(angle) * scale), [T, D]);
    return (x: Tensor): Tensor => {
      const turned = tf.reshape(
        tf.matMul(tf.reshape(x, [-1, D]) as never, turn as never) as Tensor,
        x.shape,
      );
      return tf.add(tf.mul(x, cos), tf.mul(turned, sin));
    };
  };
  return { queries: apply(1 / Math.sqrt(D)), keys: apply(1) };
}

/** [T, T]: 0 where a query may see a key, a very negative number elsewhere. */
function causalMask(T: number): Tensor {
  const mask = Float32Array.from(
    { length: T * T },
    (_, i) => i % T > Math.floor(i / T) ? -1e9 : 0,
  );
  return tf.tensor(mask, [T, T]);
}
