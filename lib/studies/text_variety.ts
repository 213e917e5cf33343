/**
 * Row 3: must a fact be told in many ways to be learned?
 *
 * @module
 */

import { orderedColors, palette } from "../figures/mod.ts";
import { finalShare, mean } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  captionOf,
  finding,
  formerRegime,
  isFormer,
  recordsOf,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { baseArm } from "./regime.ts";

/** What runs know in the end in the sentences that they were trained on. */
function inTraining(records: readonly RunRecord[]): string {
  if (records.length === 0) return "";
  const right = records.map(({ measurements }) => measurements.at(-1)!.sets.training.accuracy);
  return `In the sentences it was trained on ${(100 * mean(right)).toFixed(0)} % are right.`;
}

/** Templates a person and attribute, and the order of sentences. */
export const textVariety: Study = {
  name: "text-variety",
  title: "Text variety",
  notebook: "01",
  question: "Does a model need to see a fact in many wordings to learn it?",
  result:
    "Two wordings are nearly enough; with one it stays stuck, and with sentences in a fixed order it never leaves the no-knowledge loss.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const base = baseArm(regime);
    const one: Arm = { name: "1 template", run: (seed) => regime.run({ seed, templates: 1 }) };
    const fixed: Arm = { name: "fixed", run: (seed) => regime.run({ seed, order: "fixed" }) };
    const few = (templates: number, seeds: number): Arm => ({
      name: `${templates} templates`,
      run: (seed) => regime.run({ seed, templates }),
      seeds,
    });
    const n = isFormer(regime) ? 1 : 3;
    const [two, five] = [few(2, n), few(5, 1)];
    const [least, less, more, most] = orderedColors(4);
    const arms = [
      { arm: base, name: "20 templates", color: most },
      { arm: one, color: least },
      { arm: fixed, name: "20 templates, fixed order", color: palette.vermilion },
      { arm: two, color: less },
      { arm: five, color: more },
    ];
    return {
      arms: arms.map(({ arm }) => arm),
      claims: [
        {
          id: "fixed-order-fails",
          row: 3,
          statement:
            "With sentences in a fixed order the loss on shuffled ones stays above knowing nobody.",
          paper: "1.19 (8.1 nats)",
          quantity: "final loss on shuffled, held-out text as a share of L0, fixed training order",
          rule: { above: 1 },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(fixed)),
        },
        {
          id: "one-template-does-not-transfer",
          row: 3,
          statement:
            "With one wording a fact, what is learned does not carry over to other wordings.",
          paper: ".69 (4.67 nats)",
          quantity: "final loss on held-out templates as a share of L0, 1 template",
          rule: { above: 0.5 },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(one)),
        },
        {
          id: "two-templates-suffice",
          row: 3,
          statement: "Two wordings a fact are nearly enough.",
          paper: ".009 (.060 nats)",
          quantity: "final loss on held-out templates as a share of L0, 2 templates",
          rule: { below: 0.1 },
          n,
          measure: (recordOf) => finalShare(recordOf(two)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms,
          caption: captionOf([
            finding(results, "one-template-does-not-transfer", {
              holds: "With one wording what is learned does not carry over to other wordings.",
              "does not hold": "Even with one wording what is learned carries over to others.",
              undecided: "Undecided whether what is learned from one wording carries over.",
            }),
            inTraining(recordsOf(results, one)),
            finding(results, "fixed-order-fails", {
              holds:
                "With sentences in a fixed order the loss on shuffled ones stays above that of " +
                "knowing nobody.",
              "does not hold":
                "With sentences in a fixed order the loss on shuffled ones falls below that of " +
                "knowing nobody.",
              undecided: "Undecided whether, with sentences in a fixed order, the loss on " +
                "shuffled ones stays above that of knowing nobody.",
            }),
          ]),
        }),
      table: (results) =>
        armsTable(results, { arms, caption: "Training templates a person and attribute" }),
    };
  },
};
