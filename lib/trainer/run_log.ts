/**
 * The log beside a record: when, where and by which code a run was trained, and how long it took.
 * None of it is in the record, which is the same wherever it is made.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { CHECKOUT, writeAll } from "./files.ts";

/** One sitting: from where training began or went on to where it ended. */
export interface Sitting {
  /** When it began, in UTC. */
  began: string;
  /** Step at which it began. */
  from: number;
  /** Commit of the code; undefined outside of a checkout. */
  commit?: string;
  /** What it was trained on: "cpu", or an accelerator by its name. */
  device: string;
  /** Versions, processor, threads, engine. */
  environment: Record<string, unknown>;
  /** Step at which it ended; undefined if it was killed. */
  to?: number;
  /** How long it took, measurements included. */
  seconds?: number;
}

const NAME = "log.jsonl";

/** A log that is being written. */
export interface RunLog {
  /** Ends the sitting. */
  end(step: number): void;
}

/** Begins a sitting in the log of a run's folder. */
export function beginSitting(
  folder: URL,
  { from, device, environment }: Pick<Sitting, "from" | "device" | "environment">,
): RunLog {
  const file = new URL(NAME, folder);
  const begun = performance.now();
  const add = (line: object) => {
    try {
      using out = Deno.openSync(file, { create: true, append: true });
      // What a power cut has left of a line ends here.
      writeAll(out, new TextEncoder().encode(`\n${JSON.stringify(line)}\n`));
    } catch {
      // A full disk stops the record itself, which says so; the log is no reason to stop.
    }
  };
  const began = new Date().toISOString();
  add({ began, from, commit: currentCommit(), device, environment });
  return {
    end: (to) =>
      add({ began, to, seconds: Number(((performance.now() - begun) / 1e3).toFixed(1)) }),
  };
}

/**
 * The sittings in which the run in a folder was trained, the first first; [] if nothing is known.
 *
 * @example
 * ```ts
 * import { configure, runFolder, sittings } from "factlab";
 * const own = sittings(runFolder(configure({ scale: "smoke" })));
 * console.log(own.reduce((sum, { seconds = 0 }) => sum + seconds, 0), "seconds");
 * ```
 */
export function sittings(folder: URL): Sitting[] {
  try {
    return parseLog(Deno.readTextFileSync(new URL(NAME, folder)));
  } catch {
    return [];
  }
}

/** The sittings of a log's text; lines that are cut off are left out. */
export function parseLog(text: string): Sitting[] {
  const all = new Map<string, Sitting>();
  for (const line of text.split("\n")) {
    let told: Partial<Sitting> | null;
    try {
      told = JSON.parse(line);
    } catch {
      continue; // Empty, or cut off.
    }
    if (typeof told?.began !== "string") continue;
    if (told.from !== undefined) all.set(told.began, told as Sitting);
    else Object.assign(all.get(told.began) ?? {}, told);
  }
  return [...all.values()];
}

/**
 * The commit that is checked out where this code lies, or that a bundle was made of; undefined where
 * there is none.
 *
 * @example
 * ```ts
 * import { currentCommit } from "factlab/trainer";
 * console.log(currentCommit()?.slice(0, 7));
 * ```
 */
export function currentCommit(): string | undefined {
  const read = (path: string) => Deno.readTextFileSync(path).trim();
  try {
    const root = fileURLToPath(CHECKOUT);
    if (exists(`${root}commit`)) return read(`${root}commit`);
    let git = `${root}.git`;
    // In a linked work tree it is a file that names the folder.
    if (Deno.statSync(git).isFile) git = read(git).replace("gitdir: ", "");
    const head = read(`${git}/HEAD`);
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    if (ref === undefined) return head;
    const common = exists(`${git}/commondir`) ? `${git}/${read(`${git}/commondir`)}` : git;
    if (exists(`${common}/${ref}`)) return read(`${common}/${ref}`);
    const packed = read(`${common}/packed-refs`).split("\n");
    return packed.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
  } catch {
    return undefined;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
