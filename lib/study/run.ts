/**
 * Running a study: what it has and needs, a live table while it trains, its results.
 *
 * @module
 */

import { variable } from "../environment.ts";
import {
  displaySymbol,
  escapeHtml,
  formatDuration,
  liveDisplay,
  progress,
  show,
  stopSignal,
  type TextAndHtml,
  textAndHtml,
} from "../display/mod.ts";
import { availableCores, type Device, engineOn } from "../engine/mod.ts";
import {
  placesOn,
  planSweep,
  sweep,
  type SweepEngine,
  type SweepRun,
  sweepTable,
  wavesOf,
} from "../sweep/mod.ts";
import type { Scale } from "../generator/mod.ts";
import type { RunInput } from "../trainer/mod.ts";
import { secondsOf, secondsOn } from "./cost.ts";
import { findMemory, memoryHash, type MemoryRun, trainMemory } from "./memory_record.ts";
import { claimsTable } from "./scoreboard.ts";
import {
  experimentOf,
  type GridOptions,
  readResults,
  regimeIn,
  type Results,
  seedsAt,
  type Study,
} from "./study.ts";
import { isMemory, type Trial, trialsOf } from "./trial.ts";

/** How a study is run. */
export interface RunStudyOptions extends Partial<GridOptions> {
  /**
   * Minutes of this machine it may take without being asked; by default FACTLAB_BUDGET or 10. Where
   * nobody knows what it takes it is trained, unless this is 0.
   */
  budgetMinutes?: number;
  /** Train every run again, whatever records there are; until all are trained, it goes on. */
  fresh?: boolean;
  /** Where runs are computed, see TrainOptions.device; FACTLAB_DEVICE or "cpu" by default. */
  device?: Device;
  /** Processes side by side; by default one a core, on device gpu one a GPU. */
  workers?: number;
  /** Runs that each of them trains side by side on device gpu; see SweepOptions.beside. */
  beside?: number;
  /** What trains the runs: this machine by default, or a cluster. */
  engine?: SweepEngine;
  /** Ends all runs in order; so do the stop button and Ctrl-C. Nothing is lost. */
  signal?: AbortSignal;
}

/**
 * Shows a study's results: figure, table, claims, and the records all of it is read from.
 *
 * @example
 * ```ts
 * import { runStudy, showResults, textVariety } from "factlab";
 * await showResults(await runStudy(textVariety, { scale: "smoke", seeds: 1 }));
 * ```
 */
export async function showResults(results: Results): Promise<void> {
  const { experiment, trials } = results;
  const hashes = [...new Set(trials.flatMap(({ record, hash }) => record ? [hash] : []))];
  if (hashes.length > 0) {
    await show(experiment.figure(results));
    await show(experiment.table(results));
  }
  await show(claimsTable(results));
  const missing = trials.length - trials.filter(({ record }) => record).length;
  const text = `Read from ${hashes.length} records: ${hashes.join(", ")}.` +
    (missing > 0 ? ` ${missing} of ${trials.length} runs have no record yet.` : "");
  await show(
    textAndHtml(
      text,
      `<details><summary>${hashes.length} records${
        missing > 0 ? `, ${missing} runs without` : ""
      }</summary>${escapeHtml(text)}</details>`,
    ),
  );
}

/** What a study has and needs. */
export interface StudyPlan {
  /** Runs it needs, those that others begin from included. */
  runs: SweepRun[];
  /** Toy memories without a record. */
  memories: MemoryRun[];
  /** Runs and memories together. */
  total: number;
  /** Of these, how many have a record. */
  onRecord: number;
  /** How many have not. */
  toTrain: number;
  /** What it is trained on: "cpu", "gpu". */
  device: string;
  /** Minutes that training takes on this machine, about; NaN where nobody knows, see paceOn. */
  minutes: number;
}

/** What of a study: the scale asked for, or FACTLAB_SCALE, or laptop. Smoke has one seed. */
function gridOptions(study: Study, { scale, regime, seeds }: Partial<GridOptions>): GridOptions {
  const asked = scale ?? variable("FACTLAB_SCALE") as Scale | undefined ?? "laptop";
  const own = regime ?? regimeIn(study, asked);
  if (seeds !== undefined && !(Number.isSafeInteger(seeds) && seeds >= 1)) {
    throw new Error(
      `Cannot run study ${study.name}: seeds must be a whole number from 1, got ${seeds}.`,
    );
  }
  return {
    scale: own.scale,
    regime: own,
    seeds: seeds ?? (own.scale === "smoke" ? 1 : seedsAt(study, own.scale)),
  };
}

