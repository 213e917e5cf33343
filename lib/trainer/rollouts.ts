/**
 * Steps that learn from answers which the model gives itself: they are sampled when the step is made,
 * by the parameters that it changes. What is sampled depends on these, the seed and the step alone,
 * so that a run that goes on from a checkpoint samples the same.
 *
 * @module
 */

import {
  type Corpus,
  type Decision,
  EOS,
  longestTurns,
  posedAt,
  type Row,
  stream,
} from "../generator/mod.ts";
import { type Continuation, type Forward, type Sampler, samplerOf } from "../model/mod.ts";
import { type Verdict, verdicts } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { needsAnswers } from "./tuning.ts";

/** What came of a model's own answers since the measurement before. */
export interface RolloutReading {
  /** How many there were. */
  answers: number;
  /** Share that held the true value. */
  right: number;
  /** Share that refused. */
  refused: number;
  /** Share of all others. */
  wrong: number;
}

/** What of a run's own answers a checkpoint holds: sums since the last measurement. */
export type RolloutSums = Record<Verdict, number>;

/** A run's own answers. */
export interface Rollouts {
  /** The rows of a step, which the engine is about to make. */
  rows(step: number, decisions: readonly Decision[]): Row[];
  /** What came of the answers since {@link Rollouts.forget}; undefined where there are none. */
  reading(): RolloutReading | undefined;
  /** Begins to count anew. */
  forget(): void;
  /** Sums so far. */
  readonly sums: RolloutSums;
}

/** What a run asks its engine for its own answers. */
export interface Answering {
  /** Answers questions. */
  sampler: Sampler;
}

const NONE: RolloutSums = { right: 0, wrong: 0, refused: 0 };

/** Tokens that a question with its answer takes, at most, where a model answers itself. */
export function turnsLength({ lists, tokenizer }: Corpus): number {
  const { question, answer } = longestTurns(lists, tokenizer);
  return question + answer;
}

/** The calls of a run's own answers; undefined where it has none. */
export function answeringOf(
  { batch, tuning }: RunConfiguration,
  forward: Forward,
  { lists, tokenizer }: Corpus,
): Answering | undefined {
  if (!needsAnswers(tuning)) return undefined;
  const { question, answer } = longestTurns(lists, tokenizer);
  const size = { prompt: question, added: answer, words: tokenizer.tokens.length };
  return { sampler: samplerOf(forward, { ...size, prompts: batch / 2 }) };
}

/** The own answers of a run; `sums` are those of the checkpoint that it goes on from. */
export function rolloutsOf(
  { batch, seed, tuning }: RunConfiguration,
  corpus: Corpus,
  { answering: { sampler }, engine, sums = NONE }: {
    answering: Answering;
    engine: Engine;
    sums?: RolloutSums;
  },
): Rollouts {
  const verdictOf = verdicts(corpus.lists.refusals.map((text) => corpus.tokenizer.encode(text)));
  let counts = { ...sums };
  return {
    rows(step, decisions) {
      const posed = posedAt(corpus, { step, batch, refuse: tuning.refuse, decisions });
      const prompts = posed.map(({ prompt }) => prompt);
      const said = sampler.run(engine, { prompts, random: stream(seed, "rollouts", step) });
      return posed.flatMap((question, i) => {
        const verdict = verdictOf(withoutEnd(said[i]!), question);
        counts[verdict]++;
        const isWanted = verdict === (question.unknown ? "refused" : "right");
        const unwanted = isWanted ? question.unwanted : said[i]!.tokens;
        const { prompt, wanted } = question;
        return [wanted, unwanted].map((answer) => ({
          tokens: [...prompt, ...answer],
          from: prompt.length,
        }));
      });
    },
    reading() {
      const answers = counts.right + counts.wrong + counts.refused;
      if (answers === 0) return undefined;
      const share = (verdict: Verdict) => counts[verdict] / answers;
      return { answers, right: share("right"), refused: share("refused"), wrong: share("wrong") };
    },
    forget() {
      counts = { ...NONE };
    },
    get sums() {
      return { ...counts };
    },
  };
}

function withoutEnd({ tokens }: Continuation): number[] {
  return tokens.at(-1) === EOS ? tokens.slice(0, -1) : tokens;
}
