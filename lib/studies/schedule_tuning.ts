/**
 * Tuning for rows 17 to 20: five classes of schedules on one pilot seed, six tries of each. What
 * wins here is reported on fresh seeds by schedule_comparison.ts.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { finalAccuracy, finalLoss, finalShare, plateauEnd, withMost } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  formerRegime,
  perRegime,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import { thinned } from "./regime.ts";
import {
  CLASSES,
  ELSEWHERE,
  type ScheduleClass,
  scheduledRun,
  type Setting,
  TRIES,
  TRIES_ELSEWHERE,
  tunedPeople,
} from "./schedules.ts";

/** A seed of no claim on fresh runs. */
const PILOT = 100;

/** A setting of a class, for a multiple of the people. */
interface Try extends Arm {
  schedule: ScheduleClass;
  setting: string;
  multiple: number;
}

const triesAt = perRegime((regime) => {
  const tryOf = (schedule: ScheduleClass, setting: Setting, multiple = 1): Try => ({
    name: `${schedule}: ${setting.name}${multiple === 1 ? "" : `, N x ${multiple}`}`,
    schedule,
    setting: setting.name,
    multiple,
    run: (seed) => scheduledRun(regime, setting, { seed, people: multiple * tunedPeople(regime) }),
    firstSeed: PILOT,
    seeds: 1,
  });
  return [
    ...CLASSES.flatMap((schedule) =>
      thinned(regime, TRIES[schedule]).map((setting) => tryOf(schedule, setting))
    ),
    ...thinned(regime, ELSEWHERE).flatMap((multiple) =>
      thinned(regime, TRIES_ELSEWHERE).map((setting) => tryOf("warm-up", setting, multiple))
    ),
  ];
});

/**
 * The setting that ends at the lowest loss on held-out templates; undefined until all tries of
 * the class have a record.
 *
 * @example
 * ```ts
 * import { readResults } from "../study/mod.ts";
 * import { scheduleTuning, winnerOf } from "./schedule_tuning.ts";
 * console.log(winnerOf(readResults(scheduleTuning), "power law")?.setting);
 * ```
 */
export function winnerOf(
  results: Results,
  schedule: ScheduleClass,
  multiple = 1,
): { arm: Arm; setting: string } | undefined {
  const tries = triesAt(results.regime)
    .filter((arm) => arm.schedule === schedule && arm.multiple === multiple)
    .map((arm) => ({ arm, setting: arm.setting, record: recordsOf(results, arm)[0] }));
  if (tries.some(({ record }) => !record)) return undefined;
  return tries.sort((a, b) => finalLoss(a.record!) - finalLoss(b.record!))[0];
}

function tuningCaption(results: Results): string {
  const winners = CLASSES.flatMap((name) => {
    const winner = winnerOf(results, name);
    return winner ? [{ name, end: finalAccuracy(recordsOf(results, winner.arm)[0]!) }] : [];
  });
  const best = withMost(winners, ({ end }) => end);
  return (best ? `Tuned, ${best.name} knows most (${best.end.toFixed(2)}). ` : "") +
    "The best setting of each class of schedule, on the pilot seed that chose it.";
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
  regime: formerRegime,
  in(regime) {
    const arms = triesAt(regime);
    return {
      arms,
      // A pilot seed enters no claim.
      claims: [],
      figure: (results) =>
        armsFigure(results, {
          arms: CLASSES.flatMap((name) => {
            const winner = winnerOf(results, name);
            return winner ? [{ arm: winner.arm }] : [];
          }),
          caption: tuningCaption(results),
        }),
      table: (results) => {
        const winners = new Set([
          ...CLASSES.map((name) => winnerOf(results, name)?.arm),
          ...ELSEWHERE.map((multiple) => winnerOf(results, "warm-up", multiple)?.arm),
        ]);
        return table(
          arms.flatMap((arm) =>
            recordsOf(results, arm).map((record) => ({
              "class and setting": arm.name,
              "plateau end (step)": plateauEnd(record),
              "final loss / L0": finalShare(record),
              "final accuracy": finalAccuracy(record),
              chosen: winners.has(arm) ? "yes" : "",
            }))
          ),
          { caption: `${tunedPeople(regime)} people unless told, pilot seed ${PILOT}` },
        );
      },
    };
  },
};
