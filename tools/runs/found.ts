/**
 * All runs on this machine: finished ones with their records, committed and local, and unfinished
 * ones, each as fields by dotted path. What holds no run is named.
 *
 * @module
 */

import {
  type AnyRecord,
  configure,
  deviceOf,
  fieldsOf,
  isLocked,
  isRun,
  type Json,
  OUT,
  parseRecord,
  placeOf,
  type RunRecord,
} from "../../lib/trainer/mod.ts";
import { committedTrainings, trainingOf } from "./log.ts";

/** A run on this machine. */
export interface Found {
  hash: string;
  /** Its record, as far as it has come. */
  record: AnyRecord;
  /** Where the record lies. */
  file: string;
  /** Whether it is of this machine's out/, and not of data/. */
  own: boolean;
  /** What is known of it, by name: its configuration by dotted path, its end, how it was trained. */
  fields: Record<string, unknown>;
}

/** What is in the folders of runs. */
export interface AllFound {
  /** Every run once, committed ones first. */
  runs: Found[];
  /** Why something there is no run, by file. */
  bad: string[];
}

const COMMITTED = "data/runs";
const RECORD = "record.jsonl";
const PART = "record.part.jsonl";

/** Looks through data/runs and the runs of out/, of the checkout that this process is in. */
export function findRuns(): AllFound {
  const [runs, bad] = [new Map<string, Found>(), [] as string[]];
  const trainings = committedTrainings();
  const add = (file: string | URL, own: boolean) => {
    const place = typeof file === "string" ? file : placeOf(file);
    try {
      const text = Deno.readTextFileSync(file);
      // The last line of what is being written may be cut off.
      const whole = place.endsWith(PART) ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
      const record = parseRecord<AnyRecord>(whole, place);
      const { hash, environment } = record.header;
      const device = deviceOf(environment);
      const { began: date, commit, seconds } = trainings.get(hash) ?? trainingOf(hash, device) ??
        {};
      const status = place.endsWith(PART) ? unfinished(file as URL, record) : "finished";
      const ends = { device, date: date?.slice(0, 10), commit: commit?.slice(0, 7), seconds };
      const fields = { hash, ...configurationOf(record), ...endOf(record), ...ends, status };
      if (!runs.has(hash)) runs.set(hash, { hash, record, file: place, own, fields });
    } catch (error) {
      bad.push((error as Error).message);
    }
  };
  for (const { name } of entriesOf(COMMITTED)) {
    if (name.endsWith(".jsonl")) add(`${COMMITTED}/${name}`, false);
  }
  const local = new URL("runs/", OUT);
  for (const { name, isDirectory } of entriesOf(local)) {
    const folder = new URL(`${name}/`, local);
    const file = [RECORD, PART].find((file) => isDirectory && exists(new URL(file, folder)));
    if (file) add(new URL(file, folder), true);
    else bad.push(`Cannot read ${placeOf(new URL(name, local))}: it has no record of a run.`);
  }
  return { runs: [...runs.values()], bad };
}

/**
 * A configuration by dotted path, with what older records leave out, or as it stands where today's
 * code does not know it. That of a toy memory is apart, but for what all have.
 */
function configurationOf({ header }: AnyRecord): Record<string, unknown> {
  if (!isRun(header)) {
    const { scale, seed, ...memory } = header.configuration as { scale: string; seed?: number };
    return { scale, seed, ...Object.fromEntries(fieldsOf(memory as Json, "memory.")) };
  }
  let { configuration } = header as RunRecord["header"];
  try {
    configuration = configure(configuration);
  } catch {
    // lost.ts says so.
  }
  return Object.fromEntries(fieldsOf({ ...configuration }));
}

/** What a run has come to. */
function endOf({ header, measurements }: AnyRecord): Record<string, unknown> {
  const last = measurements.at(-1) as Partial<RunRecord["measurements"][number]> | undefined;
  if (!isRun(header)) return { step: last?.step };
  const { loss, accuracy } = last?.sets?.["held-out"] ?? {};
  return { step: last?.step, loss, accuracy };
}

function unfinished(file: URL, { header, measurements }: AnyRecord): string {
  if (isLocked(new URL(".", file))) return "training";
  const { steps } = (header as RunRecord["header"]).configuration;
  return `stopped at ${measurements.at(-1)?.step ?? 0} of ${steps}`;
}

function entriesOf(folder: string | URL): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
