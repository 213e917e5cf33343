/**
 * Beyond the paper: how the certainty of a model tells known from unknown people, against the number
 * of people, the length of training and the schedule. The runs are those of schedule_comparison.ts.
 *
 * @module
 */

import type { SetName } from "../probes/mod.ts";
import { table } from "../display/mod.ts";
import { panels, plainColors, scatterFitPlot } from "../figures/mod.ts";
import {
  calibrationIn,
  detection,
  finalAccuracy,
  line,
  meanText,
  withCounts,
} from "../readings/mod.ts";
import {
  type Arm,
  finding,
  formerRegime,
  isFormer,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { cellOf, cellsAt } from "./compared_schedules.ts";
import { CLASSES, scheduleSteps, tunedPeople } from "./schedules.ts";

const confidence = ({ measurements }: RunRecord, set: SetName) =>
  measurements.at(-1)!.sets[set]!.confidence;

/** The records of an arm whose last line counts values by certainty. */
function counted(results: Results, arm: Arm): RunRecord[] {
  return recordsOf(results, arm)
    .filter(({ measurements }) => measurements.at(-1)!.sets.unseen.certainty);
}

/** Telling known from unknown people. */
export const knownFromUnknown: Study = {
  name: "known-from-unknown",
  title: "Telling known from unknown by confidence",
  notebook: "04",
  question:
    "Does more training, fewer people or another schedule make hallucination easier to tell?",
  result: "Not in the paper.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const cells = cellsAt(regime);
    const people = `${tunedPeople(regime)} people`;
    const warmUps = cells.filter((cell) => cell.schedule === "warm-up" && cell.people === 1)
      .sort((a, b) => a.steps - b.steps);
    const [shortest, longest] = [warmUps[0]!, warmUps.at(-1)!];
    const lengths = [longest, shortest].map(({ steps }) => steps * scheduleSteps(regime));
    return {
      arms: cells,
      claims: [
        {
          id: "known-are-told",
          row: null,
          statement:
            "Whatever the schedule, who knows more people can be told from strangers better.",
          paper: "not tested",
          quantity:
            "correlation over the five schedules of final accuracy with the area under the " +
            `ROC curve of people (${people})`,
          rule: { above: 0.8 },
          n: 3,
          measure: (recordOf) => {
            const records = CLASSES.map((name) => withCounts(recordOf(cellOf(regime, name))));
            const areas = records.map((record) => detection(record, "people").area);
            const { slope, r2 } = line(records.map(finalAccuracy), areas);
            return Math.sign(slope) * Math.sqrt(r2);
          },
        },
        {
          id: "longer-is-surer",
          row: null,
          statement: "The longer a model trains, the surer it is about people it never met.",
          paper: "from .53 on the plateau to .794",
          quantity: `confidence about unseen people, ${
            lengths.join(" minus ")
          } steps (warm-up, ${people})`,
          rule: { above: 0 },
          n: isFormer(regime) ? 1 : 3,
          measure: (recordOf) =>
            confidence(recordOf(longest), "unseen") - confidence(recordOf(shortest), "unseen"),
        },
      ],
      figure: (results) =>
        panels([
          scatterFitPlot({
            title: "telling unknown people by a person's mean confidence",
            points: CLASSES.map((name, i) => {
              const records = cells.filter(({ schedule }) => schedule === name)
                .flatMap((cell) => counted(results, cell));
              return {
                name,
                color: plainColors[i]!,
                x: records.map(finalAccuracy),
                y: records.map((record) => detection(record, "people").area),
              };
            }),
            x: { title: "final accuracy on seen people", range: [0, 1.02], log: false },
            y: { title: "area under the ROC curve", range: [0.4, 1.02], log: false },
            levels: [{ y: 0.5, label: "chance" }],
          }),
        ], {
          caption: finding(results, "known-are-told", {
            holds: "Whatever the schedule, who knows more people tells them from strangers better.",
            "does not hold":
              "Who knows more people does not always tell them from strangers better.",
            undecided: "Undecided whether who knows more tells people from strangers better.",
          }) +
            ` The rule is about ${people}; one point a run, of all numbers of people and steps.`,
        }),
      table: (results) =>
        table(
          cells.map((cell) => {
            const records = counted(results, cell);
            const of = (quantity: (record: RunRecord) => number) => meanText(records.map(quantity));
            return {
              arm: cell.name,
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
  },
};
