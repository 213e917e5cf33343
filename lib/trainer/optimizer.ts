/**
 * AdamW with decoupled weight decay (Loshchilov & Hutter 2019), as pure functions, and the
 * learning rate of a step.
 *
 * @module
 */

import {
  adam,
  FIRST,
  type Result,
  SECOND,
  type Tensor,
  type Tensors,
  tf,
  type Updates,
} from "../engine/mod.ts";
import type { OptimizerConfiguration } from "./configuration.ts";

const EPSILON = 1e-8;

export { FIRST, SECOND } from "../engine/mod.ts";

/**
 * Numbers of a step that the update takes as inputs: the learning rate, and the corrections of the
 * moments' start at zero, 1 / (1 - beta1^t) and 1 / (1 - beta2^t).
 */
export type StepScalars = Record<"lr" | "correction1" | "correction2", number>;

/** Where a step stands. */
export interface Clock {
  /** Steps done. */
  step: number;
  /** Steps of the whole run. */
  steps: number;
  /** Step at which the run began. */
  start?: number;
  /** Step at which what the optimiser remembers was zero. */
  zero?: number;
}

/**
 * The scalars of step t = 0, 1, …: linear warm-up, then a cosine from the peak to the floor. The
 * warm-up counts from `start`, the moments' corrections from `zero`, where the moments were zero.
 */
export function stepScalars(
  { lr, floor, warmup, beta1, beta2 }: OptimizerConfiguration,
  { step, steps, start = 0, zero = start }: Clock,
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
  decays: (name: string) => boolean,
): { state: Tensors; updates: Updates } {
  const root = tf.sqrt(correction2);
  const keep = tf.sub(1, tf.mul(lr, decay));
  const shrink = clip === null ? undefined : clipFactor(gradients, clip);
  const decayed = decay > 0 ? Object.keys(gradients).filter(decays) : [];
  return {
    state: Object.fromEntries(decayed.map((name) => [name, tf.mul(state[name]!, keep)])),
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

/** An optimiser: what it remembers, the numbers of a step, how it changes a state. */
export interface Optimizer {
  /** What it remembers of each parameter: prefixes of names in the state, zero at first. */
  slots: readonly string[];
  /** The numbers of a step, by name; the update takes them as tensors. */
  scalars(settings: OptimizerConfiguration, clock: Clock): Record<string, number>;
  /**
   * New state, and what a rule is to update, of which an engine may have a faster form. `decays` says
   * which parameters weight decay shrinks.
   */
  update(
    state: Tensors,
    gradients: Tensors,
    scalars: Tensors,
    settings: OptimizerConfiguration,
    decays: (name: string) => boolean,
  ): Pick<Result, "state" | "updates">;
}

/** {@link adamw} as a value, by which all runs are trained. */
export const ADAMW: Optimizer = {
  slots: [FIRST, SECOND],
  scalars: stepScalars,
  update: (state, gradients, scalars, settings, decays) =>
    adamw(state, gradients, scalars as Record<keyof StepScalars, Tensor>, settings, decays),
};
