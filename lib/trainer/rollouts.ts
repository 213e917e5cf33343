/**
 * Steps that learn from answers which the model gives itself: they are sampled when the step is made,
 * by the parameters that it changes, or, to compare them, by those it began with. What is sampled
 * depends on these, the seed and the step alone, so that a run that goes on from a checkpoint samples
 * the same.
 *
 * @module
 */

import {
  compared,
  type Corpus,
  type Decision,
  EOS,
  longestTurns,
  type Posed,
  posedAt,
  type Row,
  said,
  stream,
} from "../generator/mod.ts";
import {
  type Continuation,
  type Forward,
  otherModel,
  type Sampler,
  samplerOf,
} from "../model/mod.ts";
import { answerRules, type Verdict, verdicts } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { type Scorer, scorerOf } from "./scorer.ts";
import { needsAnswers, type Reinforcement } from "./tuning.ts";

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
  /** Mean reward, where they are rewarded. */
  reward?: number;
  /** Their divergence from the model the run began with, nats an answer, where they are rewarded. */
  divergence?: number;
}

/** What of a run's own answers a checkpoint holds. */
export interface RolloutState {
  /** Sums since the last measurement. */
  sums: Record<Verdict | "reward" | "divergence", number>;
  /** The answers at work, where several steps are made with them, and the step they were given at. */
  given?: { step: number; rows: Row[] };
}

/** A run's own answers. */
export interface Rollouts {
  /** The rows of a step, which the engine is about to make. */
  rows(step: number, decisions: readonly Decision[]): Row[];
  /** What came of the answers since {@link Rollouts.forget}; undefined where there are none. */
  reading(): RolloutReading | undefined;
  /** Begins to count anew. */
  forget(): void;
  /** What a checkpoint holds of it. */
  state(): RolloutState;
}

/** What a run asks its engine for its own answers. */
export interface Answering {
  /** Answers questions. */
  sampler: Sampler;
  /** Says how likely the answers were to the model the run began with, where they are rewarded. */
  scorer?: Scorer;
  /** Says how likely the mark of a good answer is to the run's reward model, where it has one. */
  rewardModel?: Scorer;
}

const NOTHING = { right: 0, wrong: 0, refused: 0, reward: 0, divergence: 0 } as const;

/** Tokens that a question with its answer takes, at most, where a model answers itself. */
export function turnsLength({ lists, tokenizer }: Corpus): number {
  const { question, answer } = longestTurns(lists, tokenizer);
  return question + answer;
}

/** The calls of a run's own answers; undefined where it has none. */
export function answeringOf(
  { batch, rewardModel, tuning }: RunConfiguration,
  forward: Forward,
  corpus: Corpus,
): Answering | undefined {
  if (!needsAnswers(tuning)) return undefined;
  const { lists, tokenizer } = corpus;
  const { question, answer } = longestTurns(lists, tokenizer);
  const size = { prompt: question, added: answer, words: tokenizer.tokens.length };
  const { reinforce, compare } = tuning;
  // A model that learns to compare no longer answers as it did.
  const speaker: Forward = compare
    ? (state, ...given) => forward(otherModel(state), ...given)
    : forward;
  const scored = { rows: batch, length: turnsLength(corpus) };
  return {
    sampler: samplerOf(speaker, { ...size, prompts: reinforce ? batch : batch / 2 }),
    ...(reinforce ? { scorer: scorerOf(forward, { ...scored, model: "reference" }) } : {}),
    ...(rewardModel ? { rewardModel: scorerOf(forward, { ...scored, model: "rewardModel" }) } : {}),
  };
}

