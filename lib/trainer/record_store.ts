/**
 * Where records lie: committed ones in data/runs, this machine's own in its folder of runs. A
 * record is found by its run's identity; what is damaged is named and left out.
 *
 * @module
 */

import { currentData, ownData } from "../generator/mod.ts";
import { attemptsOf } from "./attempt.ts";
import { checkpointSteps } from "./checkpoint.ts";
import type { RunConfiguration } from "./configuration.ts";
import { identity, identityWith } from "./configure.ts";
import { OUT, placeOf, told, writeWhole } from "./files.ts";
import { type AnyRecord, headerLine, parseRecord, type RunRecord, toLine } from "./record.ts";

/** Where records are taken from: data/runs alone, or this machine's own first or last. */
export type RecordSource = "data" | "own" | "any";

/** Folder of committed records. */
const COMMITTED = new URL("../../data/runs/", import.meta.url);
/** Folder of this machine's runs. */
export const LOCAL: URL = new URL("runs/", OUT);

/**
 * The folder of a run on this machine.
 *
 * @example
 * ```ts
 * import { configure, runFolder } from "factlab";
 * console.log(runFolder(configure({ seed: 1 })).pathname); // …/out/runs/<hash>/
 * ```
 */
export function runFolder(configuration: RunConfiguration): URL {
  return new URL(`${identity(configuration)}/`, LOCAL);
}

/**
 * The finished record of a configuration; undefined if there is none. The committed one comes
 * before this machine's own one, with `from: "own"` after it; `from: "data"` takes no other. With
 * an attempt, only the record that it has made.
 *
 * @example
 * ```ts
 * import { configure, findRecord } from "factlab";
 * console.log(findRecord(configure({ scale: "smoke", seed: 12345 }))?.record.measurements.length);
 * ```
 */
export function findRecord(
  configuration: RunConfiguration,
  { from, attempt }: { from?: RecordSource; attempt?: string } = {},
): { record: RunRecord; file: URL } | undefined {
  if (attempt !== undefined) {
    const made = attemptsOf(runFolder(configuration)).finished === attempt;
    return made ? readRecord(identity(configuration), "own") : undefined;
  }
  const record = readRecord(identity(configuration), from);
  const found = record && isRead(configuration, record.record) ? record : undefined;
  const before = found ? undefined : withOwnData(configuration);
  if (before && readRecord(before, from)) warnOnce(otherData(configuration));
  return found;
}

/** Whether a record tells of all the probes that its run has beside factlab's own. */
function isRead({ evaluation }: RunConfiguration, { header, measurements }: RunRecord): boolean {
  const missing = Object.keys(evaluation.probes)
    .filter((name) => !measurements.some((measurement) => name in measurement));
  if (missing.length === 0) return true;
  warnOnce(
    `The record of run ${header.hash} has no readings of ${missing.join(", ")}: it is left out.`,
  );
  return false;
}

/** The identity a run would have with factlab's own lists; undefined if it is made of these. */
function withOwnData(configuration: RunConfiguration): string | undefined {
  if (configuration.lists !== null) return undefined;
  const own = ownData(configuration);
  return currentData(configuration) === own ? undefined : identityWith(configuration, own);
}

/** Says that the lists are not factlab's own, where they are not: why a record does not count. */
export function otherData(configuration: RunConfiguration): string {
  if (withOwnData(configuration) === undefined) return "";
  return `The lists in data/ are not those that ${configuration.scale} records were made of (digest ` +
    `${currentData(configuration)}, not ${
      ownData(configuration)
    }): what was made of others does not count.`;
}

const warned = new Set<string>();

/** Warns of the same thing once. */
function warnOnce(text: string): void {
  if (!warned.has(text)) console.warn(text);
  warned.add(text);
}

/**
 * The record of that name; see {@link findRecord}. A file that is no record of that name is named in
 * a warning and left out: it keeps nobody from reading the others.
 *
 * @example
 * ```ts
 * import { readRecord } from "factlab";
 * console.log(readRecord("13729e21cc54")?.record.header.configuration.people);
 * ```
 */
export function readRecord<R extends AnyRecord = RunRecord>(
  hash: string,
  from: RecordSource = "any",
): { record: R; file: URL } | undefined {
  const committed = new URL(`${hash}.jsonl`, COMMITTED);
  const own = new URL(`${hash}/record.jsonl`, LOCAL);
  const files = { data: [committed], own: [own, committed], any: [committed, own] };
  for (const file of files[from]) {
    let text: string;
    try {
      text = Deno.readTextFileSync(file);
    } catch (error) {
      const { NotFound, NotADirectory } = Deno.errors;
      if (error instanceof NotFound || error instanceof NotADirectory) continue;
      throw error;
    }
    try {
      return { record: recordNamed<R>(hash, text, placeOf(file)), file };
    } catch (error) {
      warnOnce(`${(error as Error).message} It is left out.`);
    }
  }
  return undefined;
}

/**
 * A record that must have this name.
 *
 * @throws {Error} that names the file.
 */
function recordNamed<R extends AnyRecord = RunRecord>(
  hash: string,
  text: string,
  name: string,
): R {
  const record = parseRecord<R>(text, name);
  if (record.header.hash === hash) return record;
  throw new Error(`Cannot read ${name}: it must be of run ${hash}, got ${record.header.hash}.`);
}

/** Writes a whole record to this machine's folder of its name, and returns it as it will be read. */
export function writeRecord<R extends AnyRecord>({ header, measurements }: R): R {
  const folder = new URL(`${header.hash}/`, LOCAL);
  const lines = [headerLine(header), ...measurements.map(toLine)].join("");
  const file = new URL("record.jsonl", folder);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw told(cause, folder);
  }
  writeWhole(file, new TextEncoder().encode(lines));
  return parseRecord<R>(lines, file.pathname);
}

/**
 * Environment in which a run was begun that is not finished, and in which it goes on; undefined if
 * there is none. With an attempt, only if it is the one that has begun the run.
 */
export function begunIn(
  configuration: RunConfiguration,
  attempt?: string,
): Record<string, unknown> | undefined {
  const folder = runFolder(configuration);
  if (attempt !== undefined && attemptsOf(folder).begun !== attempt) return undefined;
  try {
    const [header] = Deno.readTextFileSync(new URL("record.part.jsonl", folder)).split("\n");
    return parseRecord(header!).header.environment;
  } catch {
    return undefined; // Nothing was begun, or nothing of which anybody could go on.
  }
}

/**
 * Steps of a run that are on this machine, measured or in a checkpoint; 0 if there are none. Of an
 * attempt to train it from the start only those that it has done.
 */
export function latestStep(hash: string, attempt?: string): number {
  const folder = new URL(`${hash}/`, LOCAL);
  const { begun, finished } = attempt === undefined ? {} : attemptsOf(folder);
  if (attempt !== undefined && begun !== attempt) {
    return finished === attempt ? lastMeasured(new URL("record.jsonl", folder)) : 0;
  }
  return Math.max(
    lastMeasured(new URL("record.part.jsonl", folder)),
    ...(attempt === undefined ? [lastMeasured(new URL("record.jsonl", folder))] : []),
    ...checkpointSteps(folder),
  );
}

function lastMeasured(record: URL): number {
  try {
    const lines = Deno.readTextFileSync(record).split("\n");
    // The last line may still be in the making; what comes after the last line break is none.
    return Number(/^{"step":(\d+)/.exec(lines.at(-2) ?? "")?.[1] ?? 0);
  } catch {
    return 0; // Not there yet.
  }
}
