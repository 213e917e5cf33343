/**
 * Rows 2 and 8 in two other regimes: their claims do not hold in ours, so we ask whether it is
 * otherwise at a lower learning rate or with larger batches.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { panels, plainColors, scatterFitPlot } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { configure, type RunRecord } from "../trainer/mod.ts";
import { plateauEnd, statisticsEnd } from "./readings.ts";
import { plateauRun, regime } from "./regime.ts";
import { line } from "./statistics.ts";
import { type Arm, finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** Multiples of the regime's number of people. */
const SIZES = [1, 2, 4] as const;

interface Regime {
  name: string;
  /** Multiple of the regime's learning rate. */
  rate: number;
  batch: number;
}

function regimes(scale: Scale): Regime[] {
  const { batch } = configure(regime(scale));
  return [
    { name: "the regime", rate: 1, batch },
    { name: "lower rate", rate: 0.3, batch },
    { name: "larger batch", rate: 1, batch: 4 * batch },
  ];
}

/** Only needed in the smallest population. */
const BOTH = { name: "lower rate, larger batch", rate: 0.3, batch: 4 };

const armOf = (name: string, multiple: number) => `${name}, N x ${multiple}`;

function runOf(scale: Scale, { rate, batch }: Omit<Regime, "name">, multiple: number, seed = 0) {
  const { people, optimizer } = configure(regime(scale));
  return plateauRun(scale, {
    seed,
    people: multiple * people,
    batch,
    ...(rate === 1 ? {} : { optimizer: { lr: rate * optimizer.lr } }),
  });
}

const samples = (record: RunRecord) => plateauEnd(record) * record.header.configuration.batch;

/** Samples of the first phase, until the loss is within 5 % of L0. */
const firstPhase = (record: RunRecord) => statisticsEnd(record) * record.header.configuration.batch;

/** Exponent against N in one regime, of samples to the plateau's end or of what else is counted. */
function exponentIn(
  name: string,
  recordOf: (arm: string) => RunRecord,
  counted: (record: RunRecord) => number = samples,
): number {
  const ends = SIZES.map((multiple) => counted(recordOf(armOf(name, multiple))));
  return line(SIZES.map((multiple) => Math.log(multiple)), ends.map(Math.log)).slope;
}

const afterFirstPhase = (record: RunRecord) => samples(record) - firstPhase(record);

/** The law of what comes after the first phase in one regime, in words. */
function lawAfter(results: Results, name: string): string {
  const records = SIZES.map((multiple) => recordsOf(results, armOf(name, multiple))[0]);
  if (records.includes(undefined)) return "–";
  const recordOf = (arm: string) => recordsOf(results, arm)[0]!;
  return `N^${exponentIn(name, recordOf, afterFirstPhase).toFixed(2)}`;
}

