/**
 * Row 13: where patching starts against where its reference is from. One seed.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { heatmap } from "../figures/mod.ts";
import { finalLoss, finalShare, mean } from "../readings/mod.ts";
import {
  type Arm,
  finding,
  formerRegime,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import { patchedRun, REFERENCES } from "./attention_patching.ts";

const STARTS = ["initial", "statistics", "plateau", "plateau end"] as const;
const FROM = ["statistics", "plateau", "plateau end", "final"] as const;

/** Final loss of a cell; null where there is no record. */
function cell(results: Results, arm: Arm): number | null {
  const [record] = recordsOf(results, arm);
  return record ? finalLoss(record) : null;
}

/** Start of the patching against its reference. */
export const startReferenceGrid: Study = {
  name: "start-reference-grid",
  title: "Start of patching against its reference",
  notebook: "02",
  question: "Does it matter when patching starts, or only whose attention it uses?",
  result: "The final loss depends on the reference, hardly on the start.",
  seeds: 1,
  regime: formerRegime,
  in(regime) {
    /** A row a start, a column a reference. */
    const grid = STARTS.map((start) =>
      FROM.map((reference): Arm => ({
        name: `start ${start}, reference ${reference}`,
        run: (seed) =>
          patchedRun(regime, { seed, start: REFERENCES[start], reference: REFERENCES[reference] }),
        seeds: 1,
      }))
    );
    return {
      arms: grid.flat(),
      claims: [{
        id: "reference-not-start",
        row: 13,
        statement: "The final loss depends on the reference, hardly on the start.",
        paper: "hardly",
        quantity:
          "variance of the final loss over starts (mean of references) over that of references",
        rule: { below: 0.25 },
        n: 1,
        ratio: true,
        measure: (recordOf) => {
          const losses = FROM.map((_, column) =>
            grid.map((row) => finalShare(recordOf(row[column]!)))
          );
          const variance = (values: number[]) => mean(values.map((v) => (v - mean(values)) ** 2));
          return mean(losses.map(variance)) / variance(losses.map(mean));
        },
      }],
      figure: (results) =>
        heatmap({
          title: "Final loss, held-out templates",
          x: { title: "reference", labels: FROM },
          y: { title: "start of patching", labels: STARTS },
          z: grid.map((row) => row.map((arm) => cell(results, arm))),
          value: "nats a value",
          caption: finding(results, "reference-not-start", {
            holds: "Whose attention is used decides, hardly when that begins.",
            "does not hold": "When patching starts matters as well as whose attention it uses.",
            undecided: "Undecided whether it matters when patching starts.",
            "no verdict": "Whose attention is used, and from when on; one seed gives no verdict.",
          }),
        }),
      table: (results) =>
        table(
          STARTS.map((start, i) => ({
            "start of patching": start,
            ...Object.fromEntries(
              FROM.map((reference, j) => [`reference ${reference}`, cell(results, grid[i]![j]!)]),
            ),
          })),
          { caption: "Final loss on held-out templates, nats a value; one seed" },
        ),
    };
  },
};
