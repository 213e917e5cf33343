/**
 * Row 28: the same forgetting without any attention, in a toy associative memory (appendix F.4). It
 * also settles which curve of the paper's figure Q is which.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, orderedColors, panels } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { bandOf, meanText, valueAt } from "../readings/mod.ts";
import {
  finding,
  MEMORY,
  type MemoryArm,
  type MemoryConfiguration,
  type MemoryRecord,
  recordsOf,
  type Regime,
  type Study,
} from "../study/mod.ts";
import { oneIn } from "./words.ts";

/** New pairs of the arms with replay. */
const WITH_REPLAY = 128;

/** What the paper does not tell: three other readings of it, for few and for many new pairs. */
interface Reading {
  name: string;
  changes: Partial<MemoryConfiguration>;
  keepMoments?: boolean;
}
const TRAINED: Reading = { name: "trained read-out", changes: { readout: "trained" } };
const OTHERS: readonly Reading[] = [
  { name: "beta2 .999", changes: { beta2: 0.999 } },
  { name: "beta2 .999, moments kept", changes: { beta2: 0.999 }, keepMoments: true },
];

/** At smoke scale a small memory that is trained for a moment. */
const SIZES: Record<Scale, MemoryConfiguration> = {
  smoke: {
    ...MEMORY,
    pairs: 1024,
    pretraining: { steps: 100, lr: 0.03 },
    tuning: { ...MEMORY.tuning, steps: 40 },
  },
  laptop: MEMORY,
  paper: MEMORY,
};

function memory(
  regime: Regime,
  seed: number,
  tuning: Partial<MemoryConfiguration["tuning"]>,
  changes: Partial<MemoryConfiguration> = {},
) {
  const base = SIZES[regime.scale];
  return { ...base, seed, ...changes, tuning: { ...base.tuning, ...tuning } };
}

const last = ({ measurements }: MemoryRecord) => measurements.at(-1)!;
const oldAt = (record: MemoryRecord) => last(record).sets.old.accuracy;
const worst = ({ measurements }: MemoryRecord) =>
  Math.min(...measurements.map(({ sets }) => sets.old.accuracy));
const newAt = (record: MemoryRecord, step: number) =>
  valueAt(record, step, ({ sets }) => sets.new.accuracy);

