/**
 * Row 7: weight decay.
 *
 * @module
 */

import { finalLoss, plateauEnd, plateauEndOrNever } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  finding,
  formerRegime,
  type Study,
} from "../study/mod.ts";
import { baseArm } from "./regime.ts";

/** Weight decay from .01 to 1. */
export const weightDecay: Study = {
  name: "weight-decay",
  title: "Weight decay",
  notebook: "01",
  question: "Does weight decay change how facts are learned?",
  result: "Little up to .1; strong decay lengthens the plateau and ends at a higher loss.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const decayed = (decay: number, seeds?: number): Arm => ({
      name: `decay ${decay}`,
      run: (seed) => regime.run({ seed, optimizer: { decay } }),
      seeds,
    });
    const base = baseArm(regime);
    const weaker = [decayed(0.01, 1), decayed(0.03, 1)];
    const stronger = decayed(0.3, 1);
    const strong = decayed(1);
    const shownBase = { arm: base, name: "decay 0.1" };
    const below = weaker.map((arm) => ({ arm }));
    const above = [{ arm: stronger }, { arm: strong }];
    return {
      arms: [base, ...weaker, stronger, strong],
      claims: [
        {
          id: "strong-decay-lengthens",
          row: 7,
          statement: "A weight decay of 1 lengthens the plateau.",
          paper: "longer at .3 and 1",
          quantity: "plateau end, decay 1 over decay .1",
          rule: { above: 1 },
          n: 3,
          ratio: true,
          measure: (recordOf) => plateauEndOrNever(recordOf(strong)) / plateauEnd(recordOf(base)),
        },
        {
          id: "strong-decay-loss",
          row: 7,
          statement: "A weight decay of 1 ends at a higher loss.",
          paper: "6.8 (.115 against .017 nats)",
          quantity: "final loss, decay 1 over decay .1",
          rule: { above: 1 },
          n: 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(strong)) / finalLoss(recordOf(base)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms: [...below, shownBase, ...above],
          ordered: true,
          caption: finding(results, "strong-decay-lengthens", {
            holds: "A decay of 1 lengthens the plateau.",
            "does not hold": "Even a decay of 1 does not lengthen the plateau.",
            undecided: "Undecided whether a decay of 1 lengthens the plateau.",
          }),
        }),
      table: (results) =>
        armsTable(results, { arms: [shownBase, ...below, ...above], caption: "Weight decay" }),
    };
  },
};
