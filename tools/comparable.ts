/**
 * Which records can be trained again and compared on a device: those made on it, of runs whose
 * checkpoints on this machine were made on it too, as these are made again.
 *
 * @module
 */

import {
  checkpointSteps,
  deviceOf,
  runFolder,
  type RunRecord,
  sittings,
} from "../lib/trainer/mod.ts";

/** Why a record is left out on a device; undefined if it is not. */
export function whyLeftOut({ header }: RunRecord, device: string): string | undefined {
  const trained = deviceOf(header.environment);
  if (trained !== device) return `trained on ${trained}`;
  const folder = runFolder(header.configuration);
  const last = sittings(folder).at(-1);
  const made = last && checkpointSteps(folder).length > 0 ? deviceOf(last.environment) : device;
  if (made === device) return undefined;
  return `with checkpoints here that were made on ${made}, from which other runs may begin`;
}

/** The records of those given that can be compared on a device, and what is said of the others. */
export function comparable<Candidate extends { record: RunRecord }>(
  all: readonly Candidate[],
  device: string,
): { kept: Candidate[]; leftOut: string[] } {
  const groups = Map.groupBy(all, ({ record }) => whyLeftOut(record, device));
  const kept = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const leftOut = [...groups].map(([why, own]) =>
    `Left out on ${device}: ${own.length} records, ${why}: ` +
    `${own.map(({ record }) => record.header.hash).join(", ")}.`
  );
  return { kept, leftOut };
}
