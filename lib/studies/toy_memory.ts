/**
 * Row 28: the same forgetting without any attention, in a toy associative memory (appendix F.4). It
 * also settles which curve of the paper's figure Q is which.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, orderedColors, panels } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { MEMORY, type MemoryConfiguration } from "./associative_memory.ts";
import { bandOf, meanText, valueAt } from "./readings.ts";
import { thinned } from "./regime.ts";
import { type Arm, finding, gridOf, recordsOf, type Study } from "./study.ts";

const PAIRS = [32, 64, 128, 256, 512, 1024] as const;
const WEIGHTS = [1 / 512, 1 / 128, 1 / 32, 1 / 8, 1 / 2, 2] as const;
/** New pairs of the arms with replay. */
const WITH_REPLAY = 128;

const newArm = (pairs: number) => `${pairs} new pairs`;
const replayArm = (weight: number) => `replay, weight ${weight < 1 ? `1/${1 / weight}` : weight}`;

/** What the paper does not tell: three other readings of it, for few and for many new pairs. */
const VARIANTS: Readonly<Record<string, Partial<MemoryConfiguration> & { keep?: boolean }>> = {
  "trained read-out": { readout: "trained" },
  "beta2 .999": { beta2: 0.999 },
  "beta2 .999, moments kept": { beta2: 0.999, keep: true },
};
const variantArm = (name: string, pairs: number) => `${name}, ${pairs} new pairs`;

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
  scale: Scale,
  seed: number,
  tuning: Partial<MemoryConfiguration["tuning"]>,
  changes: Partial<MemoryConfiguration> = {},
) {
  const base = SIZES[scale];
  return { memory: { ...base, seed, ...changes, tuning: { ...base.tuning, ...tuning } } };
}

const last = ({ measurements }: RunRecord) => measurements.at(-1)!;
const oldAt = (record: RunRecord) => last(record).sets.old!.accuracy;
const worst = ({ measurements }: RunRecord) =>
  Math.min(...measurements.map(({ sets }) => sets.old!.accuracy));
const newAt = (record: RunRecord, step: number) =>
  valueAt(record, step, ({ sets }) => sets.new!.accuracy);

/** The toy memory. */
export const toyMemory: Study = {
  name: "toy-memory",
  title: "A toy associative memory",
  notebook: "05",
  question: "Is attention needed for this kind of forgetting?",
  result:
    "No: a small MLP that has learned key-value pairs forgets and keeps them in the same way.",
  seeds: 3,
  grid: (options) => {
    const { scale } = options;
    const arms: Record<string, Arm> = {};
    for (const pairs of thinned(scale, PAIRS)) {
      arms[newArm(pairs)] = { run: (seed) => memory(scale, seed, { pairs }) };
    }
    for (const weight of thinned(scale, WEIGHTS)) {
      arms[replayArm(weight)] = {
        run: (seed) => memory(scale, seed, { pairs: WITH_REPLAY, weight }),
      };
    }
    for (const [name, { keep = false, ...changes }] of Object.entries(VARIANTS)) {
      for (const pairs of scale === "smoke" ? [32] : [32, 1024]) {
        arms[variantArm(name, pairs)] = {
          run: (seed) => memory(scale, seed, { pairs, keepMoments: keep }, changes),
          seeds: 1,
        };
      }
    }
    return gridOf(options, arms);
  },
  claims: [
    {
      id: "toy-more-new-worse",
      row: 28,
      statement:
        "The more new pairs, the more is forgotten: the paper's legend is the wrong way round.",
      paper: "-.42 by its legend (.34 for 32, .76 for 1024 new pairs), +.42 if reversed",
      quantity: "smaller of old accuracy 32 minus 256 and 256 minus 1024 new pairs, in the end",
      rule: { above: 0 },
      measure: (recordOf) => {
        const [few, some, many] = [32, 256, 1024].map((pairs) => oldAt(recordOf(newArm(pairs))));
        return Math.min(few! - some!, some! - many!);
      },
    },
    {
      id: "toy-confident-errors",
      row: 28,
      statement: "New pairs begin with confident errors.",
      paper: "5.6 to 6.8 (19 to 23 nats)",
      quantity: "first loss on new pairs over ln 30 (128 new pairs)",
      rule: { above: 4 },
      measure: (recordOf) => {
        const { measurements, header } = recordOf(newArm(128));
        return measurements[0]!.sets.new!.loss / header.floor.loss;
      },
    },
    {
      id: "toy-little-replay",
      row: 28,
      statement: "A very little replay is enough in the end.",
      paper: ".989 (weight 1/512)",
      quantity: "old accuracy in the end, weight 1/512",
      rule: { above: 0.98 },
      measure: (recordOf) => oldAt(recordOf(replayArm(1 / 512))),
    },
    {
      id: "toy-replay-dips",
      row: 28,
      statement: "On the way there old accuracy dips.",
      paper: ".28 (.709 near step 200)",
      quantity: "old accuracy in the end minus at worst, weight 1/512",
      rule: { above: 0.05 },
      measure: (recordOf) => {
        const record = recordOf(replayArm(1 / 512));
        return oldAt(record) - worst(record);
      },
    },
    {
      id: "toy-much-replay-slows",
      row: 28,
      statement: "Much replay slows down what is new.",
      paper: ".58 (.42 with weight 2, 1 with 1/512)",
      quantity: "new accuracy at step 1000, weight 1/512 minus weight 2",
      rule: { above: 0.3 },
      measure: (recordOf) =>
        newAt(recordOf(replayArm(1 / 512)), 1000) - newAt(recordOf(replayArm(2)), 1000),
    },
    {
      id: "toy-fixed-readout",
      row: 28,
      statement: "With a trained read-out the loss on old pairs grows far beyond the paper's.",
      paper: "at most 6.7 nats",
      quantity: "old loss in the end, nats (trained read-out, 32 new pairs)",
      rule: { above: 13.4 },
      measure: (recordOf) => last(recordOf(variantArm("trained read-out", 32))).sets.old!.loss,
    },
  ],
  figure(results) {
    const { scale } = results;
    const lines = (arms: string[], set: "old" | "new") =>
      arms.flatMap((arm, i) => {
        const records = recordsOf(results, arm);
        return records.length === 0 ? [] : [{
          name: arm,
          color: orderedColors(arms.length)[i],
          ...bandOf(records, ({ sets }) => sets[set]!.accuracy),
        }];
      });
    const x = { title: "steps of tuning", log: true };
    const y = { title: "share of pairs", range: [0, 1] as [number, number] };
    const without = thinned(scale, PAIRS).map(newArm);
    const withReplay = thinned(scale, WEIGHTS).map(replayArm);
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
        undecided: "In some seeds more new pairs mean deeper forgetting.",
      }) + ` ${MEMORY.pairs} old pairs; replay with ${WITH_REPLAY} new ones.`,
    });
  },
  table: (results) =>
    table(
      [...new Set(results.trials.map(({ arm }) => arm))].map((arm) => {
        const records = recordsOf(results, arm);
        const of = (quantity: (record: RunRecord) => number) => meanText(records.map(quantity));
        return {
          arm,
          n: records.length,
          "old at worst": of(worst),
          "old in the end": of(oldAt),
          "old loss in the end (nats)": of((record) => last(record).sets.old!.loss),
          "new at step 1000": of((record) => newAt(record, 1000)),
          "new in the end": of((record) => last(record).sets.new!.accuracy),
        };
      }),
      { caption: "Accuracy on pairs; ln 30 = 3.40 nats is not knowing" },
    ),
};
