/**
 * Free-running answers: what a model says when it is asked, and whether that is right, wrong or a
 * refusal. Hallucination as a user meets it, beside the teacher-forced metrics.
 *
 * @module
 */

import { z } from "zod";
import {
  type Corpus,
  EOS,
  longestLesson,
  PAD,
  type Question,
  questionsAbout,
  type Random,
  sentencesOf,
  stream,
} from "../generator/mod.ts";
import { choose, type Forward } from "../model/mod.ts";
import type { Call, Engine, PureFunction } from "../engine/mod.ts";
import type { Probe } from "./probe.ts";

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

/** Prompts side by side, each with what has been added to it. */
export interface Prompts {
  /** int32 [ASKED_AT_ONCE, T], padded. */
  tokens: Int32Array;
  /** Row of each prompt's last token, counted through the batch. */
  rows: Int32Array;
}

/** Logits [V] of what follows each of {@link ASKED_AT_ONCE} prompts. */
export interface Asking extends Call<Prompts, Float32Array[]> {
  /** Sequence length T. */
  length: number;
}

/** The call that continues prompts of a length by one token. */
export function askingOf(forward: Forward, length: number): Asking {
  const ask: PureFunction = {
    name: `questions of ${length} tokens`,
    inputs: {
      tokens: { shape: [ASKED_AT_ONCE, length], dtype: "int32" },
      rows: { shape: [ASKED_AT_ONCE], dtype: "int32" },
    },
    run: (state, { tokens, rows }) => ({
      outputs: { logits: forward(state, tokens!, { rows: rows! }) },
    }),
  };
  return {
    functions: [ask],
    length,
    run(engine, { tokens, rows }) {
      const [outputs] = engine.run(ask, [{ tokens, rows }]).read();
      const width = outputs!.logits!.length / ASKED_AT_ONCE;
      return Array.from(
        { length: ASKED_AT_ONCE },
        (_, i) => outputs!.logits!.subarray(i * width, (i + 1) * width) as Float32Array,
      );
    },
  };
}

/** A model that can be asked. */
export interface Answerer {
  /** Holds the parameters. */
  engine: Engine;
  /** One of its calls. */
  asking: Asking;
  /** Tokens of the vocabulary; what is beyond them is never said. */
  words: number;
}

/**
 * The probe of free-running answers, by evaluation set: people of every group, or of those seen, and
 * unseen ones, as many as its setting says. They are asked in questions where a run is taught to
 * answer these, in unfinished sentences otherwise; at the end answers are also sampled.
 */
export const answers: Probe<"answers", { asked: number }, Record<string, Answers>> = {
  name: "answers",
  settings: { asked: { schema: z.int().min(0).max(65_536), off: 0 } },
  reading: z.record(
    z.string(),
    z.looseObject({
      right: z.int(),
      wrong: z.int(),
      refused: z.int(),
      samples: z.looseObject({
        accuracy: z.number(),
        consistency: z.number().describe("mean share of the commonest of five answers"),
      }).optional(),
    }),
  ).describe("free-running answers, counted"),
  prepare({ forward, corpus, sets, questions }, settings) {
    if (settings.asked === 0) return undefined;
    const { tokenizer, options } = corpus;
    const asking = askingOf(forward, lessonLength(corpus));
    const rules = answerRules(corpus);
    const known = (options.groups ?? []).length > 0 ? /^group/ : /^held-out/;
    const asked = sets.filter(({ name }) => known.test(name) || name === "unseen")
      .map(({ name, population, biographies }) => {
        const chosen = biographies.slice(0, settings.asked);
        return {
          name,
          questions: questions
            ? questionsAbout(corpus, population, chosen.map(({ person }) => person))
            : sentencesOf(chosen),
        };
      });
    return {
      calls: [asking],
      read(engine, { whole, last }) {
        if (!whole) return undefined;
        const answerer = { engine, asking, words: tokenizer.tokens.length };
        const seed = last ? options.seed : undefined;
        return Object.fromEntries(asked.map(({ name, questions }) => [
          name,
          measureAnswers(questions, answerer, { ...rules, seed }),
        ]));
      },
    };
  },
};

/** Tokens of the longest question with its answer, in whole eighths. */
export function lessonLength({ lists, tokenizer }: Corpus): number {
  return Math.ceil(longestLesson(lists, tokenizer) / 8) * 8;
}

/** What an answer may be. */
export type Verdict = "right" | "wrong" | "refused";

/** By what answers are told apart. */
export interface AnswerRules {
  /** Tokens of what counts as a refusal. */
  refusals: readonly (readonly number[])[];
  /** Whether a token goes on with the word before it; none does where nothing is said. */
  continues?(token: number): boolean;
}

/** The rules of a corpus. */
export function answerRules({ lists, tokenizer }: Corpus): AnswerRules {
  const refusals = lists.refusals.map((text) => tokenizer.encode(text));
  return { refusals, continues: tokenizer.continues };
}

/**
 * Judges answers, without their end marks: a refusal is one of `refusals` word by word, right is what
 * holds the true value's tokens in a row, its last word to the end, and wrong all else.
 */
export function verdicts(
  { refusals, continues = () => false }: AnswerRules,
): (answer: readonly number[], question: Pick<Question, "value">) => Verdict {
  const refused = new Set(refusals.map((tokens) => tokens.join()));
  const isRight = (answer: readonly number[], { value }: Pick<Question, "value">) =>
    answer.some((_, i) => {
      const next = answer[i + value.length];
      const isWhole = next === undefined || !continues(next);
      return isWhole && value.every((token, k) => answer[i + k] === token);
    });
  return (answer, question) =>
    refused.has(answer.join()) ? "refused" : isRight(answer, question) ? "right" : "wrong";
}

/** Asks questions and counts the answers by {@link verdicts}. `seed` also samples. */
export function measureAnswers(
  questions: readonly Question[],
  answerer: Answerer,
  { seed, ...rules }: AnswerRules & { seed?: number },
): Answers {
  const verdictOf = verdicts(rules);
  const greedy = continueAll(questions, answerer);
  const counts: Answers = { right: 0, wrong: 0, refused: 0 };
  greedy.forEach((answer, i) => counts[verdictOf(answer, questions[i]!)]++);
  if (seed === undefined || questions.length === 0) return counts;
  const random = stream(seed, "answers");
  const sampled = Array.from(
    { length: SAMPLES },
    () => continueAll(questions, answerer, random),
  );
  const right = sampled.flat()
    .filter((answer, i) => verdictOf(answer, questions[i % questions.length]!) === "right").length;
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
  { engine, asking, words }: Answerer,
  random?: Random,
): number[][] {
  const { length } = asking;
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
      const logits = asking.run(engine, { tokens, rows });
      open = open.filter((i) => {
        const known = logits[i - start]!.subarray(0, words);
        const token = choose(known, random ? 1 : 0, random);
        if (token === EOS || token === PAD) return false;
        tokens[(i - start) * length + ends(i)] = token;
        answers[i]!.push(token);
        return answers[i]!.length < questions[i]!.longest && ends(i) < length;
      });
    }
  }
  return answers;
}
