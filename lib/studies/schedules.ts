/**
 * The schedules of people that notebook 03 compares: five classes, one setting of each at three
 * rates, and the rate of each that won on pilot seeds. (In the former regime six settings of each.)
 *
 * @module
 */

import { isFormer, type Regime } from "../study/mod.ts";
import {
  adaptive,
  celebrities,
  powerLaw,
  type Scale,
  type Schedule,
  uniform,
} from "../generator/mod.ts";
import type { RunInput } from "../trainer/mod.ts";
import { TRIED_RATES } from "./pilots.ts";
import { namesFor, thinned } from "./regime.ts";

/** The classes of schedules, in the order and colours of every figure. */
export const CLASSES = ["uniform", "power law", "celebrities", "warm-up", "adaptive"] as const;

/** A class of schedules. */
export type ScheduleClass = typeof CLASSES[number];

/** What a schedule is made for. */
export interface ScheduleSize {
  /** The regime of the run. */
  regime: Regime;
  /** Size N of the population. */
  people: number;
  /** Training steps. */
  steps: number;
}

/** One setting of a class. */
export interface Setting {
  /** What tells it from others of its class. */
  name: string;
  /** Peak learning rate as a multiple of the regime's. */
  rate?: number;
  /** Who is drawn when, for a run of some size. */
  schedule(size: ScheduleSize): Schedule;
}

/** Multiples of the regime's people and steps; the paper's are 64k and 8k. */
const TUNED: Record<Scale, { people: number; steps: number }> = {
  smoke: { people: 2, steps: 1 },
  laptop: { people: 2, steps: 1 },
  paper: { people: 1, steps: 0.5 },
};

/** People for whom the settings were chosen: uniform sampling does not know them in time. */
export function tunedPeople({ scale, base }: Regime): number {
  return TUNED[scale].people * base.people;
}

/** Steps for which the settings were chosen. */
export function scheduleSteps({ scale, base }: Regime): number {
  return TUNED[scale].steps * base.steps;
}

/** Everybody alike, at a multiple of the regime's peak rate. */
function uniformSetting(rate: number): Setting {
  return { name: `peak x ${rate}`, rate, schedule: () => [{ people: uniform() }] };
}

function powerLawSetting(alpha: number): Setting {
  return { name: `alpha ${alpha}`, schedule: () => [{ people: powerLaw(alpha) }] };
}

/** The first `share` of the people so many times as often as each of the others. */
export function celebritiesSetting(share: number, weight: number): Setting {
  return {
    name: `${share} of people x ${weight}`,
    schedule: ({ people }) => [{ people: celebrities(Math.round(share * people), weight) }],
  };
}

/**
 * First `share` of the people for a share of the steps, then everybody.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * import { warmUpSetting } from "./schedules.ts";
 * const warmUp = warmUpSetting(1 / 8, 1 / 4);
 * const regime = regimeOf("laptop");
 * console.log(warmUp.schedule({ regime, people: 1024, steps: 4000 })); // 128 for 1000 steps
 * ```
 */
export function warmUpSetting(share: number, length: number): Setting {
  return {
    name: `${share} of people, ${length} of steps`,
    schedule: ({ people, steps }) => [
      { steps: Math.round(length * steps), people: uniform(0, Math.round(share * people)) },
      { people: uniform() },
    ],
  };
}

/** Starts with a fixed number of people, told as a share of those it was chosen for. */
function adaptiveSetting(share: number, factor: number, below: number): Setting {
  return {
    name: `from ${share}, x ${factor}, below ${below}`,
    schedule: ({ regime, people }) =>
      adaptive({ people, start: Math.round(share * tunedPeople(regime)), factor, below }),
  };
}

/** The adaptive schedule that knows N: it starts with the chosen share of the people there are. */
function knowingSetting(share: number, factor: number, below: number): Setting {
  return {
    name: `from ${share} of N, x ${factor}, below ${below}`,
    schedule: ({ people }) =>
      adaptive({ people, start: Math.round(share * people), factor, below }),
  };
}

