/**
 * What carries out a sweep: this machine, or a cluster.
 *
 * @module
 */

import { configure, identity, isKept, needs, placeOf, runFolder } from "../trainer/mod.ts";
import type { SweepRun } from "./plan.ts";

/** What a worker is told to do. */
export type WorkerTask = Pick<SweepRun, "configuration" | "checkpoints" | "again" | "fresh">;

/** What a worker tells on a line of its output. */
export interface WorkerLine {
  step: number;
  finished?: boolean;
}

/** Carries out the waiting runs of a plan, and says in them how they stand. */
export interface SweepEngine {
  /** Carries out what is waiting; resolves when nothing more can be done. */
  run(runs: SweepRun[], context: SweepContext): Promise<void>;
}

/** What an engine is given beside its runs. */
export interface SweepContext {
  /** Ends what the engine has begun, in order. */
  stopped: AbortSignal;
  /** To be called whenever something has changed. */
  changed(): void;
}

/** The part of a run that its worker is told. */
export function taskOf({ configuration, checkpoints, again, fresh }: SweepRun): WorkerTask {
  return { configuration, checkpoints, again, fresh };
}

/** Whether all that a run begins from is there, and not about to be written anew. */
export function isReady({ configuration }: SweepRun, runs: readonly SweepRun[]): boolean {
  return needs(configuration).every((needed) => {
    const hash = identity(configure(needed.run));
    const base = runs.find((run) => run.hash === hash);
    return base?.state !== "waiting" && base?.state !== "running" && isKept(needed);
  });
}

/** Marks what can never begin, because what it begins from has failed. */
export function failRest(rest: SweepRun[]): void {
  for (const run of rest) {
    run.state = "failed";
    run.why = "the run it begins from has failed";
  }
}

/** Keeps what a failed run has said in its folder; returns the part that says why. */
export function keepLog({ configuration }: SweepRun, log: string): string {
  const [error] = /(?<=error: (?:Uncaught \(in promise\) )?)Error: .+/.exec(stripColours(log)) ??
    [];
  const file = new URL("log.txt", runFolder(configuration));
  try {
    Deno.writeTextFileSync(file, log);
  } catch {
    // The folder may be what is wrong with it.
  }
  const why = (error ?? log.trim().split("\n").slice(-3).join(" ")).replace(/^Error: /, "");
  return `${why} (${placeOf(file)})`;
}

function stripColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "");
}
