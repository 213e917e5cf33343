/**
 * What a training step minimises: the loss of the text, alone or with a term that keeps the model
 * near the one it began with, or a preference between two answers.
 *
 * @module
 */

import { type Forward, joinGroups, splitGroups } from "../model/mod.ts";
import { crossEntropy, type Tensor, type Tensors, tf } from "../engine/mod.ts";
import type { Tuning } from "./tuning.ts";

/**
 * Rows of a part of a batch: tokens [R, T] of each of its groups, targets [M] of all of them, 0
 * where nothing is learned.
 */
export interface Rows {
  tokens: readonly Tensor[];
  targets: Tensor;
}

/** A loss as a sum over the rows of a part, and what the sum of all parts is divided by. */
export interface Objective {
  sum(parameters: Tensors, old: Tensors, rows: Rows): Tensor;
  count(targets: Tensor, rows: number): Tensor;
}

/** The objective of a run. `old` holds the parameters it began with, where it needs them. */
export function objectiveOf({ prefer, distill }: Tuning, forward: Forward): Objective {
  if (prefer !== null) return preference(forward, prefer);
  return distill > 0 ? distillation(forward, distill) : likelihood(forward);
}

/**
 * Version of {@link preferenceLoss}, part of a preferred run's identity. 1 had the wrong slope at
 * margin 0, in the first step of every run.
 */
export const PREFERENCE_VERSION = 2;

/** Whether a run needs the parameters it began with to the end. */
export function needsOld({ prefer, distill }: Tuning): boolean {
  return prefer !== null || distill > 0;
}

/** Negative log-likelihood of the targets, mean over tokens. */
function likelihood(forward: Forward): Objective {
  return {
    sum: (parameters, _, { tokens, targets }) =>
      tf.sum(tf.mul(crossEntropy(forward(parameters, tokens), targets), isToken(targets))),
    count: (targets) => tf.sum(isToken(targets)),
  };
}

/**
 * The same plus `weight` times KL(old || new) of the next-token distributions: self-distillation to
 * the model the run began with (learning without forgetting, Li & Hoiem 2016).
 */
function distillation(forward: Forward, weight: number): Objective {
  return {
    sum(parameters, old, { tokens, targets }) {
      const logits = forward(parameters, tokens);
      const before = tf.logSoftmax(forward(old, tokens));
      const divergence = tf.sum(
        tf.mul(tf.exp(before), tf.sub(before, tf.logSoftmax(logits))),
        -1,
      );
      const losses = tf.add(crossEntropy(logits, targets), tf.mul(divergence, weight));
      return tf.sum(tf.mul(losses, isToken(targets)));
    },
    count: (targets) => tf.sum(isToken(targets)),
  };
}

/**
 * Direct preference optimisation (Rafailov et al. 2023, equation 7). Rows come in pairs, the
 * preferred answer first; -ln sigmoid(beta (advantage of the first - of the second)), an advantage
 * being the log-probability of an answer minus what the old model gave it. Mean over pairs.
 */
function preference(forward: Forward, beta: number): Objective {
  return {
    sum(parameters, old, { tokens, targets }) {
      const answers = (state: Tensors) => {
        const losses = tf.mul(crossEntropy(forward(state, tokens), targets), isToken(targets));
        const groups = splitGroups(losses, tokens.map(({ size }) => size));
        const sums = groups.map((own, i) => tf.sum(tf.reshape(own, tokens[i]!.shape), -1));
        return tf.neg(joinGroups(sums)); // [R]
      };
      const advantage = tf.reshape(tf.sub(answers(parameters), answers(old)), [-1, 2]);
      const [wanted, unwanted] = tf.unstack(advantage, 1);
      return tf.sum(preferenceLoss(tf.mul(tf.sub(wanted!, unwanted!), beta)));
    },
    count: (_, rows) => tf.scalar(rows / 2),
  };
}

/**
 * -ln sigmoid(margin) = softplus(-margin), element by element. One smooth function: every run
 * begins at margin 0, where a form with |margin| has no slope and tfjs takes that of one side.
 */
export function preferenceLoss(margin: Tensor): Tensor {
  return tf.softplus(tf.neg(margin));
}

/** 1 where a target is a token, 0 where it is padding. */
function isToken(targets: Tensor): Tensor {
  return tf.cast(tf.greater(targets, tf.scalar(0, "int32")), "float32");
}
