/**
 * Beyond the paper: is a fact known before it can be said, and still known when it can no longer be
 * said? Verification (two-alternative choice, lib/probes/verification.ts) against generation, on the
 * way to knowledge and while the model is tuned on other people.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, palette, panels } from "../figures/mod.ts";
import {
  bandOf,
  meanText,
  MissingRecord,
  plateauEnd,
  statisticsEnd,
  valueAt,
} from "../readings/mod.ts";
import { type Arm, finding, recordsOf, type Study } from "../study/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { oldPeople, tunedRun, tunedSteps } from "./fine_tuning.ts";
import { baseArm } from "./regime.ts";

/** New people, as a share of the old ones. */
const NEW = 1 / 8;

/** Old people's readings: of the held-out set, or where a run is tuned, of its first group. */
const readingOf = ({ verification }: Measurement) =>
  verification?.["group 1"] ?? verification?.["held-out"];

/** Share of values that are verified beyond guessing, 0 for who knows nobody. */
const verified = (m: Measurement) => {
  const reading = readingOf(m);
  return reading && 2 * reading.verified - 1;
};

/** Share of the same values that could be said beyond the commonest ones. */
const said = (m: Measurement, { header: { floor } }: RunRecord) => {
  const reading = readingOf(m);
  return reading && (reading.said - floor.accuracy) / (1 - floor.accuracy);
};

/** How much more is verified than could be said, at a measurement. */
const ahead = (m: Measurement, record: RunRecord) => {
  const [known, told] = [verified(m), said(m, record)];
  return known === undefined || told === undefined ? undefined : known - told;
};

/** A reading at a step; a record that was made without the probe is none. */
function at(
  record: RunRecord,
  step: number,
  reading: (m: Measurement, record: RunRecord) => number | undefined,
): number {
  const values = record.measurements.map((m) => reading(m, record));
  if (values.every((value) => value === undefined)) throw new MissingRecord();
  return valueAt(record, step, (m) => reading(m, record));
}

/** The middle of the plateau, in log steps. */
const middle = (record: RunRecord) => Math.sqrt(statisticsEnd(record) * plateauEnd(record));
const last = ({ measurements }: RunRecord) => measurements.at(-1)!.step;

/** Verification before, and after, generation. */
export const verifiedBeforeSaid: Study = {
  name: "verification",
  title: "Verified before said",
  notebook: "01",
  question: "Does a model know a fact before it can say it, and after it can no longer?",
  result:
    "Not in the paper. For large models arXiv 2605.27564 reports that verification is learned before generation and survives continual learning better.",
  seeds: 5,
  in(regime) {
    const base = baseArm(regime);
    const added = Math.round(NEW * oldPeople(regime));
    const tuned: Arm = {
      name: "tuned",
      run: (seed) => tunedRun(regime, { seed, added }),
      seeds: 3,
    };
    const lines = (records: RunRecord[], clock?: (m: Measurement) => number) => [
      {
        name: "verified: likelier than another person's",
        color: palette.blue,
        ...bandOf(records, verified, clock),
      },
      {
        name: "said: likeliest of all",
        color: palette.vermilion,
        ...bandOf(
          records.map((record) => ({
            measurements: record.measurements.map((m) => ({
              step: clock ? clock(m) : m.step,
              said: said(m, record),
            })),
          })),
          ({ said }: { step: number; said?: number }) => said,
        ),
      },
    ];
    return {
      arms: [base, tuned],
      claims: [
        {
          id: "not-verified-on-plateau",
          row: null,
          statement: "On the plateau what cannot be said cannot be verified either.",
          paper: "not tested",
          quantity: "verified beyond guessing in the middle of the plateau (in log steps)",
          rule: { below: 0.1 },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            return at(record, middle(record), verified);
          },
        },
        {
          id: "verified-before-said",
          row: null,
          statement: "At the plateau's end much more can be verified than said.",
          paper: "not tested",
          quantity: "verified beyond guessing minus said beyond the commonest, at .95 L0",
          rule: { above: 0.1 },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            return at(record, plateauEnd(record), ahead);
          },
        },
        {
          id: "verified-when-forgotten",
          row: null,
          statement:
            "What can no longer be said after tuning on other people can still be verified.",
          paper: "not tested",
          quantity: "verified beyond guessing minus said beyond the commonest, old people, after " +
            `tuning on ${added} new ones`,
          rule: { above: 0.2 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(tuned);
            return at(record, last(record), ahead);
          },
        },
      ],
      figure(results) {
        const [records, after] = [recordsOf(results, base), recordsOf(results, tuned)];
        const y = { title: "share of values", range: [-0.05, 1] as [number, number] };
        const found = finding(results, "verified-before-said", {
          holds: "At the plateau's end much more can be verified than said. ",
          "does not hold": "At the plateau's end hardly more can be verified than said. ",
          undecided: "",
        });
        return panels([
          curvesPlot({
            title: "learning",
            lines: lines(records),
            x: { title: "training step", log: true },
            y,
          }),
          curvesPlot({
            title: `tuned on ${added} other people`,
            lines: lines(after, after[0] ? tunedSteps(after[0]) : undefined),
            x: { title: "step of tuning", log: true },
            y,
          }),
        ], {
          arrange: "stacked",
          caption:
            `${found}Values after the name alone, held-out templates, beyond what guessing gives.`,
        });
      },
      table(results) {
        const row = (when: string, arm: Arm, step: (record: RunRecord) => number) => {
          const records = recordsOf(results, arm)
            .filter(({ measurements }) => measurements.some((m) => readingOf(m)));
          const of = (reading: Parameters<typeof at>[2]) =>
            meanText(records.map((record) => at(record, step(record), reading)));
          return { when, verified: of(verified), said: of(said), ahead: of(ahead) };
        };
        return table([
          row("in the middle of the plateau", base, middle),
          row("at the plateau's end", base, plateauEnd),
          row("in the end", base, last),
          row(`tuned on ${added} other people, in the end`, tuned, last),
        ], { caption: "Beyond what guessing gives; mean ± standard deviation over seeds" });
      },
    };
  },
};
