/**
 * Beyond the paper: facts that change. A model is tuned on new values of people it knows; is the old
 * answer gone, or still told from a false one beside the new? (For large models arXiv 2605.27564
 * reports that both can be verified.)
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, palette, panels } from "../figures/mod.ts";
import { uniform } from "../generator/mod.ts";
import { bandOf, meanText, MissingRecord } from "../readings/mod.ts";
import {
  type Arm,
  captionOf,
  type Claim,
  finding,
  recordsOf,
  type Regime,
  type Study,
} from "../study/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { groupOf, tunedRun, tunedSteps } from "./fine_tuning.ts";
import { newPeopleOf } from "./replay.ts";

/** Which of a person's answers is asked about. */
const ANSWERS = { new: "group 1", former: "group 1, former" } as const;
type Answer = keyof typeof ANSWERS;

function readingOf({ verification }: Measurement, answer: Answer) {
  return verification?.[ANSWERS[answer]];
}

/** Share of values that are verified beyond guessing. */
const verified = (answer: Answer) => (measurement: Measurement) => {
  const reading = readingOf(measurement, answer);
  return reading && 2 * reading.verified - 1;
};

/** Share of values that would be said. */
const said = (answer: Answer) => (measurement: Measurement) => readingOf(measurement, answer)?.said;

function end(
  { measurements }: RunRecord,
  reading: (measurement: Measurement) => number | undefined,
): number {
  const value = reading(measurements.at(-1)!);
  if (value === undefined) throw new MissingRecord();
  return value;
}

/** Old people's new values and nobody else's: "group 1" is updated, "group 2" the others. */
const updatedArm = (regime: Regime, people: number): Arm => ({
  name: "updated",
  run: (seed) => ({
    ...tunedRun(regime, {
      seed,
      schedule: [{ people: uniform(0, people) }],
      evaluation: { groups: [0, people], verified: 64, attention: 1 },
    }),
    updated: { from: 0, to: people },
  }),
});

/** Facts that change. */
export const updates: Study = {
  name: "updates",
  title: "Facts that change",
  notebook: "05",
  question: "Is the old answer gone when a new one is learned?",
  result: "Not in the paper. For large models arXiv 2605.27564 finds that both can be verified.",
  seeds: 3,
  in(regime) {
    const people = newPeopleOf(regime);
    const updated = updatedArm(regime, people);
    const added: Arm = {
      name: "new people",
      run: (seed) => tunedRun(regime, { seed, added: people }),
    };
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    return {
      arms: [updated, added],
      claims: [
        {
          ...common,
          id: "both-answers-verified",
          statement: "After an update the old answer is told from a false one, as the new one is.",
          quantity: "verified beyond guessing in the end, the smaller of new and former values",
          rule: { above: 0.2 },
          measure: (recordOf) =>
            Math.min(
              ...(["new", "former"] as const).map((a) => end(recordOf(updated), verified(a))),
            ),
        },
        {
          ...common,
          id: "former-answer-not-said",
          statement: "After an update the old answer is no longer said.",
          quantity: "share of former values that would be said in the end",
          rule: { below: 0.05 },
          measure: (recordOf) => end(recordOf(updated), said("former")),
        },
        {
          ...common,
          id: "updates-cost-less",
          statement: "News about people the model knows costs the others less than new people do.",
          quantity: `final accuracy of the others, ${people} people updated minus as many new ones`,
          rule: { above: 0.05 },
          measure: (recordOf) => {
            const accuracy = (arm: Arm, which: "old" | "new") =>
              groupOf(recordOf(arm).measurements.at(-1)!, which).accuracy;
            // Those who are not updated are the second group, those before new people the first.
            return accuracy(updated, "new") - accuracy(added, "old");
          },
        },
      ],
      figure(results) {
        const [own, others] = [updated, added].map((arm) => recordsOf(results, arm));
        const clock = (records: RunRecord[]) => records[0] && tunedSteps(records[0]);
        const line = (
          name: string,
          color: string,
          [records, reading]: [RunRecord[], (m: Measurement) => number | undefined],
        ) => ({ name, color, ...bandOf(records, reading, clock(records)) });
        const x = { title: "step of tuning", log: true };
        const y = { title: "share of values", range: [-0.05, 1] as [number, number] };
        return panels([
          curvesPlot({
            title: `${people} people whose facts have changed`,
            lines: [
              line("new answer: verified", palette.blue, [own!, verified("new")]),
              line("new answer: said", palette.sky, [own!, said("new")]),
              line("old answer: verified", palette.vermilion, [own!, verified("former")]),
              line("old answer: said", palette.orange, [own!, said("former")]),
            ],
            x,
            y,
          }),
          curvesPlot({
            title: "people whose facts have not changed: accuracy",
            lines: [
              line(`${people} others updated`, palette.blue, [
                own!,
                (m) => groupOf(m, "new").accuracy,
              ]),
              line(`${people} new people learned`, palette.grey, [
                others!,
                (m) => groupOf(m, "old").accuracy,
              ]),
            ],
            x,
            y,
          }),
        ], {
          arrange: "stacked",
          caption: captionOf([
            finding(results, "both-answers-verified", {
              holds: "After an update the old answer is still told from a false one.",
              "does not hold": "After an update not both answers are told from a false one.",
              undecided: "Undecided whether both answers are told from a false one.",
            }),
            finding(results, "updates-cost-less", {
              holds: "News about people it knows costs the others less than new people do.",
              "does not hold": "News costs the others hardly less, if at all, than new people do.",
              undecided: "Undecided whether news costs the others less than new people do.",
            }),
            "Verified: likelier than a third person's value, beyond guessing.",
          ]),
        });
      },
      table(results) {
        const records = recordsOf(results, updated);
        const row = (when: string, at: (record: RunRecord) => Measurement) => {
          const of = (reading: (m: Measurement) => number | undefined) =>
            meanText(records.map((record) => reading(at(record)) ?? NaN));
          return {
            when,
            n: records.length,
            "new: verified": of(verified("new")),
            "new: said": of(said("new")),
            "old: verified": of(verified("former")),
            "old: said": of(said("former")),
            "others: accuracy": of((m) => groupOf(m, "new").accuracy),
          };
        };
        return table([
          row("before", ({ measurements }) => measurements[0]!),
          row("after", ({ measurements }) => measurements.at(-1)!),
        ], { caption: `${people} people whose facts have changed; after the name alone` });
      },
    };
  },
};
