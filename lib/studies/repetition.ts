/**
 * Beyond the paper: does it shorten the plateau to say the name in every sentence, or to tell more of
 * a person at once? Repetition in context is known to speed up sparse attention (Zucchet et al. 2025,
 * arXiv 2505.17863).
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { orderedColors, palette } from "../figures/mod.ts";
import {
  accuracyByName,
  finalLoss,
  meanText,
  plateauEnd,
  plateauEndOrNever,
} from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  captionOf,
  type Claim,
  finding,
  recordsOf,
  type Regime,
  type Study,
} from "../study/mod.ts";
import { baseArm } from "./regime.ts";

/** Sentences of a biography where nothing else is said. */
const SENTENCES = 6;

/** As many facts a step as in the regime, whatever a biography tells. */
function told(
  regime: Regime,
  name: string,
  { sentences = SENTENCES, named = sentences }: { sentences?: number; named?: number },
): Arm {
  const batch = regime.base.batch * SENTENCES / sentences;
  return {
    name,
    run: (seed) =>
      regime.run({
        seed,
        ...(sentences < SENTENCES ? { sentences, batch } : {}),
        ...(named < sentences ? { named } : {}),
        evaluation: { flow: 0, verified: 0 },
      }),
  };
}

/** The name said once or often; one fact told at once, or six. */
export const repetition: Study = {
  name: "repetition",
  title: "Said once or often",
  notebook: "02",
  question: "Is the plateau shorter where a biography says the name more often, or tells more?",
  result:
    "Not in the paper. In 2505.17863 repetition in context makes sparse attention emerge earlier.",
  seeds: 3,
  in(regime) {
    const base = baseArm(regime);
    const once = told(regime, "6 sentences, name in the first", { named: 1 });
    const thrice = told(regime, "6 sentences, name in three", { named: 3 });
    const three = told(regime, "3 sentences", { sentences: 3 });
    const one = told(regime, "1 sentence", { sentences: 1 });
    const arms = [one, three, base, thrice, once];
    const [least, less, most] = orderedColors(3);
    const shown = [
      { arm: one, color: least },
      { arm: three, color: less },
      { arm: base, name: "6 sentences, name in all", color: most },
      { arm: thrice, color: palette.orange },
      { arm: once, color: palette.vermilion },
    ];
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    const longer = (
      id: string,
      statement: string,
      arm: Arm,
      than: Arm,
      words: string,
    ): Claim => ({
      ...common,
      id,
      statement,
      quantity: `steps to the plateau's end, as many facts a step, ${words}`,
      rule: { above: 1.25 },
      ratio: true,
      measure: (recordOf) => plateauEndOrNever(recordOf(arm)) / plateauEnd(recordOf(than)),
    });
    return {
      arms,
      claims: [
        longer(
          "named-once-longer",
          "Where the name is said once, the plateau is longer.",
          once,
          base,
          "name in the first sentence over name in all six",
        ),
        longer(
          "one-sentence-longer",
          "Where biographies tell one fact each, the plateau takes more facts.",
          one,
          base,
          "one sentence over six",
        ),
        {
          ...common,
          id: "named-once-knows-as-much",
          statement: "A name said once in a biography is enough to be known by it in the end.",
          quantity: "final accuracy by the name alone, name once minus name in all six sentences",
          rule: { above: -0.05 },
          measure: (recordOf) => accuracyByName(recordOf(once)) - accuracyByName(recordOf(base)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms: shown,
          caption: captionOf([
            finding(results, "named-once-longer", {
              holds: "Where the name is said once, the plateau is longer.",
              "does not hold": "Where the name is said once, the plateau is not much longer.",
              undecided: "Undecided whether the plateau is longer where the name is said once.",
            }),
            finding(results, "one-sentence-longer", {
              holds: "Where biographies tell one fact each, the plateau takes more facts.",
              "does not hold":
                "Where biographies tell one fact each, the plateau takes not many more facts.",
              undecided:
                "Undecided whether the plateau takes more facts where biographies tell one each.",
            }),
            "As many facts a step in all.",
          ]),
        }),
      table: (results) =>
        table(
          shown.map(({ arm, name = arm.name }) => {
            const records = recordsOf(results, arm);
            return {
              biographies: name,
              n: records.length,
              "plateau end (step)": meanText(records.map(plateauEndOrNever)),
              "final loss": meanText(records.map(finalLoss)),
              "final accuracy by the name alone": meanText(records.map(accuracyByName)),
            };
          }),
          { caption: "As many facts a step in all; held-out templates" },
        ),
    };
  },
};
