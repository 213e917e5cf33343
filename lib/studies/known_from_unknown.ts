/**
 * Beyond the paper: how the certainty of a model tells known from unknown people, against the number
 * of people, the length of training and the schedule. The runs are those of schedule_comparison.ts.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { panels, plainColors, scatterFitPlot } from "../figures/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { finalAccuracy, meanText } from "./readings.ts";
import { scheduleComparison } from "./schedule_comparison.ts";
import { armsOf, recordsOf, type Results, type Study } from "./study.ts";
import { calibrationIn, detection, withCounts } from "./uncertainty.ts";

const confidence = ({ measurements }: RunRecord, set: string) =>
  measurements.at(-1)!.sets[set]!.confidence;

/** The records of an arm whose last line counts values by certainty. */
function counted(results: Results, arm: string): RunRecord[] {
  return recordsOf(results, arm)
    .filter(({ measurements }) => measurements.at(-1)!.sets.unseen!.certainty);
}

const SCHEDULES = ["uniform", "power law", "celebrities", "warm-up", "adaptive"];

/** Telling known from unknown people. */
export const knownFromUnknown: Study = {
  name: "known-from-unknown",
  title: "Telling known from unknown by confidence",
  notebook: "04",
  question:
    "Does more training, fewer people or another schedule make hallucination easier to tell?",
  result: "Not in the paper.",
  seeds: 3,
  grid: (options) => scheduleComparison.grid(options),
  claims: [
    {
      id: "warm-up-detectable",
      row: null,
      statement:
        "Warm-up makes known people easier to tell from unknown ones than uniform sampling.",
      paper: "not tested",
      quantity: "area under the ROC curve of people, warm-up minus uniform (1024 people)",
      rule: { above: 0 },
      measure: (recordOf) => {
        const area = (name: string) =>
          detection(withCounts(recordOf(`${name}, N x 1, steps x 1`)), "people").area;
        return area("warm-up") - area("uniform");
      },
    },
    {
      id: "longer-is-surer",
      row: null,
      statement: "The longer a model trains, the surer it is about people it never met.",
      paper: "from .53 on the plateau to .794",
      quantity: "confidence about unseen people, 8000 minus 2000 steps (warm-up, 1024 people)",
      rule: { above: 0 },
      measure: (recordOf) => {
        const at = (steps: number) =>
          confidence(recordOf(`warm-up, N x 1, steps x ${steps}`), "unseen");
        return at(2) - at(0.5);
      },
    },
  ],
  figure: (results) =>
    panels([
      scatterFitPlot({
        title: "telling unknown people by a person's mean confidence",
        points: SCHEDULES.map((name, i) => {
          const records = armsOf(results)
            .filter((arm) => arm.startsWith(`${name},`))
            .flatMap((arm) => counted(results, arm));
          return {
            name,
            color: plainColors[i]!,
            x: records.map(finalAccuracy),
            y: records.map((record) => detection(record, "people").area),
          };
        }),
        x: { title: "final accuracy on seen people", range: [0, 1.02], log: false },
        y: { title: "area under the ROC curve", range: [0.4, 1.02], log: false },
      }),
    ], {
      caption: "One point a run, all numbers of people and steps; .5 is guessing.",
    }),
  table: (results) =>
    table(
      armsOf(results).map((arm) => {
        const records = counted(results, arm);
        const of = (quantity: (record: RunRecord) => number) => meanText(records.map(quantity));
        return {
          arm,
          n: records.length,
          "accuracy, seen": of(finalAccuracy),
          "confidence, unseen": of((record) => confidence(record, "unseen")),
          "area, people": of((record) => detection(record, "people").area),
          "area, values": of((record) => detection(record, "confidence").area),
          "made-up values caught": of((record) => detection(record, "confidence").caught),
          "calibration error, seen": of((record) => calibrationIn(record, "held-out")),
          "unseen": of((record) => calibrationIn(record, "unseen")),
        };
      }),
      { caption: "Caught: at 5 % false alarms" },
    ),
};
