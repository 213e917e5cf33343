/**
 * Slurm's own commands: submit an array of runs, see what is in the queue, learn how a job ended.
 *
 * @module
 */

import { fileURLToPath as fromFileUrl } from "node:url";
import { OUT } from "../trainer/mod.ts";
import type { WorkerTask } from "./engine.ts";
import type { SweepRun } from "./plan.ts";
import type { SlurmOptions } from "./slurm.ts";

/** The job of one run. */
export interface TaskJob {
  /** Job and index in its array, "123_4". */
  id: string;
  /** When it was submitted, in milliseconds since 1970. */
  at: number;
  /** What it has said so far. */
  log(): string;
  /** How it ended; only for jobs that are no longer in the queue. */
  ended(): Promise<Ended>;
}

/** How a job ended, in Slurm's word and in ours. */
export interface Ended {
  state: string;
  /** It has failed by itself, a person has cancelled it, or it should go on in a new job. */
  kind: "failed" | "cancelled" | "unfinished";
}

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const FOLDER = fromFileUrl(new URL("slurm/", OUT));
const JOBS = `${FOLDER}jobs.jsonl`;
const WORKER = fromFileUrl(new URL("worker.ts", import.meta.url));
/** Seconds before its time limit in which a run is told to end in order. */
const NOTICE = 60;

/** Runs one of Slurm's commands; undefined if it ends with an error. */
async function command(name: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(name, { args, cwd: ROOT }).output();
    if (success) return new TextDecoder().decode(stdout);
    if (name !== "sbatch") return undefined;
    const why = new TextDecoder().decode(stderr).trim();
    throw new Error(`Cannot sweep on Slurm: sbatch says "${why}".`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot sweep on Slurm: there is no command ${name} on this machine. Run this on a login ` +
        "node of the cluster, or leave out --engine slurm.",
    );
  }
}

/** Submits one job array and returns the job of every task, in order. */
export async function submitArray(
  tasks: readonly WorkerTask[],
  { partition, time, cpus }: SlurmOptions,
  runs: readonly SweepRun[],
): Promise<TaskJob[]> {
  const at = Date.now();
  const folder = `${FOLDER}${at}-${Deno.pid}/`;
  Deno.mkdirSync(folder, { recursive: true });
  tasks.forEach((task, i) => Deno.writeTextFileSync(`${folder}${i}.json`, JSON.stringify(task)));
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const script = `${folder}job.sh`;
  Deno.writeTextFileSync(
    script,
    [
      "#!/bin/sh",
      "# exec: the run itself gets the signal that tells it to end in order.",
      `export FACTLAB_CORES="$SLURM_CPUS_PER_TASK" FACTLAB_FRESH=`,
      `export FACTLAB_OUT=${quoted(fromFileUrl(OUT))}`,
      `exec ${quoted(Deno.execPath())} run -A --quiet ${quoted(WORKER)} --task ` +
      `${quoted(folder)}"$SLURM_ARRAY_TASK_ID.json"`,
      "",
    ].join("\n"),
  );
  const told = await command("sbatch", [
    "--parsable",
    "--job-name=factlab",
    `--array=0-${tasks.length - 1}`,
    `--chdir=${ROOT}`,
    `--output=${folder}%a.log`,
    "--open-mode=append",
    `--signal=B:TERM@${NOTICE}`,
    `--cpus-per-task=${cpus}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    script,
  ]);
  // "123" or "123;cluster".
  const [array] = told!.trim().split(";");
  const lines = runs.map(({ hash }, i) => ({
    hash,
    id: `${array}_${i}`,
    at,
    log: `${folder}${i}.log`,
  }));
  Deno.writeTextFileSync(
    JOBS,
    lines.map((line) => JSON.stringify(line) + "\n").join(""),
    { append: true },
  );
  return lines.map(jobOf);
}

/** The last job of every run that was submitted from this checkout, by the run's hash. */
export function readJobs(): Map<string, TaskJob> {
  let text = "";
  try {
    text = Deno.readTextFileSync(JOBS);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const jobs = new Map<string, TaskJob>();
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const told = JSON.parse(line);
    jobs.set(told.hash, jobOf(told));
  }
  return jobs;
}

function jobOf({ id, at, log }: { id: string; at: number; log: string }): TaskJob {
  return {
    id,
    at,
    log() {
      try {
        return Deno.readTextFileSync(log);
      } catch {
        return "the job left no log";
      }
    },
    ended: () => endOf(id),
  };
}

/** Jobs of ours that wait or run, with their state. */
export async function jobsInQueue(): Promise<Map<string, string>> {
  const told = await command("squeue", [
    "--noheader",
    "--array",
    "--name=factlab",
    "--format=%F_%K %T",
    "--states=all",
  ]);
  const jobs = new Map<string, string>();
  for (const line of (told ?? "").split("\n")) {
    const [id, state] = line.trim().split(" ");
    if (id && state && IN_QUEUE.has(state)) jobs.set(id, state);
  }
  return jobs;
}

const IN_QUEUE = new Set([
  "PENDING",
  "RUNNING",
  "SUSPENDED",
  "CONFIGURING",
  "COMPLETING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "RESIZING",
  "SIGNALING",
  "STAGE_OUT",
  "STOPPED",
]);

/** Asks the accounting, or where there is none the controller, which forgets after minutes. */
async function endOf(id: string): Promise<Ended> {
  const accounted = await command("sacct", ["-X", "-n", "-P", "-j", id, "-o", "State,ExitCode"]);
  const [line] = (accounted ?? "").trim().split("\n");
  const [state, code] = line ? line.split("|") : await controlled(id);
  return { state: state ?? "unknown", kind: kindOf(state ?? "", code ?? "") };
}

async function controlled(id: string): Promise<(string | undefined)[]> {
  const told = await command("scontrol", ["show", "job", id, "--oneliner"]) ?? "";
  return [/JobState=(\w+)/.exec(told)?.[1], /ExitCode=(\d+:\d+)/.exec(told)?.[1]];
}

/** What an end means. Exit codes are "code:signal"; a shell tells a signal as 128 + its number. */
export function kindOf(state: string, code: string): Ended["kind"] {
  if (state.startsWith("CANCELLED")) return "cancelled";
  const [exit, signal] = code.split(":").map(Number);
  return state === "FAILED" && signal === 0 && exit! < 128 ? "failed" : "unfinished";
}