/** Six tries of every class in the former regime. */
export const TRIES: Readonly<Record<ScheduleClass, readonly Setting[]>> = {
  uniform: [1 / 4, 1 / 2, 1, 1.5, 2, 4].map(uniformSetting),
  "power law": [0.2, 0.4, 0.6, 0.8, 1, 1.2].map(powerLawSetting),
  celebrities: [
    celebritiesSetting(1 / 8, 2),
    celebritiesSetting(1 / 8, 4),
    celebritiesSetting(1 / 8, 8),
    celebritiesSetting(1 / 8, 16),
    celebritiesSetting(1 / 16, 8),
    celebritiesSetting(1 / 4, 8),
  ],
  "warm-up": [
    warmUpSetting(1 / 16, 1 / 8),
    warmUpSetting(1 / 8, 1 / 8),
    warmUpSetting(1 / 8, 1 / 4),
    warmUpSetting(1 / 4, 1 / 8),
    warmUpSetting(1 / 4, 1 / 4),
    warmUpSetting(1 / 4, 3 / 8),
  ],
  adaptive: [
    adaptiveSetting(1 / 8, 16, 0.9),
    adaptiveSetting(1 / 8, 16, 0.5),
    adaptiveSetting(1 / 8, 4, 0.9),
    adaptiveSetting(1 / 8, 2, 0.9),
    adaptiveSetting(1 / 8, 16, 0.3),
    adaptiveSetting(1 / 8, 16, 0.2),
  ],
};

/** Warm-ups tried again for other numbers of people in the former regime. */
const TRIES_ELSEWHERE: readonly Setting[] = [
  warmUpSetting(1 / 8, 1 / 4),
  warmUpSetting(1 / 8, 3 / 8),
  warmUpSetting(1 / 4, 1 / 4),
  warmUpSetting(1 / 4, 3 / 8),
];

/** Other numbers of people, as multiples of those the settings were chosen for. */
export const ELSEWHERE: readonly number[] = [0.5, 0.75, 1.5];

/**
 * A run under a setting; by default for the people and steps it was chosen for. Where people
 * change at a known step, it is also measured there and within the epoch after it.
 *
 * @example
 * ```ts
 * import { powerLaw, regimeOf, scheduledRun, type Setting } from "factlab";
 * const setting: Setting = { name: "alpha .6", schedule: () => [{ people: powerLaw(0.6) }] };
 * console.log(scheduledRun(regimeOf("laptop"), setting, { seed: 0 }).schedule);
 * ```
 */
export function scheduledRun(
  regime: Regime,
  setting: Setting,
  { seed, people = tunedPeople(regime), steps = scheduleSteps(regime) }: {
    seed: number;
    people?: number;
    steps?: number;
  },
): RunInput {
  const { optimizer, batch } = regime.base;
  const { rate = 1 } = setting;
  const schedule = setting.schedule({ regime, people, steps });
  const change = schedule[0]!.steps;
  const after = [0, 1 / 4, 1 / 2, 1].map((share) => Math.round(share * people / batch));
  return regime.run({
    seed,
    people,
    // The same names for every number of people.
    ...namesFor(regime, tunedPeople(regime)),
    steps,
    schedule,
    ...(rate === 1 ? {} : { optimizer: { lr: rate * optimizer.lr } }),
    ...(change === undefined
      ? {}
      : { evaluation: { steps: after.map((epoch) => change + epoch) } }),
  });
}

/** Names of the settings that won on the former regime's pilot seed (LOG.md). */
const FORMER_WINNERS: Readonly<Record<ScheduleClass, string>> = {
  uniform: "peak x 2",
  "power law": "alpha 0.6",
  celebrities: "0.125 of people x 4",
  "warm-up": "0.125 of people, 0.25 of steps",
  adaptive: "from 0.125, x 16, below 0.2",
};

