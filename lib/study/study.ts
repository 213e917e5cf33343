/**
 * What a study is: the paper's question and, in a regime, its experiment: the arms that are
 * trained, what is claimed of them, and how they are shown.
 *
 * @module
 */

import { displaySymbol, type TextAndHtml } from "../display/mod.ts";
import type { Figure } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import type { AnyProbe } from "../probes/mod.ts";
import { MissingRecord } from "../readings/mod.ts";
import {
  configure,
  findRecord,
  identity,
  type RecordSource,
  type RunRecord,
  withProbes,
} from "../trainer/mod.ts";
import { type Claim, claimView, judge, type Judgement, measuredText, ruleText } from "./claims.ts";
import { findMemory, memoryHash, type MemoryRecord } from "./memory_record.ts";
import { perRegime, type Regime, regimeOf } from "./regime.ts";
import {
  type AnyArm,
  type Arm,
  isMemory,
  type MemoryArm,
  type RecordOfArm,
  type Trial,
  type TrialRecord,
  trialsOf,
} from "./trial.ts";

/** A study in a regime: its arms, what is claimed of them, how they are shown. */
export interface Experiment {
  /** What is trained, in the order in which it is shown. */
  arms: readonly AnyArm[];
  /** What is claimed before the runs. */
  claims: readonly Claim[];
  /** Steps whose checkpoints are kept, for studies that begin from these runs. */
  checkpoints?: readonly number[];
  /** The finding as a picture; with whatever records there are. */
  figure(results: Results): Figure;
  /** The finding in numbers. */
  table(results: Results): TextAndHtml;
}

/** One question, and how it is asked in every regime. */
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
  /** Probes of your own that all of its runs have, each in a module of its own. */
  probes?: readonly AnyProbe[];
  /** The regime of a scale; that of regimeOf by default. */
  regime?(scale: Scale): Regime;
  /** The experiment in a regime. It is asked once, so its claims and figures hold its own arms. */
  in(regime: Regime): Experiment;
}

/** How much of a study is run. */
export interface GridOptions {
  /** How large everything is. */
  scale: Scale;
  /** The run that arms are changes of; the scale's by default. */
  regime: Regime;
  /** Seeds of the headline arms. */
  seeds: number;
}

/** The trials of a study with the records there are. */
export interface Results {
  /** Whose results these are. */
  study: Study;
  /** The regime of the runs. */
  regime: Regime;
  /** The study in it. */
  experiment: Experiment;
  /** Every trial with its identity and its record, if there is one. */
  trials: (Trial & { hash: string; record: TrialRecord | undefined })[];
}

/** Seeds that a claim is planned with at most at paper scale, and that a study has at most there. */
const PAPER_SEEDS = 3;

/** Seeds of a study where nothing else is asked for. */
export function seedsAt({ seeds }: Study, scale: Scale): number {
  return scale === "paper" ? Math.min(seeds, PAPER_SEEDS) : seeds;
}

const EXPERIMENTS = new WeakMap<Study, (regime: Regime) => Experiment>();

/** The regime in which a study is asked at a scale. */
export function regimeIn(study: Study, scale: Scale): Regime {
  return study.regime?.(scale) ?? regimeOf(scale);
}

/**
 * A study's experiment in a regime, that of a scale or one of your own; the same one every time.
 *
 * @example
 * ```ts
 * import { experimentOf, mixer } from "factlab";
 * console.log(experimentOf(mixer, "paper").arms.map(({ name }) => name)); // base, recurrent
 * ```
 *
 * @throws {Error} if two of its arms have one name.
 */
export function experimentOf(study: Study, where: Scale | Regime): Experiment {
  const regime = typeof where === "string" ? regimeIn(study, where) : where;
  const known = EXPERIMENTS.get(study) ??
    perRegime((regime) => checked(study, atScale(regime, study.in(regime))));
  EXPERIMENTS.set(study, known);
  return known(regime);
}

/** The experiment with its claims as they are at the scale. */
function atScale({ scale }: Regime, experiment: Experiment): Experiment {
  if (scale !== "paper") return experiment;
  const claims = experiment.claims.map((claim) => ({
    ...claim,
    // Of arms with fewer seeds there is a number and no verdict.
    n: Math.min(claim.n, PAPER_SEEDS),
    ...claim.atPaper,
  }));
  return { ...experiment, claims };
}

function checked(study: Study, experiment: Experiment): Experiment {
  const names = experiment.arms.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return experiment;
  throw new Error(
    `Cannot use study ${study.name}: its arms must have names of their own, got ${twice} twice.`,
  );
}

/**
 * Reads what records there are of a study; trains nothing. `from` says which records come first,
 * and "data" takes none but committed ones.
 *
 * @example
 * ```ts
 * import { readResults, threePhases } from "factlab";
 * console.log(readResults(threePhases, { seeds: 3 }).trials.map(({ hash }) => hash));
 * ```
 */
