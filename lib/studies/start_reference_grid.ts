/**
 * Row 13: where patching starts against where its reference is from.
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
  isFormer,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import { patchedRun, referencesOf } from "./attention_patching.ts";
import { counted } from "./words.ts";

const STARTS = ["initial", "plateau"] as const;
/** What the former regime had, in one seed. */
const FORMER_STARTS = ["initial", "statistics", "plateau", "plateau end"] as const;
const FROM = ["statistics", "plateau", "plateau end", "final"] as const;

/** Final loss of a cell, mean over its seeds; null where there is no record. */
function cell(results: Results, arm: Arm): number | null {
  const losses = recordsOf(results, arm).map(finalLoss);
  return losses.length > 0 ? mean(losses) : null;
}

/** Start of the patching against its reference. */
export const startReferenceGrid: Study = {
  name: "start-reference-grid",
  title: "Start of patching against its reference",
  notebook: "02",
  question: "Does it matter when patching starts, or only whose attention it uses?",
  result: "The final loss depends on the reference, hardly on the start.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const [starts, n] = isFormer(regime) ? [FORMER_STARTS, 1] : [STARTS, 3];
    const seedsText = n === 1 ? "one seed" : `mean of ${counted(n)} seeds`;
    const shares = referencesOf(regime);
    /** A row a start, a column a reference. */
    const grid = starts.map((start) =>
      FROM.map((reference): Arm => ({
        name: `start ${start}, reference ${reference}`,
        run: (seed) =>
          patchedRun(regime, { seed, start: shares[start], reference: shares[reference] }),
        seeds: n,
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
        n,
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
          y: { title: "start of patching", labels: starts },
          z: grid.map((row) => row.map((arm) => cell(results, arm))),
          value: "nats a value",
          caption: finding(results, "reference-not-start", {
            holds: "Whose attention is used decides, hardly when that begins.",
            "does not hold": "When patching starts matters as well as whose attention it uses.",
            undecided: "Undecided whether it matters when patching starts.",
            "no verdict": "Whose attention is used, and from when on: no verdict.",
          }) + ` ${seedsText[0]!.toUpperCase()}${seedsText.slice(1)}.`,
        }),
      table: (results) =>
        table(
          starts.map((start, i) => ({
            "start of patching": start,
            ...Object.fromEntries(
              FROM.map((reference, j) => [`reference ${reference}`, cell(results, grid[i]![j]!)]),
            ),
          })),
          { caption: `Final loss on held-out templates, nats a value; ${seedsText}` },
        ),
    };
  },
};
