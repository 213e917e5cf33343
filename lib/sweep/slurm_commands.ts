/**
 * Slurm's own commands and what they say. A controller that is busy gives no answer, a wrong one
 * or an empty one: what is not known is `undefined` here, never a guess.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";

/** The checkout, in which jobs run. */
export const ROOT: string = fromFileUrl(new URL("../../", import.meta.url));

/** What a command has said. */
interface Said {
  success: boolean;
  out: string;
  error: string;
}

const UNKNOWN = "Invalid job id specified";

/** Runs a command; `needed` ones have to be on this machine. */
async function ask(name: string, args: string[], needed: boolean): Promise<Said> {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  try {
    const { success, stdout, stderr } = await new Deno.Command(name, { args, cwd: ROOT }).output();
    return { success, out: text(stdout), error: text(stderr).trim() };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) {
      // This machine has no process to spare.
      return { success: false, out: "", error: String(cause) };
    }
    // Whoever is not there knows no job.
    if (!needed) return { success: false, out: "", error: UNKNOWN };
    throw new Error(
      `Cannot sweep on Slurm: there is no command ${name} on this machine. Run this on a login ` +
        "node of the cluster, or leave out --engine slurm.",
    );
  }
}

/** Why a submission was not taken, and what may help: fewer runs at once, or waiting. */
export interface Refusal {
  why: string;
  fewer: boolean;
  later: boolean;
}

/** What sbatch says where a shorter array would be taken. */
const TOO_LONG = /job array/i;
/** What it says where it would take more after others have ended. */
const TOO_MANY = /submit.*limit/i;
/** What it says where it has not been able to ask. */
const BUSY = /timed out|temporar|unavailable|contact|connect/i;

/** Submits a job; returns its number. */
export async function submit(args: string[]): Promise<string | Refusal> {
  const { success, out, error } = await ask("sbatch", args, true);
  if (!success) return refusalOf(error);
  return parseJob(out) ?? {
    why: `sbatch must print the number of a job, got "${shortened(out)}"; ` +
      "squeue --name=factlab says whether there is one",
    fewer: false,
    later: false,
  };
}

/** What a refusal of sbatch means. */
export function refusalOf(error: string): Refusal {
  const many = TOO_MANY.test(error);
  return {
    why: `sbatch says "${shortened(error)}"`,
    fewer: many || TOO_LONG.test(error),
    later: many || BUSY.test(error),
  };
}

/** The job's number among what a cluster prints to greet; "123", or "123;cluster". */
export function parseJob(out: string): string | undefined {
  const found = out.split("\n").map((line) =>
    /^(?:Submitted batch job )?(\d{1,15})(?:;.*)?$/.exec(line.trim())?.[1]
  );
  return found.findLast((id) => id !== undefined);
}

function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 300 ? `${line.slice(0, 300)} …` : line;
}

/** States in which a job is over; in all others it may still run, or run again. */
const OVER = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "LAUNCH_FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "PREEMPTED",
  "RECONFIG_FAIL",
  "REVOKED",
  "TIMEOUT",
]);

/** Jobs of ours that wait or run, with their state; undefined if there is no answer. */
export async function jobsInQueue(): Promise<Map<string, string> | undefined> {
  const { success, out } = await ask("squeue", [
    "--noheader",
    "--array",
    "--name=factlab",
    `--user=${Deno.uid()}`,
    "--format=%F_%K %T",
    "--states=all",
  ], true);
  return success ? parseQueue(out) : undefined;
}

/** Reads squeue's lines: jobs that are not over. */
export function parseQueue(out: string): Map<string, string> {
  const jobs = new Map<string, string>();
  for (const line of out.split("\n")) {
    const [, id, state] = /^(\d+_\d+) ([A-Z_]+)$/.exec(line.trim()) ?? [];
    if (id && state && !OVER.has(state)) jobs.set(id, state);
  }
  return jobs;
}

/** How a job that is over has ended, in Slurm's word and in ours. */
export interface Ended {
  state: string;
  /** It has failed by itself, a person has cancelled it, or it should go on in a new job. */
  kind: "failed" | "cancelled" | "unfinished";
}

/** How a job stands; "forgotten" if Slurm answers and knows no such job. */
export type Fate = Ended | "alive" | "forgotten";

/** Jobs that sacct is asked for at once. */
const AT_ONCE = 500;

/**
 * How jobs stand that are not in the queue, from the accounting, or where there is none from the
 * controller, which forgets after minutes. A job of which there is no answer is left out.
 */
export async function fatesOf(ids: readonly string[]): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>();
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const jobs = ids.slice(i, i + AT_ONCE).join();
    const format = ["-X", "-n", "-P", "-o", "JobID,State,ExitCode"];
    const { success, out } = await ask("sacct", [...format, "-j", jobs], false);
    if (success) parseAccount(out).forEach((fate, id) => fates.set(id, fate));
  }
  for (const id of ids.filter((id) => !fates.has(id))) {
    const { success, out, error } = await ask("scontrol", ["show", "job", id, "--oneliner"], false);
    const fate = success ? parseControl(out) : error.includes(UNKNOWN) ? "forgotten" : undefined;
    if (fate) fates.set(id, fate);
  }
  return fates;
}

/** Reads sacct's lines, "123_4|CANCELLED by 1000|0:15". */
export function parseAccount(out: string): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const line of out.split("\n")) {
    const [, id, state, code] = /^(\d+_\d+)\|([A-Z_]+)[^|]*\|(\d+:\d+)$/.exec(line.trim()) ?? [];
    const known = fate(state, code);
    if (id && known) fates.set(id, known);
  }
  return fates;
}

/** Reads what scontrol shows. */
export function parseControl(out: string): Fate | undefined {
  return fate(/\bJobState=([A-Z_]+)/.exec(out)?.[1], /\bExitCode=(\d+:\d+)/.exec(out)?.[1]);
}

function fate(state = "", code = ""): Fate | undefined {
  if (state === "") return undefined;
  return OVER.has(state) ? { state, kind: kindOf(state, code) } : "alive";
}

/** What an end means. Exit codes are "code:signal"; a shell tells a signal as 128 + its number. */
export function kindOf(state: string, code: string): Ended["kind"] {
  if (state === "CANCELLED") return "cancelled";
  const [exit, signal] = code.split(":").map(Number);
  return state === "FAILED" && signal === 0 && exit! < 128 ? "failed" : "unfinished";
}
