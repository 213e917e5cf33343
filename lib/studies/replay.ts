/**
 * Row 25: fine-tuning on new people while some old ones are seen again. How much of the old is
 * enough?
 *
 * @module
 */

import { replay, type Scale } from "../generator/mod.ts";
import { type Arm, finding, type Regime, type Study } from "../study/mod.ts";
import { accuracies, newKnownAt, oldPeople, tunedRun } from "./fine_tuning.ts";
import { tuningFigure, tuningTable } from "./tuning_arms.ts";
import { oneIn } from "./words.ts";

/** New people, as a share of the old ones: the paper's 4k of 64k. */
const NEW: Record<Scale, number> = { smoke: 1 / 8, laptop: 1 / 8, paper: 1 / 16 };

/** How many new people replay is tried with. */
export function newPeopleOf(regime: Regime): number {
  return Math.round(NEW[regime.scale] * oldPeople(regime));
}

/** How much of the old is seen again. */
interface Replay {
  name: string;
  /** Share of old people among those drawn. */
  share: number;
  /** Draws of an old person for one of a new one. */
  weight: number;
}

/** What is tried in a regime: what claims are about, and others. The paper's are weights a person. */
function replaysOf(regime: Regime) {
  const byShare = (share: number): Replay => ({
    name: `old share ${share}`,
    share,
    weight: replayWeight(regime, share),
  });
  const byWeight = (weight: number): Replay => ({
    name: `weight ${weight < 1 ? oneIn(weight) : weight}`,
    share: weight / (weight + NEW[regime.scale]),
    weight,
  });
  const claimed = { none: byShare(0), tenth: byShare(0.1) };
  return regime.scale === "paper"
    ? {
      ...claimed,
      ...{ some: byWeight(1 / 32), most: byWeight(1), inWords: "a third" },
      others: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 2].map(byWeight),
    }
    : {
      ...claimed,
      ...{ some: byShare(0.2), most: byShare(0.94), inWords: "a fifth" },
      others: regime.scale === "smoke" ? [] : [0.01, 0.02, 0.05, 0.5, 0.8].map(byShare),
    };
}

/**
 * How often an old person is drawn for one draw of a new one.
 *
 * @example
 * ```ts
 * import { regimeOf, replayWeight } from "factlab";
 * console.log(replayWeight(regimeOf("laptop"), 0.5)); // .125, with eight old people for a new one
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
  in(regime) {
    const armOf = (own: Replay, seeds?: number): Arm & Replay => ({
      ...own,
      run: (seed) =>
        tunedRun(regime, {
          seed,
          added: newPeopleOf(regime),
          ...(own.weight === 0
            ? {}
            : { schedule: [{ people: replay(oldPeople(regime), own.weight) }] }),
        }),
      seeds,
    });
    const replays = replaysOf(regime);
    const [none, tenth] = [armOf(replays.none), armOf(replays.tenth)];
    const [some, most] = [armOf(replays.some), armOf(replays.most)];
    const arms = [none, tenth, some, most, ...replays.others.map((own) => armOf(own, 1))]
      .sort((a, b) => a.share - b.share);
    const nameOf = ({ share }: Replay) => `${Math.round(100 * share)} % old people`;
    const shareText = ({ share }: Replay) => share.toPrecision(2).replace(/^0|0$/g, "");
    const { inWords } = replays;
    return {
      arms,
      claims: [
        {
          id: "replay-keeps",
          row: 25,
          statement: `With ${inWords} of old people nearly all that was known is kept.`,
          paper: ".994 (old share .33)",
          quantity: `final old accuracy over that before tuning, old share ${shareText(some)}`,
          rule: { above: 0.95 },
          atPaper: { rule: { above: 0.98 } },
          n: 3,
          measure: (recordOf) => {
            const { before, end } = accuracies(recordOf(some), "old");
            return end / before;
          },
        },
        {
          id: "replay-dips",
          row: 25,
          statement: `Even with ${inWords} of old people, old accuracy dips at first.`,
          paper: ".057 (.937 at worst, .994 in the end, old share .33)",
          quantity: `old accuracy in the end minus at worst, old share ${shareText(some)}`,
          rule: { above: 0.02 },
          atPaper: { rule: { above: 0.03 } },
          n: 3,
          measure: (recordOf) => {
            const { least, end } = accuracies(recordOf(some), "old");
            return end - least;
          },
        },
        {
          id: "replay-slows",
          row: 25,
          statement: "Much replay slows down the learning of new people.",
          paper: "new accuracy at step 1k .999 (share .33) and .20 (share .97)",
          quantity: `steps until new people are half known, old share ${shareText(most)} over ${
            shareText(some)
          }`,
          rule: { above: 1.5 },
          atPaper: {
            paper: "new accuracy at step 1k .999 (share .33) and .36 (share .94)",
            rule: { above: 2 },
          },
          n: 3,
          measure: (recordOf) => newKnownAt(recordOf(most), 0.5) / newKnownAt(recordOf(some), 0.5),
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
          arms: arms.map((arm) => ({ arm, name: nameOf(arm) })),
          caption: finding(results, "replay-keeps", {
            holds: `${
              inWords.replace("a", "A")
            } of old people among those drawn keeps nearly all that was known.`,
            "does not hold": `${
              inWords.replace("a", "A")
            } of old people among those drawn does not keep nearly all that was known.`,
            undecided:
              `Undecided whether ${inWords} of old people keeps nearly all that was known.`,
          }),
        }),
      table: (results) =>
        tuningTable(results, {
          arms: arms.map((arm) => {
            const weight = Number(arm.weight.toPrecision(2));
            return { arm, name: `${nameOf(arm)} (weight ${weight} a person)` };
          }),
          caption: `${newPeopleOf(regime)} new people, replay of ${oldPeople(regime)}`,
        }),
    };
  },
};
