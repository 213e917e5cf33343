/**
 * Which runs of a scale come first: the six steps of docs/paper_scale.md, in order, and what of them
 * has no record yet, in units: a run that stands alone, or a base with what begins from it. The smoke
 * scale has a few runs of every kind, for tests.
 *
 * @module
 */

import { studyNamed } from "../../lib/studies/mod.ts";
import { type Arm, armNamed, readResults, runArms, trialsOf } from "../../lib/study/mod.ts";
import {
  configure,
  findRecord,
  identity,
  needs,
  type RunConfiguration,
} from "../../lib/trainer/mod.ts";

/** Scales that have a plan. */
export type PlannedScale = "paper" | "smoke";

/** Arms by the names of their studies. */
type Picks = Readonly<Record<string, readonly string[]>>;

/** Arms with seed 0, each step with what it is about. */
const FIRST: readonly { title: string; arms: Record<PlannedScale, Picks> }[] = [
  {
    title: "three phases, everything measured (rows 1, 4, 14, 15, 23)",
    arms: {
      paper: { "three-phases": ["base"], hallucination: ["asked"] },
      smoke: { "three-phases": ["base"], hallucination: ["asked"] },
    },
  },
  {
    title: "plateau against N (row 2)",
    arms: {
      paper: { "population-size": ["N=4000", "N=8000", "N=16000", "N=32000"] },
      smoke: { "population-size": ["N=16", "N=24"] },
    },
  },
  {
    title: "patching (row 11)",
    arms: {
      paper: { "attention-patching": ["statistics", "plateau", "plateau end", "final"] },
      smoke: { "attention-patching": ["plateau", "final"] },
    },
  },
  {
    title: "new people and replay (rows 24, 25)",
    arms: {
      paper: {
        "new-people": [
          "1000 new people (1/64)",
          "4000 new people (1/16)",
          "16000 new people (1/4)",
        ],
        replay: ["weight 1/32", "weight 1/8", "weight 1"],
      },
      smoke: { "new-people": ["4 new people (1/8)"], replay: ["old share 0.2"] },
    },
  },
  {
    title: "schedules (rows 16 to 20)",
    arms: {
      paper: {
        "schedule-comparison": schedules(
          "warm-up",
          "power law",
          "celebrities",
          "uniform",
          "adaptive",
        ),
      },
      smoke: { "schedule-comparison": schedules("warm-up", "adaptive") },
    },
  },
];

function schedules(...classes: string[]): string[] {
  return classes.map((name) => `${name}, N x 1, steps x 1`);
}

/** Studies of which the last step has all arms. */
const WHOLE: Record<PlannedScale, readonly string[]> = {
  paper: [
    ...["population-size", "attention-patching", "attention-freezing", "new-people", "replay"],
    ...["schedule-comparison", "mixer", "model-size", "group-sequence", "remedies"],
  ],
  smoke: ["mixer"],
};
/** Seeds of the last step. */
const SEEDS: Record<PlannedScale, number> = { paper: 3, smoke: 2 };

/** A step with the runs that no step before it has. */
export interface PlannedStep {
  /** What it is about. */
  title: string;
  /** Its runs by identity. */
  runs: ReadonlyMap<string, RunConfiguration>;
}

/**
 * The steps of a scale, whatever records there are.
 *
 * @throws {Error} if a study has no arm of a name.
 */
export function stepsOf(scale: PlannedScale): PlannedStep[] {
  const known = new Set<string>();
  const step = (title: string, arms: readonly Arm[], seeds: number): PlannedStep => {
    const runs = trialsOf(arms, seeds).flatMap(({ run }) =>
      "memory" in run ? [] : [configure(run)]
    );
    const own = new Map(runs.map((run) => [identity(run), run]));
    for (const hash of own.keys()) {
      if (known.has(hash)) own.delete(hash);
      known.add(hash);
    }
    return { title, runs: own };
  };
  const named = ({ arms }: typeof FIRST[number]) =>
    Object.entries(arms[scale]).flatMap(([study, names]) =>
      names.map((name) => armNamed(readResults(studyNamed(study), { scale }), name))
    );
  const whole = WHOLE[scale].flatMap((study) =>
    runArms(readResults(studyNamed(study), { scale }).experiment.arms)
  );
  return [
    ...FIRST.map((own) => step(own.title, named(own), 1)),
    step("more seeds, and all else", [...FIRST.flatMap(named), ...whole], SEEDS[scale]),
  ];
}

/** Runs without a record that begin from one run's checkpoints, or one that stands alone. */
export interface Unit {
  /** The run that all others begin from; it may have a record itself. */
  base: RunConfiguration;
  /** What has no record, in order. */
  runs: RunConfiguration[];
}

/**
 * What has no record yet, by units, that of the first step first; what begins from a base in the
 * last step is a unit of its own, as it comes after all else.
 */
export function unitsOf(steps: readonly PlannedStep[]): Unit[] {
  return [steps.slice(0, -1), steps.slice(-1)].flatMap((own) => {
    const units = new Map<string, Unit>();
    for (const run of own.flatMap(({ runs }) => [...runs.values()])) {
      if (findRecord(run)) continue;
      const base = baseOf(run);
      const unit = units.get(identity(base)) ?? { base, runs: [] };
      unit.runs.push(run);
      units.set(identity(base), unit);
    }
    return [...units.values()];
  });
}

/** The run at the beginning of all that a run begins from. */
function baseOf(run: RunConfiguration): RunConfiguration {
  const [before] = needs(run);
  return before ? baseOf(configure(before.run)) : run;
}
