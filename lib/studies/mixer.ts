/**
 * Row 9: attention against the recurrent block of Hawk, each at the rate that suits it.
 *
 * @module
 */

import { finalLoss, plateauEnd } from "../readings/mod.ts";
import { armsFigure, armsTable, finding, formerRegime, type Study } from "../study/mod.ts";
import { kindArm } from "./kinds.ts";

/** Attention or recurrence, at equal width. */
export const mixer: Study = {
  name: "mixer",
  title: "Attention or recurrence",
  notebook: "01",
  question: "Is the plateau a matter of attention?",
  result: "No: a recurrent model (Hawk) has one of about the same length.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const base = kindArm(regime, "attention");
    const recurrent = kindArm(regime, "recurrent");
    const arms = [
      { arm: base, name: "attention" },
      { arm: recurrent, name: "Hawk (RG-LRU)" },
    ];
    return {
      arms: [base, recurrent],
      claims: [
        {
          id: "recurrent-plateau",
          row: 9,
          statement: "A recurrent model has a plateau of about the same length.",
          paper: ".97 (3.63k against 3.76k steps)",
          quantity: "plateau end, Hawk over attention",
          rule: { between: [0.75, 1.25] },
          n: 3,
          ratio: true,
          measure: (recordOf) => plateauEnd(recordOf(recurrent)) / plateauEnd(recordOf(base)),
        },
        {
          id: "recurrent-loss",
          row: 9,
          statement: "A recurrent model ends at a lower loss.",
          paper: ".37 (.0063 against .017 nats)",
          quantity: "final loss, Hawk over attention",
          rule: { below: 1 },
          n: 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(recurrent)) / finalLoss(recordOf(base)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms,
          caption: finding(results, "recurrent-plateau", {
            holds: "Without any attention there is a plateau of about the same length.",
            "does not hold": "The recurrent model's plateau is not of about the same length.",
            undecided:
              "Undecided whether the recurrent model's plateau is of about the same length.",
          }),
        }),
      table: (results) => armsTable(results, { arms, caption: "Mixer, equal width" }),
    };
  },
};
