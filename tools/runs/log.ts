/**
 * When, where and in how many seconds a run was trained: from the log beside it, or from
 * data/run_log.jsonl, which keeps that of committed records.
 *
 * @module
 */

import { deviceOf, OUT, sittings } from "../../lib/trainer/mod.ts";

/** The log of committed records. */
export const RUN_LOG = "data/run_log.jsonl";

/** How a run was trained, from its beginning to its end. */
export interface Training {
  hash: string;
  /** When its last sitting began, in UTC. */
  began: string;
  /** Commit of the code; undefined outside of a checkout. */
  commit?: string;
  /** What it was trained on. */
  device: string;
  /** All sittings together. */
  seconds: number;
}

/** How the run in out/ was trained on a device; undefined if nothing is known. */
export function trainingOf(hash: string, device: string): Training | undefined {
  // For checkpoints alone a run may have been trained again since, on another device.
  const all = sittings(new URL(`runs/${hash}/`, OUT))
    .filter(({ environment }) => deviceOf(environment) === device);
  // Those of the last time that it was trained from its beginning.
  const first = Math.min(...all.map(({ from }) => from));
  const own = all.slice(all.findLastIndex(({ from }) => from === first));
  const seconds = own.reduce((sum, sitting) => sum + (sitting.seconds ?? 0), 0);
  const last = own.at(-1);
  if (!last) return undefined;
  const { began, commit } = last;
  return { hash, began, commit, device, seconds: Math.round(seconds) };
}

/** How committed runs were trained, by hash. */
export function committedTrainings(): Map<string, Training> {
  let text = "";
  try {
    text = Deno.readTextFileSync(RUN_LOG);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line): [string, Training] => {
    try {
      const training = JSON.parse(line);
      return [training.hash, training];
    } catch {
      throw new Error(
        `Cannot read ${RUN_LOG}: a line must be a run and how it was trained, as JSON, got ` +
          `${line.slice(0, 80)}. Take the line from the last commit, or remove it.`,
      );
    }
  }));
}
