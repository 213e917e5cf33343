/**
 * Row 25: fine-tuning on new people while some old ones are seen again. How much of the old is
 * enough?
 *
 * @module
 */

import { replay } from "../generator/mod.ts";
import { type Arm, finding, formerRegime, type Regime, type Study } from "../study/mod.ts";
import { accuracies, newKnownAt, oldPeople, tunedRun } from "./fine_tuning.ts";
import { tuningFigure, tuningTable } from "./tuning_arms.ts";

/** New people: an eighth of the old ones. */
const NEW = 1 / 8;
/** Share of old people among those drawn. */
const SHARES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.94];

const newPeopleOf = (regime: Regime) => Math.round(NEW * oldPeople(regime));

/**
 * How often an old person is drawn for one draw of a new one.
 *
 * @example
 * ```ts
 * import { replayWeight } from "./replay.ts";
 * console.log(replayWeight("laptop", 0.5)); // each old person against each new one
 * ```
 */
export function replayWeight(regime: Regime, share: number): number {
  return share / (1 - share) * newPeopleOf(regime) / oldPeople(regime);
}

/** Fine-tuning with replay. */
export const replayStudy: Study = {
  name: "replay",
  title: "Fine-tuning with replay",
  notebook: "05",
  question: "How much replay of old people keeps them?",
  result:
    "With a third of old people the loss still collapses at first, but accuracy dips little and comes back; more replay slows down what is new.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const withShare = (share: number, seeds?: number): Arm & { share: number } => ({
      name: `old share ${share}`,
      share,
      run: (seed) =>
        tunedRun(regime, {
          seed,
          added: newPeopleOf(regime),
          ...(share === 0
            ? {}
            : { schedule: [{ people: replay(oldPeople(regime), replayWeight(regime, share)) }] }),
        }),
      seeds,
    });
    const none = withShare(0);
    const tenth = withShare(0.1);
    const fifth = withShare(0.2);
    const most = withShare(0.94);
    const headlines = [none, tenth, fifth, most];
    const others = SHARES.filter((share) => headlines.every((arm) => arm.share !== share))
      .map((share) => withShare(share, 1));
    const arms = [...headlines, ...regime.scale === "smoke" ? [] : others]
      .sort((a, b) => a.share - b.share);
    const nameOf = (share: number) => `${100 * share} % old people`;
    return {
      arms,
      claims: [
        {
          id: "replay-keeps",
          row: 25,
          statement: "With a fifth of old people nearly all that was known is kept.",
          paper: ".994 (old share .33)",
          quantity: "final old accuracy over that before tuning, old share .2",
          rule: { above: 0.95 },
          n: 3,
          measure: (recordOf) => {
            const { before, end } = accuracies(recordOf(fifth), "old");
            return end / before;
          },
        },
        {
          id: "replay-dips",
          row: 25,
          statement: "Even so, old accuracy dips at first.",
          paper: ".063 (.937 at worst, old share .33)",
          quantity: "old accuracy in the end minus at worst, old share .2",
          rule: { above: 0.02 },
          n: 3,
          measure: (recordOf) => {
            const { least, end } = accuracies(recordOf(fifth), "old");
            return end - least;
          },
        },
        {
          id: "replay-slows",
          row: 25,
          statement: "Much replay slows down the learning of new people.",
          paper: "new accuracy at step 1k .999 (share .33) and .20 (share .97)",
          quantity: "steps until new people are half known, old share .94 over .2",
          rule: { above: 1.5 },
          n: 3,
          measure: (recordOf) => newKnownAt(recordOf(most), 0.5) / newKnownAt(recordOf(fifth), 0.5),
        },
        {
          id: "little-replay-helps",
          row: null,
          statement: "A tenth of old people keeps twice the accuracy that none keeps.",
          paper: "not tested below .33",
          quantity: "final old accuracy, old share .1 over none",
          rule: { above: 2 },
          n: 3,
          measure: (recordOf) =>
            accuracies(recordOf(tenth), "old").end / accuracies(recordOf(none), "old").end,
        },
      ],
      figure: (results) =>
        tuningFigure(results, {
          arms: arms.map((arm) => ({ arm, name: nameOf(arm.share) })),
          caption: finding(results, "replay-keeps", {
            holds: "A fifth of old people among those drawn keeps nearly all that was known.",
            "does not hold":
              "A fifth of old people among those drawn does not keep nearly all that was known.",
            undecided: "Undecided whether a fifth of old people keeps nearly all that was known.",
          }),
        }),
      table: (results) =>
        tuningTable(results, {
          arms: arms.map((arm) => {
            const weight = Number(replayWeight(regime, arm.share).toPrecision(2));
            return { arm, name: `${nameOf(arm.share)} (weight ${weight} a person)` };
          }),
          caption: `${newPeopleOf(regime)} new people, replay of ${oldPeople(regime)}`,
        }),
    };
  },
};
