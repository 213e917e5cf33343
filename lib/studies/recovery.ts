/**
 * Beyond the paper: is what was forgotten gone? Palit et al. (2026) find that part of the collapse is
 * a common shift. It is taken back here without any training, in two ways.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { barsPlot, panels } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { configure, type RunInput, type RunRecord, type Tuning } from "../trainer/mod.ts";
import { groupOf, oldPeople, tunedRun } from "./fine_tuning.ts";
import { meanText } from "./readings.ts";
import { mean, standardDeviation } from "./statistics.ts";
import { finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** New people: a quarter of the old ones. */
const NEW = 1 / 4;

const tuned = (scale: Scale, seed: number): RunInput =>
  tunedRun(scale, { seed, added: Math.round(NEW * oldPeople(scale)) });

/** The finished tuned run with something taken back; it makes no steps. */
function without(scale: Scale, seed: number, undo: Tuning["undo"]): RunInput {
  const run = tuned(scale, seed);
  const { steps } = configure(run);
  return {
    ...run,
    start: { run, step: steps },
    steps,
    tuning: { undo },
    evaluation: { ...run.evaluation, steps: [] },
  };
}

const UNDONE = {
  "without the mean shift of the logits": "mean shift",
  "without the top direction of each update": "top direction",
} as const;
const ARMS = ["as tuned", ...Object.keys(UNDONE)];

const end = ({ measurements }: RunRecord, which: "old" | "new") =>
  groupOf(measurements.at(-1)!, which).accuracy;

/** What of the forgetting can be undone. */
export const recovery: Study = {
  name: "recovery",
  title: "Is what was forgotten gone?",
  notebook: "05",
  question: "How much of what was known comes back when a common shift is taken back?",
  result: "Not in the paper; Palit et al. find that part of the collapse is a common shift.",
  seeds: 3,
  grid: ({ scale, seeds }) =>
    gridOf({ scale, seeds }, {
      "as tuned": { run: (seed) => tuned(scale, seed) },
      ...Object.fromEntries(
        Object.entries(UNDONE).map(([arm, undo]) => [arm, {
          run: (seed: number) => without(scale, seed, undo),
        }]),
      ),
    }),
  checkpoints: (scale) => [configure(tuned(scale, 0)).steps],
  claims: Object.keys(UNDONE).map((arm, i) => ({
    id: ["shift-recovers", "direction-recovers"][i]!,
    row: null,
    statement: `Old people come back ${arm}.`,
    paper: "not tested; part of the collapse in Palit et al. (2026)",
    quantity: `old accuracy, ${arm} minus as tuned (128 new people)`,
    rule: { above: 0.05 },
    measure: (recordOf) => end(recordOf(arm), "old") - end(recordOf("as tuned"), "old"),
  })),
  figure: (results) =>
    panels([barsPlot({
      title: "accuracy after tuning",
      categories: ["before", ...ARMS],
      series: (["old", "new"] as const).map((which) => {
        const values = [
          recordsOf(results, "as tuned").map((r) => groupOf(r.measurements[0]!, which).accuracy),
          ...ARMS.map((arm) => recordsOf(results, arm).map((record) => end(record, which))),
        ];
        return {
          name: `${which} people`,
          meaning: which,
          y: values.map((own) => own.length > 0 ? mean(own) : null),
          sd: values.map((own) => own.length > 2 ? standardDeviation(own) : null),
        };
      }),
      x: { title: "" },
      y: { title: "share of values", range: [0, 1] },
    })], { caption: caption(results) }),
  table: (results) =>
    table(
      ARMS.map((arm) => {
        const records = recordsOf(results, arm);
        return {
          model: arm,
          n: records.length,
          "old people": meanText(records.map((record) => end(record, "old"))),
          "new people": meanText(records.map((record) => end(record, "new"))),
        };
      }),
      { caption: "Accuracy on held-out templates, no step trained" },
    ),
};

function caption(results: Results): string {
  const shift = "Taking back the mean shift of the logits brings";
  const direction = "Without the direction in which each matrix changed most";
  return [
    finding(results, "shift-recovers", {
      holds: `${shift} old people back.`,
      "does not hold": `${shift} nobody back.`,
      undecided: `${shift} old people back in some seeds.`,
    }),
    finding(results, "direction-recovers", {
      holds: `${direction}, some come back.`,
      "does not hold": `${direction}, hardly anybody comes back.`,
      undecided: `${direction}, some come back in some seeds.`,
    }),
  ].filter((sentence) => sentence !== "").join(" ");
}
