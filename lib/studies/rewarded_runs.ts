/**
 * The runs of reinforcement.ts: a base that sees a quarter of its people seldom, asked, taught to answer
 * and to refuse, and rewarded for its own answers, by what is true or by a reward model.
 *
 * @module
 */

import type { Distribution, Scale } from "../generator/mod.ts";
import type { Regime } from "../study/mod.ts";
import type { RunInput } from "../trainer/mod.ts";
import { type TunedRun, tunedRun } from "./fine_tuning.ts";
import { ASKED } from "./regime.ts";
import { firstSeldom, seldomRun } from "./seldom.ts";

/**
 * Steps of supervised tuning, of comparisons, and of reinforcement.
 */
const STEPS: Record<Scale, { taught: number; compared: number; rewarded: number }> = {
  smoke: { taught: 20, compared: 8, rewarded: 8 },
  laptop: { taught: 1000, compared: 1000, rewarded: 1000 },
  paper: { taught: 4000, compared: 4000, rewarded: 4000 },
};
/** Questions of a step; as many pairs, where comparisons are learned. */
const QUESTIONS: Record<Scale, number> = { smoke: 2, laptop: 16, paper: 128 };
const ANSWERS = 8;
/** Times that a run of reinforcement is measured on its way. */
const LOOKS = 5;

/** First persons of known people, asked and not, seldom seen ones, asked and not, and unknown ones. */
function boundsOf({ base: { people } }: Regime): number[] {
  const known = firstSeldom(people);
  return [0, known / 2, known, (known + people) / 2, people].map(Math.round);
}

/** The base run gone on with: unknown people are added, as many as known ones are asked about. */
function goneOn(regime: Regime, seed: number, own: Partial<TunedRun>): RunInput {
  const groups = boundsOf(regime);
  const [, known, , test, all] = groups as [number, number, number, number, number];
  const asked: Distribution = {
    kind: "groups",
    groups: [
      { from: 0, to: known, weight: 1 },
      { from: groups[2]!, to: test, weight: 1 },
      { from: all, to: all + known, weight: 1 },
    ],
  };
  return tunedRun(regime, {
    seed,
    base: seldomRun(regime, seed),
    added: known,
    schedule: [{ people: asked }],
    ...own,
    evaluation: {
      ...{ asked: ASKED[regime.scale], attention: 1, verified: 0, groups, steps: [] },
      ...own.evaluation,
    },
  });
}

/** The base run asked in unfinished sentences: it makes no steps. */
export function untunedRun(regime: Regime, seed: number): RunInput {
  return goneOn(regime, seed, { steps: 0, evaluation: { certainty: ASKED[regime.scale] } });
}

/** Questions with answers about people who were read about, refusals about the others. */
export function taughtRun(regime: Regime, seed: number): RunInput {
  return goneOn(regime, seed, {
    batch: regime.base.batch,
    steps: STEPS[regime.scale].taught,
    tuning: { text: "questions", refuse: boundsOf(regime).at(-1)! },
  });
}

/** The model so taught, rewarded for its own answers. */
export function rewardedRun(regime: Regime, seed: number, wrong: number): RunInput {
  const run = taughtRun(regime, seed);
  const [begin, steps] = [run.steps!, STEPS[regime.scale].rewarded];
  const looks = Array.from(
    { length: LOOKS - 1 },
    (_, i) => begin + Math.round((i + 1) * steps / LOOKS),
  );
  return {
    ...run,
    start: { run, step: begin },
    steps: begin + steps,
    batch: QUESTIONS[regime.scale] * ANSWERS,
    tuning: {
      text: "questions",
      reinforce: { wrong, group: ANSWERS, clip: 0.2, kl: 0.05, updates: 2 },
    },
    evaluation: { ...run.evaluation, steps: looks },
  };
}

/**
 * The model so taught, made a reward model: of its own answers and what was wanted, about the people it
 * was taught about, it learns which is better.
 */
export function rewardModelRun(regime: Regime, seed: number): RunInput {
  const run = taughtRun(regime, seed);
  const [begin, { refuse }] = [run.steps!, run.tuning!];
  return {
    ...run,
    start: { run, step: begin },
    steps: begin + STEPS[regime.scale].compared,
    batch: 2 * QUESTIONS[regime.scale],
    tuning: { text: "questions", refuse, compare: true, rejected: "own" },
    evaluation: { ...run.evaluation, asked: 0 },
  };
}

/** Rewarded by that model's word, a wrong answer being as bad as a right one is good. */
export function rewardedByModel(regime: Regime, seed: number): RunInput {
  const run = rewardModelRun(regime, seed);
  return { ...rewardedRun(regime, seed, 1), rewardModel: { run, step: run.steps! } };
}
