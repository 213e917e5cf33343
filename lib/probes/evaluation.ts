/**
 * Scores the values of biographies, teacher-forced: the call under everything that asks what a
 * model knows.
 *
 * @module
 */

import { type Biography, byName, lengthFor, pack } from "../generator/mod.ts";
import type { Forward } from "../model/mod.ts";
import {
  type Call,
  type Engine,
  type PureFunction,
  type Tensor,
  tf,
  type Values,
} from "../engine/mod.ts";

/** One value's metrics. */
export interface ValueScore {
  /** Index of its attribute. */
  attribute: number;
  /** Position of its sentence. */
  sentence: number;
  /** Tokens it has. */
  tokens: number;
  /** Nats, summed over its tokens. */
  loss: number;
  /** Whether every token is the likeliest one. */
  correct: boolean;
  /** Largest probability, summed over its tokens. */
  confidence: number;
  /** Product of the tokens' largest probabilities. */
  certain: number;
  /** Entropy in nats, summed over its tokens. */
  entropy: number;
}

/** For each biography, the scores of its values in the order of its spans. */
export type Evaluation = Call<readonly Biography[], ValueScore[][]>;

/** Shape of one run of the evaluation. */
export interface EvaluationShape {
  /** Sequences a run. */
  sequences: number;
  /** Sequence lengths T that are compiled. */
  lengths: readonly number[];
  /** Value tokens a sequence can have at most. */
  values: number;
}

/**
 * The call that scores value tokens: only the rows that predict one pass through the last layer's
 * MLP and the output layer.
 */
export function evaluation(forward: Forward, shape: EvaluationShape): Evaluation {
  const { sequences, lengths } = shape;
  const longest = Math.max(...lengths);
  const functions = new Map(
    lengths.map((length) => [length, evaluateFunction(forward, { ...shape, length, longest })]),
  );
  return {
    functions: [...functions.values()],
    run(engine, biographies) {
      // Rows are counted within the part of the batch that one branch works on.
      const part = sequences / engine.branches(sequences, longest);
      const order = biographies.map((_, i) => i).sort((a, b) =>
        biographies[a]!.tokens.length - biographies[b]!.tokens.length || a - b
      );
      const scores: ValueScore[][] = new Array(biographies.length);
      const started: (() => void)[] = [];
      for (let start = 0; start < order.length; start += sequences) {
        const chosen = order.slice(start, start + sequences);
        const chunk = chosen.map((i) => biographies[i]!);
        // The last chunk is filled up with repetitions, whose scores are dropped.
        const full = Array.from({ length: sequences }, (_, i) => chunk[i % chunk.length]!);
        const length = lengthFor(full, lengths);
        const spots = valueSpots(full, { values: shape.values, length, part });
        const inputs = { tokens: pack(full, length).inputs, ...spots };
        const pending = engine.run(functions.get(length)!, [inputs]);
        started.push(() => {
          const [outputs] = pending.read();
          chosen.forEach((i, row) => {
            scores[i] = valueScores(biographies[i]!, row * shape.values, outputs!);
          });
        });
      }
      // Read when all have been started: the engine may be at work on them meanwhile.
      for (const read of started) read();
      return scores;
    },
  };
}

/**
 * Scores of biographies' values by the name alone: each in a text of its own, with no other value
 * before it to go by.
 */
export function scoresByName(
  biographies: readonly Biography[],
  { engine, evaluation }: { engine: Engine; evaluation: Evaluation },
): ValueScore[][] {
  const texts = biographies.map(byName);
  const scores = evaluation.run(engine, texts.flat());
  let first = 0;
  return texts.map(({ length }) => scores.slice(first, first += length).flat());
}

function evaluateFunction(
  forward: Forward,
  { sequences, length, values, longest }: EvaluationShape & { length: number; longest: number },
): PureFunction {
  return {
    name: `the evaluation of ${length} tokens`,
    inputs: {
      tokens: { shape: [sequences, length], dtype: "int32" },
      // Row of the value token's predictor within its part, and the token itself.
      rows: { shape: [sequences * values], dtype: "int32" },
      targets: { shape: [sequences * values], dtype: "int32" },
    },
    run(state, inputs, branches) {
      const parts = branches(sequences, longest);
      const split = (name: string) => tf.split(inputs[name]!, parts);
      const [tokens, picks, targets] = ["tokens", "rows", "targets"].map(split);
      const scored = tokens!.map((part, i) =>
        score(
          forward(state, tf.reshape(part, [sequences / parts, length]), { rows: picks![i]! }),
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

/** Metrics of value tokens [P] from their logits [P, V]. */
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

function valueSpots(
  biographies: readonly Biography[],
  { values, length, part }: { values: number; length: number; part: number },
) {
  const rows = new Int32Array(biographies.length * values);
  const targets = new Int32Array(biographies.length * values);
  biographies.forEach(({ tokens, spans }, sequence) => {
    let slot = sequence * values;
    for (const { kind, start, end } of spans) {
      if (kind !== "value") continue;
      for (let t = start; t < end; t++, slot++) {
        rows[slot] = (sequence % part) * length + t - 1;
        targets[slot] = tokens[t]!;
      }
    }
  });
  return { rows, targets };
}

function valueScores({ spans }: Biography, first: number, outputs: Values): ValueScore[] {
  const { loss, correct, confidence, entropy } = outputs;
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
