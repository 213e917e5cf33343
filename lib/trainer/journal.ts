/**
 * What a run leaves on disk while it trains: its record, line by line, and its checkpoints. Opened
 * again, it says where to go on. One process at a time.
 *
 * The folder of a run, out/runs/<hash>/: record.part.jsonl until the run is finished, then
 * record.jsonl; checkpoint-<step>.safetensors, with .unusable behind it one that nobody goes on from;
 * record.damaged.jsonl; lock; log.jsonl (run_log.ts); the names of attempts, the steps whose
 * checkpoints are kept.
 *
 * @module
 */

import type { Shapes } from "../engine/mod.ts";
import { attemptsOf, beginAttempt, finishAttempt, lacks } from "./attempt.ts";
import {
  type Checkpoint,
  checkpointFile,
  checkpointSteps,
  keepCheckpoints,
  lastCheckpoint,
  removeUnusable,
  saveCheckpoint,
  setAside,
} from "./checkpoint.ts";
import { lockFolder, placeOf, syncFolder, told, writeAll } from "./files.ts";
import { headerLine, type Measurement, parseRecord, type RecordHeader, toLine } from "./record.ts";
import { runFolder } from "./record_store.ts";
import { beginSitting } from "./run_log.ts";

/** A record being written, with its checkpoints. */
export interface Journal extends Disposable {
  /** Where to go on; undefined at the start of a run. */
  readonly checkpoint: Checkpoint | undefined;
  /** Measurements before the checkpoint. */
  readonly measurements: Measurement[];
  /** Steps whose checkpoints are kept: those asked for now, and before. */
  readonly keep: readonly number[];
  /** Length of the record. */
  readonly bytes: number;
  /** Adds a measurement and returns it as it will be read. */
  append(measurement: Measurement): Measurement;
  /** Writes a checkpoint. */
  save(checkpoint: Omit<Checkpoint, "hash" | "about">): void;
  /** Gives the record its final name. */
  finish(): void;
}

/**
 * Opens the journal of a run: goes on from its last checkpoint, or begins anew where there is
 * none. An attempt begins anew once; it does so again only if a checkpoint that it was to keep is
 * gone. A record that is longer than its checkpoint knows, or ends in half a line, is cut back.
 *
 * @throws {Error} if another process has it open, or the folder cannot be written.
 */
export function openJournal(
  header: RecordHeader,
  { shapes, checkpoints = [], attempt, device = "cpu" }: {
    shapes: Shapes;
    checkpoints?: readonly number[];
    attempt?: string;
    device?: string;
  },
): Journal {
  const folder = runFolder(header.configuration);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw told(cause, folder);
  }
  // Given back whatever fails below, a full disk at the first line included.
  using held = new DisposableStack();
  held.use(lockFolder(folder));
  const part = new URL("record.part.jsonl", folder);
  let file: Deno.FsFile;
  let keep: number[];
  let anew: boolean;
  try {
    keep = keepCheckpoints(folder, checkpoints);
    keepDamaged(folder);
    const steps = checkpointSteps(folder);
    const asked = { keep, from: header.configuration.start?.step, upTo: steps[0] ?? 0 };
    anew = attempt !== undefined &&
      (attemptsOf(folder).begun !== attempt || lacks(folder, asked));
    if (anew) {
      for (const step of steps) Deno.removeSync(checkpointFile(folder, step));
      removeUnusable(folder);
    }
    file = held.use(Deno.openSync(part, { create: true, read: true, write: true }));
  } catch (cause) {
    throw told(cause, part);
  }
  const encoder = new TextEncoder();
  let bytes = 0;
  const write = (line: string) => {
    try {
      // A file whose folder was removed takes what is written to it, and nobody ever sees it.
      if (file.statSync().nlink === 0) throw new Error("the folder was removed");
      const encoded = encoder.encode(line);
      writeAll(file, encoded);
      bytes += encoded.length;
    } catch (cause) {
      throw told(cause, part);
    }
  };
  const checkpoint = lastCheckpoint(folder, {
    hash: header.hash,
    shapes,
    recordBytes: file.statSync().size,
  });
  // Those after it are of no use, and would pass for the newest.
  const { step: last = -1 } = checkpoint ?? {};
  setAside(folder, checkpointSteps(folder).filter((step) => step > last && !keep.includes(step)));
  let measurements: Measurement[] = [];
  bytes = checkpoint?.recordBytes ?? 0;
  file.truncateSync(bytes);
  if (checkpoint) {
    try {
      measurements = parseRecord(Deno.readTextFileSync(part), placeOf(part)).measurements;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : cause;
      throw new Error(`${why} Pass fresh: true to train run ${header.hash} from its beginning.`, {
        cause,
      });
    }
    file.seekSync(0, Deno.SeekMode.End);
  } else {
    write(headerLine(header));
  }
  // Only now is there nothing left of what was before.
  if (anew) beginAttempt(folder, attempt!);
  const from = checkpoint?.step ?? header.configuration.start?.step ?? 0;
  let reached = from;
  const log = beginSitting(folder, { from, device, environment: header.environment });
  held.defer(() => log.end(reached));
  const open = held.move();
  return {
    checkpoint,
    measurements,
    keep,
    get bytes() {
      return bytes;
    },
    append(measurement) {
      reached = measurement.step;
      const line = toLine(measurement);
      write(line);
      return JSON.parse(line);
    },
    save(state) {
      reached = state.step;
      file.syncSync();
      const about = { configuration: header.configuration, environment: header.environment };
      saveCheckpoint(folder, { hash: header.hash, about, ...state }, { shapes, keep });
    },
    finish() {
      file.syncSync();
      Deno.renameSync(part, new URL("record.jsonl", folder));
      finishAttempt(folder);
      syncFolder(folder);
    },
    [Symbol.dispose]: () => open.dispose(),
  };
}

/** A record that is there although its run is trained may be one that nobody could read: it stays. */
function keepDamaged(folder: URL): void {
  const record = new URL("record.jsonl", folder);
  let text: string;
  try {
    text = Deno.readTextFileSync(record);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  try {
    parseRecord(text);
  } catch (error) {
    const names = new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
    let name = "record.damaged.jsonl";
    for (let i = 2; names.has(name); i++) name = `record.damaged.${i}.jsonl`;
    const aside = new URL(name, folder);
    Deno.renameSync(record, aside);
    console.warn(
      `${error instanceof Error ? error.message : error} It is kept as ${placeOf(aside)}.`,
    );
  }
}