export function readResults(
  study: Study,
  { scale = "laptop", regime = regimeIn(study, scale), seeds = seedsAt(study, regime.scale), from }:
    & Partial<GridOptions>
    & { from?: RecordSource } = {},
): Results {
  const experiment = experimentOf(study, regime);
  const trials = trialsOf(experiment.arms, seeds).map((trial) => {
    if (isMemory(trial.run)) {
      return { ...trial, hash: memoryHash(trial.run), record: findMemory(trial.run, from) };
    }
    const configuration = configure(withProbes(trial.run, study.probes));
    return {
      ...trial,
      hash: identity(configuration),
      record: findRecord(configuration, { from })?.record,
    };
  });
  return { study, regime, experiment, trials };
}

/** Refuses an arm that is not the experiment's: it would have no records, and nobody would know. */
function checkArm({ study, regime: { scale }, experiment: { arms } }: Results, arm: AnyArm): void {
  if (arms.includes(arm)) return;
  throw new Error(
    `Cannot read records: the arm must be one of ${study.name} at scale ${scale}, by identity, ` +
      `got another one, ${arm.name}. Take it from results.experiment.arms, or by armNamed.`,
  );
}

/**
 * The records of an arm, in the order of seeds.
 *
 * @example
 * ```ts
 * import { finalAccuracy, mixer, readResults, recordsOf } from "factlab";
 * import { runArms } from "factlab/study";
 * const results = readResults(mixer);
 * for (const arm of runArms(results.experiment.arms)) {
 *   console.log(arm.name, recordsOf(results, arm).map(finalAccuracy));
 * }
 * ```
 *
 * @throws {Error} for an arm of another experiment.
 */
export function recordsOf(results: Results, arm: Arm): RunRecord[];
/** The records of an arm that trains toy memories. */
export function recordsOf(results: Results, arm: MemoryArm): MemoryRecord[];
/** The records of an arm of either kind. */
export function recordsOf(results: Results, arm: AnyArm): TrialRecord[];
export function recordsOf(results: Results, arm: AnyArm): TrialRecord[] {
  checkArm(results, arm);
  return results.trials.flatMap((trial) => trial.arm === arm && trial.record ? [trial.record] : []);
}

/**
 * An arm by its name.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, threePhases } from "factlab";
 * const results = readResults(threePhases);
 * console.log(recordsOf(results, armNamed(results, "base")).length);
 * ```
 *
 * @throws {Error} that lists the names there are.
 */
export function armNamed(
  { study, regime: { scale }, experiment: { arms } }: Results,
  name: string,
): Arm {
  const arm = arms.find((arm) => arm.name === name);
  if (arm && "run" in arm) return arm;
  const names = arms.map(({ name }) => `"${name}"`).join(", ");
  throw new Error(
    `Cannot find an arm of ${study.name} at scale ${scale}: its name must be one of ${names}, ` +
      `got "${name}".`,
  );
}

/**
 * Every claim of a study, judged from its records: in all seeds that have what it needs.
 *
 * @example
 * ```ts
 * import { judgeAll, mixer, readResults } from "factlab";
 * for (const { claim, verdict } of judgeAll(readResults(mixer))) console.log(claim.id, verdict);
 * ```
 *
 * @throws {Error} if a claim asks for an arm that its experiment does not have.
 */
export function judgeAll(results: Results): Judgement[] {
  return results.experiment.claims.map((claim) => judgement(results, claim));
}

function judgement(results: Results, claim: Claim): Judgement {
  const { trials } = results;
  const used = new Set<string>();
  const values = [...new Set(trials.map(({ seed }) => seed))].flatMap((seed) => {
    const own: string[] = [];
    try {
      const recordOf = (arm: AnyArm) => {
        checkArm(results, arm);
        const trial = trials.find((trial) => trial.arm === arm && trial.seed === seed);
        if (!trial?.record) throw new MissingRecord();
        own.push(trial.hash);
        return trial.record;
      };
      const value = claim.measure(recordOf as RecordOfArm);
      own.forEach((hash) => used.add(hash));
      return [value];
    } catch (error) {
      if (error instanceof MissingRecord) return [];
      throw error;
    }
  });
  const judged = { claim, values, ...judge(claim.rule, values, claim), records: [...used] };
  return Object.defineProperty(judged, displaySymbol, {
    value: () => claimView(judged)[displaySymbol](),
  });
}

/** Sentences of a caption; those of claims that were not run yet are empty, and left out. */
export function captionOf(sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

/**
 * What a claim of a study found, in the words that its verdict calls for: those of "undecided" where
 * it has no verdict and nothing else is said, nothing before it was run; what was measured and the
 * rule follow. Captions say it, so that they never say more than the numbers.
 */
export function finding(
  results: Results,
  id: string,
  words: Record<"holds" | "does not hold" | "undecided", string> & { "no verdict"?: string },
): string {
  const claim = results.experiment.claims.find((claim) => claim.id === id);
  if (!claim) throw new Error(`Cannot tell a finding: ${results.study.name} has no claim ${id}.`);
  const judged = judgement(results, claim);
  if (judged.verdict === "not run") return "";
  const text = words[judged.verdict] ?? words.undecided;
  const rule = `rule: ${ruleText(claim.rule)}`.replaceAll(" ", "\u00a0");
  const numbers = `${measuredText(judged)}; ${rule}`;
  return text.replace(/[.]?\s*$/, (end) => text === "" ? "" : ` (${numbers})${end}`);
}
