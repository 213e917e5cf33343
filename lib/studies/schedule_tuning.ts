/**
 * Tuning for rows 17 to 20: five classes of schedules on one pilot seed, six tries of each. What
 * wins here is reported on fresh seeds by schedule_comparison.ts.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { armsFigure } from "./arms.ts";
import { finalAccuracy, finalLoss, finalShare, plateauEnd } from "./readings.ts";
import { thinned } from "./regime.ts";
import {
  CLASSES,
  ELSEWHERE,
  type ScheduleClass,
  scheduledRun,
  TRIES,
  TRIES_ELSEWHERE,
  tunedPeople,
} from "./schedules.ts";
import { type Arm, gridOf, recordsOf, type Results, type Study, type Trial } from "./study.ts";

/** A seed of no claim on fresh runs. */
const PILOT = 100;

const armOf = (name: ScheduleClass, setting: string, multiple = 1) =>
  `${name}: ${setting}${multiple === 1 ? "" : `, N x ${multiple}`}`;

/** Arms of a class for some number of people. */
function triesOf(
  scale: Scale,
  name: ScheduleClass,
  multiple: number,
): { arm: string; setting: string }[] {
  const tries = multiple === 1 ? TRIES[name] : TRIES_ELSEWHERE;
  return thinned(scale, tries).map((setting) => ({
    arm: armOf(name, setting.name, multiple),
    setting: setting.name,
  }));
}

/**
 * The setting that ends at the lowest loss on held-out templates; undefined until all tries of
 * the class have a record.
 *
 * @example
 * ```ts
 * import { scheduleTuning, winnerOf } from "./schedule_tuning.ts";
 * import { readResults } from "./study.ts";
 * console.log(winnerOf(readResults(scheduleTuning), "power law")?.setting);
 * ```
 */
export function winnerOf(
  results: Results,
  name: ScheduleClass,
  multiple = 1,
): { arm: string; setting: string } | undefined {
  const tries = triesOf(results.scale, name, multiple).map((own) => ({
    ...own,
    record: recordsOf(results, own.arm)[0],
  }));
  if (tries.some(({ record }) => !record)) return undefined;
  return tries.sort((a, b) => finalLoss(a.record!) - finalLoss(b.record!))[0];
}

/** Settings of every class of schedule, on a pilot seed. */
export const scheduleTuning: Study = {
  name: "schedule-tuning",
  title: "Schedules, tuned on a pilot seed",
  notebook: "03",
  question: "Which settings suit each schedule of people?",
  result:
    "An alpha of .6, eight-fold celebrities, and a warm-up on an eighth of the people are best for 64k people and 8k steps.",
  seeds: 1,
  grid: ({ scale }) => {
    const arms: Record<string, Arm> = {};
    for (const name of CLASSES) {
      for (const setting of thinned(scale, TRIES[name])) {
        arms[armOf(name, setting.name)] = {
          run: () => scheduledRun(scale, setting, { seed: PILOT }),
        };
      }
    }
    for (const multiple of thinned(scale, ELSEWHERE)) {
      const people = multiple * tunedPeople(scale);
      for (const setting of thinned(scale, TRIES_ELSEWHERE)) {
        arms[armOf("warm-up", setting.name, multiple)] = {
          run: () => scheduledRun(scale, setting, { seed: PILOT, people }),
        };
      }
    }
    return gridOf({ scale, seeds: 1 }, arms).map((trial): Trial => ({ ...trial, seed: PILOT }));
  },
  // A pilot seed enters no claim.
  claims: [],
  figure: (results) =>
    armsFigure(results, {
      arms: CLASSES.flatMap((name) => winnerOf(results, name)?.arm ?? []),
      caption: "The best setting of each class of schedule, on the pilot seed that chose it.",
    }),
  table: (results) => {
    const winners = [
      ...CLASSES.map((name) => winnerOf(results, name)),
      ...ELSEWHERE.map((multiple) => winnerOf(results, "warm-up", multiple)),
    ].map((winner) => winner?.arm);
    return table(
      [...new Set(results.trials.map(({ arm }) => arm))].flatMap((arm) =>
        recordsOf(results, arm).map((record) => ({
          "class and setting": arm,
          "plateau end (step)": plateauEnd(record),
          "final loss / L0": finalShare(record),
          "final accuracy": finalAccuracy(record),
          chosen: winners.includes(arm) ? "yes" : "",
        }))
      ),
      { caption: `${tunedPeople(results.scale)} people unless told, pilot seed ${PILOT}` },
    );
  },
};
