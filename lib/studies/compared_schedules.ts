/**
 * The best of each class of schedules against the number of people and of steps: the arms of
 * schedule_comparison.ts and known_from_unknown.ts.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import {
  type Arm,
  isFormer,
  perRegime,
  recordsOf,
  type Regime,
  type Results,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import {
  chosen,
  CLASSES,
  ELSEWHERE,
  knowing,
  type ScheduleClass,
  scheduledRun,
  scheduleSteps,
  tunedPeople,
} from "./schedules.ts";

/** Multiples of the people and of the steps for which the settings were chosen. */
export interface CellSize {
  /** 1 is {@link tunedPeople}. */
  people: number;
  /** 1 is {@link scheduleSteps}. */
  steps: number;
}

/** The best of a class for so many people and steps. */
export interface Cell extends Arm, CellSize {
  /** Its class. */
  schedule: ScheduleClass;
}

const PEOPLE: readonly number[] = [...ELSEWHERE, 1].sort((a, b) => a - b);
const STEPS: Record<Scale, readonly number[]> = {
  smoke: [1, 2],
  laptop: [0.5, 1],
  paper: [0.5, 1, 2],
};
const FORMER_STEPS = [0.5, 1, 2];
/** Classes in which every number of people has all seeds: those that claims compare there. */
const ALL_SEEDS: readonly ScheduleClass[] = ["uniform", "warm-up", "adaptive"];

/**
 * Sizes with the steps of the regime, and with people as tuned: few to many. Below the paper's scale
 * only what claims compare has other numbers of people.
 */
function sizesOf(regime: Regime, schedule: ScheduleClass): CellSize[] {
  const former = isFormer(regime);
  const everywhere = former || regime.scale === "paper" || ALL_SEEDS.includes(schedule);
  const lengths = (former ? FORMER_STEPS : STEPS[regime.scale]).filter((steps) => steps !== 1);
  return [
    ...(everywhere ? PEOPLE : [1]).map((people) => ({ people, steps: 1 })),
    ...lengths.map((steps) => ({ people: 1, steps })),
  ];
}

/** All cells of a scale, class by class. */
export const cellsAt: (regime: Regime) => readonly Cell[] = perRegime((regime) =>
  CLASSES.flatMap((schedule) =>
    sizesOf(regime, schedule).map(({ people, steps }): Cell => ({
      name: `${schedule}, N x ${people}, steps x ${steps}`,
      schedule,
      people,
      steps,
      run: (seed) =>
        scheduledRun(regime, chosen(regime, schedule, people), {
          seed,
          people: people * tunedPeople(regime),
          steps: steps * scheduleSteps(regime),
        }),
      seeds: (steps === 1 && (people === 1 || ALL_SEEDS.includes(schedule))) ||
          (schedule === "warm-up" && people === 1 && !isFormer(regime))
        ? undefined
        : 1,
    }))
  )
);

/** The adaptive schedule that knows N, where that makes a difference. */
export const knowingCells: (regime: Regime) => readonly Cell[] = perRegime((regime) =>
  ELSEWHERE.map((people): Cell => ({
    name: `adaptive that knows N, N x ${people}, steps x 1`,
    schedule: "adaptive",
    people,
    steps: 1,
    run: (seed) =>
      scheduledRun(regime, knowing(regime), { seed, people: people * tunedPeople(regime) }),
  }))
);

/**
 * The cell of a class and size, for claims.
 *
 * @throws {Error} if the scale has none.
 */
export function cellOf(
  regime: Regime,
  schedule: ScheduleClass,
  { people = 1, steps = 1 }: Partial<CellSize> = {},
): Cell {
  const cell = cellsAt(regime).find((cell) =>
    cell.schedule === schedule && cell.people === people && cell.steps === steps
  );
  if (cell) return cell;
  throw new Error(
    `Cannot compare schedules: scale ${regime.scale} has no ${schedule} for ${people} of the people and ` +
      `${steps} of the steps.`,
  );
}

/** The records of a class and size; none where the scale has no such cell. */
export function recordsIn(
  results: Results,
  schedule: ScheduleClass,
  { people, steps }: CellSize,
): RunRecord[] {
  return cellsAt(results.regime)
    .filter((c) => c.schedule === schedule && c.people === people && c.steps === steps)
    .flatMap((cell) => recordsOf(results, cell));
}
