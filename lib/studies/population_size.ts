/**
 * Rows 2 and 6: how long the plateau lasts for how many people, and learning curves against N.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, orderedColors, panels, scatterFitPlot } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { hinge, type PlateauEnds } from "../probes/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { bandOf, finalShare, meanText, plateauIn, seedCount } from "./readings.ts";
import { plateauRun, regime } from "./regime.ts";
import {
  fitPowerLaw,
  fitPowerLawWithOffset,
  line,
  mean,
  type Point,
  standardDeviation,
} from "./statistics.ts";
import { armsOf, gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** Sizes of the power law; value lists have at most a tenth of the smallest. */
const SIZES: Record<Scale, readonly number[]> = {
  smoke: [16, 24, 32, 48, 64],
  laptop: [512, 768, 1024, 1536, 2048],
  paper: [4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144],
};
/** Sizes of the learning curves at equal steps. */
const CURVES: Record<Scale, readonly number[]> = {
  smoke: [16, 64],
  laptop: [256, 1024, 2048],
  paper: [4096, 8192, 16_384, 32_768, 131_072],
};

const DEFINITIONS: { key: keyof PlateauEnds; name: string }[] = [
  { key: "main", name: ".95 L0 (main)" },
  { key: "early", name: ".99 L0" },
  { key: "accuracy", name: "A' = 1 %" },
  { key: "hinge", name: "hinge (to .9 L0)" },
];

/** Samples to the plateau's end, by one definition; NaN if censored. */
function samplesTo(record: RunRecord, key: keyof PlateauEnds): number {
  const end = key === "hinge" ? hingeIn(record) : plateauIn(record).ends[key];
  return (end ?? NaN) * record.header.configuration.batch;
}

/** The hinge of a run that ends with its plateau: fitted up to its last measurement, .9 L0. */
function hingeIn({ measurements, header: { floor } }: RunRecord): number | null {
  const steps = measurements.map(({ step }) => step);
  const loss = measurements.map(({ sets }) => sets.training!.loss);
  const left = loss.at(-1)! < 0.95 * floor.loss;
  return left ? hinge(steps, loss, floor.loss, steps.at(-1)!) : null;
}

function pointsOf(results: Results, key: keyof PlateauEnds): Point[] {
  return plateauArms(results)
    .flatMap((arm) => recordsOf(results, arm))
    .map((record) => ({
      size: record.header.configuration.people,
      value: samplesTo(record, key),
      seed: record.header.configuration.seed,
    }))
    .filter(({ value }) => Number.isFinite(value));
}

const plateauArms = (results: Results) => armsOf(results).filter((arm) => arm.startsWith("N="));
const curveArms = (results: Results) => armsOf(results).filter((arm) => !arm.startsWith("N="));

/** One seed's samples against N on logarithms, for claims. */
function fitOf(recordOf: (arm: string) => RunRecord) {
  const points = SIZES.laptop.map((size) => ({
    x: Math.log(size),
    y: Math.log(samplesTo(recordOf(`N=${size}`), "main")),
  }));
  return line(points.map(({ x }) => x), points.map(({ y }) => y));
}

