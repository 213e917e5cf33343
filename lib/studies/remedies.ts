/**
 * Beyond the paper: other ways to keep what was known, on the same axes as replay. The old model as
 * a teacher, text that it writes itself, parts that stay frozen, and smaller steps.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { palette, plainColors } from "../figures/mod.ts";
import { replay } from "../generator/mod.ts";
import { meanText } from "../readings/mod.ts";
import { type Arm, type Claim, recordsOf, type Regime, type Study } from "../study/mod.ts";
import { accuracies, oldPeople, type TunedRun, tunedRun } from "./fine_tuning.ts";
import { newPeopleOf, replayWeight } from "./replay.ts";
import { planeFigure } from "./tuning_arms.ts";

/** A way to keep what was known. */
interface Remedy extends Arm {
  /** What it takes beside the plain step. */
  cost: string;
}

function remedy(regime: Regime, name: string, cost: string, own: Partial<TunedRun>): Remedy {
  const added = newPeopleOf(regime);
  return { name, cost, run: (seed) => tunedRun(regime, { seed, added, ...own }) };
}

/** A share of old text among what is drawn. */
function replayed(regime: Regime, share: number): Partial<TunedRun> {
  return { schedule: [{ people: replay(oldPeople(regime), replayWeight(regime, share)) }] };
}

/** More lines than there are plain colours: grey comes on top. */
const COLORS = [...plainColors, palette.grey];

/** It keeps a tenth more than nothing does. */
const kept = (none: Arm, arm: Arm, id: string, statement: string): Claim => ({
  id,
  row: null,
  statement,
  paper: "not tested",
  quantity: `final old accuracy, ${arm.name} minus none`,
  rule: { above: 0.1 },
  n: 3,
  measure: (recordOf) =>
    accuracies(recordOf(arm), "old").end - accuracies(recordOf(none), "old").end,
});

/** Ways to keep what was known. */
export const remedies: Study = {
  name: "remedies",
  title: "Ways to keep what was known",
  notebook: "05",
  question: "What helps against forgetting when the old text is not at hand?",
  result: "Not in the paper, which has replay alone.",
  seeds: 3,
  in(regime) {
    const half = "half as many new people a step";
    const none = remedy(regime, "none", "", {});
    const replayTenth = remedy(
      regime,
      "replay, a tenth",
      "old text; a tenth fewer new people a step",
      replayed(regime, 0.1),
    );
    const replayHalf = remedy(regime, "replay, half", `old text; ${half}`, replayed(regime, 0.5));
    const ownTenth = remedy(
      regime,
      "own text, a tenth",
      "256 biographies written by the old model, once",
      { tuning: { ownText: 0.1 } },
    );
    const ownHalf = remedy(regime, "own text, half", `the same; ${half}`, {
      tuning: { ownText: 0.5 },
    });
    const distilled = remedy(
      regime,
      "self-distillation",
      "a forward pass of the old model a step",
      { tuning: { distill: 1 } },
    );
    const frozenAttention = remedy(regime, "frozen attention", "none; fewer gradients", {
      tuning: { freeze: "attention" },
    });
    const frozenMlp = remedy(regime, "frozen MLP", "none; fewer gradients", {
      tuning: { freeze: "mlp" },
    });
    const smallSteps = remedy(regime, "smaller steps", "none", { rate: 0.25, warmup: 150 });
    const arms = [
      none,
      replayTenth,
      replayHalf,
      ownTenth,
      ownHalf,
      distilled,
      frozenAttention,
      frozenMlp,
      smallSteps,
    ];
    return {
      arms,
      claims: [
        kept(
          none,
          ownHalf,
          "own-text-keeps",
          "Text the old model wrote itself keeps what it knew.",
        ),
        kept(none, distilled, "distillation-keeps", "Self-distillation keeps what was known."),
        kept(
          none,
          frozenAttention,
          "frozen-attention-keeps",
          "Frozen attention keeps what was known.",
        ),
        kept(none, frozenMlp, "frozen-mlp-keeps", "A frozen MLP keeps what was known."),
        kept(none, smallSteps, "small-steps-keep", "Smaller steps keep what was known."),
        {
          id: "own-text-near-replay",
          row: null,
          statement: "Text the old model wrote itself is nearly as good as replay of as much old " +
            "text.",
          paper: "not tested",
          quantity: "final old accuracy, own text minus replay, half of what is drawn",
          rule: { above: -0.1 },
          n: 3,
          measure: (recordOf) =>
            accuracies(recordOf(ownHalf), "old").end - accuracies(recordOf(replayHalf), "old").end,
        },
      ],
      figure: (results) =>
        planeFigure(results, {
          arms: arms.map((arm, i) => ({ arm, color: COLORS[i] })),
          caption:
            "Each line a course of tuning, from top left; the further to the top right, the " +
            "better.",
        }),
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            const of = (which: "old" | "new", when: "before" | "least" | "end") =>
              meanText(records.map((record) => accuracies(record, which)[when]));
            return {
              method: arm.name,
              n: records.length,
              "old before": of("old", "before"),
              "old kept": of("old", "end"),
              "new learned": of("new", "end"),
              "extra cost": arm.cost || "–",
            };
          }),
          {
            caption: `1 new person for ${
              oldPeople(regime) / newPeopleOf(regime)
            } old; held-out templates`,
          },
        ),
    };
  },
};
