/**
 * The book of jobs that were submitted from this checkout, and how runs become jobs.
 *
 * out/slurm/: jobs.jsonl, a line for every run of every job; a folder for every array with its
 * script, what each run is told, and what it says.
 *
 * @module
 */

import { resolve } from "node:path";
import { fileURLToPath as fromFileUrl } from "node:url";
import { z } from "zod";
import { variable } from "../environment.ts";
import { Locked, lockFolder, OUT, told } from "../trainer/mod.ts";
import { taskOf } from "./engine.ts";
import { LOG_LENGTH } from "./failure.ts";
import type { SweepRun } from "./plan.ts";
import { type Refusal, ROOT, submit } from "./slurm_commands.ts";

/** What jobs ask Slurm for; what is left out is the cluster's default. */
export interface SlurmOptions {
  /** Partition of the jobs. */
  partition?: string;
  /** Time limit of a job as `sbatch --time` takes it. A run that reaches it goes on in a new job. */
  time?: string;
  /** Cores of a run; 2 by default. */
  cpus?: number;
  /**
   * GPUs of a run as `sbatch --gpus` takes them, such as "a100:1"; 1 by default on device gpu. 0 asks
   * for none, for clusters whose partition gives them.
   */
  gpus?: number | string;
  /** Seconds between two looks; 5 by default. */
  pollSeconds?: number;
  /** Submit what is ready and return at once. */
  detach?: boolean;
}

/** What jobs are submitted with. */
export interface JobOptions extends SlurmOptions {
  /** The device that they train on. */
  device: string;
}

const FOLDER = new URL("slurm/", OUT);
const JOBS = new URL("jobs.jsonl", FOLDER);
const WORKER = fromFileUrl(new URL("worker.ts", import.meta.url));
/** Seconds before its time limit in which a run is told to end in order. */
const NOTICE = 60;

const job = z.object({
  /** The run it trains. */
  hash: z.string(),
  /** Job and index in its array, "123_4". */
  id: z.string().regex(/^\d+_\d+$/),
  /** The attempt in which it trains the run, if it is one. */
  attempt: z.string().optional(),
  /** The file of what it says. */
  log: z.string(),
});

/** The job of one run. */
export type TaskJob = z.infer<typeof job>;

/** The book of jobs, while nobody else may write in it. */
export interface JobBook extends Disposable {
  /** The last job of every run, by the run's hash. */
  jobs: Map<string, TaskJob>;
}

/** Opens the book; undefined while another process has it open. */
export function openBook(): JobBook | undefined {
  try {
    Deno.mkdirSync(FOLDER, { recursive: true });
  } catch (cause) {
    throw told(cause, FOLDER);
  }
  try {
    const lock = lockFolder(FOLDER);
    return { jobs: parseJobs(read()), [Symbol.dispose]: () => lock[Symbol.dispose]() };
  } catch (error) {
    if (error instanceof Locked) return undefined;
    throw error;
  }
}

function read(): string {
  try {
    return Deno.readTextFileSync(JOBS);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Reads the book; a line that is cut off, or is none of ours, says nothing. */
export function parseJobs(text: string): Map<string, TaskJob> {
  const jobs = new Map<string, TaskJob>();
  for (const line of text.split("\n")) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      continue;
    }
    const { data } = job.safeParse(json);
    if (data) jobs.set(data.hash, data);
  }
  return jobs;
}

/** Adds to the book. */
function write(jobs: readonly TaskJob[]): void {
  const text = read();
  // What a full disk or a crash has cut off stays on a line of its own.
  const begin = text === "" || text.endsWith("\n") ? "" : "\n";
  const lines = jobs.map((job) => JSON.stringify(job) + "\n").join("");
  try {
    Deno.writeTextFileSync(JOBS, begin + lines, { append: true });
  } catch (cause) {
    throw told(cause, JOBS);
  }
}

/** The end of what a job has said so far. */
export function logOf({ log }: TaskJob): string {
  try {
    using file = Deno.openSync(log, { read: true });
    file.seekSync(Math.max(0, file.statSync().size - LOG_LENGTH), Deno.SeekMode.Start);
    const bytes = new Uint8Array(LOG_LENGTH);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch {
    return "the job left no log";
  }
}

/**
 * Submits runs in as few arrays as Slurm takes. Returns the jobs of those that it has taken, which
 * are the first ones, and why it has not taken the others.
 */
export async function submitRuns(
  runs: readonly SweepRun[],
  options: JobOptions,
): Promise<{ jobs: TaskJob[]; refused?: Refusal }> {
  if (runs.length === 0) return { jobs: [] };
  const answer = await submitArray(runs, options);
  if ("jobs" in answer) return answer;
  const { refused } = answer;
  if (!refused.fewer || runs.length === 1) return { jobs: [], refused };
  const middle = Math.ceil(runs.length / 2);
  const first = await submitRuns(runs.slice(0, middle), options);
  if (first.refused) return first;
  const second = await submitRuns(runs.slice(middle), options);
  return { ...second, jobs: [...first.jobs, ...second.jobs] };
}

async function submitArray(
  runs: readonly SweepRun[],
  { partition, time, cpus, device, gpus = device === "cpu" ? 0 : 1 }: JobOptions,
): Promise<{ jobs: TaskJob[] } | { refused: Refusal }> {
  const folder = fromFileUrl(new URL(`${crypto.randomUUID()}/`, FOLDER));
  try {
    Deno.mkdirSync(folder);
    runs.forEach((run, i) =>
      Deno.writeTextFileSync(`${folder}${i}.json`, JSON.stringify(taskOf(run)))
    );
    Deno.writeTextFileSync(`${folder}job.sh`, scriptOf(folder, device));
  } catch (cause) {
    throw told(cause, FOLDER);
  }
  const answer = await submit([
    "--parsable",
    "--job-name=factlab",
    `--array=0-${runs.length - 1}`,
    `--chdir=${ROOT}`,
    `--output=${folder.replaceAll("%", "%%")}%a.log`,
    "--open-mode=append",
    `--signal=B:TERM@${NOTICE}`,
    `--cpus-per-task=${cpus}`,
    ...(Number(gpus) === 0 ? [] : [`--gpus=${gpus}`]),
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    `${folder}job.sh`,
  ]);
  if (typeof answer !== "string") {
    // Where there was no answer there may yet be a job, which reads its files.
    if (answer.fewer) Deno.removeSync(folder, { recursive: true });
    return { refused: answer };
  }
  const jobs = runs.map(({ hash, fresh }, i) => ({
    hash,
    id: `${answer}_${i}`,
    attempt: fresh,
    log: `${folder}${i}.log`,
  }));
  write(jobs);
  return { jobs };
}

/** What a job runs; started once more by Slurm itself, it goes on. */
function scriptOf(folder: string, device: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const plugin = variable("FACTLAB_PJRT");
  return [
    "#!/bin/sh",
    "# exec: the run itself gets the signal that tells it to end in order.",
    `export FACTLAB_CORES="$SLURM_CPUS_PER_TASK" FACTLAB_FRESH=`,
    `export FACTLAB_OUT=${quoted(fromFileUrl(OUT))} FACTLAB_DEVICE=${quoted(device)}`,
    // A job begins in the checkout, wherever the path was written.
    ...(plugin === undefined ? [] : [`export FACTLAB_PJRT=${quoted(resolve(plugin))}`]),
    `task=${quoted(folder)}"$SLURM_ARRAY_TASK_ID.json"`,
    `exec ${quoted(Deno.execPath())} run -A --quiet ${quoted(WORKER)} "$task" < "$task"`,
    "",
  ].join("\n");
}
