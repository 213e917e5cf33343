/**
 * What an experiment trains: arms, each in some seeds.
 *
 * @module
 */

import type { RunInput, RunRecord } from "../trainer/mod.ts";
import type { MemoryConfiguration } from "./associative_memory.ts";
import type { MemoryRecord, MemoryRun } from "./memory_record.ts";

/** What a trial trains: a run, or the toy memory of associative_memory.ts. */
export type TrialRun = RunInput | MemoryRun;

/** Whether a trial trains the toy memory. */
export function isMemory(run: TrialRun): run is MemoryRun {
  return "memory" in run;
}

/** What comes of a trial: the record of a run, or of a toy memory. */
export type TrialRecord = RunRecord | MemoryRecord;

/** What arms of every kind have. */
export interface NamedArm {
  /** What it is called, unlike every other arm of its experiment. */
  name: string;
  /** Seeds it has at most; all by default. */
  seeds?: number;
  /** The first of its seeds; 0 by default. */
  firstSeed?: number;
}

/** An arm of an experiment: what it is called and what is trained with a seed. */
export interface Arm extends NamedArm {
  /** The run of a seed. */
  run(seed: number): RunInput;
}

/** An arm that trains toy memories. */
export interface MemoryArm extends NamedArm {
  /** The memory of a seed. */
  memory(seed: number): MemoryConfiguration;
}

/** An arm of either kind. */
export type AnyArm = Arm | MemoryArm;

/** The arms of those given that train runs. */
export function runArms(arms: readonly AnyArm[]): Arm[] {
  return arms.filter((arm) => "run" in arm);
}

/** The records of an arm are of its kind. */
export interface RecordOfArm {
  (arm: MemoryArm): MemoryRecord;
  (arm: Arm): RunRecord;
}

/** An arm in one seed. */
export interface Trial {
  /** The arm, one of its experiment's. */
  arm: AnyArm;
  /** Its seed, for pairing arms. */
  seed: number;
  /** What is trained. */
  run: TrialRun;
}

/** The trials of arms, seed by seed, so that a sweep that is stopped leaves whole seeds. */
export function trialsOf(arms: readonly AnyArm[], seeds: number): Trial[] {
  return arms.flatMap((arm) =>
    Array.from({ length: Math.min(seeds, arm.seeds ?? Infinity) }, (_, i): Trial => {
      const seed = (arm.firstSeed ?? 0) + i;
      return { arm, seed, run: "run" in arm ? arm.run(seed) : { memory: arm.memory(seed) } };
    })
  ).sort((a, b) => a.seed - b.seed);
}
