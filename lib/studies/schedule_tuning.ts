/**
 * Tuning for rows 17 to 20: five classes of schedules, three rates of each on two pilot seeds. What
 * wins here is reported on fresh seeds by schedule_comparison.ts. (In the former regime six settings
 * of each on one pilot seed, and warm-up again for other numbers of people.)
 *
 * @module
 */

import { table } from "../display/mod.ts";
import {
  finalAccuracy,
  finalShare,
  mean,
  meanText,
  plateauEnd,
  withMost,
} from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  formerRegime,
  isFormer,
  perRegime,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { bestTry, PILOTS } from "./pilots.ts";
import {
  CLASSES,
  ELSEWHERE,
  type ScheduleClass,
  scheduledRun,
  type Setting,
  triesElsewhere,
  triesOf,
  tunedPeople,
} from "./schedules.ts";

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
    ...PILOTS,
    seeds: isFormer(regime) ? 1 : PILOTS.seeds,
  });
  return [
    ...CLASSES.flatMap((schedule) =>
      triesOf(regime, schedule).map((setting) => tryOf(schedule, setting))
    ),
    ...ELSEWHERE.flatMap((multiple) =>
      triesElsewhere(regime).map((setting) => tryOf("warm-up", setting, multiple))
    ),
  ];
});

/**
 * The setting that ends at the lowest loss on held-out templates, mean over pilot seeds; undefined
 * until all tries of the class have their records.
 *
 * @example
 * ```ts
 * import { readResults, scheduleTuning } from "factlab";
 * import { winnerOf } from "./schedule_tuning.ts";
 * console.log(winnerOf(readResults(scheduleTuning), "power law")?.setting);
 * ```
 */
export function winnerOf(
  results: Results,
  schedule: ScheduleClass,
  multiple = 1,
): Try | undefined {
  return bestTry(
    results,
    triesAt(results.regime)
      .filter((arm) => arm.schedule === schedule && arm.multiple === multiple),
  );
}

function tuningCaption(results: Results): string {
  const winners = CLASSES.flatMap((name) => {
    const winner = winnerOf(results, name);
    return winner ? [{ name, end: mean(recordsOf(results, winner).map(finalAccuracy)) }] : [];
  });
  const best = withMost(winners, ({ end }) => end);
  return (best ? `Tuned, ${best.name} knows most (${best.end.toFixed(2)}). ` : "") +
    "The best setting of each class of schedule, on the pilot seeds that chose it.";
}

/** Settings of every class of schedule, on pilot seeds. */
export const scheduleTuning: Study = {
  name: "schedule-tuning",
  title: "Schedules, tuned on pilot seeds",
  notebook: "03",
  question: "Which settings suit each schedule of people?",
  result:
    "An alpha of .6, eight-fold celebrities, and a warm-up on an eighth of the people are best for 64k people and 8k steps.",
  seeds: PILOTS.seeds,
  regime: formerRegime,
  in(regime) {
    const arms = triesAt(regime);
    return {
      arms,
      // Pilot seeds enter no claim.
      claims: [],
      figure: (results) =>
        armsFigure(results, {
          arms: CLASSES.flatMap((name) => {
            const winner = winnerOf(results, name);
            return winner ? [{ arm: winner }] : [];
          }),
          caption: tuningCaption(results),
        }),
      table: (results) => {
        const winners = new Set([
          ...CLASSES.map((name) => winnerOf(results, name)),
          ...ELSEWHERE.map((multiple) => winnerOf(results, "warm-up", multiple)),
        ]);
        return table(
          arms.flatMap((arm) => tableRow(arm, recordsOf(results, arm), winners.has(arm))),
          {
            caption: `${tunedPeople(regime)} people unless told, pilot seeds from ` +
              `${PILOTS.firstSeed} on`,
          },
        );
      },
    };
  },
};

/** What became of a try; nothing before it was run. */
function tableRow(arm: Try, records: RunRecord[], chosen: boolean) {
  return records.length === 0 ? [] : [{
    "class and setting": arm.name,
    "plateau end (step)": meanText(records.map(plateauEnd)),
    "final loss / L0": meanText(records.map(finalShare)),
    "final accuracy": meanText(records.map(finalAccuracy)),
    chosen: chosen ? "yes" : "",
  }];
}
