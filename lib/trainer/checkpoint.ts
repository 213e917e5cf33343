/**
 * Checkpoints of a run: one safetensors file each, with everything that training needs to go on
 * as if it had never stopped.
 *
 * @module
 */

import type { Decision } from "../generator/mod.ts";
import type { Shapes } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { placeOf, told, writeWhole } from "./files.ts";
import type { RolloutState } from "./rollouts.ts";
import { Damaged, decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** What a checkpoint holds. */
export interface Checkpoint {
  /** Steps done. */
  step: number;
  /** Identity of the run. */
  hash: string;
  /** Bytes of the record when the checkpoint was written; what follows them is written again. */
  recordBytes: number;
  /** Sum and number of the training losses since the last measurement. */
  losses: { sum: number; count: number };
  /** What an adaptive schedule has decided so far. */
  decisions: Decision[];
  /** The run's own answers so far, where it learns from them. */
  rollouts?: RolloutState;
  /** How the steps were computed; going on in another way would change the result. */
  engine: { kind: string; products: string; branches: number; device?: string; beside?: number };
  /** The run's configuration and versions, for people who read the file elsewhere. */
  about: Record<string, unknown>;
  /** Parameters and both moments by name. */
  state: Record<string, Float32Array>;
}

const FORMAT = "factlab checkpoint 1";
const NAME = /^checkpoint-(\d+)\.safetensors$/;

/** How many checkpoints a run keeps besides those it was asked for. */
const KEPT = 2;

/** Steps whose checkpoints a run was asked to keep, in the run's folder. */
const ASKED = "checkpoints.json";

/**
 * Adds to the steps whose checkpoints a run keeps, now and whenever it goes on or is trained again,
 * and returns them all.
 */
export function keepCheckpoints(folder: URL, steps: readonly number[]): number[] {
  const file = new URL(ASKED, folder);
  let before: unknown = [];
  try {
    before = JSON.parse(Deno.readTextFileSync(file));
  } catch {
    // Nothing was asked for so far.
  }
  const known = Array.isArray(before) ? before.filter(Number.isSafeInteger) as number[] : [];
  const all = [...new Set([...known, ...steps])].sort((a, b) => a - b);
  if (all.length > known.length) writeWhole(file, new TextEncoder().encode(JSON.stringify(all)));
  return all;
}

/** Says which checkpoints that were asked for can no longer be written; undefined if all are there. */
export function missedCheckpoints(
  folder: URL,
  { hash, asked, done }: { hash: string; asked: readonly number[]; done: number },
): string | undefined {
  const there = checkpointSteps(folder);
  const missed = asked.filter((step) => step <= done && !there.includes(step));
  if (missed.length === 0) return undefined;
  return `Run ${hash} is at step ${done}, and there is no checkpoint of step ` +
    `${missed.join(", ")} on this machine: pass fresh: true to train it again with them.`;
}

/**
 * Steps of the checkpoints in a folder, newest first.
 *
 * @example
 * ```ts
 * import { configure, runFolder } from "factlab";
 * import { checkpointSteps } from "factlab/trainer";
 * console.log(checkpointSteps(runFolder(configure({ seed: 1 })))); // latest first; [] for none
 * ```
 */
export function checkpointSteps(folder: URL): number[] {
  try {
    return [...Deno.readDirSync(folder)]
      .flatMap(({ name }) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return [];
    throw error;
  }
}

/** The file of the checkpoint after some steps. */
export function checkpointFile(folder: URL, step: number): URL {
  return new URL(`checkpoint-${String(step).padStart(8, "0")}.safetensors`, folder);
}

/** Writes a checkpoint, then removes those before the last two that nobody asked to keep. */
export function saveCheckpoint(
  folder: URL,
  { state, ...rest }: Checkpoint,
  { shapes, keep }: { shapes: Shapes; keep: readonly number[] },
): void {
  const tensors = Object.fromEntries(
    Object.entries(state).map(([name, data]) => [
      name,
      { dtype: "F32" as const, shape: shapes[name]!, data },
    ]),
  );
  const metadata = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const bytes = encodeSafetensors({ tensors, metadata: { format: FORMAT, ...metadata } });
  writeWhole(checkpointFile(folder, rest.step), bytes);
  for (const step of checkpointSteps(folder).filter((step) => !keep.includes(step)).slice(KEPT)) {
    Deno.removeSync(checkpointFile(folder, step));
  }
}

/**
 * Reads one checkpoint.
 *
 * @throws {Damaged} if it is cut, or belongs to another run or model.
 */
export function readCheckpoint(
  folder: URL,
  step: number,
  { hash, shapes }: { hash: string; shapes: Shapes },
): Checkpoint {
  const file = checkpointFile(folder, step);
  const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(file), placeOf(file));
  const refuse = (why: string) => new Damaged(`Cannot read ${placeOf(file)}: ${why}.`);
  if (metadata.format !== FORMAT) throw refuse(`its format must be "${FORMAT}"`);
  const { format: _, ...texts } = metadata;
  const rest = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      try {
        return [name, JSON.parse(text)];
      } catch {
        throw refuse(`${name} in its metadata must be JSON, got ${text.slice(0, 80)}`);
      }
    }),
  ) as Omit<Checkpoint, "state">;
  if (rest.hash !== hash) throw refuse(`it must be of run ${hash}, got ${rest.hash}`);
  if (rest.step !== step) throw refuse(`it must be of step ${step}, got ${rest.step}`);
  const names = Object.keys(shapes).sort();
  if (String(Object.keys(tensors).sort()) !== String(names)) {
    throw refuse("its tensors must be the run's parameters and moments");
  }
  const state = Object.fromEntries(names.map((name) => {
    const { shape, data } = tensors[name]!;
    if (String(shape) !== String(shapes[name]) || !(data instanceof Float32Array)) {
      throw refuse(`${name} must be float32 of shape [${shapes[name]}], got [${shape}]`);
    }
    return [name, data];
  }));
  return { ...rest, state };
}

