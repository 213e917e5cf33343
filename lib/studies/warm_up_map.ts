/**
 * Rows 19 and 21: warm-up on a few people, over how many people and for how many steps;
 * what it costs on everybody else while it lasts, and how fast that is made good.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, type Figure, heatmap, orderedColors, panels } from "../figures/mod.ts";
import { bandOf, finalAccuracy, finalLoss, finalShare, meanText, plateauEnd } from "./readings.ts";
import { stepsOf, thinned } from "./regime.ts";
import { chosen, scheduledRun, tunedPeople, warmUpSetting } from "./schedules.ts";
import { gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** People as a share of all, and length as a share of the steps. */
const PEOPLE = [1 / 16, 1 / 8, 1 / 4, 1 / 2] as const;
const LENGTHS = [1 / 16, 1 / 8, 1 / 4, 3 / 8] as const;

/** The cell that was best in seed 0; it and the one that others compare with have all seeds. */
const BEST = warmUpSetting(1 / 4, 3 / 8).name;

const armOf = (share: number, length: number) => warmUpSetting(share, length).name;

/** Final accuracy of a cell; null where there is no record. */
function cell(results: Results, share: number, length: number): number | null {
  const [record] = recordsOf(results, armOf(share, length));
  return record ? finalAccuracy(record) : null;
}

/** Warm-up on a few people: how many, how long. */
export const warmUpMap: Study = {
  name: "warm-up-map",
  title: "Warm-up on a few people",
  notebook: "03",
  question: "On how many people should a model be warmed up, and for how long?",
  result:
    "An eighth of the people for a fifth of the steps; fewer or more of either are worse (64k people, 8k steps).",
  seeds: 3,
  grid: (options) =>
    gridOf(
      options,
      Object.fromEntries(
        thinned(options.scale, PEOPLE).flatMap((share) =>
          thinned(options.scale, LENGTHS).map((length) => [armOf(share, length), {
            run: (seed: number) =>
              scheduledRun(options.scale, warmUpSetting(share, length), { seed }),
            seeds: [BEST, chosen("warm-up").name].includes(armOf(share, length)) ? undefined : 1,
          }])
        ),
      ),
    ),
  claims: [{
    id: "warm-up-optimum-inside",
    row: 21,
    statement: "The best warm-up has neither the fewest nor the most people.",
    paper: "inside the grid (64k people, 8k steps)",
    quantity: "best final loss of 1/8 and 1/4 of the people over that of 1/16 and 1/2",
    rule: { below: 1 },
    measure: (recordOf) => {
      const best = (shares: readonly number[]) =>
        Math.min(
          ...shares.flatMap((share) => LENGTHS.map((l) => finalLoss(recordOf(armOf(share, l))))),
        );
      return best(PEOPLE.slice(1, 3)) / best([PEOPLE[0], PEOPLE[3]]);
    },
  }],
  figure: (results) => {
    const { scale } = results;
    const shares = thinned(scale, PEOPLE);
    const lengths = thinned(scale, LENGTHS);
    return heatmap({
      title: "Final accuracy over all people",
      x: {
        title: "steps of warm-up",
        labels: lengths.map((length) => String(Math.round(length * stepsOf(scale)))),
      },
      y: {
        title: "people in it",
        labels: shares.map((share) => String(Math.round(share * tunedPeople(scale)))),
      },
      z: shares.map((share) => lengths.map((length) => cell(results, share, length))),
      value: "share of values",
      caption: `${tunedPeople(scale)} people, ${stepsOf(scale)} steps, held-out templates, ` +
        "one seed.",
    });
  },
  table: (results) =>
    table(
      PEOPLE.flatMap((share) =>
        LENGTHS.map((length) => ({ length, records: recordsOf(results, armOf(share, length)) }))
          .filter(({ records }) => records.length > 0)
          .map(({ length, records }) => ({
            people: Math.round(share * tunedPeople(results.scale)),
            steps: Math.round(length * stepsOf(results.scale)),
            "plateau end (step)": meanText(records.map(plateauEnd)),
            "final loss / L0": meanText(records.map(finalShare)),
            "final accuracy": meanText(records.map(finalAccuracy)),
          }))
      ),
      { caption: "Warm-up: people and steps" },
    ),
};

/**
 * Loss on everybody during and after warm-ups of one length.
 *
 * @example
 * ```ts
 * import { readResults } from "./study.ts";
 * import { switchFigure, warmUpMap } from "./warm_up_map.ts";
 * console.log(switchFigure(readResults(warmUpMap)).alt);
 * ```
 */
export function switchFigure(
  results: Results,
  length: number = LENGTHS[results.scale === "smoke" ? 3 : 2],
): Figure {
  const arms = PEOPLE.map((share) => ({
    share,
    records: recordsOf(results, armOf(share, length)).slice(0, 1),
  })).filter(({ records }) => records.length > 0);
  const end = Math.round(length * stepsOf(results.scale));
  return panels([
    curvesPlot({
      title: "attribute loss over all people",
      lines: arms.map(({ share, records }, i) => ({
        name: `${Math.round(share * tunedPeople(results.scale))} people first`,
        color: orderedColors(arms.length)[i],
        ...bandOf(records, ({ sets }) => sets["held-out"]!.loss),
      })),
      x: { title: "training step", log: true },
      y: { title: "nats a value" },
      levels: arms[0] ? [{ y: arms[0].records[0]!.header.floor.loss, label: "knows nobody" }] : [],
      spans: [{ x0: Math.min(10, end), x1: end, label: "warm-up" }],
    }),
  ], { caption: `Warm-up of ${end} steps, one seed, held-out templates.` });
}
