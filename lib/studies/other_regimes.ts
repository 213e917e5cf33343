/**
 * Rows 2 and 8 in two other regimes: ours does not bear out their claims, so we ask whether it is
 * otherwise at a lower learning rate or with larger batches.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { type FittedPoints, panels, plainColors, scatterFitPlot } from "../figures/mod.ts";
import { line, plateauEnd, statisticsEnd } from "../readings/mod.ts";
import {
  type Arm,
  finding,
  formerRegime,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { namesFor, plateauRun } from "./regime.ts";
import { counted } from "./words.ts";

/** Multiples of the regime's number of people. */
const SIZES = [1, 2, 4] as const;

/** Plateau runs at one rate and batch, in populations of growing size. */
interface Variant {
  name: string;
  /** Biographies a step. */
  batch: number;
  /** An arm a size. */
  sizes: (Arm & { multiple: number })[];
}

/** The regime at a multiple of the learning rate and of the batch. */
function variantOf(
  regime: Regime,
  { name, rate = 1, batches = 1, multiples = SIZES }: {
    name: string;
    rate?: number;
    batches?: number;
    multiples?: readonly number[];
  },
): Variant {
  const { people, optimizer, batch: rows } = regime.base;
  const batch = batches * rows;
  return {
    name,
    batch,
    sizes: multiples.map((multiple) => ({
      name: `${name}, N x ${multiple}`,
      multiple,
      run: (seed) =>
        plateauRun(regime, {
          seed,
          people: multiple * people,
          ...namesFor(regime, multiple * people),
          batch,
          ...(rate === 1 ? {} : { optimizer: { lr: rate * optimizer.lr } }),
        }),
    })),
  };
}

const samples = (record: RunRecord) => plateauEnd(record) * record.header.configuration.batch;

/** Samples of the first phase, until the loss is within 5 % of L0. */
const firstPhase = (record: RunRecord) => statisticsEnd(record) * record.header.configuration.batch;

/** Exponent against N in one regime, of samples to the plateau's end or of what else is counted. */
function exponentIn(
  { sizes }: Variant,
  recordOf: (arm: Arm) => RunRecord,
  quantity: (record: RunRecord) => number = samples,
): number {
  const ends = sizes.map((arm) => quantity(recordOf(arm)));
  return line(sizes.map(({ multiple }) => Math.log(multiple)), ends.map(Math.log)).slope;
}

const afterFirstPhase = (record: RunRecord) => samples(record) - firstPhase(record);

/** The exponent where all sizes have left the plateau; one size has none. */
function knownExponent(
  results: Results,
  variant: Variant,
  quantity?: (record: RunRecord) => number,
): string | undefined {
  const known = variant.sizes.length > 1 &&
    variant.sizes.every((arm) => recordsOf(results, arm).length > 0);
  const recordOf = (arm: Arm) => recordsOf(results, arm)[0]!;
  const exponent = known ? exponentIn(variant, recordOf, quantity) : NaN;
  return Number.isFinite(exponent) ? exponent.toFixed(2) : undefined;
}