/**
 * Gives checkpoints another name by which nobody takes them for ones that training can go on from;
 * they stay for who wants to look into them.
 */
export function setAside(folder: URL, steps: readonly number[]): void {
  for (const step of steps) {
    const file = checkpointFile(folder, step);
    try {
      Deno.renameSync(file, new URL(`${file.href}.unusable`));
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw told(cause, file);
    }
  }
}

/** Removes what was set aside. */
export function removeUnusable(folder: URL): void {
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.endsWith(".safetensors.unusable")) Deno.removeSync(new URL(name, folder));
  }
}

/**
 * The newest checkpoint that can be used; says which ones are damaged. `recordBytes` is how much
 * of the record there is: a checkpoint that counts on more is of no use.
 */
export function lastCheckpoint(
  folder: URL,
  run: { hash: string; shapes: Shapes; recordBytes: number },
): Checkpoint | undefined {
  for (const step of checkpointSteps(folder)) {
    try {
      const checkpoint = readCheckpoint(folder, step, run);
      if (checkpoint.recordBytes <= run.recordBytes) return checkpoint;
      throw new Error(
        `Cannot use the checkpoint of step ${step}: the record must have ` +
          `${checkpoint.recordBytes} bytes, got ${run.recordBytes}.`,
      );
    } catch (error) {
      console.warn(
        `${error instanceof Error ? error.message : error} Taking the one before, if there is one.`,
      );
    }
  }
  return undefined;
}

/** How steps are computed, for people. */
export function saidOf({ kind, products, device = "cpu", beside }: Checkpoint["engine"]): string {
  const among = beside === undefined ? "" : ` in a program of ${beside} runs`;
  return `${kind} with ${products} products on ${device}${among}`;
}

/** Refuses steps that a run never makes: their checkpoints would be waited for in vain. */
export function checkCheckpoints(
  { steps, start }: Pick<RunConfiguration, "steps" | "start">,
  { checkpoints = [], checkpointSeconds = 0 }: {
    checkpoints?: readonly number[];
    checkpointSeconds?: number;
  },
): void {
  const begin = start?.step ?? 0;
  const bad = checkpoints.find((step) => !Number.isInteger(step) || step < begin || step > steps);
  if (bad !== undefined) {
    throw new Error(
      `Cannot run: checkpoints must be whole steps from ${begin} to ${steps}, got ${bad}.`,
    );
  }
  if (!(checkpointSeconds >= 0)) {
    throw new Error(
      `Cannot run: checkpointSeconds must be 0 or more, got ${checkpointSeconds}; 60 by default.`,
    );
  }
}
