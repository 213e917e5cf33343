/**
 * Row 23: people the model has never met. When does it begin to be wrong about them with
 * confidence, how sure is it in the end, and what does it say when it is asked?
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, panels } from "../figures/mod.ts";
import type { Answers, SetName } from "../probes/mod.ts";
import {
  bandOf,
  calibrationIn,
  detection,
  finalAccuracy,
  lastBelow,
  mean,
  meanText,
  plateauEnd,
  valueAt,
  withCounts,
} from "../readings/mod.ts";
import { type Arm, finding, perRegime, recordsOf, type Results, type Study } from "../study/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { plateauSpan } from "../views/mod.ts";
import { ASKED, baseArm } from "./regime.ts";

/** Step from which the loss on unseen people stays above some level; NaN if never. */
function unseenAbove({ measurements }: RunRecord, level: number): number {
  return lastBelow(measurements, ({ sets }) => -sets.unseen.loss, -level);
}

/**
 * Step from which the loss on unseen people stays above 1.05 of their floor; NaN if never.
 *
 * @example
 * ```ts
 * import { armNamed, hallucinationOnset, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(hallucinationOnset));
 * ```
 */
export function hallucinationOnset(record: RunRecord): number {
  return unseenAbove(record, 1.05 * record.header.floor.unseen);
}

/**
 * Step from which the loss on unseen people stays above 1.05 of its own lowest.
 *
 * @example
 * ```ts
 * import { armNamed, hallucinationRise, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).map(hallucinationRise));
 * ```
 */
export function hallucinationRise(record: RunRecord): number {
  const lowest = Math.min(...record.measurements.map(({ sets }) => sets.unseen.loss));
  return unseenAbove(record, 1.05 * lowest);
}

/** The regime's runs, which are the finished models of every figure. */
const trainedArm = perRegime(baseArm);

const last = ({ measurements }: RunRecord) => measurements.at(-1)!;

/** Share of an answer's kind among the answers about a set of people. */
export function shareOf(
  record: RunRecord,
  set: SetName,
  kind: "right" | "wrong" | "refused",
): number {
  const answers: Answers | undefined = last(record).answers?.[set];
  if (!answers) return NaN;
  return answers[kind] / (answers.right + answers.wrong + answers.refused);
}

const consistency = (record: RunRecord, set: SetName) =>
  last(record).answers?.[set]?.samples?.consistency ?? NaN;