/** The law of the plateau's end in one of them, or of what else is counted, in words. */
function lawOf(
  results: Results,
  variant: Variant,
  quantity?: (record: RunRecord) => number,
): string {
  const exponent = knownExponent(results, variant, quantity);
  return exponent === undefined ? "–" : `N^${exponent}`;
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
  regime: formerRegime,
  in(regime) {
    const plain = variantOf(regime, { name: "the regime" });
    const lower = variantOf(regime, { name: "lower rate", rate: 0.3 });
    const larger = variantOf(regime, { name: "larger batch", batches: 4 });
    // Only needed in the smallest population.
    const both = variantOf(regime, {
      name: "lower rate, larger batch",
      rate: 0.3,
      batches: 4,
      multiples: [1],
    });
    const variants = [plain, lower, larger, both];
    const { people } = regime.base;
    const sizes = `${counted(SIZES.length)} sizes`;
    const batches = `batch ${larger.batch} over ${plain.batch}`;
    const most = ({ sizes }: Variant) => sizes.at(-1)!;
    return {
      arms: variants.flatMap(({ sizes }) => sizes),
      claims: [
        {
          id: "exponent-lower-rate",
          row: 2,
          statement: "At a lower learning rate the plateau's end grows like the paper's.",
          paper: ".81",
          quantity: `exponent of samples to .95 L0 against N, .3 of the rate, ${sizes}`,
          rule: { between: [0.6, 1] },
          n: 1,
          measure: (recordOf) => exponentIn(lower, recordOf),
        },
        {
          id: "exponent-larger-batch",
          row: 2,
          statement:
            "With larger batches the plateau's end, first phase included, grows like the paper's.",
          paper: ".81",
          quantity: `exponent of samples to .95 L0 against N, batch ${larger.batch}, ${sizes}`,
          rule: { between: [0.6, 1] },
          n: 1,
          measure: (recordOf) => exponentIn(larger, recordOf),
        },
        {
          id: "samples-lower-rate",
          row: 8,
          statement: `At a lower learning rate batch ${plain.batch} and ${larger.batch} need ` +
            "equally many samples.",
          paper: "1.09 (batch 32 to 128)",
          quantity: `samples to .95 L0, ${batches}, .3 of the rate`,
          rule: { between: [0.8, 1.25] },
          n: 1,
          ratio: true,
          measure: (recordOf) =>
            samples(recordOf(both.sizes[0]!)) / samples(recordOf(lower.sizes[0]!)),
        },
        {
          id: "samples-many-people",
          row: 8,
          statement: `With four times the people batch ${plain.batch} and ${larger.batch} need ` +
            "equally many samples.",
          paper: "1.09 (batch 32 to 128)",
          quantity: `samples to .95 L0, ${batches}, ${most(plain).multiple * people} people`,
          rule: { between: [0.8, 1.25] },
          n: 1,
          ratio: true,
          measure: (recordOf) => samples(recordOf(most(larger))) / samples(recordOf(most(plain))),
        },
      ],
      figure: (results) =>
        panels([
          scatterFitPlot({
            title: "samples until the plateau ends",
            points: [plain, lower, larger].flatMap((own, i) => pointsOf(results, own, i)),
            x: { title: "people N" },
            y: { title: "biographies" },
          }),
        ], {
          caption: finding(results, "exponent-larger-batch", {
            holds: "With four times the batch the end grows like the paper's (N^.81). ",
            "does not hold": "With four times the batch, too, the end does not grow like the " +
              "paper's (N^.81). ",
            undecided: "Undecided whether the end grows like the paper's (N^.81) with four times " +
              "the batch. ",
            "no verdict": "With four times the batch the end grows as " +
              `${lawOf(results, larger)}, what comes after the first phase as ${
                lawOf(results, larger, afterFirstPhase)
              } (paper: N^.81, first phase included); one seed gives no verdict. `,
          }) + "Lines: least squares on logarithms.",
        }),
      table: (results) =>
        table(
          variants.map((own) => {
            const records = own.sizes.map((arm) => recordsOf(results, arm)[0]);
            return {
              regime: own.name,
              ...Object.fromEntries(
                SIZES.map((multiple, i) => [`${multiple * people} people`, endText(records[i])]),
              ),
              exponent: knownExponent(results, own) ?? "–",
              "after the first phase": lawOf(results, own, afterFirstPhase),
              "first phase, share of the end": records
                .map((record) => record ? firstPhase(record) / samples(record) : NaN)
                .filter((share) => !Number.isNaN(share))
                .map((share) => share.toFixed(2)).join(", ") || "–",
            };
          }),
          { caption: "Biographies until .95 L0, one seed; the first phase ends at 1.05 L0" },
        ),
    };
  },
};

/** The plateau ends of a regime and the power law through them; nothing for fewer than two. */
function pointsOf(results: Results, { name, sizes }: Variant, color: number): FittedPoints[] {
  const known = sizes.flatMap((arm) => recordsOf(results, arm)).map((record) => ({
    size: record.header.configuration.people,
    value: samples(record),
  })).filter(({ value }) => Number.isFinite(value));
  if (known.length < 2) return [];
  const { slope, intercept } = line(
    known.map(({ size }) => Math.log(size)),
    known.map(({ value }) => Math.log(value)),
  );
  return [{
    name,
    color: plainColors[color],
    x: known.map(({ size }) => size),
    y: known.map(({ value }) => value),
    n: 1,
    fit: {
      at: (size: number) => Math.exp(intercept) * size ** slope,
      label: `${name}: N^${slope.toFixed(2)}`,
    },
  }];
}

/** Biographies until the plateau ends, or how many were not enough. */
function endText(record: RunRecord | undefined): string {
  if (!record) return "–";
  const { steps, batch } = record.header.configuration;
  const end = samples(record);
  return Number.isFinite(end) ? String(Math.round(end)) : `> ${steps * batch}`;
}
