/**
 * The recurrent block of Hawk (De et al. 2024, arXiv 2402.19427, sections 2.3-2.4) in place of
 * attention: a gated branch beside a short causal convolution and the RG-LRU.
 *
 * r_t = sigmoid(W_a x_t + b_a), i_t = sigmoid(W_x x_t + b_x), a_t = sigmoid(L)^(c r_t),
 * h_t = a_t h_(t-1) + sqrt(1 - a_t^2) (i_t x_t), with c = 8 and block-diagonal W_a, W_x.
 *
 * Axes: B batch, T time, C width, H heads (blocks of the gates), M = B x T rows.
 *
 * @module
 */

import { linearScan, shift, tanhGelu, type Tensor, tf } from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { Mixer, Parameter } from "./mixer.ts";
import { byFanIn, constant, gaussian } from "./start.ts";

const CONVOLUTION = 4;
const POWER = 8;
/** Keeps the gradient of sqrt(1 - a^2) finite where a is 1. */
const EPSILON = 1e-6;
/** Range of a^c at the start, from which the blocks' time scales are drawn. */
const MEMORY = [0.9, 0.999] as const;

type Name =
  | "gate"
  | "input"
  | "convolution"
  | "convolutionBias"
  | "recurrence"
  | "recurrenceGate"
  | "recurrenceGateBias"
  | "inputGate"
  | "inputGateBias";
type Weights = (name: Name) => Tensor;

/** Hawk's recurrent block; parameters after RecurrentGemma's. */
export const recurrent: Mixer<Name> = {
  places: [],
  parameters({ width, heads }, layer) {
    const block = width / heads;
    const own = (name: string, shape: number[], start: Parameter["start"]): Parameter => ({
      name: blockName(layer, name),
      shape,
      role: "mixer",
      start,
    });
    const zeros = constant(0);
    return {
      gate: own("linear_y.weight", [width, width], gaussian()),
      input: own("linear_x.weight", [width, width], gaussian()),
      convolution: own("conv_1d.weight", [CONVOLUTION, width], byFanIn(CONVOLUTION)),
      convolutionBias: own("conv_1d.bias", [width], zeros),
      recurrence: own("rg_lru.recurrent_param", [width], memories),
      recurrenceGate: own("rg_lru.recurrent_gate_weight", [heads, block, block], byFanIn(block)),
      recurrenceGateBias: own("rg_lru.recurrent_gate_bias", [width], zeros),
      inputGate: own("rg_lru.input_gate_weight", [heads, block, block], byFanIn(block)),
      inputGateBias: own("rg_lru.input_gate_bias", [width], zeros),
    };
  },
  output: (layer) => ({ name: blockName(layer, "linear_out.weight"), role: "mixer" }),
  project: (_, x, weights) =>
    (["input", "gate"] as const).map((name) =>
      tf.matMul(x as never, weights(name) as never, false, true)
    ),
  mix: (model, { B, T }) => ([input, gated], _, weights) =>
    recurrentMix(model, { input: input!, gated: gated! }, { B, T, weights }),
};

const blockName = (layer: number, name: string) => `model.layers.${layer}.temporal_block.${name}`;

/** Time scales spread over {@link MEMORY}. */
function memories(size: number, random: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => {
    const power = MEMORY[0] + (MEMORY[1] - MEMORY[0]) * random();
    const a = power ** (1 / POWER);
    return Math.log(a / (1 - a));
  });
}

/** What a block mixes, [B T, C], before its output projection, of its two branches [B T, C]. */
function recurrentMix(
  { width, heads }: ModelConfiguration,
  branches: { input: Tensor; gated: Tensor },
  { B, T, weights }: { B: number; T: number; weights: Weights },
): Tensor {
  const input = tf.reshape(branches.input, [B, T, width]);
  const filter = tf.unstack(weights("convolution"));
  const filtered = tf.add(
    tf.addN(filter.map((taps, delay) => tf.mul(shift(input, delay), taps))),
    weights("convolutionBias"),
  );
  const gate = (name: "recurrenceGate" | "inputGate") => {
    const blocks = tf.transpose(tf.reshape(filtered, [B * T, heads, width / heads]), [1, 0, 2]);
    const product = tf.transpose(tf.matMul(blocks, weights(name)), [1, 0, 2]);
    return tf.sigmoid(tf.add(tf.reshape(product, [B, T, width]), weights(`${name}Bias`)));
  };
  // ln a = c r ln sigmoid(L).
  const decay = tf.mul(-POWER, tf.softplus(tf.neg(weights("recurrence"))));
  const logA = tf.mul(gate("recurrenceGate"), decay);
  const a = tf.exp(logA);
  const scale = tf.sqrt(tf.add(tf.sub(1, tf.square(a)), EPSILON));
  const state = linearScan(a, tf.mul(scale, tf.mul(gate("inputGate"), filtered)));
  return tf.mul(tf.reshape(state, [B * T, width]), tanhGelu(branches.gated));
}
