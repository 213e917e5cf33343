/**
 * Beyond the paper: is what was forgotten gone? Palit et al. (2026) find that part of the collapse is
 * a common shift. It is taken back here without any training, in two ways.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { barsPlot, panels } from "../figures/mod.ts";
import { meanText, overSeeds } from "../readings/mod.ts";
import {
  type Arm,
  captionOf,
  type Claim,
  finding,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import { configure, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { groupOf, oldPeople, tunedRun } from "./fine_tuning.ts";

/** What is taken back of a tuned model. */
type Undo = "mean shift" | "top direction";

/** New people: a quarter of the old ones. */
const NEW = 1 / 4;

const newPeopleOf = (regime: Regime) => Math.round(NEW * oldPeople(regime));

const tuned = (regime: Regime, seed: number): RunInput =>
  tunedRun(regime, { seed, added: newPeopleOf(regime) });

/** The finished tuned run with something taken back; it makes no steps. */
function without(regime: Regime, seed: number, undo: Undo): RunInput {
  const run = tuned(regime, seed);
  const { steps } = configure(run);
  return {
    ...run,
    start: { run, step: steps },
    steps,
    tuning: { undo },
    evaluation: { ...run.evaluation, steps: [] },
  };
}

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
  in(regime) {
    const asTuned: Arm = { name: "as tuned", run: (seed) => tuned(regime, seed) };
    const shift: Arm = {
      name: "without the mean shift of the logits",
      run: (seed) => without(regime, seed, "mean shift"),
    };
    const direction: Arm = {
      name: "without the top direction of each update",
      run: (seed) => without(regime, seed, "top direction"),
    };
    const arms = [asTuned, shift, direction];
    const recovers = (id: string, arm: Arm): Claim => ({
      id,
      row: null,
      statement: `Old people come back ${arm.name}.`,
      paper: "not tested; part of the collapse in Palit et al. (2026)",
      quantity: `old accuracy, ${arm.name} minus as tuned (${newPeopleOf(regime)} new people)`,
      rule: { above: 0.05 },
      n: 3,
      measure: (recordOf) => end(recordOf(arm), "old") - end(recordOf(asTuned), "old"),
    });
    return {
      arms,
      checkpoints: [configure(tuned(regime, 0)).steps],
      claims: [recovers("shift-recovers", shift), recovers("direction-recovers", direction)],
      figure: (results) =>
        panels([barsPlot({
          title: "accuracy, before and after tuning",
          categories: ["before", ...arms.map(({ name }) => name)],
          series: (["old", "new"] as const).map((which) => {
            const values = [
              recordsOf(results, asTuned).map((r) => groupOf(r.measurements[0]!, which).accuracy),
              ...arms.map((arm) => recordsOf(results, arm).map((record) => end(record, which))),
            ];
            return {
              name: `${which} people`,
              meaning: which,
              ...overSeeds(values),
            };
          }),
          x: { title: "model, or what is taken back" },
          y: { title: "share of values", range: [0, 1] },
        })], { caption: caption(results) }),
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            return {
              model: arm.name,
              n: records.length,
              "old people": meanText(records.map((record) => end(record, "old"))),
              "new people": meanText(records.map((record) => end(record, "new"))),
            };
          }),
          { caption: "Accuracy on held-out templates, no step trained" },
        ),
    };
  },
};

function caption(results: Results): string {
  const shift = "Taking back the mean shift of the logits brings";
  const direction = "Without the direction in which each matrix changed most";
  return captionOf([
    finding(results, "shift-recovers", {
      holds: `${shift} old people back.`,
      "does not hold": `${shift} hardly anybody back.`,
      undecided: "Undecided whether taking back the mean shift brings old people back.",
    }),
    finding(results, "direction-recovers", {
      holds: `${direction}, some come back.`,
      "does not hold": `${direction}, hardly anybody comes back.`,
      undecided: `${direction}, it is undecided whether any come back.`,
    }),
  ]);
}
