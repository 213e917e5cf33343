/**
 * Causal softmax attention with rotary positions: the computation of Hugging Face's
 * ArceeForCausalLM.
 *
 * Axes: B batch, T time, C width, H heads, D = C / H head width, M = B x T rows.
 *
 * @module
 */

import { softmax, type Tensor, tf } from "../engine/mod.ts";
import { type ModelConfiguration, ROTARY_BASE } from "./configuration.ts";
import type { Mixer } from "./mixer.ts";
import { gaussian } from "./start.ts";

/** Softmax attention. */
export const attention: Mixer<"query" | "key" | "value"> = {
  places: ["q", "k", "v", "scores", "pattern"],
  goesOn: true,
  parameters({ width }, layer) {
    const matrix = (name: string, role: "query" | "key" | "value") => ({
      name: `model.layers.${layer}.self_attn.${name}.weight`,
      shape: [width, width],
      role: `attention ${role}` as const,
      start: gaussian(),
    });
    return {
      query: matrix("q_proj", "query"),
      key: matrix("k_proj", "key"),
      value: matrix("v_proj", "value"),
    };
  },
  output: (layer) => ({
    name: `model.layers.${layer}.self_attn.o_proj.weight`,
    role: "attention output",
  }),
  project(_, x, weights) {
    const joint = tf.concat([weights("query"), weights("key"), weights("value")]); // [3C, C]
    return [tf.matMul(x as never, joint as never, false, true)]; // [M, 3C]
  },
  mix(model, { B, T, at, past }) {
    const rotary = rotaryTables(model, T, past?.length);
    const causal = causalMask(T, past?.length);
    const mask = past ? tf.add(causal, past.hidden) : causal;
    return ([joint], layer) => {
      const { queries, keys, values } = splitHeads(model, joint!, B);
      const q = at("q", layer, rotary.queries(queries));
      const ownK = at("k", layer, rotary.keys(keys));
      const k = past ? past.add(layer, "k", ownK) : ownK;
      const scores = at("scores", layer, tf.add(tf.matMul(q, k, false, true), mask));
      const pattern = at("pattern", layer, softmax(scores)); // [B, H, T, T]
      const ownV = at("v", layer, values);
      const v = past ? past.add(layer, "v", ownV) : ownV;
      const mixed = tf.transpose(tf.matMul(pattern, v), [0, 2, 1, 3]); // [B, T, H, D]
      return tf.reshape(mixed, [B * T, model.width]);
    };
  },
};

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
 * a signed permutation, here a product with a fixed D x D matrix; positions count on from `from`. The
 * queries' tables also hold the attention scale 1 / sqrt(D).
 */
function rotaryTables({ width, heads }: ModelConfiguration, T: number, from = 0) {
  const D = width / heads;
  const half = D / 2;
  const angles = Float32Array.from({ length: T * D }, (_, i) => {
    const [t, d] = [Math.floor(i / D), i % half];
    return (from + t) * ROTARY_BASE ** (-2 * d / D);
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

/** [T, from + T]: 0 where a query may see a key, a very negative number elsewhere. */
function causalMask(T: number, from = 0): Tensor {
  const K = from + T;
  const mask = Float32Array.from(
    { length: T * K },
    (_, i) => i % K > from + Math.floor(i / K) ? -1e9 : 0,
  );
  return tf.tensor(mask, [T, K]);
}
