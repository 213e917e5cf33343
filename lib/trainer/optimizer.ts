/**
 * AdamW with decoupled weight decay (Loshchilov & Hutter 2019), as pure functions, and the
 * learning rate of a step.
 *
 * @module
 */

import { type Tensor, type Tensors, tf } from "../tensorflow/mod.ts";
import type { OptimizerConfiguration } from "./configuration.ts";

const EPSILON = 1e-8;

/** Prefixes of the two moments' names in the state. */
export const FIRST = "first.";
export const SECOND = "second.";

/** Numbers of a step that the update takes as inputs. */
export interface StepScalars {
  /** Learning rate. */
  lr: number;
  /** 1 / (1 - beta1^t), the correction of the first moment's start at zero. */
  correction1: number;
  /** 1 / (1 - beta2^t). */
  correction2: number;
}

/** The scalars of step t = 0, 1, …: linear warm-up, then a cosine from the peak to the floor. */
export function stepScalars(
  { lr, floor, warmup, beta1, beta2 }: OptimizerConfiguration,
  { step, steps }: { step: number; steps: number },
): StepScalars {
  const progress = Math.max(0, step - warmup) / Math.max(1, steps - warmup);
  const cosine = floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
  return {
    lr: lr * (step < warmup ? (step + 1) / warmup : cosine),
    correction1: 1 / (1 - beta1 ** (step + 1)),
    correction2: 1 / (1 - beta2 ** (step + 1)),
  };
}

/**
 * One AdamW update of all parameters. Returns the new parameters and moments by name.
 *
 * p' = p - lr (decay p + m' c1 / (sqrt(v' c2) + eps)), with c1, c2 the two corrections.
 */
export function adamw(
  state: Tensors,
  gradients: Tensors,
  scalars: Record<keyof StepScalars, Tensor>,
  { beta1, beta2, decay, clip }: OptimizerConfiguration,
): Tensors {
  const { lr, correction1, correction2 } = scalars;
  const root = tf.sqrt(correction2);
  // sqrt(v c2) + eps = sqrt(c2) (sqrt(v) + eps / sqrt(c2)): one pass over the matrix less.
  const scale = tf.div(tf.mul(lr, correction1), root);
  const epsilon = tf.div(EPSILON, root);
  const keep = tf.sub(1, tf.mul(lr, decay));
  const shrink = clip === null ? undefined : clipFactor(gradients, clip);
  const updated: Tensors = {};
  for (const [name, raw] of Object.entries(gradients)) {
    const gradient = shrink ? tf.mul(raw, shrink) : raw;
    const first = tf.add(tf.mul(state[FIRST + name]!, beta1), tf.mul(gradient, 1 - beta1));
    const second = tf.add(
      tf.mul(state[SECOND + name]!, beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const change = tf.mul(tf.div(first, tf.add(tf.sqrt(second), epsilon)), scale);
    const isMatrix = gradient.rank > 1;
    const decayed = isMatrix && decay > 0 ? tf.mul(state[name]!, keep) : state[name]!;
    updated[name] = tf.sub(decayed, change);
    updated[FIRST + name] = first;
    updated[SECOND + name] = second;
  }
  return updated;
}

/** min(1, clip / norm of all gradients together). */
function clipFactor(gradients: Tensors, clip: number): Tensor {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  return tf.minimum(1, tf.div(clip, tf.add(norm, EPSILON)));
}
