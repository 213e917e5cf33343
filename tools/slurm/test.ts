/**
 * The Slurm engine against a real cluster of one node: eight small runs as a job array, one job
 * cancelled midway and one killed; every record must be that of the local engine.
 *
 *     deno task test:slurm
 *
 * Needs root and Debian's packages slurm-wlm and munge, which it installs where it can.
 *
 * @module
 */

import { slurm, sweep, type SweepRun } from "../../lib/sweep/mod.ts";
import { configure, findRecord, runFolder, type RunInput } from "../../lib/trainer/mod.ts";
import { commandLine } from "../command_line.ts";
import { DAEMONS, startCluster } from "./cluster.ts";

commandLine({
  usage: `deno task test:slurm

Sweeps on a Slurm cluster of one node; needs root, and installs slurm-wlm and munge.`,
});

const INPUTS = Array.from({ length: 8 }, (_, i): RunInput => ({
  scale: "smoke",
  seed: 9400 + i,
  people: 32,
  steps: 1000,
  precision: "fp32",
  evaluation: { people: 16, measurements: 40, attention: 0 },
}));

let failed = 0;
function check(name: string, holds: boolean, told = ""): void {
  if (!holds) failed++;
  console.log(`${holds ? "ok  " : "FAIL"} ${name} ${told}`);
}

function has(command: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${command}`], stdout: "null" })
    .outputSync().success;
}

function run(command: string, ...args: string[]): string {
  const { stdout } = new Deno.Command(command, { args, stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout);
}

function clean(): void {
  for (const input of INPUTS) {
    try {
      Deno.removeSync(runFolder(configure(input)), { recursive: true });
    } catch {
      // Never trained.
    }
  }
}

/** Measurement lines of every run. */
const lines = () =>
  INPUTS.map((input) => JSON.stringify(findRecord(configure(input))?.record.measurements));

if (!DAEMONS.every(has) && Deno.uid() === 0) {
  console.log("Installing slurm-wlm and munge …");
  run(
    "sh",
    "-c",
    "apt-get update -qq; apt-get install -y -qq --no-install-recommends slurm-wlm munge",
  );
}
if (!DAEMONS.every(has) || Deno.uid() !== 0) {
  console.log(
    "Skipped: this test needs root and the packages slurm-wlm and munge.\n0 passed, 0 failed",
  );
  Deno.exit(0);
}

clean();
await sweep(INPUTS);
const expected = lines();
clean();

const folder = Deno.makeTempDirSync();
{
  await using cluster = await startCluster(folder, 2);
  for (const [name, value] of Object.entries(cluster.environment)) Deno.env.set(name, value);
  const engine = slurm({ cpus: 1, pollSeconds: 1 });
  const harmed = new Set<string>();
  const harm = (runs: readonly SweepRun[]) => {
    const midway = runs.filter(({ state, step, hash }) =>
      state === "running" && step > 100 && step < 900 && !harmed.has(hash)
    );
    if (midway.length === 0 || harmed.size === 2) return;
    const { hash } = midway[0]!;
    const told = Deno.readTextFileSync("out/slurm/jobs.jsonl").trim().split("\n")
      .map((line) => JSON.parse(line)).findLast((job) => job.hash === hash);
    // The first is cancelled by a person, the second dies.
    if (harmed.size === 0) run("scancel", told.id);
    else run("pkill", "-KILL", "-f", told.log.replace(/log$/, "json"));
    console.log(`     ${harmed.size === 0 ? "cancelled" : "killed"} job ${told.id} of run ${hash}`);
    harmed.add(hash);
  };
  const first = await sweep(INPUTS, { engine, onChange: harm });
  const count = (runs: SweepRun[], state: string) =>
    runs.filter((own) => own.state === state).length;
  check("two jobs were harmed midway", harmed.size === 2);
  check("the cancelled run is told as stopped", count(first, "stopped") === 1);
  check("the others are trained, the killed one in a new job", count(first, "trained") === 7);
  const second = await sweep(INPUTS, { engine });
  check("asked again, the cancelled run goes on", count(second, "trained") === 1);
  const got = lines();
  const same = got.filter((line, i) => line === expected[i] && line !== undefined).length;
  check(
    "all records are the local engine's",
    same === INPUTS.length,
    `${same} of ${INPUTS.length}`,
  );
}
Deno.removeSync(folder, { recursive: true });
clean();
console.log(`${5 - failed} passed, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);
