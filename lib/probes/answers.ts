/**
 * Free-running answers: what a model says when it is asked, and whether that is right, wrong or a
 * refusal. Hallucination as a user meets it, beside the teacher-forced metrics.
 *
 * @module
 */

import { EOS, PAD, type Question, type Random, stream } from "../generator/mod.ts";
import { choose, type Forward } from "../model/mod.ts";
import type { Engine, PureFunction } from "../engine/mod.ts";

/** Answers of some people, counted. */
export interface Answers {
  /** Answers that hold the true value. */
  right: number;
  /** Answers that hold another one, or none. */
  wrong: number;
  /** Refusals, word by word. */
  refused: number;
  /** Over several sampled answers to each question (temperature 1). */
  samples?: {
    /** Share that is right. */
    accuracy: number;
    /** Mean share of the commonest answer to a question: 1 if it is always the same. */
    consistency: number;
  };
}

/** Questions asked side by side. */
export const ASKED_AT_ONCE = 32;
/** Sampled answers to a question. */
const SAMPLES = 5;

/** The function that gives the logits of the next token for questions of one length, padded. */
export function askFunction(forward: Forward, length: number): PureFunction {
  return {
    inputs: {
      tokens: { shape: [ASKED_AT_ONCE, length], dtype: "int32" },
      rows: { shape: [ASKED_AT_ONCE], dtype: "int32" },
    },
    run: (state, { tokens, rows }) => ({
      outputs: { logits: forward(state, tokens!, { rows: rows! }) },
    }),
  };
}

/** A model that can be asked. */
export interface Answerer {
  /** Holds the parameters. */
  engine: Engine;
  /** Its function made by {@link askFunction}, and the length it was made for. */
  name: string;
  /** Sequence length T of that function. */
  length: number;
  /** Tokens of the vocabulary; what is beyond them is never said. */
  words: number;
}

/**
 * Asks questions and counts the answers. An answer is right if it holds the true value's tokens in
 * a row, a refusal if it is one of `refusals` word by word, otherwise wrong. `seed` also samples.
 */
export function measureAnswers(
  questions: readonly Question[],
  answerer: Answerer,
  { refusals, seed }: { refusals: readonly (readonly number[])[]; seed?: number },
): Answers {
  const refused = new Set(refusals.map((tokens) => tokens.join()));
  const isRight = (answer: readonly number[], { value }: Question) =>
    answer.some((_, i) => value.every((token, k) => answer[i + k] === token));
  const greedy = continueAll(questions, answerer);
  const counts: Answers = { right: 0, wrong: 0, refused: 0 };
  greedy.forEach((answer, i) => {
    counts[
      refused.has(answer.join()) ? "refused" : isRight(answer, questions[i]!) ? "right" : "wrong"
    ]++;
  });
  if (seed === undefined || questions.length === 0) return counts;
  const random = stream(seed, "answers");
  const sampled = Array.from(
    { length: SAMPLES },
    () => continueAll(questions, answerer, random),
  );
  const right =
    sampled.flat().filter((answer, i) => isRight(answer, questions[i % questions.length]!)).length;
  const agreeing = questions.reduce((sum, _, i) => {
    const tally = new Map<string, number>();
    for (const answers of sampled) {
      const key = answers[i]!.join();
      tally.set(key, (tally.get(key) ?? 0) + 1);
    }
    return sum + Math.max(...tally.values());
  }, 0);
  const asked = SAMPLES * questions.length;
  return { ...counts, samples: { accuracy: right / asked, consistency: agreeing / asked } };
}

/** Answers every prompt up to the end mark, greedily or sampled; the end mark is left out. */
export function continueAll(
  questions: readonly Pick<Question, "prompt" | "longest">[],
  { engine, name, length, words }: Answerer,
  random?: Random,
): number[][] {
  const answers: number[][] = questions.map(() => []);
  for (let start = 0; start < questions.length; start += ASKED_AT_ONCE) {
    let open = Array.from(
      { length: Math.min(ASKED_AT_ONCE, questions.length - start) },
      (_, i) => start + i,
    );
    const tokens = new Int32Array(ASKED_AT_ONCE * length).fill(PAD);
    open.forEach((i) => tokens.set(questions[i]!.prompt, (i - start) * length));
    while (open.length > 0) {
      const rows = new Int32Array(ASKED_AT_ONCE);
      const ends = (i: number) => questions[i]!.prompt.length + answers[i]!.length;
      for (const i of open) rows[i - start] = (i - start) * length + ends(i) - 1;
      const { logits } = engine.run(name, { tokens, rows });
      const width = logits!.length / ASKED_AT_ONCE;
      open = open.filter((i) => {
        const row = (i - start) * width;
        const token = choose(logits!.subarray(row, row + words), random ? 1 : 0, random);
        if (token === EOS || token === PAD) return false;
        tokens[(i - start) * length + ends(i)] = token;
        answers[i]!.push(token);
        return answers[i]!.length < questions[i]!.longest && ends(i) < length;
      });
    }
  }
  return answers;
}
