/**
 * Packs: finished records with their logs in one file, by which they leave the machine that trained
 * them; and how they are taken in elsewhere, each checked and what is refused told by name.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  configure,
  deviceOf,
  identity,
  LOCAL,
  parseLog,
  parseRecord,
  placeOf,
  readRecord,
  type RunRecord,
  writeRecord,
  writeWhole,
} from "../../lib/trainer/mod.ts";

/** A line of a pack. */
interface Packed {
  /** Identity of the run. */
  hash: string;
  /** Its record.jsonl. */
  record: string;
  /** Its log.jsonl: when, by which commit and on which device it was trained. */
  log: string;
}

const NAME = /^records-.*\.jsonl\.gz$/;
/** No pack may be larger: what comes back from a lease has such limits. */
const LIMIT = 2 ** 24;

/**
 * Writes the records of some runs of this machine into one file of a folder.
 *
 * @throws {Error} if it would be larger than 16 MiB.
 */
export function writePack(folder: string, name: string, hashes: readonly string[]): void {
  const read = (hash: string, file: string) =>
    Deno.readTextFileSync(new URL(`${hash}/${file}.jsonl`, LOCAL));
  const lines = hashes.map((hash): Packed => ({
    hash,
    record: read(hash, "record"),
    log: read(hash, "log"),
  }));
  const bytes = gzipSync(lines.map((line) => JSON.stringify(line) + "\n").join(""));
  if (bytes.length > LIMIT) {
    throw new Error(
      `Cannot pack ${hashes.length} records: they must have at most ${LIMIT / 2 ** 20} MiB ` +
        `together, got ${Math.ceil(bytes.length / 2 ** 20)}. Run fewer minutes at a time.`,
    );
  }
  const file = `${folder}/records-${name}.jsonl.gz`;
  Deno.writeFileSync(`${file}.part`, bytes);
  Deno.renameSync(`${file}.part`, file);
}

/** What became of the records of a folder's packs. */
export interface Intake {
  /** Hashes of those that are on this machine now and were not. */
  taken: string[];
  /** Hashes of those that were there already, the same. */
  known: string[];
  /** Why others were refused, each with its pack and hash. */
  refused: string[];
}

/**
 * Takes the records of a folder's packs in to this machine's folder of runs. Checked are the run's
 * identity, made again from its configuration, that the record is whole, what trained it, and that
 * there is no other record of that run.
 */
export function takeIn(folder: string): Intake {
  const intake: Intake = { taken: [], known: [], refused: [] };
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((n) => NAME.test(n));
  for (const name of names.sort()) {
    let lines: string[];
    try {
      const bytes = gunzipSync(Deno.readFileSync(`${folder}/${name}`));
      lines = new TextDecoder().decode(bytes).split("\n").filter((line) => line !== "");
    } catch (error) {
      const { message } = error as Error;
      intake.refused.push(`Cannot take in ${name}: it must be a pack of records, got ${message}.`);
      continue;
    }
    lines.forEach((line, i) => {
      try {
        const { hash, isNew } = take(line);
        intake[isNew ? "taken" : "known"].push(hash);
      } catch (error) {
        const { message } = error as Error;
        intake.refused.push(`Cannot take in line ${i + 1} of ${name}: ${message}.`);
      }
    });
  }
  return intake;
}

/** Takes one record in, if it is not there yet. */
function take(line: string): { hash: string; isNew: boolean } {
  const { hash, record: text, log } = JSON.parse(line) as Packed;
  const refuse = (why: string) => new Error(`run ${hash} ${why}`);
  const record = parseRecord<RunRecord>(text, hash);
  const { configuration, environment } = record.header;
  const own = identity(configure(configuration));
  if (own !== hash || record.header.hash !== hash) {
    throw refuse(`must have a configuration of that name, got one of ${own}`);
  }
  if (!isWhole(record)) {
    throw refuse(
      `must end at step ${configuration.steps} or below the loss at which it stops, got ` +
        `${record.measurements.at(-1)?.step ?? "no measurement"}`,
    );
  }
  const device = deviceOf(environment);
  const last = parseLog(log).at(-1);
  if (typeof environment.deno !== "string" || last?.commit === undefined) {
    throw refuse(
      `must name versions and a commit, got ${environment.deno ?? "none"} and ` +
        `${last?.commit ?? "none"}`,
    );
  }
  if (deviceOf(last.environment) !== device) {
    throw refuse(`must have a log of ${device}, as its header, got ${deviceOf(last.environment)}`);
  }
  const before = readRecord(hash);
  if (before) {
    const step = firstDifference(before.record, record);
    if (step === undefined) return { hash, isNew: false };
    throw refuse(`must have no other record, got ${placeOf(before.file)}, other at step ${step}`);
  }
  // The record last: what is cut off in between is taken in again, and its log is there already.
  const folder = new URL(`${hash}/`, LOCAL);
  const file = new URL("log.jsonl", folder);
  Deno.mkdirSync(folder, { recursive: true });
  const logged = existsSync(file) ? Deno.readTextFileSync(file) : "";
  if (!logged.endsWith(log)) writeWhole(file, new TextEncoder().encode(logged + log));
  writeRecord(record);
  return { hash, isNew: true };
}

/** Whether a run has come to its end. */
function isWhole({ header: { configuration, floor }, measurements }: RunRecord): boolean {
  const last = measurements.at(-1);
  if (!last) return false;
  const { steps, stopBelow } = configuration;
  return last.step === steps || last.sets.training.loss < stopBelow * floor.loss;
}

/** The first step, of those that both have measured, at which records differ; undefined if none. */
export function firstDifference(
  { measurements }: RunRecord,
  other: Pick<RunRecord, "measurements">,
): number | undefined {
  const lines = new Map(other.measurements.map((own) => [own.step, JSON.stringify(own)]));
  return measurements.find((own) =>
    (lines.get(own.step) ?? JSON.stringify(own)) !== JSON.stringify(own)
  )
    ?.step;
}
