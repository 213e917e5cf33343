/**
 * Row 5: the peak learning rate.
 *
 * @module
 */

import { finalLoss, finalShare } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  finding,
  formerRegime,
  isFormer,
  type Study,
} from "../study/mod.ts";
import { baseArm } from "./regime.ts";

/** Peak learning rates around the regime's. */
export const learningRate: Study = {
  name: "learning-rate",
  title: "Peak learning rate",
  notebook: "01",
  question: "How much does the plateau depend on the learning rate?",
  result: "There is an optimum; far above it, the model never leaves the plateau.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const peak = regime.base.optimizer.lr;
    const times = (multiple: number, seeds?: number): Arm => ({
      name: `peak x ${multiple}`,
      run: (seed) => regime.run({ seed, optimizer: { lr: multiple * peak } }),
      seeds,
    });
    const base = baseArm(regime);
    const n = isFormer(regime) ? 1 : 3;
    const [quarter, half, double, four] = [
      times(1 / 4, n),
      times(1 / 2, n),
      times(2, n),
      times(4, n),
    ];
    const far = times(16);
    const shownBase = { arm: base, name: "peak x 1" };
    const below = [{ arm: quarter }, { arm: half }];
    const above = [{ arm: double }, { arm: four }, { arm: far }];
    return {
      arms: [base, quarter, half, double, four, far],
      claims: [
        {
          id: "too-high-knows-nobody",
          row: 5,
          statement: "With 16 times the regime's learning rate the model knows nobody in the end.",
          paper: ".83 (5.66 nats at 4 times the best)",
          quantity: "final loss as a share of L0, 16 times the regime's peak",
          rule: { above: 0.8 },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(far)),
        },
        {
          id: "learning-rate-optimum",
          row: 5,
          statement:
            "The best learning rate lies between a quarter of the regime's and four times it.",
          paper: "4e-4 of 1e-4 to 16e-4",
          quantity: "best final loss of x 1/2, 1 and 2 over the best of x 1/4 and 4",
          rule: { below: 1 },
          n,
          ratio: true,
          measure: (recordOf) => {
            const best = (...arms: Arm[]) =>
              Math.min(...arms.map((arm) => finalLoss(recordOf(arm))));
            return best(half, base, double) / best(quarter, four);
          },
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms: [...below, shownBase, ...above],
          ordered: true,
          caption: finding(results, "too-high-knows-nobody", {
            holds: "At far too high a rate nobody is known in the end.",
            "does not hold": "Even at 16 times the regime's rate people are known in the end.",
            undecided: "Undecided whether anybody is known in the end at 16 times the rate.",
          }),
        }),
      table: (results) =>
        armsTable(results, {
          arms: [shownBase, ...below, ...above],
          caption: `Peak learning rate, cosine to ${100 * regime.base.optimizer.floor} %`,
        }),
    };
  },
};
