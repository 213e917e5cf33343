/**
 * What a model knows: attribute loss, accuracy, confidence and entropy on fixed evaluation
 * sets (paper section 3; docs/protocol.md, "Knowledge"). What one that knows nobody would score is
 * in floor.ts.
 *
 * @module
 */

import { type Biography, type EvaluationSet, lengthFor, pack } from "../generator/mod.ts";
import type { Forward } from "../model/mod.ts";
import { type Engine, type PureFunction, type Tensor, tf } from "../engine/mod.ts";
import { type Certainty, certaintyOf } from "./uncertainty.ts";

/** Metrics over some values: means over values (loss, accuracy) or value tokens (the others). */
export interface Knowledge {
  /** Nats a value, summed over its tokens. */
  loss: number;
  /** Share of values with every token right, teacher-forced. */
  accuracy: number;
  /** Mean of the largest probability, over value tokens. */
  confidence: number;
  /** Mean entropy in nats, over value tokens. */
  entropy: number;
}

/** Knowledge of one evaluation set: in total, by attribute and by position of the sentence. */
export interface SetKnowledge extends Knowledge {
  /** [loss, accuracy] of each attribute, in the attributes' order. */
  attributes?: [number, number][];
  /** [loss, accuracy] by position of the sentence; the first has the name alone to go by. */
  positions?: [number, number][];
  /** [loss, accuracy] by tenth of the people, most frequent first, where people differ. */
  deciles?: [number, number][];
  /** Counts by how sure the model is. */
  certainty?: Certainty;
}

/** Shape of one call of the evaluation function. */
export interface EvaluationShape {
  /** Sequences a call, split over `parts` parallel branches. */
  sequences: number;
  /** Branches that are scored side by side. */
  parts: number;
  /** Sequence length T. */
  length: number;
  /** Value tokens a sequence can have at most. */
  values: number;
}

/**
 * The function that scores value tokens: only the rows that predict one pass through the last
 * layer's MLP and the output layer.
 */
export function evaluateFunction(forward: Forward, shape: EvaluationShape): PureFunction {
  const { sequences, parts, length, values } = shape;
  const rows = sequences / parts;
  return {
    inputs: {
      tokens: { shape: [sequences, length], dtype: "int32" },
      // Row of the value token's predictor within its part, and the token itself.
      rows: { shape: [sequences * values], dtype: "int32" },
      targets: { shape: [sequences * values], dtype: "int32" },
    },
    run(state, inputs) {
      const split = (name: string) => tf.split(inputs[name]!, parts);
      const [tokens, picks, targets] = ["tokens", "rows", "targets"].map(split);
      const scored = tokens!.map((part, i) =>
        score(
          forward(state, tf.reshape(part, [rows, length]), { rows: picks![i]! }),
          targets![i]!,
        )
      );
      const join = (key: keyof ReturnType<typeof score>) => tf.concat(scored.map((s) => s[key]));
      return {
        outputs: {
          loss: join("loss"),
          confidence: join("confidence"),
          entropy: join("entropy"),
          correct: join("correct"),
        },
      };
    },
  };
}

function score(logits: Tensor, targets: Tensor) {
  const logs = tf.logSoftmax(logits);
  const probabilities = tf.exp(logs);
  const hit = tf.oneHot(targets as never, logits.shape[1]!);
  return {
    loss: tf.neg(tf.sum(tf.mul(logs, hit), -1)) as Tensor,
    confidence: tf.max(probabilities, -1) as Tensor,
    entropy: tf.neg(tf.sum(tf.mul(probabilities, logs), -1)) as Tensor,
    correct: tf.cast(tf.equal(tf.cast(tf.argMax(logits, -1), "int32"), targets), "float32"),
  };
}

/** One value's metrics, in the order of its set's biographies and spans. */
interface ValueScore {
  attribute: number;
  sentence: number;
  tokens: number;
  loss: number;
  correct: boolean;
  confidence: number;
  /** Product of the tokens' largest probabilities. */
  certain: number;
  entropy: number;
}

/** How an engine was compiled for evaluation. */
export interface Evaluator {
  /** Has the evaluation functions. */
  engine: Engine;
  /** Shape of one call. */
  shape: Omit<EvaluationShape, "length">;
  /** Lengths for which `evaluate/<length>` exists. */
  lengths: readonly number[];
}

