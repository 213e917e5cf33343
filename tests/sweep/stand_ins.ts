/**
 * Commands in the place of Slurm's, and a world that changes from look to look.
 *
 * @module
 */

import {
  slurm,
  type SlurmOptions,
  sweep,
  type SweepOptions,
  type SweepRun,
} from "../../lib/mod.ts";
import { configure, identity, OUT, runFolder, type RunInput } from "../../lib/trainer/mod.ts";
import { writeRecord } from "../../lib/trainer/record_store.ts";

/** A small run that nobody else trains. */
export function tiny(seed: number, fields: RunInput = {}): RunInput {
  return {
    scale: "smoke",
    seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 12,
    precision: "fp32",
    evaluation: { people: 8, measurements: 3, attention: 0 },
    ...fields,
  };
}

/** The book of jobs. */
export const BOOK = new URL("slurm/jobs.jsonl", OUT);

/** Slurm as the shell scripts of a folder; each call of sbatch is a line of `calls`. */
const COMMANDS: Record<string, string> = {
  // Takes everything and runs nothing: job 101, 102, …
  sbatch: `echo "$*" >> calls; echo $((100 + $(wc -l < calls)))`,
  squeue: `cat queue 2>/dev/null; exit 0`,
  sacct: `cat accounts 2>/dev/null`,
  scontrol: `echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1`,
};

/** Slurm's stand-in. */
export interface StandIn {
  /** Files that the commands read: queue, accounts. */
  set(file: string, text: string): void;
  /** Another script in the place of a command. */
  command(name: string, script: string): void;
  /** The arrays that were asked for. */
  arrays(): string[];
  folder: string;
}

/** Calls a test with the commands above first on the path, and runs that nobody has trained. */
export async function withSlurm(
  runs: RunInput[],
  test: (slurm: StandIn) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const path = Deno.env.get("PATH")!;
  const set = (file: string, text: string) => Deno.writeTextFileSync(`${folder}/${file}`, text);
  const command = (name: string, script: string) => {
    set(name, `#!/bin/sh\ncd ${folder}\n${script}\n`);
    Deno.chmodSync(`${folder}/${name}`, 0o755);
  };
  for (const [name, script] of Object.entries(COMMANDS)) command(name, script);
  const arrays = () =>
    [...Deno.readTextFileSync(`${folder}/calls`).matchAll(/--array=(\S+)/g)].map(([, of]) => of!);
  set("calls", "");
  forget(runs);
  Deno.env.set("PATH", `${folder}:${path}`);
  try {
    await test({ set, command, arrays, folder });
  } finally {
    Deno.env.set("PATH", path);
    Deno.removeSync(folder, { recursive: true });
    forget(runs);
  }
}

/** Removes what there is of some runs, their jobs included. */
function forget(runs: RunInput[]): void {
  for (const run of runs) {
    try {
      Deno.removeSync(runFolder(configure(run)).pathname.replace(/\/$/, ""), { recursive: true });
    } catch {
      // Never trained.
    }
  }
  try {
    const hashes = runs.map((run) => identity(configure(run)));
    const lines = Deno.readTextFileSync(BOOK).split("\n");
    const others = lines.filter((line) => !hashes.some((hash) => line.includes(hash)));
    Deno.writeTextFileSync(BOOK, others.join("\n"));
  } catch {
    // No job yet.
  }
}

/** Writes the record of a run, as its job would at the end. */
export function record(input: RunInput, attempt?: string): void {
  const configuration = configure(input);
  const set = { loss: 1, accuracy: 1, confidence: 1, entropy: 0 };
  const { steps } = configuration;
  writeRecord({
    header: {
      hash: identity(configuration),
      configuration,
      floor: { loss: 1, attributes: [1], accuracy: 0, unseen: 1 },
      environment: {},
    },
    measurements: [{ step: steps, samples: 0, trainingLoss: null, sets: { training: set } }],
  });
  if (attempt === undefined) return;
  Deno.writeTextFileSync(new URL("record.attempt", runFolder(configuration)), attempt);
}

/** The number of looks after which nothing will happen any more. */
const ENOUGH = 60;

/**
 * Sweeps on the stand-in. `world[i]` happens before look i; returns the runs, and how they stood
 * after every look.
 */
export async function follow(
  inputs: RunInput[],
  world: ((runs: readonly SweepRun[]) => void)[],
  { cpus = 1, ...options }: SlurmOptions & SweepOptions = {},
): Promise<{ runs: SweepRun[]; seen: string[] }> {
  const seen: string[] = [];
  const onChange = (runs: readonly SweepRun[]) => {
    world[seen.length]?.(runs);
    seen.push(runs.map(({ state }) => state).join());
    if (seen.length > ENOUGH) throw new Error(`nothing comes of it: ${seen.join("; ")}`);
  };
  const engine = slurm({ pollSeconds: 0.01, cpus, ...options });
  return { runs: await sweep(inputs, { ...options, engine, onChange }), seen };
}