/**
 * Looks at the records there are and says what a study still needs.
 *
 * @example
 * ```ts
 * import { planStudy, threePhases } from "factlab";
 * const { total, onRecord, minutes } = planStudy(threePhases, { seeds: 9 });
 * console.log(`${onRecord} of ${total} on record, about ${minutes.toFixed(0)} min for the rest`);
 * ```
 */
export function planStudy(study: Study, options: RunStudyOptions = {}): StudyPlan {
  const grid = gridOptions(study, options);
  const { device } = engineOn(options.device);
  const { arms, checkpoints } = experimentOf(study, grid.regime);
  const trials = trialsOf(arms, grid.seeds);
  const runs = planSweep(runsOf(trials), {
    probes: study.probes,
    checkpoints,
    fresh: options.fresh,
  });
  const toys = trials.flatMap(({ run }) => isMemory(run) ? [run] : []);
  const memories = toys.filter((run) => options.fresh || !findMemory(run));
  const waiting = runs.filter(({ state }) => state === "waiting");
  const places = options.engine
    ? options.workers ?? availableCores()
    : placesOn(device, options.workers).length;
  // Jobs are of one run each.
  const beside = options.engine ? 1 : options.beside;
  const waves = wavesOf(waiting, { device, beside, workers: places });
  const workers = Math.min(places, Math.max(1, waves.length));
  const seconds = secondsOn(device, grid.scale, waves);
  return {
    runs,
    memories,
    total: runs.length + toys.length,
    onRecord: runs.length - waiting.length + toys.length - memories.length,
    toTrain: waiting.length + memories.length,
    device,
    minutes: (seconds / workers + memories.length * MEMORY_SECONDS[grid.scale]) / 60,
  };
}

/** Seconds a toy memory takes, pre-training included. */
const MEMORY_SECONDS = { smoke: 1, laptop: 12, paper: 12 } as const;

/** The trials that are runs of the trainer. */
function runsOf(trials: readonly Trial[]): RunInput[] {
  return trials.flatMap(({ run }) => isMemory(run) ? [] : [run]);
}

/**
 * Trains the runs of a study that have no record yet, side by side, and returns its results.
 * Stopped and called again, it goes on. A run that fails is reported and stops no other. What
 * would take longer than the budget is not begun: it says what to pass, and returns what is on
 * record. What nobody knows of, as before the first run of a scale on an accelerator, is begun.
 *
 * @example
 * ```ts
 * import { runStudy, threePhases } from "factlab";
 * const results = await runStudy(threePhases, { scale: "smoke", seeds: 1 });
 * console.log(results.experiment.table(results).text);
 * ```
 */
export async function runStudy(study: Study, options: RunStudyOptions = {}): Promise<Results> {
  const grid = gridOptions(study, options);
  const plan = planStudy(study, options);
  const { device, workers, beside, engine, signal, fresh } = options;
  const budgetMinutes = options.budgetMinutes ?? Number(variable("FACTLAB_BUDGET") ?? 10);
  if (!(budgetMinutes >= 0)) {
    throw new Error(
      `Cannot run study ${study.name}: budgetMinutes must be 0 or more, got ${budgetMinutes}.`,
    );
  }
  await show(planText(study, plan));
  /** What has been trained again. */
  const again = new Set(
    plan.runs.filter(({ state }) => state === "on record").map(({ hash }) => hash),
  );
  // Notebooks are executed from records alone, in the gate and wherever nothing may be trained.
  const mayTrain = variable("FACTLAB_FRESH") !== "0";
  if (plan.toTrain > 0 && mayTrain) {
    // The budget is this machine's.
    if (!engine && (plan.minutes > budgetMinutes || budgetMinutes === 0)) {
      const enough = Math.ceil((plan.minutes || 10) * 1.5);
      await show(
        `That is more than ${budgetMinutes} min, so nothing is trained. To train it, pass ` +
          `budgetMinutes: ${enough} (--budget on the command line), or fewer seeds.`,
      );
      return shown(readResults(study, grid));
    }
    if (plan.runs.some(({ state }) => state === "waiting")) {
      const live = liveDisplay();
      const startedAt = Date.now();
      const { arms, checkpoints } = experimentOf(study, grid.regime);
      const runs = await sweep(runsOf(trialsOf(arms, grid.seeds)), {
        device,
        workers,
        beside,
        engine,
        signal,
        fresh,
        checkpoints,
        probes: study.probes,
        onChange: (runs) => live.update(sweepProgress(runs, startedAt)),
      });
      await live.close(sweepProgress(runs, startedAt));
      for (const { state, hash } of runs) if (state === "trained") again.add(hash);
    }
    const memories = await trainMemories(plan.memories, { device, signal });
    for (const memory of memories) again.add(memoryHash(memory));
  }
  const results = readResults(study, { ...grid, from: fresh ? "own" : "any" });
  return shown(fresh && mayTrain ? onlyTrained(results, again) : results);
}