/** The toy memory. */
export const toyMemory: Study = {
  name: "toy-memory",
  title: "A toy associative memory",
  notebook: "05",
  question: "Is attention needed for this kind of forgetting?",
  result:
    "No: a small MLP that has learned key-value pairs forgets and keeps them in the same way.",
  seeds: 3,
  in(regime) {
    const smoke = regime.scale === "smoke";
    const withNew = (pairs: number): MemoryArm => ({
      name: `${pairs} new pairs`,
      memory: (seed) => memory(regime, seed, { pairs }),
    });
    const [few, some, many, full] = [withNew(32), withNew(128), withNew(256), withNew(1024)];
    const without = smoke
      ? [few, some, many, full]
      : [few, withNew(64), some, many, withNew(512), full];
    const replayed = (weight: number): MemoryArm => ({
      name: `replay, weight ${weight < 1 ? oneIn(weight) : weight}`,
      memory: (seed) => memory(regime, seed, { pairs: WITH_REPLAY, weight }),
    });
    const [little, much] = [replayed(1 / 512), replayed(2)];
    const withReplay = smoke
      ? [little, much]
      : [little, ...[1 / 128, 1 / 32, 1 / 8, 1 / 2].map(replayed), much];
    const variant = (
      { name, changes, keepMoments }: Reading,
      pairs: number,
    ): MemoryArm => ({
      name: `${name}, ${pairs} new pairs`,
      memory: (seed) => memory(regime, seed, { pairs, keepMoments: keepMoments ?? false }, changes),
      seeds: 1,
    });
    const trained = variant(TRAINED, 32);
    const variants = smoke ? OTHERS.map((reading) => variant(reading, 32)) : [
      variant(TRAINED, 1024),
      ...OTHERS.flatMap((reading) => [variant(reading, 32), variant(reading, 1024)]),
    ];
    const arms = [...without, ...withReplay, trained, ...variants];
    const then = Math.min(1000, SIZES[regime.scale].tuning.steps);
    return {
      arms,
      claims: [
        {
          id: "toy-more-new-worse",
          row: 28,
          statement: "The more new pairs a toy memory learns, the more it forgets: the paper's " +
            "legend is the wrong way round.",
          paper: "-.28 by its legend (.34 for 32, .76 for 1024 new pairs), about .14 if reversed",
          quantity: "smaller of old accuracy 32 minus 256 and 256 minus 1024 new pairs, in the end",
          rule: { above: 0 },
          n: 3,
          measure: (recordOf) => {
            const [least, middle, most] = [few, many, full].map((arm) => oldAt(recordOf(arm)));
            return Math.min(least! - middle!, middle! - most!);
          },
        },
        {
          id: "toy-confident-errors",
          row: 28,
          statement: "A toy memory begins on new pairs with confident errors.",
          paper: "5.6 to 6.8 (19 to 23 nats)",
          quantity: "first loss on new pairs over ln 30 (128 new pairs)",
          rule: { above: 4 },
          n: 3,
          measure: (recordOf) => {
            const { measurements, header } = recordOf(some);
            return measurements[0]!.sets.new.loss / header.floor.loss;
          },
        },
        {
          id: "toy-little-replay",
          row: 28,
          statement: "In the end very little replay is enough for a toy memory.",
          paper: ".989 (weight 1/512)",
          quantity: "old accuracy in the end, weight 1/512",
          rule: { above: 0.98 },
          n: 3,
          measure: (recordOf) => oldAt(recordOf(little)),
        },
        {
          id: "toy-replay-dips",
          row: 28,
          statement: "With very little replay a toy memory's old accuracy dips on the way.",
          paper: ".28 (.709 near step 200)",
          quantity: "old accuracy in the end minus at worst, weight 1/512",
          rule: { above: 0.05 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(little);
            return oldAt(record) - worst(record);
          },
        },
        {
          id: "toy-much-replay-slows",
          row: 28,
          statement: "Much replay slows down what is new to a toy memory.",
          paper: ".58 (.42 with weight 2, 1 with 1/512)",
          quantity: `new accuracy at step ${then}, weight 1/512 minus weight 2`,
          rule: { above: 0.3 },
          n: 3,
          measure: (recordOf) => newAt(recordOf(little), then) - newAt(recordOf(much), then),
        },
        {
          id: "toy-fixed-readout",
          row: 28,
          statement:
            "In a toy memory with a trained read-out the loss on old pairs grows far beyond " +
            "the paper's.",
          paper: "at most 6.7 nats",
          quantity: "old loss in the end, nats (trained read-out, 32 new pairs)",
          rule: { above: 13.4 },
          n: 1,
          measure: (recordOf) => last(recordOf(trained)).sets.old.loss,
        },
      ],
      figure(results) {
        // New pairs and weights are two orders: each has colours of its own.
        const lines = (arms: readonly MemoryArm[], set: "old" | "new") =>
          arms.flatMap((arm, i) => {
            const records = recordsOf(results, arm);
            const ramp = arms === without ? "cool" : "warm";
            return records.length === 0 ? [] : [{
              name: arm.name.replace("replay, ", "").replace(" pairs", ""),
              color: orderedColors(arms.length, ramp)[i],
              ...bandOf(records, ({ sets }) => sets[set].accuracy),
            }];
          });
        const x = { title: "steps of tuning", log: true };
        const y = { title: "share of pairs", range: [0, 1] as [number, number] };
        return panels([
          curvesPlot({ title: "old pairs, no replay", lines: lines(without, "old"), x, y }),
          curvesPlot({ title: "new pairs, no replay", lines: lines(without, "new"), x, y }),
          curvesPlot({ title: "old pairs, replay", lines: lines(withReplay, "old"), x, y }),
          curvesPlot({ title: "new pairs, replay", lines: lines(withReplay, "new"), x, y }),
        ], {
          arrange: "stacked",
          caption: finding(results, "toy-more-new-worse", {
            holds: "The more new pairs, the deeper the old ones are forgotten.",
            "does not hold": "More new pairs do not mean deeper forgetting.",
            undecided: "Undecided whether more new pairs mean deeper forgetting.",
          }) + ` ${MEMORY.pairs} old pairs; replay by weight, with ${WITH_REPLAY} new ones.`,
        });
      },
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            const of = (quantity: (record: MemoryRecord) => number) =>
              meanText(records.map(quantity));
            return {
              arm: arm.name,
              n: records.length,
              "old at worst": of(worst),
              "old in the end": of(oldAt),
              "old loss in the end (nats)": of((record) => last(record).sets.old.loss),
              [`new at step ${then}`]: of((record) => newAt(record, then)),
              "new in the end": of((record) => last(record).sets.new.accuracy),
            };
          }),
          { caption: "Accuracy on pairs; ln 30 = 3.40 nats is not knowing" },
        ),
    };
  },
};
