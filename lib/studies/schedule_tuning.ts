/**
 * Row 21 and the tuning of rows 17 to 20: uniform, power law, celebrities and warm-up on one pilot
 * seed, six tries for each. What wins here is reported on fresh seeds by other studies.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { type Figure, heatmap } from "../figures/mod.ts";
import { celebrities, powerLaw, type Scale, type Schedule, uniform } from "../generator/mod.ts";
import { configure, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { armsFigure } from "./arms.ts";
import { finalAccuracy, finalLoss, finalShare, plateauEnd } from "./readings.ts";
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

/** Cells of the warm-up map that count as its six tries, named before the runs. */
const WARM_TRIES = [
  [1 / 16, 1 / 8],
  [1 / 8, 1 / 8],
  [1 / 8, 1 / 4],
  [1 / 4, 1 / 8],
  [1 / 4, 1 / 4],
  [
    1 / 4,
    3 / 8,
  ],
] as const;

/** The arm of a class that ends at the lowest loss, among its six tries. */
function bestOf(results: Results, prefix: string): { arm: string; record: RunRecord } | undefined {
  const tries: string[] = WARM_TRIES.map(([share, length]) => warmArm(share, length));
  return Object.keys(arms(results.scale))
    .filter((arm) => arm.startsWith(prefix) && (prefix !== "warm-up" || tries.includes(arm)))
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
  // A pilot seed enters no claim.
  claims: [],
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
