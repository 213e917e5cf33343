/**
 * Runs that have failed: why, and where what they have said is kept.
 *
 * @module
 */

import { placeOf, runFolder } from "../trainer/mod.ts";
import type { SweepRun } from "./plan.ts";

/** How much is kept of what a worker says, in characters: the end tells why. */
export const LOG_LENGTH = 2 ** 18;

/** How a process has ended. */
export interface Ending {
  code: number;
  signal: string | null;
}

/** Why a process ended: its own error, and what ended it if it was not itself. */
export function reasonOf({ code, signal, log }: Ending & { log: string }): string {
  const killed = signal ?? (code === 137 ? "SIGKILL" : undefined);
  const error = errorOf(log);
  if (!killed) return error || `ended with exit code ${code}`;
  const by = killed === "SIGKILL" ? "killed (SIGKILL): out of memory?" : `ended by ${killed}`;
  return error ? `${by} Its last words: ${error}` : by;
}

/** What a worker says of its own error, or its last lines. */
export function errorOf(log: string): string {
  const plain = stripColours(log);
  const [error] = /(?<=error: (?:Uncaught \(in promise\) )?)\w*Error: .+/.exec(plain) ?? [];
  const text = error ?? plain.trim().split("\n").slice(-3).join(" ");
  return text.replace(/^Error: /, "").slice(0, 1000);
}

/** Marks a run as failed and keeps what it has said in its folder. */
export function fail(run: SweepRun, why: string, log: string): void {
  const folder = runFolder(run.configuration);
  const file = new URL("log.txt", folder);
  let place = placeOf(file);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(file, log);
  } catch {
    // The folder may be what is wrong with it.
    place = `run ${run.hash}, whose folder takes no log`;
  }
  run.state = "failed";
  run.why = `${why} (${place})`;
}

function stripColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "");
}
