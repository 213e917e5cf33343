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

import { stream } from "../generator/mod.ts";
import { normal } from "../generator/random.ts";
import { linearScan, shift, tanhGelu, type Tensor, tf } from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";

const CONVOLUTION = 4;
const POWER = 8;
/** Keeps the gradient of sqrt(1 - a^2) finite where a is 1. */
const EPSILON = 1e-6;
/** Range of a^c at the start, from which the blocks' time scales are drawn. */
const MEMORY = [0.9, 0.999] as const;

/** The parameter names of one recurrent block, after RecurrentGemma's. */
export function recurrentNames(layer: number) {
  const at = (name: string) => `model.layers.${layer}.temporal_block.${name}`;
  return {
    gate: at("linear_y.weight"),
    input: at("linear_x.weight"),
    convolution: at("conv_1d.weight"),
    convolutionBias: at("conv_1d.bias"),
    recurrence: at("rg_lru.recurrent_param"),
    recurrenceGate: at("rg_lru.recurrent_gate_weight"),
    recurrenceGateBias: at("rg_lru.recurrent_gate_bias"),
    inputGate: at("rg_lru.input_gate_weight"),
    inputGateBias: at("rg_lru.input_gate_bias"),
    output: at("linear_out.weight"),
  } as const;
}

type Weights = (name: keyof ReturnType<typeof recurrentNames>) => Tensor;

/** Shapes of a block's parameters, without its output projection's. */
export function recurrentShapes(
  { width, heads }: ModelConfiguration,
  layer: number,
): Record<string, readonly number[]> {
  const names = recurrentNames(layer);
  const block = width / heads;
  return {
    [names.gate]: [width, width],
    [names.input]: [width, width],
    [names.convolution]: [CONVOLUTION, width],
    [names.convolutionBias]: [width],
    [names.recurrence]: [width],
    [names.recurrenceGate]: [heads, block, block],
    [names.recurrenceGateBias]: [width],
    [names.inputGate]: [heads, block, block],
    [names.inputGateBias]: [width],
  };
}

/**
 * Initial values of what has a start of its own: memories spread over {@link MEMORY}, filters and
 * gates by their fan-in, biases zero. Undefined for the other parameters.
 */
export function recurrentStart(
  name: string,
  shape: readonly number[],
  seed: number,
): Float32Array | undefined {
  const size = shape.reduce((a, b) => a * b, 1);
  const random = stream(seed, "init", name);
  if (name.endsWith("bias")) return new Float32Array(size);
  if (name.endsWith("recurrent_param")) {
    return Float32Array.from({ length: size }, () => {
      const power = MEMORY[0] + (MEMORY[1] - MEMORY[0]) * random();
      const a = power ** (1 / POWER);
      return Math.log(a / (1 - a));
    });
  }
  const fanIn = /conv_1d/.test(name) ? CONVOLUTION : /gate_weight/.test(name) ? shape[1]! : 0;
  return fanIn === 0 ? undefined : normal(size, random).map((value) => value / Math.sqrt(fanIn));
}

/** What a block mixes, [M, C], before its output projection, of x [M, C] for B sequences. */
export function recurrentMix(
  { width, heads }: ModelConfiguration,
  x: Tensor,
  { B, weights }: { B: number; weights: Weights },
): Tensor {
  const T = x.shape[0]! / B;
  const project = (name: "gate" | "input") =>
    tf.matMul(x as never, weights(name) as never, false, true) as Tensor;
  const input = tf.reshape(project("input"), [B, T, width]);
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
  return tf.mul(tf.reshape(state, [B * T, width]), tanhGelu(project("gate")));
}
