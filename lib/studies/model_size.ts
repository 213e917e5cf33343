/**
 * Row 10: four times the parameters, each size at the rate that suits it.
 *
 * @module
 */

import { finalLoss, plateauEnd } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  finding,
  formerRegime,
  isFormer,
  type Study,
} from "../study/mod.ts";
import { kindArm, modelOf, PAPER_400M } from "./kinds.ts";
import { plateauRun } from "./regime.ts";

/** The regime's model and one of twice its width. */
export const modelSize: Study = {
  name: "model-size",
  title: "Model size",
  notebook: "01",
  question: "Do larger models leave the plateau earlier?",
  result: "Only slightly; they end at a lower loss.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const former = isFormer(regime);
    const base = kindArm(regime, "attention");
    const large: Arm = { ...kindArm(regime, "large"), ...(former ? { seeds: 1 } : {}) };
    // In the former regime plateaus had runs of their own, at a constant rate.
    const [basePlateau, largePlateau]: [Arm, Arm] = former
      ? [
        { name: "base, plateau", run: (seed) => plateauRun(regime, { seed }) },
        {
          name: "large, plateau",
          run: (seed) => plateauRun(regime, { seed, model: modelOf(regime, "large") }),
        },
      ]
      : [base, large];
    const largest = regime.scale === "paper"
      ? [{
        name: "largest",
        run: (seed: number) => regime.run({ seed, model: PAPER_400M }),
        seeds: 1,
      }]
      : [];
    const shownBase = { arm: base, name: "the regime's model" };
    const shownLarge = { arm: large, name: "x 4 parameters" };
    const shownLargest = largest.map((arm) => ({ arm, name: "400M parameters" }));
    return {
      arms: [...new Set([base, basePlateau, largePlateau, large]), ...largest],
      claims: [
        {
          id: "size-plateau",
          row: 10,
          statement: "Four times the parameters change the plateau's end by less than a quarter.",
          paper: ".91 (3.44k against 3.76k steps)",
          quantity: "plateau end, x 4 over x 1",
          rule: { between: [0.75, 1.25] },
          n: 3,
          ratio: true,
          measure: (recordOf) =>
            plateauEnd(recordOf(largePlateau)) / plateauEnd(recordOf(basePlateau)),
        },
        {
          id: "size-loss",
          row: 10,
          statement: "Four times the parameters end at a lower loss.",
          paper: ".19 (.0032 against .017 nats)",
          quantity: "final loss, x 4 over x 1",
          rule: { below: 1 },
          n: former ? 1 : 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(large)) / finalLoss(recordOf(base)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms: [shownBase, shownLarge, ...shownLargest],
          ordered: true,
          caption: finding(results, "size-plateau", {
            holds: "Four times the parameters change the plateau's end by less than a quarter.",
            "does not hold":
              "Four times the parameters change the plateau's end by more than a quarter.",
            undecided:
              "Undecided whether four times the parameters change the plateau's end by a quarter.",
          }),
        }),
      table: (results) =>
        armsTable(results, {
          arms: [
            shownBase,
            ...(former
              ? [
                { arm: basePlateau, name: "the regime's model, constant learning rate" },
                { arm: largePlateau, name: "x 4 parameters, constant learning rate" },
              ]
              : []),
            shownLarge,
            ...shownLargest,
          ],
          caption: "Model size",
        }),
    };
  },
};
