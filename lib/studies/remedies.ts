/**
 * Beyond the paper: other ways to keep what was known, on the same axes as replay. The old model as
 * a teacher, text that it writes itself, parts that stay frozen, and smaller steps.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { plainColors } from "../figures/mod.ts";
import { replay, type Scale } from "../generator/mod.ts";
import type { Claim } from "./claims.ts";
import { accuracies, oldPeople, type TunedRun, tunedRun } from "./fine_tuning.ts";
import { meanText } from "./readings.ts";
import { replayWeight } from "./replay.ts";
import { gridOf, recordsOf, type Study } from "./study.ts";
import { planeFigure } from "./tuning_arms.ts";

/** New people: an eighth of the old ones, as in replay.ts. */
const NEW = 1 / 8;

interface Remedy {
  /** What it takes beside the plain step. */
  cost: string;
  run(scale: Scale): Partial<TunedRun>;
}

const REMEDIES: Readonly<Record<string, Remedy>> = {
  none: { cost: "", run: () => ({}) },
  "replay, a tenth": {
    cost: "old text; a tenth fewer new people a step",
    run: (scale) => ({
      schedule: [{ people: replay(oldPeople(scale), replayWeight(scale, 0.1)) }],
    }),
  },
  "replay, half": {
    cost: "old text; half as many new people a step",
    run: (scale) => ({
      schedule: [{ people: replay(oldPeople(scale), replayWeight(scale, 0.5)) }],
    }),
  },
  "own text, a tenth": {
    cost: "256 biographies written by the old model, once",
    run: () => ({ tuning: { ownText: 0.1 } }),
  },
  "own text, half": {
    cost: "the same; half as many new people a step",
    run: () => ({ tuning: { ownText: 0.5 } }),
  },
  "self-distillation": {
    cost: "a forward pass of the old model a step",
    run: () => ({ tuning: { distill: 1 } }),
  },
  "frozen attention": {
    cost: "none; fewer gradients",
    run: () => ({ tuning: { freeze: "attention" } }),
  },
  "frozen MLP": { cost: "none; fewer gradients", run: () => ({ tuning: { freeze: "mlp" } }) },
  "smaller steps": {
    cost: "none",
    run: () => ({ rate: 0.25, warmup: 150 }),
  },
};
const ARMS = Object.keys(REMEDIES);
const COLORS = [...plainColors, "#a6761d", "#882255"];

const kept = (id: string, arm: string, statement: string): Claim => ({
  id,
  row: null,
  statement,
  paper: "not tested",
  quantity: `final old accuracy, ${arm} minus none`,
  rule: { above: 0.1 },
  measure: (recordOf) =>
    accuracies(recordOf(arm), "old").end - accuracies(recordOf("none"), "old").end,
});

/** Ways to keep what was known. */
export const remedies: Study = {
  name: "remedies",
  title: "Ways to keep what was known",
  notebook: "05",
  question: "What helps against forgetting when the old text is not at hand?",
  result: "Not in the paper, which has replay alone.",
  seeds: 3,
  grid: ({ scale, seeds }) =>
    gridOf(
      { scale, seeds },
      Object.fromEntries(
        ARMS.map((arm) => [arm, {
          run: (seed: number) =>
            tunedRun(scale, {
              seed,
              added: Math.round(NEW * oldPeople(scale)),
              ...REMEDIES[arm]!.run(scale),
            }),
        }]),
      ),
    ),
  claims: [
    kept("own-text-keeps", "own text, half", "Text the old model wrote itself keeps what it knew."),
    kept("distillation-keeps", "self-distillation", "Self-distillation keeps what was known."),
    kept("frozen-attention-keeps", "frozen attention", "Frozen attention keeps what was known."),
    kept("frozen-mlp-keeps", "frozen MLP", "A frozen MLP keeps what was known."),
    kept("small-steps-keep", "smaller steps", "Smaller steps keep what was known."),
    {
      id: "own-text-near-replay",
      row: null,
      statement: "Its own text is nearly as good as replay of as much old text.",
      paper: "not tested",
      quantity: "final old accuracy, own text minus replay, half of what is drawn",
      rule: { above: -0.1 },
      measure: (recordOf) =>
        accuracies(recordOf("own text, half"), "old").end -
        accuracies(recordOf("replay, half"), "old").end,
    },
  ],
  figure: (results) =>
    planeFigure(results, {
      arms: ARMS,
      colors: COLORS,
      caption: "Each line a course of tuning, from top left; mean over seeds. The further to the " +
        "top right, the better.",
    }),
  table: (results) =>
    table(
      ARMS.map((arm) => {
        const records = recordsOf(results, arm);
        const of = (which: "old" | "new", when: "before" | "least" | "end") =>
          meanText(records.map((record) => accuracies(record, which)[when]));
        return {
          method: arm,
          n: records.length,
          "old before": of("old", "before"),
          "old kept": of("old", "end"),
          "new learned": of("new", "end"),
          "extra cost": REMEDIES[arm]!.cost || "–",
        };
      }),
      { caption: `1 new person for ${1 / NEW} old; held-out templates` },
    ),
};