/** Results that a notebook shows as their claims where they are a cell's last value. */
function shown(results: Results): Results {
  return Object.defineProperty(results, displaySymbol, {
    value: () => claimsTable(results)[displaySymbol](),
  });
}

/** Trains toy memories one after the other, in this process, until it is stopped. */
async function trainMemories(
  memories: readonly MemoryRun[],
  { device, signal }: Pick<RunStudyOptions, "device" | "signal">,
): Promise<MemoryRun[]> {
  if (memories.length === 0) return [];
  const live = liveDisplay();
  using stop = stopSignal();
  const startedAt = Date.now();
  let done = 0;
  const bar = () => progress({ done, total: memories.length, startedAt });
  for (const memory of memories) {
    if (stop.signal.aborted || signal?.aborted) break;
    live.update(bar());
    await trainMemory(memory, { device });
    done++;
  }
  await live.close(bar());
  return memories.slice(0, done);
}

/** Results without what an interrupted `fresh` has not come to: older records are none of it. */
function onlyTrained(results: Results, hashes: ReadonlySet<string>): Results {
  const trials = results.trials.map((trial) =>
    hashes.has(trial.hash) ? trial : { ...trial, record: undefined }
  );
  return { ...results, trials };
}

function planText(
  study: Study,
  { runs, total, onRecord, toTrain, device, minutes }: StudyPlan,
): TextAndHtml {
  const takes = Number.isNaN(minutes)
    ? `on ${device}; what that takes is known once a run of this scale was trained there`
    : `about ${formatDuration(60 * minutes)}${device === "cpu" ? "" : ` on ${device}`}`;
  const have = `${study.title}: ${onRecord} of ${total} runs on record`;
  const again = runs.filter(({ again }) => again !== undefined).length;
  const text = toTrain === 0
    ? `${have}, nothing to train`
    : `${have}, ${toTrain} to train, ${takes}` +
      (again > 0 ? ` (${again} of them again, for checkpoints that others begin from)` : "");
  return textAndHtml(text, `<p>${text}</p>`);
}

/** Runs that a sweep has trained, trains, or will train. */
const AT_WORK = new Set<SweepRun["state"]>(["trained", "running", "waiting"]);
/** Runs at work that a terminal lists below its line. */
const LISTED = new Set<SweepRun["state"]>(["running", "stopped", "failed"]);

/** A line with the runs at work for a terminal, the whole table for a notebook. */
export function sweepProgress(runs: readonly SweepRun[], startedAt: number): TextAndHtml {
  /** Seconds of a run from one of its steps on. */
  const secondsFrom = ({ configuration, again }: SweepRun, step: number) => {
    const begin = configuration.start?.step ?? 0;
    // Some runs make no step: a model that is only asked.
    const share = Math.max(0, step - begin) / Math.max(1, (again ?? configuration.steps) - begin);
    return Math.max(0, secondsOf(configuration, again) * (1 - share));
  };
  const secondsLeft = (run: SweepRun) => run.state === "trained" ? 0 : secondsFrom(run, run.step);
  const count = (state: SweepRun["state"]) => runs.filter((run) => run.state === state).length;
  const own = runs.filter(({ state }) => AT_WORK.has(state));
  const left = own.reduce((sum, run) => sum + secondsLeft(run), 0);
  // What an earlier sitting did took none of this one's time.
  const done = own.reduce((sum, run) => sum + secondsFrom(run, run.from ?? 0), 0) - left;
  const speed = done / Math.max(1, (Date.now() - startedAt) / 1e3);
  const words = [
    `${count("on record") + count("trained")} of ${runs.length} runs`,
    ...(["running", "waiting", "stopped", "failed"] as const)
      .filter((state) => count(state) > 0).map((state) => `${count(state)} ${state}`),
    ...(left > 0 && speed > 0 ? [`about ${formatDuration(left / speed)} left`] : []),
    ...runs.filter(({ state }) => state === "failed").map(({ hash, why }) => `${hash}: ${why}`),
  ];
  const line = words.join(", ");
  const listed = runs.filter(({ state }) => LISTED.has(state));
  const list = listed.length > 0 ? `\n${sweepTable(listed).text}` : "";
  return textAndHtml(`${line}${list}`, `<p>${escapeHtml(line)}</p>${sweepTable(runs).html}`);
}
