/**
 * Rows 24 and 27: fine-tuning on people the model has never met, without replay. What becomes of
 * the old ones, and of attention?
 *
 * @module
 */

import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import {
  accuracies,
  groupOf,
  newKnownAt,
  oldAccuracyAt,
  oldPeople,
  tunedRun,
  tunedSteps,
} from "./fine_tuning.ts";
import { bandOf, seedCount } from "./readings.ts";
import { thinned } from "./regime.ts";
import { finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";
import { tuningFigure, tuningTable } from "./tuning_arms.ts";

/** New people as shares of the old ones. */
const SHARES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2] as const;

const armOf = (share: number) => `1 new person for ${1 / share} old`;
const count = (scale: Scale, share: number) => Math.round(share * oldPeople(scale));
const ARMS = SHARES.map(armOf);
/** The same with the optimiser's moments of the finished run instead of fresh ones. */
const KEPT = { share: SHARES[2], arm: `${armOf(SHARES[2])}, moments kept` };
const nameIn = (scale: Scale) => (arm: string) =>
  arm === KEPT.arm
    ? `${count(scale, KEPT.share)} new people, moments kept`
    : `${count(scale, SHARES[ARMS.indexOf(arm)]!)} new people`;

/** Attention to names in a layer, counted from the end if negative. */
function toNames({ attention }: Measurement, layer: number): number | undefined {
  const own = attention?.layers.at(layer);
  return own && own.ownName + own.earlierNames;
}

/** Largest change of the last layer's attention to names while tuning. */
function attentionMoved({ measurements }: RunRecord): number {
  const masses = measurements.flatMap((m) => toNames(m, -1) ?? []);
  return Math.max(...masses.map((mass) => Math.abs(mass - masses[0]!)));
}

/** Fine-tuning on new people alone. */
export const newPeople: Study = {
  name: "new-people",
  title: "Fine-tuning on new people",
  notebook: "05",
  question: "Can a model learn new people without forgetting the old ones?",
  result:
    "No: before it knows the new ones it has lost the old ones, the more of them the more new ones there are; attention hardly changes.",
  seeds: 3,
  grid: (options) => {
    const { scale } = options;
    return gridOf(options, {
      ...Object.fromEntries(
        thinned(scale, SHARES).map((share) => [armOf(share), {
          run: (seed: number) => tunedRun(scale, { seed, added: count(scale, share) }),
        }]),
      ),
      [KEPT.arm]: {
        run: (seed) => tunedRun(scale, { seed, added: count(scale, KEPT.share), moments: "kept" }),
        seeds: 1,
      },
    });
  },
  claims: [
    {
      id: "old-falls-first",
      row: 24,
      statement: "Old people are lost before new ones are known.",
      paper: "8k new: old from 1 to .34 while new reach .2",
      quantity: "fall of old accuracy when new accuracy reaches 20 % (128 new people)",
      rule: { above: 0.3 },
      measure: (recordOf) => {
        const record = recordOf(armOf(1 / 4));
        return accuracies(record, "old").before - oldAccuracyAt(record, newKnownAt(record, 0.2));
      },
    },
    {
      id: "more-new-deeper",
      row: 24,
      statement: "The more new people, the more of the old ones is lost.",
      paper: ".38 (.47 with 1k new, .09 with 16k)",
      quantity: "final old accuracy, 16 minus 256 new people",
      rule: { above: 0.1 },
      measure: (recordOf) =>
        accuracies(recordOf(ARMS[0]!), "old").end - accuracies(recordOf(ARMS.at(-1)!), "old").end,
    },
    {
      id: "new-people-hallucinated",
      row: 24,
      statement: "At first the model is sure and wrong about the new people.",
      paper: "2.4 (16.1 nats)",
      quantity: "loss on new people before tuning, share of L0 (256 new people)",
      rule: { above: 1.5 },
      measure: (recordOf) => {
        const { measurements, header } = recordOf(ARMS.at(-1)!);
        return groupOf(measurements[0]!, "new").loss / header.floor.loss;
      },
    },
    {
      id: "recovery-without-replay",
      row: 24,
      statement: "Part of the collapse is made good although no old person is seen again.",
      paper: ".073 (.047 at step 375 to .12 at 2k, 16k new)",
      quantity: "largest old accuracy after its least minus the least (256 new people)",
      rule: { above: 0.02 },
      measure: (recordOf) => {
        const old = recordOf(ARMS.at(-1)!).measurements.map((m) => groupOf(m, "old").accuracy);
        const least = Math.min(...old);
        return Math.max(...old.slice(old.indexOf(least))) - least;
      },
    },
    {
      id: "attention-stays",
      row: 27,
      statement: "The last layer's attention to names hardly changes while tuning.",
      paper: "almost flat in late layers",
      quantity: "largest change of the last layer's mass on names (64 new people)",
      rule: { below: 0.1 },
      measure: (recordOf) => attentionMoved(recordOf(armOf(1 / 8))),
    },
  ],
  figure: (results) =>
    tuningFigure(results, {
      arms: ARMS,
      name: nameIn(results.scale),
      caption: finding(results, "old-falls-first", {
        holds: "Old people are lost before new ones are known.",
        "does not hold": "Old people are lost while new ones are learned, most of them not before.",
        undecided: "In some seeds old people are lost before new ones are known.",
      }),
    }),
  table: (results) =>
    tuningTable(results, {
      arms: [...ARMS, KEPT.arm],
      name: nameIn(results.scale),
      caption: `Tuning on new people alone; ${oldPeople(results.scale)} old people`,
    }),
};

/**
 * Row 27: every layer's attention to names while tuning.
 *
 * @example
 * ```ts
 * import { newPeople, tuningAttentionFigure } from "./new_people.ts";
 * import { readResults } from "./study.ts";
 * console.log(tuningAttentionFigure(readResults(newPeople)).alt);
 * ```
 */
export function tuningAttentionFigure(
  results: Results,
  share: number = results.scale === "smoke" ? SHARES[0] : SHARES[2],
): Figure {
  const records = recordsOf(results, armOf(share));
  const layers = records[0]?.header.configuration.model.layers ?? 0;
  return panels([curvesPlot({
    title: "attention from a value's place to names",
    lines: Array.from({ length: layers }, (_, layer) => ({
      name: `layer ${layer + 1}`,
      color: orderedColors(layers)[layer],
      ...bandOf(records, (m) => toNames(m, layer), tunedSteps(records[0]!)),
    })),
    x: { title: "steps of tuning", log: true },
    y: { title: "share of attention", range: [0, 1] },
  })], {
    caption:
      `${count(results.scale, share)} new people, ${seedCount(records.length)}; old and new ` +
      "people's biographies.",
  });
}
