/**
 * Row 13: where patching starts against where its reference is from. One seed.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { heatmap } from "../figures/mod.ts";
import { patchedRun, REFERENCES } from "./attention_patching.ts";
import { finalLoss, finalShare } from "./readings.ts";
import { mean } from "./statistics.ts";
import { finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";

const STARTS = ["initial", "statistics", "plateau", "plateau end"] as const;
const FROM = ["statistics", "plateau", "plateau end", "final"] as const;

const armOf = (start: string, reference: string) => `start ${start}, reference ${reference}`;

/** Final loss of a cell; null where there is no record. */
function cell(results: Results, start: string, reference: string): number | null {
  const [record] = recordsOf(results, armOf(start, reference));
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
  grid: (options) =>
    gridOf(
      options,
      Object.fromEntries(
        STARTS.flatMap((start) =>
          FROM.map((reference) => [armOf(start, reference), {
            run: (seed: number) =>
              patchedRun(options.scale, {
                seed,
                start: REFERENCES[start]!,
                reference: REFERENCES[reference]!,
              }),
            seeds: 1,
          }])
        ),
      ),
    ),
  claims: [{
    id: "reference-not-start",
    row: 13,
    statement: "The final loss depends on the reference, hardly on the start.",
    paper: "hardly",
    quantity: "variance of the final loss over starts (mean of references) over that of references",
    rule: { below: 0.25 },
    measure: (recordOf) => {
      const losses = FROM.map((reference) =>
        STARTS.map((start) => finalShare(recordOf(armOf(start, reference))))
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
      z: STARTS.map((start) => FROM.map((reference) => cell(results, start, reference))),
      value: "nats a value",
      caption: finding(results, "reference-not-start", {
        holds: "Whose attention is used decides, hardly when that begins. One seed.",
        "does not hold":
          "When patching starts matters as well as whose attention it uses. One seed.",
        undecided: "",
      }),
    }),
  table: (results) =>
    table(
      STARTS.map((start) => ({
        "start of patching": start,
        ...Object.fromEntries(FROM.map((r) => [`reference ${r}`, cell(results, start, r)])),
      })),
      { caption: "Final loss on held-out templates, nats a value; one seed" },
    ),
};