/** Plateau lengths at a lower rate and with larger batches. */
export const otherRegimes: Study = {
  name: "other-regimes",
  title: "Rows 2 and 8 in other regimes",
  notebook: "01",
  question: "Does the plateau grow as in the paper at a lower learning rate or in larger batches?",
  result:
    "The paper tunes the rate for every N at batch 128 and finds N^.81; below that batch, samples to the plateau's end are about equal.",
  seeds: 1,
  grid: (options) => {
    const { scale } = options;
    const { batch } = configure(regime(scale));
    const arms: Record<string, Arm> = {};
    for (const own of regimes(scale)) {
      for (const multiple of SIZES) {
        arms[armOf(own.name, multiple)] = { run: (seed) => runOf(scale, own, multiple, seed) };
      }
    }
    arms[armOf(BOTH.name, 1)] = {
      run: (seed) => runOf(scale, { ...BOTH, batch: BOTH.batch * batch }, 1, seed),
    };
    return gridOf(options, arms);
  },
  claims: [
    {
      id: "exponent-lower-rate",
      row: 2,
      statement: "At a lower learning rate the plateau's end grows like the paper's.",
      paper: ".81",
      quantity: "exponent of samples to .95 L0 against N, .3 of the rate, three sizes",
      rule: { between: [0.6, 1] },
      measure: (recordOf) => exponentIn("lower rate", recordOf),
    },
    {
      id: "exponent-larger-batch",
      row: 2,
      statement:
        "With larger batches the plateau's end, first phase included, grows like the paper's.",
      paper: ".81",
      quantity: "exponent of samples to .95 L0 against N, batch 32, three sizes",
      rule: { between: [0.6, 1] },
      measure: (recordOf) => exponentIn("larger batch", recordOf),
    },
    {
      id: "samples-lower-rate",
      row: 8,
      statement: "At a lower learning rate batch 8 and 32 need equally many samples.",
      paper: "1.09 (batch 32 to 128)",
      quantity: "samples to .95 L0, batch 32 over 8, .3 of the rate",
      rule: { between: [0.8, 1.25] },
      measure: (recordOf) =>
        samples(recordOf(armOf(BOTH.name, 1))) / samples(recordOf(armOf("lower rate", 1))),
    },
    {
      id: "samples-many-people",
      row: 8,
      statement: "With four times the people batch 8 and 32 need equally many samples.",
      paper: "1.09 (batch 32 to 128)",
      quantity: "samples to .95 L0, batch 32 over 8, 2048 people",
      rule: { between: [0.8, 1.25] },
      measure: (recordOf) =>
        samples(recordOf(armOf("larger batch", 4))) / samples(recordOf(armOf("the regime", 4))),
    },
  ],
  figure: (results) => {
    const { people } = configure(regime(results.scale));
    const groups = regimes(results.scale).map(({ name }) => ({
      name,
      known: SIZES.flatMap((multiple) =>
        recordsOf(results, armOf(name, multiple))
          .map((record) => ({ size: multiple * people, value: samples(record) }))
          .filter(({ value }) => Number.isFinite(value))
      ),
    }));
    const laws = groups.flatMap(({ name, known }, i) => {
      if (known.length < 2) return [];
      const { slope, intercept } = line(
        known.map(({ size }) => Math.log(size)),
        known.map(({ value }) => Math.log(value)),
      );
      return [{
        name,
        color: plainColors[i],
        x: known.map(({ size }) => size),
        y: known.map(({ value }) => value),
        fit: {
          at: (size: number) => Math.exp(intercept) * size ** slope,
          label: `${name}: N^${slope.toFixed(2)}`,
        },
      }];
    });
    return panels([
      scatterFitPlot({
        title: "samples until the plateau ends",
        points: laws,
        x: { title: "people N" },
        y: { title: "biographies" },
      }),
    ], {
      caption: finding(results, "exponent-larger-batch", {
        holds: "With four times the batch the end, first phase included, grows nearly as in the " +
          `paper (N^.81); what comes after the first phase grows as ${
            lawAfter(results, "larger batch")
          }. `,
        "does not hold": "Neither regime follows the paper's law (N^.81). ",
        undecided: "",
      }) + "One seed a point; lines: least squares on logarithms.",
    });
  },
  table: (results) =>
    table(
      [...regimes(results.scale).map(({ name }) => name), BOTH.name].map((name) => {
        const at = (multiple: number) => {
          const [record] = recordsOf(results, armOf(name, multiple));
          if (!record) return "–";
          const { steps, batch } = record.header.configuration;
          const end = samples(record);
          return Number.isFinite(end) ? String(Math.round(end)) : `> ${steps * batch}`;
        };
        const own = (arm: string) => recordsOf(results, arm)[0];
        const known = SIZES.every((multiple) => own(armOf(name, multiple)));
        const { people } = configure(regime(results.scale));
        return {
          regime: name,
          ...Object.fromEntries(SIZES.map((m) => [`${m * people} people`, at(m)])),
          exponent: known ? exponentIn(name, (arm) => own(arm)!).toFixed(2) : "–",
          "after the first phase": lawAfter(results, name),
          "first phase, share of the end": SIZES.flatMap((multiple) => {
            const record = own(armOf(name, multiple));
            return record ? (firstPhase(record) / samples(record)).toFixed(2) : [];
          }).filter((share) => share !== "NaN").join(", ") || "–",
        };
      }),
      { caption: "Biographies until .95 L0, one seed; the first phase ends at 1.05 L0" },
    ),
};
