/**
 * Which runs of a sweep are trained together: side by side in one program of a device, where one of
 * them alone would leave it idle. What has no company, or fills a device, has a program of its own.
 *
 * @module
 */

import { begunIn, besideOf, deviceOf, findRecord, type RunConfiguration } from "../trainer/mod.ts";
import type { SweepRun } from "./plan.ts";

/** Places of a program on device gpu where nothing is asked for. */
const PLACES = { small: 8, large: 1 } as const;
/** Width of a model, and rows of a batch, from which on a run is large: it fills a device alone. */
const LARGE = { width: 512, batch: 64 } as const;

/** What decides who is trained together. */
export interface BesideOptions {
  /** The device that runs are trained on: "cpu", "gpu". */
  device: string;
  /** Places of a program; see SweepOptions.beside. */
  beside?: number;
}

/** Refuses a number of places that is none, and more than one on a processor. */
export function checkBeside({ device, beside = 1 }: BesideOptions): void {
  if (!Number.isInteger(beside) || beside < 1) {
    throw new Error(`Cannot sweep: beside must be a whole number of at least 1, got ${beside}.`);
  }
  if (device !== "cpu" || beside === 1) return;
  throw new Error(
    `Cannot sweep: beside must be 1 on device cpu, whose cores workers share, got ${beside}. ` +
      'Leave beside out, or pass device: "gpu".',
  );
}

/**
 * The next runs for one process, of those that are `ready`: the first that is free and others that
 * fit beside it, but no more than its share where `workers` processes are to be begun. Each is told
 * its places; one that is alone and was not asked to be otherwise has a program of its own.
 */
export function nextTogether(
  ready: readonly SweepRun[],
  { workers, isFree = () => true, ...options }: BesideOptions & {
    workers: number;
    isFree?: (run: SweepRun) => boolean;
  },
): SweepRun[] {
  const share = Math.ceil(ready.length / workers);
  let chosen: SweepRun[] = [];
  let first: Program | undefined;
  for (const run of ready) {
    if (first && chosen.length >= Math.min(first.places, share)) break;
    const own = programOf(run, options);
    if (first && (own.shape !== first.shape || own.places !== first.places)) continue;
    if (!isFree(run)) continue;
    first ??= own;
    chosen = [...chosen, run];
  }
  const places = chosen.length > 1 || first?.isAsked ? first!.places : 1;
  for (const run of chosen) run.beside = places > 1 ? places : undefined;
  return chosen;
}

/**
 * Runs as they would be trained by some workers if all were ready, those of one process a list.
 *
 * @example
 * ```ts
 * import { planSweep, wavesOf } from "factlab";
 * const runs = planSweep([1, 2, 3].map((seed) => ({ scale: "smoke", seed })));
 * console.log(wavesOf(runs, { device: "gpu", workers: 1 }).length); // 1: all of them together
 * ```
 *
 * @throws {Error} if several places are asked for on cpu, or none.
 */
export function wavesOf(
  runs: readonly SweepRun[],
  options: BesideOptions & { workers: number },
): SweepRun[][] {
  checkBeside(options);
  const waves: SweepRun[][] = [];
  const workers = Math.min(options.workers, Math.max(1, runs.length));
  let left = runs.map((run) => ({ ...run }));
  while (left.length > 0) {
    // Turn by turn, in each of which every worker is free once.
    const next = nextTogether(left, { ...options, workers: workers - waves.length % workers });
    waves.push(next);
    left = left.filter((run) => !next.includes(run));
  }
  return waves;
}

/** The program that a run wants a place in. */
interface Program {
  places: number;
  /** The same for the same program. */
  shape: string;
  /** Whether it was asked for, or the run was begun in it: then it is so without company, too. */
  isAsked: boolean;
}

function programOf(run: SweepRun, { device, beside }: BesideOptions): Program {
  const { model, batch } = run.configuration;
  const shape = shapeOf(run.configuration);
  if (device === "cpu") return { places: 1, shape, isAsked: false };
  const asked = placesBefore(run) ?? beside;
  const isSmall = model.width < LARGE.width && batch < LARGE.batch;
  return {
    places: asked ?? PLACES[isSmall ? "small" : "large"],
    shape,
    isAsked: asked !== undefined,
  };
}

/**
 * Places of the program in which a run was begun on an accelerator, where it goes on, or was trained
 * if it is trained again; undefined if it may be in any.
 */
function placesBefore({ configuration, again, fresh }: SweepRun): number | undefined {
  const before = begunIn(configuration, fresh) ??
    (again === undefined ? undefined : findRecord(configuration)?.record.header.environment);
  return deviceOf(before) === "cpu" ? undefined : besideOf(before);
}

/**
 * What decides the function of a run's steps, and so its program: not what its steps are given, as
 * seed, people, schedule and learning rate, nor what is measured.
 */
export function shapeOf(
  {
    scale,
    model,
    batch,
    lengthGroups,
    precision,
    reference,
    rewardModel,
    tuning,
    optimizer,
    ...rest
  }: RunConfiguration,
): string {
  const { decay, beta1, beta2, clip } = optimizer;
  const { text, prefer, compare, rejected, reinforce, distill, freeze, undo, refuse } = tuning;
  return JSON.stringify({
    ...{ scale, model, batch, lengthGroups, precision, decay, beta1, beta2, clip },
    ...{ text, prefer, compare, rejected, distill, freeze, isShifted: undo === "mean shift" },
    // What an answer earns is given to it.
    reinforce: reinforce && { ...reinforce, wrong: null },
    ...{ isPatched: reference !== null, hasRewardModel: rewardModel !== null },
    // The vocabulary is the same for each number of names.
    ...{ isOfMostNames: rest.names !== null, subwords: rest.subwords },
    ...{ sentences: rest.sentences, named: rest.named },
    // The lengths of groups are those of a run's own text.
    ...(lengthGroups > 1 ? { order: rest.order, templates: rest.templates, refuse } : {}),
  });
}
