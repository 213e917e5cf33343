/**
 * Rows 2 and 6: how long the plateau lasts for how many people, and learning curves against N.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, panels, scatterFitPlot } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { hinge, type PlateauEnds } from "../probes/mod.ts";
import {
  bandOf,
  fitPowerLaw,
  fitPowerLawWithOffset,
  flatLength,
  line,
  mean,
  meanText,
  plateauIn,
  type Point,
  standardDeviation,
} from "../readings/mod.ts";
import {
  type Arm,
  type Changes,
  finding,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { namesFor } from "./regime.ts";
import { counted } from "./words.ts";

/** Sizes of the power law; value lists have at most a tenth of the smallest. */
const SIZES: Record<Scale, readonly number[]> = {
  smoke: [16, 24, 32, 48, 64],
  laptop: [512, 1024, 2048, 4096],
  paper: [4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000],
};
/** Biographies a step, where it is not the regime's: larger, as the paper's are. */
const BATCH: Partial<Record<Scale, number>> = { laptop: 32 };
/** People who are learned without a flat part, and the share of L0 at which more than half is known. */
const FEW: Record<Scale, { people: number; below: number }> = {
  smoke: { people: 16, below: 0.4 },
  laptop: { people: 256, below: 0.4 },
  paper: { people: 4000, below: 0.2 },
};
/** A definition of the plateau's end, or what of the main one comes after the first phase. */
type Definition = keyof PlateauEnds | "after";

const DEFINITIONS: { key: Definition; name: string }[] = [
  { key: "main", name: ".95 L0 (main)" },
  { key: "after", name: "of these after the first phase" },
  { key: "early", name: ".99 L0" },
  { key: "accuracy", name: "A' = 1 %" },
  { key: "hinge", name: "hinge (to .9 L0)" },
];

/** Samples to the plateau's end, by one definition; NaN if censored. */
function samplesTo(record: RunRecord, key: Definition): number {
  return (endIn(record, key) ?? NaN) * record.header.configuration.batch;
}

function endIn(record: RunRecord, key: Definition): number | null {
  if (key === "after") return flatLength(record);
  return key === "hinge" ? hingeIn(record) : plateauIn(record).ends[key];
}

/** The hinge of a run that ends with its plateau: fitted up to its last measurement, .9 L0. */
function hingeIn({ measurements, header: { floor } }: RunRecord): number | null {
  const steps = measurements.map(({ step }) => step);
  const loss = measurements.map(({ sets }) => sets.training.loss);
  const left = loss.at(-1)! < 0.95 * floor.loss;
  return left ? hinge(steps, loss, floor.loss, steps.at(-1)!) : null;
}

/** An arm of so many people. */
interface Sized extends Arm {
  people: number;
}

function pointsOf(results: Results, sizes: readonly Sized[], key: Definition): Point[] {
  return sizes.flatMap((arm) => recordsOf(results, arm))
    .map((record) => ({
      size: record.header.configuration.people,
      value: samplesTo(record, key),
      seed: record.header.configuration.seed,
    }))
    .filter(({ value }) => value > 0);
}

/** One seed's samples against N on logarithms, for claims. */
function fitOf(sizes: readonly Sized[], recordOf: (arm: Arm) => RunRecord) {
  return line(
    sizes.map(({ people }) => Math.log(people)),
    sizes.map((arm) => Math.log(samplesTo(recordOf(arm), "main"))),
  );
}

/**
 * The sizes, with names in proportion to the root of N and stopped below .9 L0, on the cosine of the
 * regime's steps as in the paper, and few people until half is known.
 */
function armsOf(regime: Regime) {
  const sized = (people: number, changes: Changes): Changes => ({
    people,
    ...namesFor(regime, people),
    ...changes,
    evaluation: { measurements: 40, attention: 0, flow: 0, verified: 0 },
  });
  const batch = BATCH[regime.scale] ?? regime.base.batch;
  const sizes = SIZES[regime.scale].map((people): Sized => ({
    name: `N=${people}`,
    people,
    run: (seed) => regime.run(sized(people, { seed, batch, stopBelow: 0.9 })),
  }));
  const { people, below } = FEW[regime.scale];
  const few: Sized = {
    name: `${people} people`,
    people,
    run: (seed) => regime.run(sized(people, { seed, stopBelow: below })),
    seeds: 3,
  };
  return { sizes, few };
}

