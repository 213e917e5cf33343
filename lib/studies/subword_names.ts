/**
 * Beyond the paper: names and values of several tokens, which share their pieces with others. Are
 * there three phases, is the plateau longer, and does attention of a finished model remove it?
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { palette } from "../figures/mod.ts";
import {
  accuracyByName,
  finalLoss,
  meanText,
  plateauEnd,
  plateauEndOrNever,
  plateauIn,
} from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  captionOf,
  type Claim,
  costOf,
  finding,
  recordsOf,
  type Regime,
  type ShownArm,
  type Study,
} from "../study/mod.ts";
import type { RunInput, RunRecord } from "../trainer/mod.ts";
import { baseArm } from "./regime.ts";
import { knownWithStatistics } from "./three_phases.ts";

/** Sizes of vocabularies: a full name takes about six tokens, and about nine. */
const SUBWORDS = { some: 2048, few: 1024 } as const;

/** The regime's people and steps, in subwords. */
function inSubwords(regime: Regime, seed: number, subwords: number): RunInput {
  return regime.run({ seed, subwords, evaluation: { flow: 0, verified: 0 } });
}

/** Names of several tokens. */
export const subwordNames: Study = {
  name: "subword-names",
  title: "Names of several tokens",
  notebook: "02",
  question: "Are the phases the same where names and values are made of pieces that others share?",
  result: "Not in the paper, whose names and values are of few tokens each.",
  seeds: 3,
  in(regime) {
    const words = baseArm(regime);
    const some: Arm = {
      name: `${SUBWORDS.some} subwords`,
      run: (seed) => inSubwords(regime, seed, SUBWORDS.some),
    };
    const few: Arm = {
      name: `${SUBWORDS.few} subwords`,
      run: (seed) => inSubwords(regime, seed, SUBWORDS.few),
      seeds: 1,
    };
    const patched: Arm = {
      name: `${SUBWORDS.some} subwords, attention of the finished run`,
      run(seed) {
        const run = inSubwords(regime, seed, SUBWORDS.some);
        return { ...run, reference: { run, step: regime.base.steps } };
      },
    };
    const shown: ShownArm[] = [
      { arm: words, name: "words", color: palette.blue },
      { arm: some, color: palette.orange },
      { arm: few, color: palette.vermilion },
      { arm: patched, color: palette.green },
    ];
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    return {
      arms: [words, some, few, patched],
      claims: [
        {
          ...common,
          id: "subwords-statistics-first",
          statement:
            "With names of several tokens, too, the statistics are learned before anybody " +
            "is known.",
          quantity: "knowledge A' when the loss first comes within 5 % of L0, 2048 subwords",
          rule: { below: 0.02 },
          measure: (recordOf) => knownWithStatistics(recordOf(some)),
        },
        {
          ...common,
          id: "subwords-plateau",
          statement: "With names of several tokens there is a plateau, too.",
          quantity:
            "share of the steps to A' = 50 % with the loss in [.97, 1.06] L0, 2048 subwords",
          rule: { above: 0.25 },
          measure: (recordOf) => plateauIn(recordOf(some)).flat ?? NaN,
        },
        {
          ...common,
          id: "subwords-longer",
          statement:
            "With names of several tokens the plateau ends later than where every word is " +
            "one token.",
          quantity: "plateau end, 2048 subwords over words",
          rule: { above: 1.1 },
          ratio: true,
          measure: (recordOf) => plateauEndOrNever(recordOf(some)) / plateauEnd(recordOf(words)),
        },
        {
          ...common,
          id: "subwords-patching",
          statement:
            "With names of several tokens, too, attention of the finished model ends the " +
            "plateau in less than half the steps.",
          quantity: "plateau end, patched over not patched, 2048 subwords",
          rule: { below: 0.5 },
          ratio: true,
          // One that never ends is taken as ending with its run.
          measure: (recordOf) =>
            plateauEndOrNever(recordOf(patched)) /
            Math.min(plateauEndOrNever(recordOf(some)), regime.base.steps),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms: shown,
          caption: captionOf([
            finding(results, "subwords-longer", {
              holds: "Where names and values are of several tokens, the plateau is longer.",
              "does not hold":
                "Where names and values are of several tokens, the plateau is hardly longer.",
              undecided:
                "Undecided whether the plateau is longer where names are of several tokens.",
            }),
            finding(results, "subwords-patching", {
              holds: "Attention of the finished model more than halves it here.",
              "does not hold": "Attention of the finished model does not halve it here.",
              undecided: "Undecided whether attention of the finished model halves it here.",
            }),
          ]),
        }),
      table: (results) =>
        table(
          shown.map(({ arm, name = arm.name }) => {
            const records = recordsOf(results, arm);
            return {
              tokens: name,
              n: records.length,
              "tokens of a biography": tokensOf(records),
              "plateau end (step)": meanText(records.map(plateauEndOrNever)),
              "final loss": meanText(records.map(finalLoss)),
              "final accuracy by the name alone": meanText(records.map(accuracyByName)),
            };
          }),
          { caption: "The same people, biographies and steps; held-out templates" },
        ),
    };
  },
};

/** Mean tokens of a biography. */
function tokensOf([record]: readonly RunRecord[]): string {
  return record ? costOf(record.header.configuration).tokens.toFixed(0) : "–";
}
