/**
 * Rows 1 and 4: the three phases, with every seed's curve in a band; row 6's large end is
 * population_size.ts.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, palette, panels } from "../figures/mod.ts";
import {
  accuracyByName,
  bandOf,
  finalAccuracy,
  finalLoss,
  finalShare,
  knowledgeAt,
  mean,
  meanPhases,
  meanText,
  plateauEnd,
  plateauIn,
  seedCount,
  statisticsEnd,
  trainingLosses,
  valueAt,
} from "../readings/mod.ts";
import { finding, recordsOf, type Study } from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { phaseSpans } from "../views/mod.ts";
import { baseArm, REFERENCE_SHARES } from "./regime.ts";

/** Title of a plot, and name of its only line. */
const TRAINING_LOSS = "training loss, all tokens";

/** Knowledge A' of training text when the statistics are learned. */
export function knownWithStatistics(record: RunRecord): number {
  const { accuracy } = record.header.floor;
  const at = valueAt(record, statisticsEnd(record), ({ sets }) => sets.training.accuracy);
  return (at - accuracy) / (1 - accuracy);
}

/** The three phases of learning facts, in five seeds. */
export const threePhases: Study = {
  name: "three-phases",
  title: "Three phases",
  notebook: "01",
  question: "How does a model come to know facts about individuals?",
  result:
    "It first learns the statistics of the text, then stays on a plateau at the no-knowledge loss, then learns who is who.",
  seeds: 5,
  in(regime) {
    const base = baseArm(regime);
    return {
      arms: [base],
      checkpoints: REFERENCE_SHARES[regime.scale]
        .map((share) => Math.round(share * regime.base.steps))
        .filter((step) => step > 0),
      claims: [
        {
          id: "statistics-first",
          row: 1,
          statement: "The statistics are learned before anybody is known.",
          paper: "< 1 % accuracy on the plateau",
          quantity: "knowledge A' when the loss first comes within 5 % of L0",
          rule: { below: 0.02 },
          atPaper: { rule: { below: 0.01 } },
          n: 5,
          measure: (recordOf) => knownWithStatistics(recordOf(base)),
        },
        {
          id: "plateau",
          row: 1,
          statement: "There is a plateau: a good part of the way to 50 % accuracy is flat.",
          paper: "about .35 of the way",
          quantity: "share of the steps to A' = 50 % with the loss in [.97, 1.06] L0",
          rule: { above: 0.25 },
          n: 5,
          measure: (recordOf) => plateauIn(recordOf(base)).flat ?? NaN,
        },
        {
          id: "knowledge",
          row: 1,
          statement: "After the plateau the model comes to know nearly everybody.",
          paper: ".99 accuracy",
          quantity: "final accuracy by the name alone (first sentence), held-out templates",
          rule: { above: 0.9 },
          atPaper: { rule: { above: 0.98 } },
          n: 5,
          measure: (recordOf) => accuracyByName(recordOf(base)),
        },
        {
          id: "final-loss",
          row: 1,
          statement: "The attribute loss falls far below the no-knowledge loss.",
          paper: ".003 of L0",
          quantity: "final loss on held-out templates as a share of L0",
          rule: { below: 0.1 },
          atPaper: { rule: { below: 0.01 } },
          n: 5,
          measure: (recordOf) => finalShare(recordOf(base)),
        },
        {
          id: "facts-not-sentences",
          row: 1,
          statement: "What is learned are facts, not sentences.",
          paper: "no gap visible",
          quantity: "final accuracy, training minus held-out templates",
          rule: { below: 0.05 },
          atPaper: { rule: { below: 0.02 } },
          n: 5,
          measure: (recordOf) => {
            const { sets } = recordOf(base).measurements.at(-1)!;
            return sets.training.accuracy - sets["held-out"].accuracy;
          },
        },
        {
          id: "training-loss",
          row: 4,
          statement: "The plateau is visible in the training loss.",
          paper: ".80 at 500, .775 at 2k, .71 at 4k, .42 at 8k steps",
          quantity:
            "slope of the token loss per log step, on the plateau over after it (to A' = 50 %)",
          rule: { below: 0.5 },
          atPaper: { rule: { below: 0.25 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const steps = [statisticsEnd(record), plateauEnd(record), knowledgeAt(record, 0.5)];
            const measurements = trainingLosses(record);
            const loss = steps.map((step) => valueAt({ measurements }, step, (own) => own.loss));
            const slope = (i: number) =>
              (loss[i]! - loss[i + 1]!) / Math.log(steps[i + 1]! / steps[i]!);
            return slope(0) / slope(1);
          },
        },
      ],
      figure(results) {
        const records = recordsOf(results, base);
        const x = { title: "training step", log: true };
        // Training templates would lie under the held-out ones; what is between them is a claim.
        const sets = [
          { set: "held-out", name: "seen people", meaning: "heldOut" },
          { set: "unseen", name: "unseen people", meaning: "unseen" },
        ] as const;
        const lines = (quantity: "loss" | "accuracy") =>
          sets.map(({ set, ...line }) => ({
            ...line,
            ...bandOf(records, (m) => m.sets[set]![quantity]),
          }));
        const floor = (of: "loss" | "accuracy") => mean(records.map((r) => r.header.floor[of]));
        const { statistics, end, plateaus, exists } = meanPhases(records);
        const spans = phaseSpans({
          first: lines("loss")[0]!.x[0] ?? null,
          statistics,
          end,
          last: regime.base.steps,
          exists,
        });
        const people = records[0]?.header.configuration.people;
        return panels([
          curvesPlot({
            title: "attribute loss",
            lines: lines("loss"),
            x,
            y: { title: "nats a value" },
            levels: [{ y: floor("loss"), label: "knows nobody" }],
            spans,
          }),
          curvesPlot({
            title: "attribute accuracy",
            lines: [...lines("accuracy"), {
              name: "by name alone",
              color: palette.blue,
              ...bandOf(records, (m) => m.sets["held-out"].positions?.[0]?.[1]),
            }],
            x,
            y: { title: "share of values", range: [0, 1] },
            levels: [{ y: floor("accuracy"), label: "commonest value" }],
            spans,
          }),
          curvesPlot({
            title: TRAINING_LOSS,
            lines: [{
              name: TRAINING_LOSS,
              color: palette.dark,
              ...bandOf(
                records.map((record) => ({ measurements: trainingLosses(record) })),
                ({ loss }) => loss,
              ),
            }],
            x,
            y: { title: "nats a token", log: true },
            spans,
          }),
        ], {
          arrange: "stacked",
          caption: (end === null
            ? "Not every seed leaves the no-knowledge line. "
            : `The loss leaves the no-knowledge line at step ${end.toFixed(0)} on average; ` +
              `${plateaus} of ${seedCount(records.length)} ${plateaus === 1 ? "has" : "have"} a ` +
              "plateau to speak of (a quarter of the way to half known). ") +
            finding(results, "training-loss", {
              holds: "The training loss, too, falls there at less than half of its later pace. ",
              "does not hold":
                "The training loss falls there at more than half of its later pace. ",
              undecided: "Undecided whether the training loss shows it. ",
            }) +
            `${people} people; held-out templates.`,
        });
      },
      table(results) {
        const records = recordsOf(results, base);
        const { batch, people } = records[0]?.header.configuration ?? { batch: 1, people: 1 };
        const row = (quantity: string, values: number[]) => ({ quantity, value: meanText(values) });
        const ends = records.map(plateauEnd);
        return table([
          row("no-knowledge loss L0 (nats a value)", records.map((r) => r.header.floor.loss)),
          row("loss within 5 % of L0 from step", records.map(statisticsEnd)),
          row("plateau end, .95 L0 (step)", ends),
          row("plateau end (exposures a person)", ends.map((step) => step * batch / people)),
          row("50 % known (step)", records.map((r) => knowledgeAt(r, 0.5))),
          row("flat share of the way to 50 %", records.map((r) => plateauIn(r).flat ?? NaN)),
          row("final loss, held-out templates (nats a value)", records.map(finalLoss)),
          row("final accuracy by the name alone (first sentence)", records.map(accuracyByName)),
          row("final accuracy, all sentences, held-out templates", records.map(finalAccuracy)),
        ], { caption: `${people} people, batch ${batch}; mean ± standard deviation over seeds` });
      },
    };
  },
};
