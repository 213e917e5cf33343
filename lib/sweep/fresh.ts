/**
 * Fresh sweeps that have not finished: a sweep that trains everything from the start and is called
 * again, because it was stopped or to follow its jobs, means what it has begun, not one more
 * beginning.
 *
 * A folder of out/sweeps/ for every one, named after its runs; it holds the name of the attempt.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { OUT, told, writeWhole } from "../trainer/mod.ts";

const FOLDER = new URL("sweeps/", OUT);

function folderOf(hashes: readonly string[]): URL {
  const runs = [...new Set(hashes)].sort().join();
  return new URL(`${createHash("sha256").update(runs).digest("hex").slice(0, 12)}/`, FOLDER);
}

/** Name of the attempt to train all of these runs; undefined if none is open. */
export function openFresh(hashes: readonly string[]): string | undefined {
  try {
    return Deno.readTextFileSync(new URL("attempt", folderOf(hashes)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The open attempt to train all of these runs, or a new one. */
export function beginFresh(hashes: readonly string[]): string {
  const known = openFresh(hashes);
  if (known !== undefined) return known;
  const own = new URL(`${crypto.randomUUID()}/`, FOLDER);
  let failure: unknown;
  try {
    Deno.mkdirSync(own, { recursive: true });
    writeWhole(new URL("attempt", own), new TextEncoder().encode(crypto.randomUUID()));
    // A folder that is not empty is never replaced: of two that begin at once, one wins.
    Deno.renameSync(own, folderOf(hashes));
  } catch (cause) {
    // A file that could not be written says so itself.
    failure = cause instanceof Error && cause.cause ? cause : told(cause, FOLDER);
    remove(own);
  }
  const name = openFresh(hashes);
  if (name === undefined) throw failure;
  return name;
}

/** Forgets the attempt: all is trained, so who asks again means a new one. */
export function endFresh(hashes: readonly string[]): void {
  remove(folderOf(hashes));
}

function remove(folder: URL): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
