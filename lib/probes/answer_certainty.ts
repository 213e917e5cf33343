/**
 * How sure a model is of what it says when it is asked: its greedy answers, counted by their
 * probability, from which follows what a threshold on it would refuse (docs/protocol.md, "Answers").
 *
 * @module
 */

import { z } from "zod";
import {
  type Corpus,
  EOS,
  longestTurns,
  type Question,
  questionsAbout,
  sentencesOf,
} from "../generator/mod.ts";
import { canSample, type Sampler, samplerOf } from "../model/mod.ts";
import type { Engine } from "../engine/mod.ts";
import { type AnswerRules, answerRules, lessonLength, verdicts } from "./answers.ts";
import type { Probe } from "./probe.ts";
import { type Certainty, countsByConfidence } from "./uncertainty.ts";

/** Greedy answers of some people: right and wrong ones by their probability, and refusals. */
export interface AnswerCertainty {
  /** Right answers, in the bins of {@link Certainty}. */
  right: Certainty["confidence"]["right"];
  /** Wrong answers in the same bins. */
  wrong: Certainty["confidence"]["wrong"];
  /** Refusals, how sure so ever. */
  refused: number;
}

/** Answers that are given side by side. */
const PROMPTS = 64;

const counts = z.array(z.int().nonnegative());

/**
 * The probe of answers by their certainty, at the end of a run: of as many people as its setting says,
 * of every group, or of those seen, and of unseen ones. They are asked in questions where a run is
 * taught to answer these, in unfinished sentences otherwise.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20, evaluation: { certainty: 4 } }, { fresh: true });
 * for await (const { certainty } of run) if (certainty) console.log(certainty.unseen!.refused);
 * run.dispose();
 * ```
 */
export const answerCertainty: Probe<
  "certainty",
  { certainty: number },
  Record<string, AnswerCertainty>
> = {
  name: "certainty",
  settings: { certainty: { schema: z.int().min(0).max(65_536), off: 0 } },
  reading: z.record(
    z.string(),
    z.looseObject({ right: counts, wrong: counts, refused: z.int().nonnegative() }),
  ).describe("greedy answers by their probability, unsure first, and refusals, at the end"),
  prepare({ model, forward, corpus, sets, questions }, settings) {
    if (settings.certainty === 0 || !canSample(model)) return undefined;
    const { lists, tokenizer, options } = corpus;
    const turns = questions ? longestTurns(lists, tokenizer) : sentenceTurns(corpus);
    const sampler = samplerOf(forward, {
      ...{ prompts: PROMPTS, prompt: turns.question, added: turns.answer },
      words: tokenizer.tokens.length,
    });
    const known = (options.groups ?? []).length > 0 ? /^group/ : /^held-out/;
    const rules = answerRules(corpus);
    const asked = sets.filter(({ name }) => known.test(name) || name === "unseen")
      .map(({ name, population, biographies }) => {
        const chosen = biographies.slice(0, settings.certainty);
        const people = chosen.map(({ person }) => person);
        return {
          name,
          questions: questions ? questionsAbout(corpus, population, people) : sentencesOf(chosen),
        };
      });
    return {
      calls: [sampler],
      read(engine, { last }) {
        if (!last) return undefined;
        return Object.fromEntries(asked.map(({ name, questions }) => [
          name,
          measureCertainty(questions, { engine, sampler, ...rules }),
        ]));
      },
    };
  },
};

/** Tokens of the longest sentence before its value, and of the longest value. */
function sentenceTurns(corpus: Corpus): { question: number; answer: number } {
  const { lists, tokenizer } = corpus;
  const values = lists.attributes.flatMap((own) => own.values);
  return {
    question: lessonLength(corpus),
    answer: Math.max(...values.map((value) => tokenizer.encode(value).length)),
  };
}

/** Asks questions and counts the greedy answers, up to their longest, by their probability. */
export function measureCertainty(
  questions: readonly Question[],
  { engine, sampler, ...rules }: AnswerRules & { engine: Engine; sampler: Sampler },
): AnswerCertainty {
  const verdictOf = verdicts(rules);
  const answers = sampler.run(engine, { prompts: questions.map(({ prompt }) => prompt) });
  const judged = answers.map(({ tokens, logProbabilities }, i) => {
    const { longest } = questions[i]!;
    const said = tokens.slice(0, longest).filter((token) => token !== EOS);
    const sure = logProbabilities.slice(0, longest).reduce((sum, log) => sum + log, 0);
    return { verdict: verdictOf(said, questions[i]!), confidence: Math.exp(sure) };
  });
  const given = judged.filter(({ verdict }) => verdict !== "refused");
  return {
    ...countsByConfidence(
      given.map(({ verdict, confidence }) => ({ confidence, right: verdict === "right" })),
    ),
    refused: judged.length - given.length,
  };
}
