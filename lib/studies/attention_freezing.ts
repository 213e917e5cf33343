/**
 * Row 12: attention freezing. Attention patterns stay those of the model at some step while
 * everything else trains on: patching by a reference from where the run goes on.
 *
 * @module
 */

import { finalShare } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  finding,
  formerRegime,
  type ShownArm,
  type Study,
} from "../study/mod.ts";
import {
  patchedRun,
  type Reference,
  REFERENCE_COLORS,
  referencesBetween,
  referencesOf,
} from "./attention_patching.ts";
import { baseArm } from "./regime.ts";

/** Attention frozen from some step on. */
export const attentionFreezing: Study = {
  name: "attention-freezing",
  title: "Attention freezing",
  notebook: "02",
  question: "When is attention good enough to be left alone?",
  result:
    "Frozen during the first phase the model stays stuck; frozen after the plateau it loses little.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const base = baseArm(regime);
    const frozenAt = (name: string, share: number): Arm => ({
      name,
      run: (seed) => patchedRun(regime, { seed, reference: share, start: share }),
    });
    const frozen = (name: Reference) => frozenAt(name, referencesOf(regime)[name]);
    const between = referencesBetween(regime).map(({ name, share }) => frozenAt(name, share));
    // Frozen at the end there is nothing left to train.
    const [initial, statistics] = [frozen("initial"), frozen("statistics")];
    const [plateau, plateauEnds] = [frozen("plateau"), frozen("plateau end")];
    const colors = REFERENCE_COLORS;
    const arms: ShownArm[] = [
      { arm: base, name: "not frozen", color: colors.none },
      { arm: initial, name: "initial", color: colors.initial },
      { arm: statistics, name: "statistics", color: colors.statistics },
      { arm: plateau, name: "plateau", color: colors.plateau },
      { arm: plateauEnds, name: "plateau end", color: colors["plateau end"] },
      ...between.map((arm) => ({ arm, name: arm.name })),
    ];
    return {
      arms: arms.map(({ arm }) => arm),
      claims: [
        {
          id: "frozen-early-stuck",
          row: 12,
          statement: "With attention frozen in the first phase most is never learned.",
          paper: ".78 (5.3 nats, frozen at step 500)",
          quantity: "final loss as a share of L0, frozen in the statistics phase",
          rule: { above: 0.4 },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(statistics)),
        },
        {
          id: "frozen-late-fine",
          row: 12,
          statement: "Attention frozen at the plateau's end is good enough.",
          paper: ".011 (.072 nats, frozen at step 4k)",
          quantity: "final loss as a share of L0, frozen at the plateau's end",
          rule: { below: 0.1 },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(plateauEnds)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms,
          caption: finding(results, "frozen-late-fine", {
            holds: "Frozen at the plateau's end, attention is good enough.",
            "does not hold":
              "Attention that is frozen at the plateau's end is not good enough yet.",
            undecided: "Undecided whether attention at the plateau's end is good enough.",
          }),
        }),
      table: (results) => armsTable(results, { arms, caption: "When attention is frozen" }),
    };
  },
};
