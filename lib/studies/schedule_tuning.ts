/**
 * Rows 17 to 19 and 21: power law, celebrities and warm-up against uniform, one pilot seed, as
 * many tries for each. What wins here is reported on fresh seeds by other studies.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { type Figure, heatmap } from "../figures/mod.ts";
import { celebrities, powerLaw, type Scale, type Schedule, uniform } from "../generator/mod.ts";
import { configure, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { armsFigure } from "./arms.ts";
import { finalAccuracy, finalLoss, finalShare, plateauEnd, valueAt } from "./readings.ts";
import { regime, stepsOf } from "./regime.ts";
import { type Arm, gridOf, recordsOf, type Results, type Study, type Trial } from "./study.ts";

/** A seed of no claim on fresh runs. */
const PILOT = 100;

/** Twice the regime's people, so that uniform sampling does not finish in the same steps. */
const people = (scale: Scale) => 2 * configure(regime(scale)).people;

const RATES = [1 / 4, 1 / 2, 1, 1.5, 2, 4] as const;
const ALPHAS = [0.2, 0.4, 0.6, 0.8, 1, 1.2] as const;
/** Celebrities as a share of the people, and how many times as often each is seen. */
const CELEBRITIES = [[1 / 8, 2], [1 / 8, 4], [1 / 8, 8], [1 / 8, 16], [1 / 16, 8], [
  1 / 4,
  8,
]] as const;
/** Warm-up people as a share of all, and its length as a share of the steps. */
const WARM_PEOPLE = [1 / 16, 1 / 8, 1 / 4, 1 / 2] as const;
const WARM_STEPS = [1 / 16, 1 / 8, 1 / 4, 3 / 8] as const;

/** A run of this study's size under a schedule, also measured at some steps. */
export function scheduledRun(
  scale: Scale,
  { seed, schedule, steps, ...changes }: Pick<RunInput, "seed" | "optimizer" | "people"> & {
    schedule: Schedule;
    steps?: number[];
  },
): RunInput {
  return regime(scale, {
    seed,
    people: people(scale),
    schedule,
    ...changes,
    evaluation: { attention: 0, flow: 0, ...(steps ? { steps } : {}) },
  });
}

/** A few people first: shares of the people and of the steps. */
export function warmUpSchedule(scale: Scale, share: number, length: number): Schedule {
  return [
    {
      steps: Math.round(length * stepsOf(scale)),
      people: uniform(0, Math.round(share * people(scale))),
    },
    { people: uniform() },
  ];
}

const warmArm = (share: number, length: number) => `warm-up ${share} of people, ${length} of steps`;

/** Steps around a warm-up's end at which the loss on everybody is read. */
function aroundSwitch(scale: Scale, length: number): number[] {
  const end = Math.round(length * stepsOf(scale));
  const { batch } = configure(regime(scale));
  const epoch = Math.round(people(scale) / batch);
  return [end, end + Math.round(epoch / 4), end + Math.round(epoch / 2), end + epoch];
}

function arms(scale: Scale): Record<string, Arm> {
  const { lr } = configure(regime(scale)).optimizer;
  const one = (of: (seed: number) => RunInput): Arm => ({ run: () => of(PILOT) });
  const entries: [string, Arm][] = [
    ...RATES.map((multiple): [string, Arm] => [
      `uniform, peak x ${multiple}`,
      one((seed) =>
        scheduledRun(scale, {
          seed,
          schedule: [{ people: uniform() }],
          optimizer: { lr: multiple * lr },
        })
      ),
    ]),
    ...ALPHAS.map((alpha): [string, Arm] => [
      `power law ${alpha}`,
      one((seed) => scheduledRun(scale, { seed, schedule: [{ people: powerLaw(alpha) }] })),
    ]),
    ...CELEBRITIES.map(([share, weight]): [string, Arm] => [
      `celebrities ${share} of people x ${weight}`,
      one((seed) => {
        const count = Math.round(share * people(scale));
        return scheduledRun(scale, { seed, schedule: [{ people: celebrities(count, weight) }] });
      }),
    ]),
    ...WARM_PEOPLE.flatMap((share) =>
      WARM_STEPS.map((length): [string, Arm] => [
        warmArm(share, length),
        one((seed) =>
          scheduledRun(scale, {
            seed,
            schedule: warmUpSchedule(scale, share, length),
            steps: aroundSwitch(scale, length),
          })
        ),
      ])
    ),
  ];
  return Object.fromEntries(entries);
}

/** The arm of a class that ends at the lowest loss. */
function bestOf(results: Results, prefix: string): { arm: string; record: RunRecord } | undefined {
  return Object.keys(arms(results.scale))
    .filter((arm) => arm.startsWith(prefix))
    .flatMap((arm) => recordsOf(results, arm).map((record) => ({ arm, record })))
    .sort((a, b) => finalLoss(a.record) - finalLoss(b.record))[0];
}

const CLASSES = ["uniform", "power law", "celebrities", "warm-up"] as const;

