/**
 * What an experiment trains: arms, each in some seeds.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import type { RunInput } from "../trainer/mod.ts";
import type { MemoryRun } from "./memory_record.ts";

/** What a trial trains: a run, or the toy memory of associative_memory.ts. */
export type TrialRun = RunInput | MemoryRun;

/** Whether a trial trains the toy memory. */
export function isMemory(run: TrialRun): run is MemoryRun {
  return "memory" in run;
}

/** An arm of an experiment: what it is called and what is trained with a seed. */
export interface Arm {
  /** What it is called, unlike every other arm of its experiment. */
  name: string;
  /** What is trained with a seed. */
  run(seed: number): TrialRun;
  /** Seeds it has at most; all by default. */
  seeds?: number;
  /** The first of its seeds; 0 by default. */
  firstSeed?: number;
}

/** An arm in one seed. */
export interface Trial {
  /** The arm, one of its experiment's. */
  arm: Arm;
  /** Its seed, for pairing arms. */
  seed: number;
  /** What is trained. */
  run: TrialRun;
}

/** The trials of arms, seed by seed, so that a sweep that is stopped leaves whole seeds. */
export function trialsOf(arms: readonly Arm[], seeds: number): Trial[] {
  return arms.flatMap((arm) =>
    Array.from({ length: Math.min(seeds, arm.seeds ?? Infinity) }, (_, i): Trial => {
      const seed = (arm.firstSeed ?? 0) + i;
      return { arm, seed, run: arm.run(seed) };
    })
  ).sort((a, b) => a.seed - b.seed);
}

/** A function of the scale that makes its value once: arms are known by identity. */
export function perScale<T>(make: (scale: Scale) => T): (scale: Scale) => T {
  const made = new Map<Scale, T>();
  return (scale) => {
    if (!made.has(scale)) made.set(scale, make(scale));
    return made.get(scale)!;
  };
}