/** Plateau length against the number of people. */
export const populationSize: Study = {
  name: "population-size",
  title: "Plateau against the number of people",
  notebook: "01",
  question: "How does the plateau's length depend on the number of people N?",
  result: "It grows as N^0.81: with more people, each needs fewer exposures.",
  seeds: 3,
  grid: (options) =>
    gridOf(options, {
      ...Object.fromEntries(
        SIZES[options.scale].map((people) => [`N=${people}`, {
          run: (seed: number) => plateauRun(options.scale, { seed, people }),
        }]),
      ),
      base: { run: (seed) => regime(options.scale, { seed }) },
      ...Object.fromEntries(
        CURVES[options.scale].map((people) => [`${people} people`, {
          run: (seed: number) => regime(options.scale, { seed, people }),
          seeds: 1,
        }]),
      ),
    }),
  claims: [
    {
      id: "plateau-exponent",
      row: 2,
      statement: "The plateau grows as a power of N, with an exponent between .6 and 1.",
      paper: ".81 (0.43 N^.81 steps at batch 128)",
      quantity: "exponent of samples to .95 L0 against N",
      rule: { between: [0.6, 1] },
      measure: (recordOf) => fitOf(recordOf).slope,
    },
    {
      id: "plateau-power-law",
      row: 2,
      statement: "A power law fits.",
      paper: "R2 .998",
      quantity: "R2 of the fit on logarithms, five sizes",
      rule: { above: 0.97 },
      measure: (recordOf) => fitOf(recordOf).r2,
    },
    {
      id: "exposures-fall",
      row: 2,
      statement: "With more people, each is seen fewer times before the plateau ends.",
      paper: ".45 (12 to 5.4 exposures)",
      quantity: "exposures at the end, largest over smallest N",
      rule: { below: 1 },
      measure: (recordOf) => {
        const [small, large] = [SIZES.laptop[0]!, SIZES.laptop.at(-1)!];
        const exposures = (size: number) => samplesTo(recordOf(`N=${size}`), "main") / size;
        return exposures(large) / exposures(small);
      },
    },
    {
      id: "small-population-not-flat",
      row: 6,
      statement: "Few people are learned without a flat part.",
      paper: "none visible at 4k and 8k people",
      quantity: "flat share of the way to 50 %, 256 people",
      rule: { below: 0.25 },
      measure: (recordOf) => plateauIn(recordOf("256 people")).flat ?? NaN,
    },
    {
      id: "many-people-not-learned",
      row: 6,
      statement: "In the same number of steps many people are not learned.",
      paper: ".66 (128k people)",
      quantity: "final loss of 2048 people as a share of L0",
      rule: { above: 0.5 },
      measure: (recordOf) => finalShare(recordOf("2048 people")),
    },
  ],
  figure(results) {
    const points = pointsOf(results, "main");
    const arms = plateauArms(results);
    const bySize = arms.map((arm) => recordsOf(results, arm).map((r) => samplesTo(r, "main")))
      .map((values) => values.filter(Number.isFinite));
    const sizes = arms.map((arm) => Number(arm.slice(2)));
    const known = sizes.flatMap((size, i) => bySize[i]!.length > 0 ? [{ size, i }] : []);
    const law = known.length >= 3 ? fitPowerLaw(points) : undefined;
    const seeds = new Set(results.trials.map(({ seed }) => seed)).size;
    const curves = ["base", ...curveArms(results).filter((arm) => arm !== "base")]
      .map((arm) => ({ arm, records: recordsOf(results, arm) }))
      .filter(({ records }) => records.length > 0)
      .sort((a, b) => peopleOf(a.records) - peopleOf(b.records));
    const colors = orderedColors(curves.length);
    return panels([
      scatterFitPlot({
        title: "samples until the plateau ends",
        points: [{
          name: "mean ± sd over seeds",
          meaning: "training",
          x: known.map(({ size }) => size),
          y: known.map(({ i }) => mean(bySize[i]!)),
          sd: known.map(({ i }) => standardDeviation(bySize[i]!)),
          ...(law
            ? {
              fit: {
                at: (size: number) => law.factor * size ** law.exponent,
                label: `${law.factor.toPrecision(3)} N^${law.exponent.toFixed(2)}` +
                  (law.interval ? ` (95 % over seeds: ${rangeText(law.interval)})` : ""),
              },
            }
            : {}),
        }],
        x: { title: "people N" },
        y: { title: "biographies" },
      }),
      curvesPlot({
        title: "attribute loss in equal steps",
        lines: curves.map(({ records }, i) => ({
          name: `${peopleOf(records)} people`,
          color: colors[i],
          ...bandOf(records, (m) => m.sets["held-out"]!.loss),
        })),
        x: { title: "training step", log: true },
        y: { title: "nats a value" },
        levels: curves.length > 0
          ? [{
            y: curves.at(-1)!.records[0]!.header.floor.loss,
            label: `knows nobody (${peopleOf(curves.at(-1)!.records)} people)`,
          }]
          : [],
      }),
    ], {
      arrange: "stacked",
      caption: `${seedCount(seeds)} a size. ` +
        (law
          ? `The plateau takes about N^${law.exponent.toFixed(2)} biographies (paper: N^0.81).`
          : "Too few plateaus have ended for a fit.") +
        " Below: held-out templates, same steps for every N; each N has a no-knowledge loss of its own.",
    });
  },
  table(results) {
    return table(
      plateauArms(results).map((arm) => {
        const records = recordsOf(results, arm);
        const size = Number(arm.slice(2));
        const column = (key: keyof PlateauEnds) => meanText(records.map((r) => samplesTo(r, key)));
        return {
          people: size,
          ...Object.fromEntries(DEFINITIONS.map(({ key, name }) => [name, column(key)])),
          "exposures a person": meanText(records.map((r) => samplesTo(r, "main") / size)),
        };
      }).concat([fitRow(results), fitRow(results, SIZES[results.scale][0])]),
      {
        caption:
          "Samples until the plateau ends, by four definitions, and the exponents under each " +
          "(95 % interval over seeds)",
      },
    );
  },
};

const rangeText = (interval: [number, number]) =>
  interval.map((value) => value.toFixed(2)).join(" to ");

function peopleOf(records: RunRecord[]): number {
  return records[0]!.header.configuration.people;
}

/**
 * The exponents under each definition, as a row of the table; also without the smallest population,
 * whose plateau is hardly flat (a flat share of .23 in three_phases.ts, .25 is asked for).
 */
function fitRow(results: Results, left?: number) {
  const known = (key: keyof PlateauEnds) =>
    pointsOf(results, key).filter(({ size }) => size !== left);
  const exponent = (key: keyof PlateauEnds) => {
    const points = known(key);
    if (new Set(points.map(({ size }) => size)).size < 3) return "–";
    const { exponent, interval, r2 } = fitPowerLaw(points);
    return exponent.toFixed(2) + (interval ? ` (${rangeText(interval)})` : "") +
      `, R2 ${r2.toFixed(3)}`;
  };
  const points = known("main");
  const offset = points.length >= 6 ? fitPowerLawWithOffset(points) : undefined;
  return {
    people: (left === undefined ? "exponent" : `exponent without ${left}`) as never,
    ...Object.fromEntries(DEFINITIONS.map(({ key, name }) => [name, exponent(key)])),
    "exposures a person": offset
      ? `with offset ${offset.offset.toFixed(0)}: exponent ${offset.exponent.toFixed(2)}`
      : "–",
  };
}
