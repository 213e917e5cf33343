/**
 * Rows 19 and 21: warm-up on a few people, over how many people and for how many steps;
 * what it costs on everybody else while it lasts, and how fast that is made good.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, type Figure, heatmap, orderedColors, panels } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import {
  bandOf,
  finalAccuracy,
  finalLoss,
  finalShare,
  mean,
  meanText,
  plateauEnd,
  withMost,
} from "../readings/mod.ts";
import { type Arm, finding, perRegime, recordsOf, type Results, type Study } from "../study/mod.ts";
import { chosen, scheduledRun, scheduleSteps, tunedPeople, warmUpSetting } from "./schedules.ts";
import { listed, oneIn } from "./words.ts";

/** People as a share of all, few to many. */
const SHARES = [1 / 16, 1 / 8, 1 / 4, 1 / 2];
const GRIDS: Record<Scale, {
  shares: readonly number[];
  /** As shares of the steps. */
  lengths: readonly number[];
  /** The length whose switch is drawn, and which is compared in all seeds. */
  drawn: number;
}> = {
  smoke: { shares: [1 / 16, 1 / 4, 1 / 2], lengths: [1 / 16, 3 / 8], drawn: 3 / 8 },
  laptop: { shares: SHARES, lengths: [1 / 8, 1 / 4, 3 / 8], drawn: 1 / 4 },
  // The paper's 2k to 32k people, and 1 to 8 epochs of 500 steps.
  paper: {
    shares: [1 / 32, ...SHARES],
    lengths: [1 / 16, 1 / 8, 3 / 16, 1 / 4, 1 / 2],
    drawn: 3 / 16,
  },
};

/** An arm with its length. */
interface Cell extends Arm {
  length: number;
}

/** Warm-ups on so many people, one a length; one of them is compared in all seeds. */
interface Row {
  share: number;
  people: number;
  cells: readonly Cell[];
  compared: Cell;
}

const gridAt = perRegime((regime) => {
  const { shares, lengths, drawn } = GRIDS[regime.scale];
  const { rate } = chosen(regime, "warm-up");
  const rows = shares.map((share): Row => {
    const cells = lengths.map((length): Cell => {
      const setting = { ...warmUpSetting(share, length), rate };
      return {
        name: setting.name,
        length,
        run: (seed) => scheduledRun(regime, setting, { seed }),
        seeds: length === drawn ? undefined : 1,
      };
    });
    return {
      share,
      people: Math.round(share * tunedPeople(regime)),
      cells,
      compared: cells.find(({ length }) => length === drawn)!,
    };
  });
  return { lengths, rows, drawn };
});

/** Final accuracy of a cell, mean over its seeds; null where there is no record. */
function accuracyIn(results: Results, cell: Cell): number | null {
  const known = recordsOf(results, cell).map(finalAccuracy);
  return known.length > 0 ? mean(known) : null;
}

