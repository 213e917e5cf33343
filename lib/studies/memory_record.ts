/**
 * Records of the toy associative memory, in the form of runs' records: pre-training is not told,
 * measurements are of tuning, with the sets "old" and "new".
 *
 * @module
 */

import { createHash } from "node:crypto";
import { environment } from "../tensorflow/mod.ts";
import {
  readRecord,
  type RecordSource,
  type RunConfiguration,
  type RunRecord,
  writeRecord,
} from "../trainer/mod.ts";
import { associativeMemory, type MemoryConfiguration } from "./associative_memory.ts";

/** A trial that trains the toy memory. */
export interface MemoryRun {
  /** The whole experiment: pre-training and tuning. */
  memory: MemoryConfiguration;
}

/** The identity of a configuration: 12 hexadecimal digits. */
export function memoryHash({ memory }: MemoryRun): string {
  return createHash("sha256").update(JSON.stringify({ memory })).digest("hex").slice(0, 12);
}

/**
 * The record of a configuration; undefined if there is none.
 *
 * @example
 * ```ts
 * import { findMemory } from "./memory_record.ts";
 * import { isMemory, readResults } from "./study.ts";
 * import { toyMemory } from "./toy_memory.ts";
 * const [run] = readResults(toyMemory).trials.flatMap(({ run }) => isMemory(run) ? [run] : []);
 * console.log(findMemory(run!)?.measurements.length);
 * ```
 */
export function findMemory(run: MemoryRun, from?: RecordSource): RunRecord | undefined {
  return readRecord(memoryHash(run), from)?.record;
}

/**
 * Trains a memory and writes its record, about 12 s with the paper's numbers.
 *
 * @example
 * ```ts
 * import { MEMORY } from "./associative_memory.ts";
 * import { trainMemory } from "./memory_record.ts";
 * const small = { ...MEMORY, pairs: 64, pretraining: { steps: 20, lr: 0.03 } };
 * const { measurements } = await trainMemory({
 *   memory: { ...small, tuning: { ...small.tuning, pairs: 8, steps: 10 } },
 * });
 * console.log(measurements.at(-1)!.sets.old!.accuracy);
 * ```
 */
export async function trainMemory(run: MemoryRun): Promise<RunRecord> {
  const { memory } = run;
  const curve = await associativeMemory(memory);
  const { values, batch } = memory;
  return writeRecord({
    header: {
      hash: memoryHash(run),
      // What stands in a record's header is what made it; no run has this scale.
      configuration: { scale: "memory", ...memory } as unknown as RunConfiguration,
      floor: {
        loss: Math.log(values),
        attributes: [Math.log(values)],
        accuracy: 1 / values,
        unseen: Math.log(values),
      },
      environment: environment(),
    },
    measurements: curve.map(({ step, old, new: fresh }) => ({
      step,
      samples: step * batch,
      trainingLoss: null,
      sets: { old, new: fresh },
    })),
  });
}