/** The own answers of a run; `state` is that of the checkpoint that it goes on from. */
export function rolloutsOf(
  { batch, seed, tuning, start }: RunConfiguration,
  corpus: Corpus,
  { answering: { sampler, scorer, rewardModel }, engine, state }: {
    answering: Answering;
    engine: Engine;
    state?: RolloutState;
  },
): Rollouts {
  const { reinforce, refuse, compare } = tuning;
  const { group = 1, updates = 1 } = reinforce ?? {};
  const questions = reinforce ? batch / group : batch / 2;
  const verdictOf = verdicts(answerRules(corpus));
  let sums = { ...NOTHING, ...state?.sums };
  let given = state?.given;

  /** Every question of a step as often as it is answered, with each answer. */
  const answered = (step: number, decisions: readonly Decision[]) => {
    const posed = posedAt(corpus, { step, questions, refuse, decisions })
      .flatMap((question) => new Array<typeof question>(group).fill(question));
    const prompts = posed.map(({ prompt }) => prompt);
    const said = sampler.run(engine, { prompts, random: stream(seed, "rollouts", step) });
    return posed.map((question, i) => {
      const verdict = verdictOf(withoutEnd(said[i]!), question);
      sums[verdict]++;
      return { ...question, verdict, own: said[i]! };
    });
  };
  /** Pairs: what is wanted before the own answer, or what else is not wanted. */
  const lesson = compare ? compared : said;
  const pairs = (step: number, decisions: readonly Decision[]) =>
    answered(step, decisions).flatMap(({ prompt, unknown, wanted, unwanted, verdict, own }) => {
      const isWanted = verdict === (unknown ? "refused" : "right");
      return [wanted, isWanted ? unwanted : own.tokens].map((answer) => lesson(prompt, answer));
    });
  /** Own answers with how much better than their group's mean each was rewarded. */
  const rewarded = (step: number, decisions: readonly Decision[], own: Reinforcement) => {
    const all = answered(step, decisions);
    const rewards = rewardModel
      ? rewardsBy(rewardModel, engine, all)
      : all.map(({ verdict }) => rewardOf(verdict, own));
    const rows = all.map(({ prompt, own: { tokens } }) => said(prompt, tokens));
    const references = scorer!.run(engine, rows);
    return rows.map((row, i) => {
      const before = all[i]!.own.logProbabilities;
      const reference = references[i]!;
      sums.reward += rewards[i]!;
      sums.divergence += total(before) - total(reference);
      const first = i - i % own.group;
      const mean = total(rewards.slice(first, first + own.group)) / own.group;
      const advantage = before.map(() => rewards[i]! - mean);
      return { ...row, beside: { advantage, before, reference } };
    });
  };
  return {
    rows(step, decisions) {
      const since = (step - (start?.step ?? 0)) % updates;
      if (since > 0 && given?.step === step - since) return given.rows;
      const rows = reinforce ? rewarded(step, decisions, reinforce) : pairs(step, decisions);
      given = updates > 1 ? { step, rows } : undefined;
      return rows;
    },
    reading() {
      const answers = sums.right + sums.wrong + sums.refused;
      if (answers === 0) return undefined;
      const mean = (of: keyof typeof sums) => sums[of] / answers;
      return {
        ...{ answers, right: mean("right"), refused: mean("refused"), wrong: mean("wrong") },
        ...(reinforce ? { reward: mean("reward"), divergence: mean("divergence") } : {}),
      };
    },
    forget() {
      sums = { ...NOTHING };
    },
    state: () => ({ sums: { ...sums }, ...(given ? { given } : {}) }),
  };
}

/** 1, 0 or what a wrong answer costs. */
function rewardOf(verdict: Verdict, { wrong }: Reinforcement): number {
  return { right: 1, refused: 0, wrong: -wrong }[verdict];
}

/**
 * What a reward model says of own answers, from -1 to 1: twice the chance that it prefers them to one
 * of the refusals, less one. So a refusal earns about nothing, as where the true values decide.
 */
function rewardsBy(
  rewardModel: Scorer,
  engine: Engine,
  all: readonly (Posed & { own: Continuation })[],
): number[] {
  const marks = (answerOf: (posed: typeof all[number]) => readonly number[]) =>
    rewardModel.run(engine, all.map((posed) => compared(posed.prompt, answerOf(posed))));
  const own = marks(({ own: { tokens } }) => tokens);
  const silence = marks(({ unwanted }) => unwanted);
  return own.map(([mark], i) => Math.tanh((mark! - silence[i]![0]!) / 2));
}

function withoutEnd({ tokens }: Continuation): number[] {
  return tokens.at(-1) === EOS ? tokens.slice(0, -1) : tokens;
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, own) => sum + own, 0);