/** Settings of every class of schedule, on a pilot seed. */
export const scheduleTuning: Study = {
  name: "schedule-tuning",
  title: "Schedules, tuned on a pilot seed",
  notebook: "03",
  question: "Which settings suit each schedule of people?",
  result:
    "An alpha of .6, eight-fold celebrities, and a warm-up on an eighth of the people are best for 64k people and 8k steps.",
  seeds: 1,
  grid: (options) =>
    gridOf({ ...options, seeds: 1 }, arms(options.scale)).map((trial): Trial => ({
      ...trial,
      seed: PILOT,
    })),
  claims: [
    {
      id: "alpha-inside",
      row: 17,
      statement: "The final loss has its optimum inside the range of alpha.",
      paper: ".6 (1.40 nats; alpha 0: 3.41, alpha 1: 4.62)",
      quantity: "final loss, best of alpha .2 to .8 over the best of 0 and 1",
      rule: { below: 1 },
      measure: (recordOf) => {
        const loss = (alpha: number) => finalLoss(recordOf(`power law ${alpha}`));
        const inside = Math.min(...[0.2, 0.4, 0.6, 0.8].map(loss));
        return inside / Math.min(finalLoss(recordOf("uniform, peak x 1")), loss(1));
      },
    },
    {
      id: "celebrities-help",
      row: 18,
      statement: "Celebrities help: with some people seen more often, the loss over all is lower.",
      paper: ".39 (1.32 against 3.41 nats)",
      quantity: "final loss, an eighth of the people x 8 over uniform",
      rule: { below: 1 },
      measure: (recordOf) =>
        finalLoss(recordOf(`celebrities ${1 / 8} of people x 8`)) /
        finalLoss(recordOf("uniform, peak x 1")),
    },
    {
      id: "warm-up-bump",
      row: 19,
      statement: "During warm-up the loss over all people rises far above the no-knowledge loss.",
      paper: "1.5 to 2.2 (10 to 15 nats)",
      quantity:
        "loss over all people at the warm-up's end as a share of L0 (an eighth, a quarter of the steps)",
      rule: { above: 1.2 },
      measure: (recordOf) => atSwitch(recordOf(warmArm(1 / 8, 1 / 4)), 0),
    },
    {
      id: "warm-up-falls-back",
      row: 19,
      statement: "Within an epoch of the switch it is back at the no-knowledge loss.",
      paper: "about 1 within 100 steps (a fifth of an epoch)",
      quantity: "loss over all people an epoch after the switch as a share of L0",
      rule: { below: 1.05 },
      measure: (recordOf) => atSwitch(recordOf(warmArm(1 / 8, 1 / 4)), 3),
    },
    {
      id: "warm-up-optimum-inside",
      row: 21,
      statement: "The best warm-up lies inside the grid of people and steps.",
      paper: "inside for 64k people, at the edge for 128k",
      quantity: "final loss, best inner cell over best edge cell",
      rule: { below: 1 },
      measure: (recordOf) => {
        const cells = WARM_PEOPLE.flatMap((share, i) =>
          WARM_STEPS.map((length, j) => ({
            loss: finalLoss(recordOf(warmArm(share, length))),
            inner: i > 0 && i < 3 && j > 0 && j < 3,
          }))
        );
        const best = (inner: boolean) =>
          Math.min(...cells.filter((cell) => cell.inner === inner).map(({ loss }) => loss));
        return best(true) / best(false);
      },
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      arms: CLASSES.flatMap((name) => bestOf(results, name)?.arm ?? []),
      caption: "The best setting of each class of schedule, on the pilot seed that chose it.",
    }),
  table: (results) =>
    table(
      Object.keys(arms(results.scale)).flatMap((arm) =>
        recordsOf(results, arm).map((record) => ({
          arm,
          "plateau end (step)": plateauEnd(record),
          "final loss / L0": finalShare(record),
          "final accuracy": finalAccuracy(record),
        }))
      ),
      { caption: `${people(results.scale)} people, pilot seed ${PILOT}` },
    ),
};

/** The loss on training templates at one of the steps around the switch, as a share of L0. */
function atSwitch(record: RunRecord, which: number): number {
  const { configuration, floor } = record.header;
  const step = configuration.evaluation.steps[which]!;
  return valueAt(record, step, ({ sets }) => sets.training!.loss) / floor.loss;
}

/** Row 21: final accuracy over warm-up people and steps. */
export function warmUpMap(results: Results): Figure {
  const cell = (share: number, length: number) => {
    const [record] = recordsOf(results, warmArm(share, length));
    return record ? finalAccuracy(record) : null;
  };
  const { scale } = results;
  return heatmap({
    title: "Final accuracy over all people",
    x: {
      title: "steps of warm-up",
      labels: WARM_STEPS.map((length) => String(Math.round(length * stepsOf(scale)))),
    },
    y: {
      title: "people in it",
      labels: WARM_PEOPLE.map((share) => String(Math.round(share * people(scale)))),
    },
    z: WARM_PEOPLE.map((share) => WARM_STEPS.map((length) => cell(share, length))),
    value: "share of values",
    caption: `${people(scale)} people, ${stepsOf(scale)} steps, one pilot seed.`,
  });
}
