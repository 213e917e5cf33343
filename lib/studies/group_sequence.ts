/**
 * Rows 29 to 33: people in groups one after the other, from the start. What is kept of the
 * earlier ones, is each learned faster than the one before, and what becomes of attention?
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, orderedColors, panels } from "../figures/mod.ts";
import { type Scale, sequential } from "../generator/mod.ts";
import {
  bandOf,
  interpolate,
  mean,
  meanText,
  nameAttentionNear,
  plateauEnd,
} from "../readings/mod.ts";
import { type Arm, captionOf, finding, recordsOf, type Regime, type Study } from "../study/mod.ts";
import type { RunInput, RunRecord } from "../trainer/mod.ts";
import { baseArm } from "./regime.ts";
import { counted } from "./words.ts";

/** Groups one after the other, the whole sequence so many times. */
export interface Sequence {
  /** Groups of equal size. */
  groups: number;
  /** Rounds through all groups; one by default. */
  repeats?: number;
  /** Constant learning rate instead of the cosine. */
  constant?: boolean;
  /** Multiples of the regime's people and steps. */
  people?: number;
  /** See `people`. */
  steps?: number;
}

/** The paper's row 30: 32 groups of 256k people in 64k steps; elsewhere scaled down. */
const LONG: Record<Scale, number> = { smoke: 1, laptop: 2, paper: 4 };
/** People of a group that are evaluated, at most. */
const EVALUATED: Record<Scale, number> = { smoke: 64, laptop: 64, paper: 512 };
/** Phases above which each is looked at twice, not six times, in half as many people of a group. */
const MANY_PHASES = 16;

/** A sequence as an arm. */
interface SequenceArm extends Arm {
  sequence: Sequence;
}

/** The run of a sequence; every group is evaluated by itself. */
export function sequenceRun(regime: Regime, seed: number, sequence: Sequence): RunInput {
  const base = regime.base;
  const { groups, repeats = 1, constant = false } = sequence;
  const people = (sequence.people ?? 1) * base.people;
  const steps = (sequence.steps ?? 1) * regime.base.steps;
  const phases = groups * repeats;
  const phase = Math.floor(steps / phases);
  const many = phases > MANY_PHASES;
  const looks = many ? 2 : 6;
  const evaluated = EVALUATED[regime.scale] / (many ? 2 : 1);
  return regime.run({
    seed,
    people,
    steps,
    schedule: sequential({ people, groups, repeats, steps }),
    ...(constant ? { optimizer: { floor: 1 } } : {}),
    evaluation: {
      people: Math.max(16, Math.min(evaluated, Math.floor(people / groups))),
      groups: Array.from({ length: groups }, (_, k) => Math.round(k * people / groups)),
      steps: Array.from(
        { length: looks * phases },
        (_, i) => Math.round((i + 1) * phase / looks),
      ).filter((step) => step > 0 && step <= steps),
    },
  });
}

/** Accuracy of a group (from 0) at a measurement. */
const accuracyOf = (group: number) => ({ sets }: RunRecord["measurements"][number]) =>
  sets[`group ${group + 1}`]?.accuracy;

/** Accuracy of a group at the end of a phase (from 0). */
function atEndOf(record: RunRecord, phase: number, group: number): number {
  const end = phaseSteps(record) * (phase + 1);
  const { measurements } = record;
  const nearest = measurements.reduce((a, b) =>
    Math.abs(b.step - end) <= Math.abs(a.step - end) ? b : a
  );
  return accuracyOf(group)(nearest) ?? NaN;
}

function phaseSteps({ header: { configuration } }: RunRecord): number {
  return configuration.schedule[0]!.steps!;
}

/** Steps from the beginning of a group's first phase until half of it is known, linear between looks. */
function halfKnown(record: RunRecord, group: number): number {
  const begin = phaseSteps(record) * group;
  const points = record.measurements.filter(({ step }) => step >= begin)
    .map((m) => ({ x: accuracyOf(group)(m)!, y: m.step - begin }));
  const steps = interpolate(points, 0.5);
  return Number.isNaN(steps) ? Infinity : steps;
}

