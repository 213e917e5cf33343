/**
 * Row 7: weight decay.
 *
 * @module
 */

import { armsFigure, armsTable } from "./arms.ts";
import { finalLoss, plateauEnd, plateauEndOrNever } from "./readings.ts";
import { regime } from "./regime.ts";
import { finding, gridOf, type Study } from "./study.ts";

const DECAYS = [0.01, 0.03, 0.3, 1] as const;
const name = (arm: string) => arm === "base" ? "decay 0.1 (the regime)" : arm;

/** Weight decay from .01 to 1. */
export const weightDecay: Study = {
  name: "weight-decay",
  title: "Weight decay",
  notebook: "01",
  question: "Does weight decay change how facts are learned?",
  result: "Little up to .1; strong decay lengthens the plateau and ends at a higher loss.",
  seeds: 3,
  grid: (options) =>
    gridOf(options, {
      base: { run: (seed) => regime(options.scale, { seed }) },
      ...Object.fromEntries(DECAYS.map((decay) => [`decay ${decay}`, {
        run: (seed: number) => regime(options.scale, { seed, optimizer: { decay } }),
        seeds: decay === 1 ? undefined : 1,
      }])),
    }),
  claims: [
    {
      id: "strong-decay-lengthens",
      row: 7,
      statement: "A weight decay of 1 lengthens the plateau.",
      paper: "longer at .3 and 1",
      quantity: "plateau end, decay 1 over decay .1",
      rule: { above: 1 },
      measure: (recordOf) => plateauEndOrNever(recordOf("decay 1")) / plateauEnd(recordOf("base")),
    },
    {
      id: "strong-decay-loss",
      row: 7,
      statement: "It ends at a higher loss.",
      paper: "6.8 (.115 against .017 nats)",
      quantity: "final loss, decay 1 over decay .1",
      rule: { above: 1 },
      measure: (recordOf) => finalLoss(recordOf("decay 1")) / finalLoss(recordOf("base")),
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      name,
      arms: ["decay 0.01", "decay 0.03", "base", "decay 0.3", "decay 1"],
      caption: finding(results, "strong-decay-lengthens", {
        holds: "A decay of 1 lengthens the plateau.",
        "does not hold": "Even a decay of 1 does not lengthen the plateau.",
        undecided: "Whether strong decay lengthens the plateau depends on the seed.",
      }),
    }),
  table: (results) => armsTable(results, { name, caption: "Weight decay" }),
};