/** Scores every value of some biographies; the result is in the order of the input. */
function scoreAll(biographies: Biography[], { engine, shape, lengths }: Evaluator): ValueScore[][] {
  const order = biographies.map((_, i) => i).sort((a, b) =>
    biographies[a]!.tokens.length - biographies[b]!.tokens.length || a - b
  );
  const scores: ValueScore[][] = new Array(biographies.length);
  for (let start = 0; start < order.length; start += shape.sequences) {
    const chosen = order.slice(start, start + shape.sequences);
    const chunk = chosen.map((i) => biographies[i]!);
    // The last chunk is filled up with repetitions, whose scores are dropped.
    const full = Array.from({ length: shape.sequences }, (_, i) => chunk[i % chunk.length]!);
    const length = lengthFor(full, lengths);
    const spots = valueSpots(full, shape, length);
    const result = engine.run(`evaluate/${length}`, {
      tokens: pack(full, length).inputs,
      rows: spots.rows,
      targets: spots.targets,
    });
    chosen.forEach((i, row) => {
      scores[i] = valueScores(biographies[i]!, row * shape.values, result);
    });
  }
  return scores;
}

function valueSpots(
  biographies: Biography[],
  { sequences, parts, values }: Omit<EvaluationShape, "length">,
  length: number,
) {
  const rows = new Int32Array(sequences * values);
  const targets = new Int32Array(sequences * values);
  biographies.forEach(({ tokens, spans }, sequence) => {
    let slot = sequence * values;
    for (const { kind, start, end } of spans) {
      if (kind !== "value") continue;
      for (let t = start; t < end; t++, slot++) {
        rows[slot] = (sequence % (sequences / parts)) * length + t - 1;
        targets[slot] = tokens[t]!;
      }
    }
  });
  return { rows, targets };
}

function valueScores(
  { spans }: Biography,
  first: number,
  result: ReturnType<Engine["run"]>,
): ValueScore[] {
  const { loss, correct, confidence, entropy } = result;
  let slot = first;
  return spans.filter(({ kind }) => kind === "value").map(({ attribute, sentence, start, end }) => {
    const total = { loss: 0, confidence: 0, certain: 1, entropy: 0, correct: true };
    for (let t = start; t < end; t++, slot++) {
      total.loss += loss![slot]!;
      total.confidence += confidence![slot]!;
      total.certain *= confidence![slot]!;
      total.entropy += entropy![slot]!;
      total.correct &&= correct![slot] === 1;
    }
    return { attribute, sentence, tokens: end - start, ...total };
  });
}

/**
 * Measures evaluation sets in one pass. `decile` gives a person's tenth by frequency, where
 * people are not equally likely; `certainty` names the sets in which values are also counted by
 * how sure the model is.
 */
export function measureKnowledge(
  sets: EvaluationSet[],
  evaluator: Evaluator,
  { decile, certainty = [] }: {
    decile?: (person: number) => number;
    certainty?: readonly string[];
  } = {},
): Record<string, SetKnowledge> {
  const all = scoreAll(sets.flatMap(({ biographies }) => biographies), evaluator);
  let first = 0;
  return Object.fromEntries(sets.map(({ name, population, biographies }) => {
    const scores = all.slice(first, first += biographies.length);
    const values = scores.flat();
    const count = population.lists.attributes.length;
    const pairs = (key: (value: ValueScore) => number) => groupPairs(values, key, count);
    const knowledge: SetKnowledge = {
      ...summary(values),
      attributes: pairs(({ attribute }) => attribute),
      positions: pairs(({ sentence }) => sentence),
    };
    if (certainty.includes(name)) {
      knowledge.certainty = certaintyOf(
        scores.map((own) =>
          own.map(({ certain, entropy, correct }) => ({
            confidence: certain,
            entropy,
            right: correct,
          }))
        ),
      );
    }
    if (decile && name === "training") {
      const tenth = new Map(
        scores.flatMap((own, i) => own.map((v) => [v, decile(biographies[i]!.person)])),
      );
      // With very few people a tenth may be empty, and there is nothing to tell.
      if (new Set(tenth.values()).size === 10) {
        knowledge.deciles = groupPairs(values, (value) => tenth.get(value)!, 10);
      }
    }
    return [name, knowledge];
  }));
}

function summary(values: ValueScore[]): Knowledge {
  const sum = (of: (value: ValueScore) => number) => values.reduce((s, v) => s + of(v), 0);
  const tokens = sum((value) => value.tokens);
  return {
    loss: sum((value) => value.loss) / values.length,
    accuracy: sum((value) => Number(value.correct)) / values.length,
    confidence: sum((value) => value.confidence) / tokens,
    entropy: sum((value) => value.entropy) / tokens,
  };
}

function groupPairs(
  values: ValueScore[],
  key: (value: ValueScore) => number,
  groups: number,
): [number, number][] {
  return Array.from({ length: groups }, (_, group) => {
    const own = values.filter((value) => key(value) === group);
    const { loss, accuracy } = summary(own);
    return [loss, accuracy];
  });
}
