/**
 * What a study is: the paper's question, a grid of runs as a function of scale and seeds, and an
 * analysis from records to a figure, a table and claims.
 *
 * @module
 */

import { displaySymbol, type TextAndHtml } from "../display/mod.ts";
import type { Figure } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import {
  configure,
  findRecord,
  identity,
  type RecordSource,
  type RunInput,
  type RunRecord,
} from "../trainer/mod.ts";
import { type Claim, claimView, judge, type Judgement, type Verdict } from "./claims.ts";
import { findMemory, memoryHash, type MemoryRun } from "./memory_record.ts";

/** What a trial trains: a run, or the toy memory of associative_memory.ts. */
export type TrialRun = RunInput | MemoryRun;

/** Whether a trial trains the toy memory. */
export function isMemory(run: TrialRun): run is MemoryRun {
  return "memory" in run;
}

/** One run of a study: an arm of the experiment in one seed. */
export interface Trial {
  /** Name of the arm. */
  arm: string;
  /** Its seed, for pairing arms. */
  seed: number;
  /** What is trained. */
  run: TrialRun;
}

/** What a study's grid depends on. */
export interface GridOptions {
  /** How large everything is. */
  scale: Scale;
  /** Seeds 0, 1, … of the headline arms. */
  seeds: number;
}

/** One experiment. */
export interface Study {
  /** Its name on the command line. */
  name: string;
  /** Its title in figures and notebooks. */
  title: string;
  /** The notebook that shows it. */
  notebook: string;
  /** The paper's question and its result, in a sentence each. */
  question: string;
  /** The paper's result. */
  result: string;
  /** Seeds it is reported with. */
  seeds: number;
  /** All its runs. */
  grid(options: GridOptions): Trial[];
  /** Steps whose checkpoints are kept, for studies that begin from these runs. */
  checkpoints?(scale: Scale): number[];
  /** What is claimed before the runs. */
  claims: Claim[];
  /** The finding as a picture; with whatever records there are. */
  figure(results: Results): Figure;
  /** The finding in numbers. */
  table(results: Results): TextAndHtml;
}

/** The trials of a study with the records there are. */
export interface Results {
  /** Whose results these are. */
  study: Study;
  /** Scale of the runs. */
  scale: Scale;
  /** Every trial with its identity and its record, if there is one. */
  trials: (Trial & { hash: string; record: RunRecord | undefined })[];
}

/** An arm: its run in a seed, and how many seeds it has at most. */
export interface Arm {
  /** What is trained with a seed. */
  run: (seed: number) => TrialRun;
  /** Seeds it has at most; all by default. */
  seeds?: number;
}

/**
 * The trials of named arms, seed by seed, so that a sweep that is stopped leaves whole seeds.
 *
 * @example
 * ```ts
 * import { gridOf } from "./study.ts";
 * const arms = {
 *   low: { run: (seed: number) => ({ seed, optimizer: { lr: 1e-3 } }) },
 *   high: { run: (seed: number) => ({ seed, optimizer: { lr: 1e-1 } }), seeds: 1 },
 * };
 * console.log(gridOf({ scale: "laptop", seeds: 3 }, arms).length); // 4
 * ```
 */
export function gridOf({ seeds }: GridOptions, arms: Record<string, Arm>): Trial[] {
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    Object.entries(arms)
      .filter(([, { seeds: most = Infinity }]) => seed < most)
      .map(([arm, { run }]) => ({ arm, seed, run: run(seed) }))
  );
}

/**
 * Reads what records there are of a study; trains nothing. `from` says which records come first,
 * and "data" takes none but committed ones.
 *
 * @example
 * ```ts
 * import { readResults } from "./study.ts";
 * import { threePhases } from "./three_phases.ts";
 * console.log(readResults(threePhases, { seeds: 3 }).trials.map(({ hash }) => hash));
 * ```
 */
export function readResults(
  study: Study,
  { scale = "laptop", seeds = study.seeds, from }: Partial<GridOptions> & { from?: RecordSource } =
    {},
): Results {
  const trials = study.grid({ scale, seeds }).map((trial) => {
    if (isMemory(trial.run)) {
      return { ...trial, hash: memoryHash(trial.run), record: findMemory(trial.run, from) };
    }
    const configuration = configure(trial.run);
    return {
      ...trial,
      hash: identity(configuration),
      record: findRecord(configuration, { from })?.record,
    };
  });
  return { study, scale, trials };
}

/** Names of the arms, in order. */
export function armsOf({ trials }: Results): string[] {
  return [...new Set(trials.map(({ arm }) => arm))];
}

/**
 * The records of an arm, in the order of seeds.
 *
 * @example
 * ```ts
 * import { finalAccuracy } from "./readings.ts";
 * import { readResults, recordsOf } from "./study.ts";
 * import { threePhases } from "./three_phases.ts";
 * console.log(recordsOf(readResults(threePhases), "base").map(finalAccuracy));
 * ```
 */
export function recordsOf({ trials }: Results, arm: string): RunRecord[] {
  return trials.flatMap((trial) => trial.arm === arm && trial.record ? [trial.record] : []);
}

/**
 * Every claim of a study, judged from its records: in all seeds that have what it needs.
 *
 * @example
 * ```ts
 * import { judgeAll, readResults } from "./study.ts";
 * import { mixer } from "./mixer.ts";
 * for (const { claim, verdict } of judgeAll(readResults(mixer))) console.log(claim.id, verdict);
 * ```
 */
export function judgeAll(results: Results): Judgement[] {
  const { study, trials } = results;
  const seeds = [...new Set(trials.map(({ seed }) => seed))];
  return study.claims.map((claim) => {
    const used = new Set<string>();
    const values = seeds.flatMap((seed) => {
      const own: string[] = [];
      try {
        const value = claim.measure((arm) => {
          const trial = trials.find((trial) => trial.arm === arm && trial.seed === seed);
          if (!trial?.record) throw new MissingRecord();
          own.push(trial.hash);
          return trial.record;
        });
        own.forEach((hash) => used.add(hash));
        return [value];
      } catch (error) {
        if (error instanceof MissingRecord) return [];
        throw error;
      }
    });
    const judged = judge(claim.rule, values, claim.byMean);
    const judgement = { claim, values, ...judged, records: [...used] };
    return Object.defineProperty(judgement, displaySymbol, {
      value: () => claimView(judgement)[displaySymbol](),
    });
  });
}

/** Thrown where a record, or what a claim reads in it, is not there: that seed is not counted. */
export class MissingRecord extends Error {}

/**
 * What a claim of a study found, in the words that its verdict calls for; nothing before it was
 * run. Captions say it, so that they never say more than the numbers.
 */
export function finding(
  results: Results,
  id: string,
  words: Record<Exclude<Verdict, "not run">, string>,
): string {
  const judged = judgeAll(results).find(({ claim }) => claim.id === id);
  if (!judged) throw new Error(`Cannot tell a finding: ${results.study.name} has no claim ${id}.`);
  return judged.verdict === "not run" ? "" : words[judged.verdict];
}