/** Seen and unseen people through training, and at its end in the model's own words. */
export const hallucination: Study = {
  name: "hallucination",
  title: "People the model has never met",
  notebook: "04",
  question: "When does a model begin to hallucinate, and how sure is it then?",
  result:
    "Hallucination begins when knowledge does: the loss on unseen people rises as that on seen people falls, and the model is nearly as sure about the ones as about the others.",
  seeds: 5,
  in(regime) {
    const base = trainedArm(regime);
    // No steps: the finished model is asked.
    const asked: Arm = {
      name: "asked",
      run: (seed) =>
        regime.run({
          seed,
          start: { run: regime.run({ seed }), step: regime.base.steps },
          evaluation: { asked: ASKED[regime.scale], attention: 1, flow: 0 },
        }),
    };
    return {
      arms: [base, asked],
      claims: [
        {
          id: "onsets-coincide",
          row: 23,
          statement: "Hallucination begins when knowledge begins.",
          paper: ".05 (steps 3.6k and 3.77k)",
          quantity: "distance of the two onsets over the plateau's end",
          rule: { below: 0.15 },
          atPaper: { rule: { below: 0.1 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const end = plateauEnd(record);
            return Math.abs(hallucinationOnset(record) - end) / end;
          },
        },
        {
          id: "rise-with-knowledge",
          row: 23,
          statement: "The loss on unseen people begins to rise when knowledge begins.",
          paper: ".05 (against the no-knowledge loss)",
          quantity: "distance of plateau end and 1.05 of the lowest unseen loss, over the former",
          rule: { below: 0.15 },
          atPaper: { rule: { below: 0.1 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const end = plateauEnd(record);
            return Math.abs(hallucinationRise(record) - end) / end;
          },
        },
        {
          id: "unseen-loss",
          row: 23,
          statement: "In the end the loss on unseen people is far above that of knowing nobody.",
          paper: "2.36",
          quantity: "final loss on unseen people over their no-knowledge loss",
          rule: { above: 1.5 },
          atPaper: { rule: { above: 2 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            return last(record).sets.unseen.loss / record.header.floor.unseen;
          },
        },
        {
          id: "overconfident",
          row: 23,
          statement:
            "The model is surer about unseen people than on the plateau, though less than " +
            "about seen ones.",
          paper: ".996 seen > .794 unseen > .53 plateau",
          quantity: "smaller of confidence seen minus unseen, and unseen minus plateau",
          rule: { above: 0 },
          atPaper: { rule: { above: 0.1 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const { sets } = last(record);
            const [seen, unseen] = [sets["held-out"].confidence, sets.unseen.confidence];
            const plateau = valueAt(
              record,
              plateauEnd(record),
              (m) => m.sets["held-out"].confidence,
            );
            return Math.min(seen - unseen, unseen - plateau);
          },
        },
        {
          id: "known-by-confidence",
          row: null,
          statement: "A person's mean confidence tells known from unknown people.",
          paper: "not measured",
          quantity: "area under the ROC curve, people",
          rule: { above: 0.95 },
          n: 5,
          measure: (recordOf) => detection(withCounts(recordOf(base)), "people").area,
        },
        {
          id: "values-by-confidence",
          row: null,
          statement: "At 5 % false alarms confidence catches half of the made-up values.",
          paper: "not measured",
          quantity: "share of values about unseen people below the threshold that 5 % of known are",
          rule: { above: 0.5 },
          n: 5,
          measure: (recordOf) => detection(withCounts(recordOf(base)), "confidence").caught,
        },
        {
          id: "calibrated-on-known",
          row: null,
          statement: "The model is calibrated about the people it knows and not about strangers.",
          paper: "not measured",
          quantity: "expected calibration error, unseen minus seen people",
          rule: { above: 0.3 },
          n: 5,
          measure: (recordOf) => {
            const record = withCounts(recordOf(base));
            return calibrationIn(record, "unseen") - calibrationIn(record, "held-out");
          },
        },
        {
          id: "says-so-too",
          row: null,
          statement:
            "Asked freely, the model answers less consistently about strangers than about people it " +
            "knows.",
          paper: "not measured",
          quantity: "mean share of the commonest of five answers, known minus unseen people",
          rule: { above: 0.1 },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(asked);
            return consistency(record, "held-out") - consistency(record, "unseen");
          },
        },
      ],
      figure(results) {
        const records = recordsOf(results, base);
        const x = { title: "training step", log: true };
        const lines = (quantity: "loss" | "accuracy" | "confidence" | "entropy") =>
          [
            { name: "seen people", meaning: "heldOut" as const, set: "held-out" as const },
            { name: "unseen people", meaning: "unseen" as const, set: "unseen" as const },
          ].map(({ set, ...line }) => ({
            ...line,
            ...bandOf(records, ({ sets }: Measurement) => sets[set][quantity]),
          }));
        const spans = plateauSpan(records);
        const share = { title: "mean over value tokens", range: [0, 1] as [number, number] };
        return panels([
          curvesPlot({
            title: "attribute loss",
            lines: lines("loss"),
            x,
            y: { title: "nats a value", log: true },
            levels: records.length > 0
              ? [{ y: mean(records.map((r) => r.header.floor.loss)), label: "knows nobody" }]
              : [],
            spans,
          }),
          curvesPlot({
            title: "accuracy",
            lines: lines("accuracy"),
            x,
            y: { title: "share of values", range: [0, 1] },
            spans,
          }),
          curvesPlot({
            title: "largest probability",
            lines: lines("confidence"),
            x,
            y: share,
            spans,
          }),
          curvesPlot({
            title: "entropy",
            lines: lines("entropy"),
            x,
            y: { title: "nats a token" },
            spans,
          }),
        ], {
          arrange: "stacked",
          caption: finding(results, "unseen-loss", {
            holds: "In the end the loss on unseen people is far above that of knowing nobody. ",
            "does not hold": "The loss on unseen people does not end far above knowing nobody. ",
            undecided:
              "Undecided whether the loss on unseen people ends far above knowing nobody. ",
          }) +
            finding(results, "overconfident", {
              holds: "The model grows sure about them, though less than about people it has seen. ",
              "does not hold":
                "The model grows no surer about them than on the plateau, or as sure as about seen " +
                "people. ",
              undecided:
                "Undecided whether it grows sure about them, and less than about seen ones. ",
            }),
        });
      },
      table(results) {
        const [trained, answered] = [recordsOf(results, base), recordsOf(results, asked)];
        const of = (quantity: (record: RunRecord) => number, records = trained) =>
          meanText(records.map(quantity));
        const both = (
          measure: string,
          quantity: (record: RunRecord, set: SetName) => number,
          records = trained,
        ) => ({
          measure,
          "seen people": of((record) => quantity(record, "held-out"), records),
          "unseen people": of((record) => quantity(record, "unseen"), records),
        });
        return table([
          {
            measure: "leaves the line of knowing nobody (step)",
            "seen people": of(plateauEnd),
            "unseen people": of(hallucinationOnset),
          },
          { measure: "1.05 of its lowest loss (step)", "unseen people": of(hallucinationRise) },
          both("final loss (nats a value)", (r, set) => last(r).sets[set]!.loss),
          both("accuracy, teacher-forced", (r, set) => last(r).sets[set]!.accuracy),
          both("accuracy, free answers", (r, set) => shareOf(r, set, "right"), answered),
          both(
            "the same, sampled",
            (r, set) => last(r).answers?.[set]?.samples?.accuracy ?? NaN,
            answered,
          ),
          both("consistency of five samples", consistency, answered),
          both("largest probability", (r, set) => last(r).sets[set]!.confidence),
          both("entropy (nats a token)", (r, set) => last(r).sets[set]!.entropy),
          both("expected calibration error", calibrationIn),
        ], {
          caption: `Seen and unseen people; accuracy by the commonest value alone ${
            meanText(trained.map(({ header }) => header.floor.accuracy))
          }, seen people known ${meanText(trained.map(finalAccuracy))}`,
        });
      },
    };
  },
};

/**
 * What a reader of several figures has in common: the records of the finished models.
 *
 * @example
 * ```ts
 * import { finishedRuns, hallucination, readResults } from "factlab";
 * console.log(finishedRuns(readResults(hallucination)).length);
 * ```
 */
export function finishedRuns(results: Results): RunRecord[] {
  return recordsOf(results, trainedArm(results.regime)).filter((record) =>
    last(record).sets.unseen.certainty
  );
}
