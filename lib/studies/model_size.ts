/**
 * Row 10: four times the parameters.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import type { ModelConfiguration } from "../model/mod.ts";
import { configure } from "../trainer/mod.ts";
import { armsFigure, armsTable } from "./arms.ts";
import { finalLoss, plateauEnd } from "./readings.ts";
import { plateauRun, regime } from "./regime.ts";
import { finding, gridOf, type Study } from "./study.ts";

/** Twice the width and heads: four times the parameters of the blocks. */
export function largerModel(scale: Scale): Partial<ModelConfiguration> {
  const { width, heads, mlp } = configure({ scale }).model;
  return { width: 2 * width, heads: 2 * heads, mlp: 2 * mlp };
}

const NAMES: Record<string, string> = {
  base: "the regime's model",
  large: "x 4 parameters",
  "base, plateau": "the regime's model, constant learning rate",
  "large, plateau": "x 4 parameters, constant learning rate",
};
const name = (arm: string) => NAMES[arm] ?? arm;

/** The regime's model and one of twice its width. */
export const modelSize: Study = {
  name: "model-size",
  title: "Model size",
  notebook: "01",
  question: "Do larger models leave the plateau earlier?",
  result: "Only slightly; they end at a lower loss.",
  seeds: 3,
  grid: (options) => {
    const { scale } = options;
    const model = largerModel(scale);
    return gridOf(options, {
      base: { run: (seed) => regime(scale, { seed }) },
      "base, plateau": { run: (seed) => plateauRun(scale, { seed }) },
      "large, plateau": { run: (seed) => plateauRun(scale, { seed, model }) },
      large: { run: (seed) => regime(scale, { seed, model }), seeds: 1 },
    });
  },
  claims: [
    {
      id: "size-plateau",
      row: 10,
      statement: "Four times the parameters change the plateau's end by less than a quarter.",
      paper: ".91 (3.44k against 3.76k steps)",
      quantity: "plateau end, x 4 over x 1",
      rule: { between: [0.75, 1.25] },
      measure: (recordOf) =>
        plateauEnd(recordOf("large, plateau")) / plateauEnd(recordOf("base, plateau")),
    },
    {
      id: "size-loss",
      row: 10,
      statement: "The larger model ends at a lower loss.",
      paper: ".19 (.0032 against .017 nats)",
      quantity: "final loss, x 4 over x 1",
      rule: { below: 1 },
      measure: (recordOf) => finalLoss(recordOf("large")) / finalLoss(recordOf("base")),
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      name,
      arms: ["base", "large"],
      caption: finding(results, "size-plateau", {
        holds: "Four times the parameters hardly change when the plateau ends.",
        "does not hold":
          "Four times the parameters change the plateau's end by more than a quarter.",
        undecided: "Four times the parameters change the plateau's end in some seeds.",
      }),
    }),
  table: (results) => armsTable(results, { name, caption: "Model size" }),
};