/** The warm-ups that won there for other numbers of people. */
const FORMER_WINNERS_ELSEWHERE: Readonly<Record<number, string>> = {
  0.5: "0.25 of people, 0.25 of steps",
  0.75: "0.125 of people, 0.25 of steps",
  1.5: "0.125 of people, 0.375 of steps",
};

/** One setting of each class: what won in the former regime. */
const SETTINGS: Readonly<Record<ScheduleClass, Setting>> = {
  uniform: { name: "everybody alike", schedule: () => [{ people: uniform() }] },
  "power law": powerLawSetting(0.6),
  celebrities: celebritiesSetting(1 / 8, 4),
  "warm-up": warmUpSetting(1 / 8, 1 / 4),
  adaptive: adaptiveSetting(1 / 8, 16, 0.2),
};

/**
 * Multiples of the regime's rate, chosen on pilot seeds (schedule_tuning.ts): warm-up's so far; 1 until
 * the others are.
 */
const RATES: Readonly<Record<ScheduleClass, number>> = {
  uniform: 1,
  "power law": 1,
  celebrities: 1,
  "warm-up": 1,
  adaptive: 1,
};

/** A setting at a multiple of the regime's rate. */
function atRate(setting: Setting, rate: number): Setting {
  return { ...setting, name: `${setting.name}, peak x ${rate}`, rate };
}

/** The tries of a class, as many of each: its setting at three rates. */
export function triesOf(regime: Regime, name: ScheduleClass): readonly Setting[] {
  if (isFormer(regime)) return TRIES[name];
  return thinned(regime, TRIED_RATES).map((rate) => atRate(SETTINGS[name], rate));
}

/** What the paper found best for 64k people and 8k steps; adaptive, which it has not, is the laptop's. */
const PAPER_WINNERS: Readonly<Record<ScheduleClass, Setting>> = {
  uniform: uniformSetting(1),
  "power law": powerLawSetting(0.6),
  celebrities: celebritiesSetting(1 / 16, 8),
  "warm-up": warmUpSetting(1 / 8, 3 / 16),
  adaptive: adaptiveSetting(1 / 8, 16, 0.2),
};

/**
 * The adaptive schedule that knows N, at the constants and the rate of the one that does not. For the
 * people these were chosen for both are the same.
 */
export function knowing(regime: Regime): Setting {
  const setting = knowingSetting(1 / 8, 16, 0.2);
  return isFormer(regime) || regime.scale === "paper" ? setting : atRate(setting, RATES.adaptive);
}

/** The warm-ups tried for another number of people: none but in the former regime. */
export function triesElsewhere(regime: Regime): readonly Setting[] {
  return isFormer(regime) ? TRIES_ELSEWHERE : [];
}

/**
 * The chosen setting of a class, for any number of people; at paper scale the paper's. In the former
 * regime warm-up was chosen again for each.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * import { chosen, CLASSES } from "./schedules.ts";
 * const regime = regimeOf("laptop");
 * console.log(CLASSES.map((name) => chosen(regime, name).name)); // what won on pilot seeds
 * ```
 */
export function chosen(regime: Regime, name: ScheduleClass, multiple = 1): Setting {
  if (regime.scale === "paper") return PAPER_WINNERS[name];
  const elsewhere = name === "warm-up" && multiple !== 1;
  if (elsewhere && !ELSEWHERE.includes(multiple)) {
    throw new Error(
      `Cannot choose a schedule: N must be one of ${ELSEWHERE.join(", ")} or 1 times as many ` +
        `people as warm-up was tuned for, got ${multiple}.`,
    );
  }
  if (isFormer(regime)) {
    const wanted = elsewhere ? FORMER_WINNERS_ELSEWHERE[multiple] : FORMER_WINNERS[name];
    return (elsewhere ? TRIES_ELSEWHERE : TRIES[name]).find(({ name }) => name === wanted)!;
  }
  return atRate(SETTINGS[name], RATES[name]);
}
