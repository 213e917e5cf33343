/**
 * AdamW with decoupled weight decay (Loshchilov & Hutter 2019), as pure functions, and the
 * learning rate of a step.
 *
 * @module
 */

import { adam, type Tensor, type Tensors, tf, type Updates } from "../engine/mod.ts";
import type { OptimizerConfiguration } from "./configuration.ts";

const EPSILON = 1e-8;

export { FIRST, SECOND } from "../engine/mod.ts";

/** Numbers of a step that the update takes as inputs. */
export interface StepScalars {
  /** Learning rate. */
  lr: number;
  /** 1 / (1 - beta1^t), the correction of the first moment's start at zero. */
  correction1: number;
  /** 1 / (1 - beta2^t). */
  correction2: number;
}

/**
 * The scalars of step t = 0, 1, …: linear warm-up, then a cosine from the peak to the floor. The
 * warm-up counts from `start`, the moments' corrections from `zero`, where the moments were zero.
 */
export function stepScalars(
  { lr, floor, warmup, beta1, beta2 }: OptimizerConfiguration,
  { step, steps, start = 0, zero = start }: {
    step: number;
    steps: number;
    start?: number;
    zero?: number;
  },
): StepScalars {
  const updates = step - start + 1;
  const averaged = step - zero + 1;
  const progress = Math.max(0, step - warmup) / Math.max(1, steps - warmup);
  const cosine = floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
  return {
    lr: lr * cosine * (updates < warmup ? updates / warmup : 1),
    correction1: 1 / (1 - beta1 ** averaged),
    correction2: 1 / (1 - beta2 ** averaged),
  };
}

/**
 * One AdamW update of all parameters, as an engine takes it: matrices shrunk by the decay as new
 * state, the rest as updates by {@link adam}.
 *
 * p' = (1 - lr decay) p - lr m' c1 / (sqrt(v' c2) + eps), with c1, c2 the two corrections.
 */
export function adamw(
  state: Tensors,
  gradients: Tensors,
  { lr, correction1, correction2 }: Record<keyof StepScalars, Tensor>,
  { beta1, beta2, decay, clip }: OptimizerConfiguration,
): { state: Tensors; updates: Updates } {
  const root = tf.sqrt(correction2);
  const keep = tf.sub(1, tf.mul(lr, decay));
  const shrink = clip === null ? undefined : clipFactor(gradients, clip);
  const decayed = Object.entries(gradients).filter(([, { rank }]) => rank > 1 && decay > 0);
  return {
    state: Object.fromEntries(decayed.map(([name]) => [name, tf.mul(state[name]!, keep)])),
    updates: {
      rule: adam({ beta1, beta2 }),
      gradients: shrink
        ? Object.fromEntries(
          Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, shrink)]),
        )
        : gradients,
      // sqrt(v c2) + eps = sqrt(c2) (sqrt(v) + eps / sqrt(c2)).
      scalars: {
        rate: tf.div(tf.mul(lr, correction1), root),
        epsilon: tf.div(EPSILON, root),
      },
    },
  };
}

/** min(1, clip / norm of all gradients together). */
function clipFactor(gradients: Tensors, clip: number): Tensor {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  return tf.minimum(1, tf.div(clip, tf.add(norm, EPSILON)));
}
