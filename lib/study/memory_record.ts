/**
 * Records of the toy associative memory, in the form of runs' records: pre-training is not told,
 * measurements are of tuning, with the sets "old" and "new".
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Device, engineOn } from "../engine/mod.ts";
import type { Knowledge } from "../probes/mod.ts";
import {
  LOCAL,
  Locked,
  lockFolder,
  readRecord,
  type RecordOf,
  type RecordSource,
  told,
  writeRecord,
} from "../trainer/mod.ts";
import { associativeMemory, type MemoryConfiguration } from "./associative_memory.ts";

/** A trial that trains the toy memory. */
export interface MemoryRun {
  /** The whole experiment: pre-training and tuning. */
  memory: MemoryConfiguration;
}

/** The record of a toy memory: of its tuning, on what it knew before and what is new. */
export type MemoryRecord = RecordOf<
  MemoryConfiguration & { scale: "memory" },
  { step: number; samples: number; trainingLoss: null; sets: { old: Knowledge; new: Knowledge } }
>;

/** The identity of a configuration: 12 hexadecimal digits. */
export function memoryHash({ memory }: MemoryRun): string {
  return createHash("sha256").update(JSON.stringify({ memory })).digest("hex").slice(0, 12);
}

/**
 * The record of a configuration; undefined if there is none.
 *
 * @example
 * ```ts
 * import { readResults, toyMemory } from "factlab";
 * import { findMemory, isMemory } from "factlab/study";
 * const [run] = readResults(toyMemory).trials.flatMap(({ run }) => isMemory(run) ? [run] : []);
 * console.log(findMemory(run!)?.measurements.length);
 * ```
 */
export function findMemory(run: MemoryRun, from?: RecordSource): MemoryRecord | undefined {
  return readRecord<MemoryRecord>(memoryHash(run), from)?.record;
}

/**
 * Trains a memory and writes its record, about 12 s with the paper's numbers. What another process
 * is training is waited for, and its record taken.
 *
 * @example
 * ```ts
 * import { MEMORY, trainMemory } from "factlab/study";
 * const small = { ...MEMORY, pairs: 64, pretraining: { steps: 20, lr: 0.03 } };
 * const { measurements } = await trainMemory({
 *   memory: { ...small, tuning: { ...small.tuning, pairs: 8, steps: 10 } },
 * });
 * console.log(measurements.at(-1)!.sets.old.accuracy);
 * ```
 */
export async function trainMemory(
  run: MemoryRun,
  { device }: { device?: Device } = {},
): Promise<MemoryRecord> {
  const { memory } = run;
  const folder = new URL(`${memoryHash(run)}/`, LOCAL);
  const { lock, waited } = await lockWhenFree(folder);
  using _ = lock;
  const made = waited ? findMemory(run, "own") : undefined;
  if (made) return made;
  const curve = await associativeMemory(memory, device);
  const { values, batch } = memory;
  return writeRecord<MemoryRecord>({
    header: {
      hash: memoryHash(run),
      // What stands in a record's header is what made it; no run has this scale.
      configuration: { scale: "memory", ...memory },
      floor: {
        loss: Math.log(values),
        attributes: [Math.log(values)],
        accuracy: 1 / values,
        unseen: Math.log(values),
      },
      environment: engineOn(device).about(),
    },
    measurements: curve.map(({ step, old, new: fresh }) => ({
      step,
      samples: step * batch,
      trainingLoss: null,
      sets: { old, new: fresh },
    })),
  });
}

/** Milliseconds between two looks at a memory that another process trains. */
const PATIENCE = 500;

/** Takes the lock of a folder once nobody has it, and says whether that took waiting. */
async function lockWhenFree(folder: URL): Promise<{ lock: Disposable; waited: boolean }> {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw told(cause, folder);
  }
  for (let waited = false;; waited = true) {
    try {
      return { lock: lockFolder(folder), waited };
    } catch (error) {
      if (!(error instanceof Locked)) throw error;
      await new Promise((go) => setTimeout(go, PATIENCE));
    }
  }
}
