/**
 * Row 5: the peak learning rate.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { configure } from "../trainer/mod.ts";
import { armsFigure, armsTable } from "./arms.ts";
import { finalLoss, finalShare, meanText, statisticsEnd } from "./readings.ts";
import { regime, stepsOf } from "./regime.ts";
import { finding, gridOf, recordsOf, type Study } from "./study.ts";

/** Multiples of the regime's peak; the largest is a headline. */
const MULTIPLES = [1 / 4, 1 / 2, 2, 4, 16] as const;

const peak = (scale: Scale) => configure(regime(scale)).optimizer.lr;
const name = (arm: string) => arm === "base" ? "peak x 1 (the regime)" : arm;

/** Peak learning rates around the regime's. */
export const learningRate: Study = {
  name: "learning-rate",
  title: "Peak learning rate",
  notebook: "01",
  question: "How much does the plateau depend on the learning rate?",
  result: "There is an optimum; far above it, the model never leaves the plateau.",
  seeds: 3,
  grid: (options) =>
    gridOf(options, {
      base: { run: (seed) => regime(options.scale, { seed }) },
      ...Object.fromEntries(MULTIPLES.map((multiple) => [`peak x ${multiple}`, {
        run: (seed: number) =>
          regime(options.scale, { seed, optimizer: { lr: multiple * peak(options.scale) } }),
        seeds: multiple === 16 ? undefined : 1,
      }])),
    }),
  claims: [
    {
      id: "too-high-knows-nobody",
      row: 5,
      statement: "With 16 times the regime's learning rate the model knows nobody in the end.",
      paper: ".83 (5.66 nats at 4 times the best)",
      quantity: "final loss as a share of L0, 16 times the regime's peak",
      rule: { above: 0.8 },
      measure: (recordOf) => finalShare(recordOf("peak x 16")),
    },
    {
      id: "learning-rate-optimum",
      row: 5,
      statement: "The best learning rate lies between a quarter of the regime's and four times it.",
      paper: "4e-4 of 1e-4 to 16e-4",
      quantity: "best final loss of x 1/2, 1 and 2 over the best of x 1/4 and 4",
      rule: { below: 1 },
      measure: (recordOf) => {
        const best = (arms: string[]) => Math.min(...arms.map((arm) => finalLoss(recordOf(arm))));
        return best(["peak x 0.5", "base", "peak x 2"]) / best(["peak x 0.25", "peak x 4"]);
      },
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      name,
      arms: ["peak x 0.25", "peak x 0.5", "base", "peak x 2", "peak x 4", "peak x 16"],
      caption: finding(results, "too-high-knows-nobody", {
        holds: "At far too high a rate nobody is known in the end: the loss only comes near the " +
          `no-knowledge line at step ${
            meanText(recordsOf(results, "peak x 16").map(statisticsEnd))
          } of ${stepsOf(results.scale)}.`,
        "does not hold": "Even at 16 times the regime's rate people are known in the end.",
        undecided: "At 16 times the regime's rate some runs know nobody in the end.",
      }),
    }),
  table: (results) => armsTable(results, { name, caption: "Peak learning rate, cosine to 1 %" }),
};
