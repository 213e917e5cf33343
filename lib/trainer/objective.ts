/**
 * What a training step minimises: the loss of the text, alone or with a term that keeps the model
 * near the one it began with, a preference between two answers, or the reward of its own ones.
 *
 * @module
 */

import { type Forward, joinGroups, splitGroups } from "../model/mod.ts";
import { crossEntropy, type Tensor, type Tensors, tf } from "../engine/mod.ts";
import type { Reinforcement, Tuning } from "./tuning.ts";

/**
 * Rows of a part of a batch: tokens [R, T] of each of its groups, targets [M] of all of them, 0
 * where nothing is learned.
 */
export interface Rows {
  tokens: readonly Tensor[];
  targets: Tensor;
  /** What an objective is told of each target [M], by the names of {@link Objective.beside}. */
  beside?: Tensors;
}

/** A loss as a sum over the rows of a part, and what the sum of all parts is divided by. */
export interface Objective {
  /** Names of what it must be told of each target. */
  beside?: readonly string[];
  sum(parameters: Tensors, old: Tensors, rows: Rows): Tensor;
  count(targets: Tensor, rows: number): Tensor;
}

/** The objective of a run. `old` holds the parameters it began with, where it needs them. */
export function objectiveOf(
  { prefer, compare, reinforce, distill }: Tuning,
  forward: Forward,
): Objective {
  if (reinforce !== null) return policyGradient(forward, reinforce);
  if (compare) return comparison(forward);
  if (prefer !== null) return preference(forward, prefer);
  return distill > 0 ? distillation(forward, distill) : likelihood(forward);
}

/**
 * Version of {@link preferenceLoss}, part of a preferred run's identity. 1 had the wrong slope at
 * margin 0, in the first step of every run.
 */
export const PREFERENCE_VERSION = 2;

/** Whether a run needs the parameters it began with to the end. */
export function needsOld({ prefer, compare, rejected, reinforce, distill }: Tuning): boolean {
  const samplesOld = compare && rejected === "own";
  return prefer !== null || samplesOld || reinforce !== null || distill > 0;
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
    sum(parameters, old, rows) {
      const advantage = tf.sub(answers(forward, parameters, rows), answers(forward, old, rows));
      return tf.sum(preferenceLoss(tf.mul(marginOf(advantage), beta)));
    },
    count: (_, rows) => tf.scalar(rows / 2),
  };
}

/**
 * Bradley and Terry's model of comparisons (1952), by which reward models are learned (Ouyang et al.
 * 2022, equation 1). Rows come in pairs, the wanted answer first, and learn the mark after it alone:
 * -ln sigmoid(ln p(mark) after the one - after the other). Mean over pairs.
 */
function comparison(forward: Forward): Objective {
  return {
    sum: (parameters, _, rows) =>
      tf.sum(preferenceLoss(marginOf(answers(forward, parameters, rows)))),
    count: (_, rows) => tf.scalar(rows / 2),
  };
}

/** Log probability of the targets of each row [R]. */
function answers(forward: Forward, state: Tensors, { tokens, targets }: Rows): Tensor {
  const losses = tf.mul(crossEntropy(forward(state, tokens), targets), isToken(targets));
  const groups = splitGroups(losses, tokens.map(({ size }) => size));
  const sums = groups.map((own, i) => tf.sum(tf.reshape(own, tokens[i]!.shape), -1));
  return tf.neg(joinGroups(sums));
}

/** By how much the first row of each pair is above the second [R / 2]. */
function marginOf(rows: Tensor): Tensor {
  const [wanted, unwanted] = tf.unstack(tf.reshape(rows, [-1, 2]), 1);
  return tf.sub(wanted!, unwanted!);
}

/**
 * -ln sigmoid(margin) = softplus(-margin), element by element. One smooth function: every run
 * begins at margin 0, where a form with |margin| has no slope and tfjs takes that of one side.
 */
export function preferenceLoss(margin: Tensor): Tensor {
  return tf.softplus(tf.neg(margin));
}

/**
 * Policy gradient on sampled answers, with PPO's clip (Schulman et al. 2017, equation 7) and advantages
 * over the mean reward of a group (Shao et al. 2024), neither divided by its deviation nor by the
 * length of the answer (Liu et al. 2025): the slope is that of the mean reward. `kl` times the
 * divergence from the model the run began with is added, by the estimate that Shao et al. take
 * (equation 4). Sum over an answer's tokens, mean over answers.
 */
function policyGradient(forward: Forward, { clip, kl }: Reinforcement): Objective {
  return {
    beside: ROLLOUT_FIELDS,
    sum(parameters, _, { tokens, targets, beside }) {
      const { advantage, before, reference } = beside as Record<RolloutField, Tensor>;
      const token = isToken(targets);
      const logs = tf.neg(crossEntropy(forward(parameters, tokens), targets));
      // Nothing is told of padding, where a ratio may be anything.
      const of = (other: Tensor) => tf.mul(tf.sub(other, logs), token);
      const ratio = tf.exp(tf.neg(of(before)));
      const clipped = tf.clipByValue(ratio, 1 - clip, 1 + clip);
      const gain = tf.minimum(tf.mul(ratio, advantage), tf.mul(clipped, advantage));
      const apart = of(reference);
      const divergence = tf.sub(tf.sub(tf.exp(apart), apart), 1);
      return tf.sum(tf.mul(tf.sub(tf.mul(divergence, kl), gain), token));
    },
    count: (_, rows) => tf.scalar(rows),
  };
}

/** What is told of each token of an answer: its advantage, and its log probability then and at first. */
const ROLLOUT_FIELDS = ["advantage", "before", "reference"] as const;

/** One of {@link ROLLOUT_FIELDS}. */
type RolloutField = typeof ROLLOUT_FIELDS[number];

/** 1 where a target is a token, 0 where it is padding. */
function isToken(targets: Tensor): Tensor {
  return tf.cast(tf.greater(targets, tf.scalar(0, "int32")), "float32");
}