/** Which cell knows most. */
function bestCaption(results: Results, rows: readonly Row[]): string {
  const cells = rows.flatMap(({ people, cells }) => cells.map((cell) => ({ people, cell })));
  const best = withMost(cells, ({ cell }) => accuracyIn(results, cell) ?? NaN);
  if (!best) return "";
  const steps = Math.round(best.cell.length * scheduleSteps(results.regime));
  return `Most is known after ${steps} steps on ${best.people} people ` +
    `(${accuracyIn(results, best.cell)!.toFixed(2)}). `;
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
  in(regime) {
    const { lengths, rows, drawn } = gridAt(regime);
    const [inner, outer] = [rows.slice(1, -1), [rows[0]!, rows.at(-1)!]];
    const shares = (rows: readonly Row[]) => listed(rows.map(({ share }) => oneIn(share)));
    const stepsIn = (length: number) => Math.round(length * scheduleSteps(regime));
    return {
      arms: rows.flatMap(({ cells }) => cells),
      claims: [{
        id: "warm-up-optimum-inside",
        row: 21,
        statement: "The best warm-up has neither the fewest nor the most people.",
        paper: "inside the grid (64k people, 8k steps)",
        quantity:
          `best final loss of ${shares(inner)} of the people over that of ${shares(outer)}, ` +
          `${stepsIn(drawn)} steps`,
        rule: { below: 1 },
        n: 3,
        ratio: true,
        measure: (recordOf) => {
          const best = (rows: readonly Row[]) =>
            Math.min(...rows.map(({ compared }) => finalLoss(recordOf(compared))));
          return best(inner) / best(outer);
        },
      }],
      figure: (results) =>
        heatmap({
          title: "Final accuracy over all people",
          x: {
            title: "steps of warm-up",
            labels: lengths.map((length) => String(stepsIn(length))),
          },
          y: { title: "people in it", labels: rows.map(({ people }) => String(people)) },
          z: rows.map(({ cells }) => cells.map((cell) => accuracyIn(results, cell))),
          value: "share of values",
          caption: bestCaption(results, rows) +
            finding(results, "warm-up-optimum-inside", {
              holds: "Neither the fewest nor the most people are best. ",
              "does not hold": "The fewest or the most people are best. ",
              undecided: "Undecided whether the best number is neither the least nor the most. ",
              "no verdict": "Which number is best has no verdict yet. ",
            }) +
            `${tunedPeople(regime)} people, ${scheduleSteps(regime)} steps, held-out templates; ` +
            `${stepsIn(drawn)} steps of warm-up: mean over seeds, other lengths: seed 0.`,
        }),
      table: (results) =>
        table(
          rows.flatMap(({ people, cells }) =>
            cells.map((cell) => ({ ...cell, records: recordsOf(results, cell) }))
              .filter(({ records }) => records.length > 0)
              .map(({ length, records }) => ({
                people,
                steps: stepsIn(length),
                "plateau end (step)": meanText(records.map(plateauEnd)),
                "final loss / L0": meanText(records.map(finalShare)),
                "final accuracy": meanText(records.map(finalAccuracy)),
              }))
          ),
          { caption: "Warm-up: people and steps" },
        ),
    };
  },
};

/**
 * Loss on everybody during and after warm-ups of one length, a share of the steps.
 *
 * @example
 * ```ts
 * import { readResults, switchFigure, warmUpMap } from "factlab";
 * console.log(switchFigure(readResults(warmUpMap)).alt);
 * ```
 *
 * @throws {Error} for a length that the study does not have.
 */
export function switchFigure(
  results: Results,
  length: number = GRIDS[results.regime.scale].drawn,
): Figure {
  const { lengths, rows } = gridAt(results.regime);
  if (!lengths.includes(length)) {
    throw new Error(
      `Cannot draw a switch: length must be one of ${lengths.join(", ")}, got ${length}.`,
    );
  }
  const arms = rows.map(({ people, cells }) => ({
    people,
    records: cells.filter((cell) => cell.length === length)
      .flatMap((cell) => recordsOf(results, cell)),
  })).filter(({ records }) => records.length > 0);
  const end = Math.round(length * scheduleSteps(results.regime));
  const best = withMost(arms, ({ records }) => -mean(records.map(finalLoss)));
  return panels([
    curvesPlot({
      title: "attribute loss over all people",
      lines: arms.map(({ people, records }, i) => ({
        name: `${people} first`,
        color: orderedColors(arms.length)[i],
        ...bandOf(records, ({ sets }) => sets["held-out"].loss),
      })),
      x: { title: "training step", log: true },
      y: { title: "nats a value" },
      levels: arms[0] ? [{ y: arms[0].records[0]!.header.floor.loss, label: "knows nobody" }] : [],
      spans: [{ x0: 0, x1: end, label: "warm-up" }],
    }),
  ], {
    caption: (best
      ? `After ${end} steps of warm-up the loss ends lowest with ${best.people} people first. `
      : "") + "Held-out templates.",
  });
}