/** Plateau length against the number of people. */
export const populationSize: Study = {
  name: "population-size",
  title: "Plateau against the number of people",
  notebook: "01",
  question: "How does the plateau's length depend on the number of people N?",
  result: "It grows as N^0.81: with more people, each needs fewer exposures.",
  seeds: 5,
  in(regime) {
    const { sizes, few } = armsOf(regime);
    const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
    const n = 5;
    return {
      arms: [...sizes, few],
      claims: [
        {
          id: "plateau-exponent",
          row: 2,
          statement: "The plateau grows as a power of N, with an exponent between .6 and 1.",
          paper: ".81 (0.43 N^.81 steps at batch 128)",
          quantity: "exponent of samples to .95 L0 against N",
          rule: { between: [0.6, 1] },
          atPaper: { rule: { between: [0.7, 0.9] } },
          n,
          measure: (recordOf) => fitOf(sizes, recordOf).slope,
        },
        {
          id: "plateau-power-law",
          row: 2,
          statement: "A power law of N fits the plateau's end.",
          paper: "R2 .998",
          quantity: `R2 of the fit on logarithms, ${counted(sizes.length)} sizes`,
          rule: { above: 0.97 },
          atPaper: { rule: { above: 0.98 } },
          n,
          measure: (recordOf) => fitOf(sizes, recordOf).r2,
        },
        {
          id: "exposures-fall",
          row: 2,
          statement: "With more people, each is seen fewer times before the plateau ends.",
          paper: ".45 (12 to 5.4 exposures)",
          quantity: "exposures at the end, largest over smallest N",
          rule: { below: 1 },
          atPaper: { rule: { below: 0.7 } },
          n,
          ratio: true,
          measure: (recordOf) => {
            const exposures = (arm: Sized) => samplesTo(recordOf(arm), "main") / arm.people;
            return exposures(largest) / exposures(smallest);
          },
        },
        {
          id: "small-population-not-flat",
          row: 6,
          statement: "Few people are learned without a flat part.",
          paper: "none visible at 4k and 8k people",
          quantity: `flat share of the way to 50 %, ${few.people} people`,
          rule: { below: 0.25 },
          n: 3,
          measure: (recordOf) => plateauIn(recordOf(few)).flat ?? NaN,
        },
      ],
      figure: (results) => sizesFigure(results, sizes, few),
      table: (results) =>
        table(
          sizes.map((arm) => {
            const records = recordsOf(results, arm);
            const column = (key: Definition) => meanText(records.map((r) => samplesTo(r, key)));
            return {
              people: arm.people,
              ...Object.fromEntries(DEFINITIONS.map(({ key, name }) => [name, column(key)])),
              "exposures a person": meanText(
                records.map((r) => samplesTo(r, "main") / arm.people),
              ),
            };
          }).concat([fitRow(results, sizes), fitRow(results, sizes, smallest)]),
          {
            caption:
              "Samples until the plateau ends, by four definitions, and the exponents under each " +
              "(95 % interval over seeds)",
          },
        ),
    };
  },
};

/** Samples until the plateau ends against N, and learning curves. */
function sizesFigure(results: Results, sizes: readonly Sized[], few: Sized): Figure {
  const points = pointsOf(results, sizes, "main");
  const known = sizes.map((arm) => ({
    people: arm.people,
    samples: recordsOf(results, arm).map((r) => samplesTo(r, "main")).filter(Number.isFinite),
  })).filter(({ samples }) => samples.length > 0);
  const law = known.length >= 3 ? fitPowerLaw(points) : undefined;
  const curves = [few, ...sizes]
    .map((arm) => ({ people: arm.people, records: recordsOf(results, arm) }))
    .filter(({ records }) => records.length > 0);
  const colors = orderedColors(curves.length);
  const largest = curves.at(-1);
  return panels([
    scatterFitPlot({
      title: "samples until the plateau ends",
      points: [{
        name: "mean ± sd over seeds",
        meaning: "training",
        x: known.map(({ people }) => people),
        y: known.map(({ samples }) => mean(samples)),
        sd: known.map(({ samples }) => standardDeviation(samples)),
        n: known.map(({ samples }) => samples.length),
        ...(law
          ? {
            fit: {
              at: (size: number) => law.factor * size ** law.exponent,
              label: `${law.factor.toPrecision(3)} N^${law.exponent.toFixed(2)}` +
                (law.interval ? ` (95 %: ${rangeText(law.interval)})` : ""),
            },
          }
          : {}),
      }],
      x: { title: "people N" },
      y: { title: "biographies" },
    }),
    curvesPlot({
      title: "attribute loss until runs end",
      lines: curves.map(({ people, records }, i) => ({
        name: `${people} people`,
        color: colors[i],
        ...bandOf(records, ({ sets }) => sets["held-out"].loss, ({ samples }) => samples),
      })),
      x: { title: "biographies seen", log: true },
      y: { title: "nats a value" },
      levels: largest ? [{ y: largest.records[0]!.header.floor.loss, label: "knows nobody" }] : [],
    }),
  ], {
    arrange: "stacked",
    caption: (law
      ? finding(results, "plateau-exponent", {
        holds:
          "The plateau grows as a power of N, with an exponent between .6 and 1; the paper's is .81.",
        "does not hold": "The plateau's exponent is not between .6 and 1; the paper's is .81.",
        undecided:
          "Undecided whether the plateau's exponent is between .6 and 1; the paper's is .81.",
      })
      : "Too few plateaus have ended for a fit.") +
      " Below: held-out templates; knowing nobody is that of the largest N, each has its own.",
  });
}

const rangeText = (interval: [number, number]) => interval.map((v) => v.toFixed(2)).join(" to ");

/**
 * The exponents under each definition, as a row of the table; also without the smallest population,
 * whose plateau is the least flat.
 */
function fitRow(results: Results, sizes: readonly Sized[], left?: Sized) {
  const known = (key: Definition) => pointsOf(results, sizes.filter((arm) => arm !== left), key);
  const exponent = (key: Definition) => {
    const points = known(key);
    if (new Set(points.map(({ size }) => size)).size < 3) return "–";
    const { exponent, interval, r2 } = fitPowerLaw(points);
    return exponent.toFixed(2) + (interval ? ` (${rangeText(interval)})` : "") +
      `, R2 ${r2.toFixed(3)}`;
  };
  const points = known("main");
  const offset = points.length >= 6 ? fitPowerLawWithOffset(points) : undefined;
  return {
    people: (left ? `exponent without ${left.people}` : "exponent") as never,
    ...Object.fromEntries(DEFINITIONS.map(({ key, name }) => [name, exponent(key)])),
    "exposures a person": offset
      ? `with offset ${offset.offset.toFixed(0)}: exponent ${offset.exponent.toFixed(2)}`
      : "–",
  };
}