/** People in groups, one after the other. */
export const groupSequence: Study = {
  name: "group-sequence",
  title: "Groups of people one after the other",
  notebook: "05",
  question: "What is kept of people who are seen early and never again?",
  result:
    "Each group is learned faster than the one before and lost within hundreds of steps of the next; taking turns keeps both, and attention gets better all the time.",
  seeds: 3,
  in(regime) {
    const sequence = (name: string, own: Sequence, seeds?: number): SequenceArm => ({
      name,
      sequence: own,
      run: (seed) => sequenceRun(regime, seed, own),
      seeds,
    });
    const four = sequence("4 groups", { groups: 4 });
    const eight = sequence("8 groups, constant rate", { groups: 8, constant: true }, 1);
    const once = sequence("2 groups, once", { groups: 2 });
    const turns = sequence("2 groups, 8 times", { groups: 2, repeats: 8 });
    // At smoke scale there are not people enough for 32 groups.
    const times = LONG[regime.scale];
    const paperLong: Sequence = { groups: 32, constant: true, people: times, steps: times };
    const long = regime.scale === "smoke" ? eight : sequence("32 groups, long", paperLong);
    const sequences = regime.scale === "smoke" ? [four, eight, once, turns] : [
      four,
      sequence("4 groups, constant rate", { groups: 4, constant: true }, 1),
      sequence("8 groups", { groups: 8 }, 1),
      eight,
      ...regime.scale === "paper" ? [sequence("16 groups", { groups: 16 }, 1)] : [],
      long,
      once,
      sequence("2 groups, 2 times", { groups: 2, repeats: 2 }, 1),
      sequence("2 groups, 4 times", { groups: 2, repeats: 4 }, 1),
      turns,
    ];
    const base = baseArm(regime);
    // Row 32: everybody alike, with the attention of a finished sequence.
    const patched: Arm = {
      name: "everybody, attention of 4 groups",
      run: (seed) =>
        regime.run({
          seed,
          reference: { run: sequenceRun(regime, seed, four.sequence), step: regime.base.steps },
        }),
    };
    const { groups } = long.sequence;
    const steps = (long.sequence.steps ?? 1) * regime.base.steps;
    const quarter = counted(groups / 4);
    return {
      arms: [...sequences, base, patched],
      claims: [
        {
          id: "group-lost",
          row: 29,
          statement: "A group is lost when the next one is learned.",
          paper: "lost within hundreds of steps",
          quantity: "accuracy of the second group: end of the third's phase over end of its own",
          rule: { below: 0.5 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(four);
            return atEndOf(record, 2, 1) / atEndOf(record, 1, 1);
          },
        },
        {
          id: "groups-faster",
          row: 29,
          // Not than the first, which has the first phase to itself.
          statement: "The third group is learned faster than the second.",
          paper: "each new group is learned faster",
          quantity:
            "steps until half of a group is known (linear between looks), third over second",
          rule: { below: 1 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(four);
            const [second, third] = [halfKnown(record, 1), halfKnown(record, 2)];
            // A second group that is never half known is slower than any that is.
            return second === Infinity ? (third === Infinity ? NaN : 0) : third / second;
          },
        },
        {
          id: "plasticity",
          row: 30,
          statement: `Through ${groups} groups in ${steps.toLocaleString("en")} steps the model ` +
            "stays able to learn new ones.",
          paper: "plasticity is lost late (32 groups, 6.4 times the steps)",
          quantity: `accuracy of groups at the end of their phase, last ${quarter} of ${groups} ` +
            `over ${quarter} before`,
          rule: { between: [0.8, 1.25] },
          atPaper: { paper: "plasticity is lost late (32 groups, as many steps)" },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(long);
            const own = (from: number) =>
              mean(
                Array.from({ length: groups / 4 }, (_, i) => atEndOf(record, from + i, from + i)),
              );
            return own(groups * 3 / 4) / own(groups / 2);
          },
        },
        {
          id: "turns-keep-both",
          row: 31,
          statement: "Taking turns keeps the group that is not trained.",
          paper: "alternation keeps both",
          quantity: "final accuracy of the first of two groups, 8 turns minus once",
          rule: { above: 0.2 },
          n: 3,
          measure: (recordOf) => {
            const at = (arm: Arm) => accuracyOf(0)(recordOf(arm).measurements.at(-1)!) ?? NaN;
            return at(turns) - at(once);
          },
        },
        {
          id: "group-attention-no-plateau",
          row: 32,
          statement:
            "With attention learned on groups one after the other everybody's plateau ends in less than " +
            "half the steps.",
          paper: "patching with a group run as reference: no plateau",
          quantity: "plateau end, patched with the run of 4 groups over not patched",
          rule: { below: 0.5 },
          n: 3,
          ratio: true,
          measure: (recordOf) => plateauEnd(recordOf(patched)) / plateauEnd(recordOf(base)),
        },
        {
          id: "attention-grows-over-groups",
          row: 33,
          statement: "Attention to names goes on rising from group to group.",
          paper: "attention quality grows over groups",
          quantity: "last layer's attention to names, end minus end of the first group",
          rule: { above: 0 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(four);
            return nameAttentionNear(record, record.header.configuration.steps) -
              nameAttentionNear(record, phaseSteps(record));
          },
        },
      ],
      figure(results) {
        const shown = [four, turns];
        // One colour a group in all plots.
        const colors = orderedColors(Math.max(...shown.map((arm) => arm.sequence.groups)));
        const plot = (arm: SequenceArm) => {
          const records = recordsOf(results, arm);
          const { groups } = arm.sequence;
          return curvesPlot({
            title: `accuracy, ${arm.name}`,
            lines: records.length === 0 ? [] : Array.from({ length: groups }, (_, group) => ({
              name: `group ${group + 1}`,
              color: colors[group],
              ...bandOf(records, accuracyOf(group)),
            })),
            x: { title: "training step" },
            y: { title: "share of values", range: [0, 1] },
          });
        };
        return panels(shown.map(plot), {
          arrange: "stacked",
          caption: captionOf([
            finding(results, "group-lost", {
              holds: "A group is lost when the next one is learned.",
              "does not hold": "A group is not lost when the next one is learned.",
              undecided: "Undecided whether a group is lost when the next one is learned.",
            }),
            finding(results, "turns-keep-both", {
              holds: "Taking turns keeps the one that is not trained.",
              "does not hold": "Taking turns does not keep the one that is not trained.",
              undecided: "Undecided whether taking turns keeps the one that is not trained.",
            }),
            "Held-out templates.",
          ]),
        });
      },
      table: (results) =>
        table(
          sequences.map((arm) => {
            const { groups, repeats = 1 } = arm.sequence;
            const records = recordsOf(results, arm);
            const all = Array.from({ length: groups }, (_, group) => group);
            const phases = groups * repeats;
            const end = (group: number) =>
              meanText(records.map((r) => atEndOf(r, phases - 1, group)));
            return {
              sequence: arm.name,
              n: records.length,
              "last group in the end": end(groups - 1),
              "the one before": end(groups - 2),
              "first group in the end": end(0),
              "own end, mean of groups": meanText(
                records.map((r) => mean(all.map((k) => atEndOf(r, phases - groups + k, k)))),
              ),
              "first half known (steps)": meanText(records.map((r) => halfKnown(r, 0))),
            };
          }),
          {
            caption: `Accuracy of groups on held-out templates. ${patched.name}: plateau end ${
              meanText(recordsOf(results, patched).map(plateauEnd))
            }, not patched ${meanText(recordsOf(results, base).map(plateauEnd))}`,
          },
        ),
    };
  },
};
