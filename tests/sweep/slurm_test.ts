// The Slurm engine against commands that stand in for Slurm's; a real cluster is in tools/slurm.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { slurm, sweep, type SweepRun } from "../../lib/sweep/mod.ts";
import { kindOf } from "../../lib/sweep/slurm_commands.ts";
import { configure, findRecord, runFolder, type RunInput } from "../../lib/trainer/mod.ts";
import { type StandIn, tiny as input, withSlurm as withStandIns } from "./stand_ins.ts";

/** Runs every task at once; those named in `lost` are not run, once. */
const RUN = `
for last; do :; done
count=$(echo "$*" | sed 's/.*--array=0-\\([0-9]*\\).*/\\1/')
echo "$*" >> calls
for i in $(seq 0 $count); do
  if [ -e lost ]; then cp lost ends; rm lost; continue; fi
  SLURM_CPUS_PER_TASK=1 SLURM_ARRAY_TASK_ID=$i sh "$last" >> $(dirname "$last")/$i.log 2>&1
done
echo $((100 + $(wc -l < calls)))`;

/** A cluster that trains, without accounting; `ends` says how jobs end that are not in the queue. */
const withSlurm = (runs: RunInput[], test: (folder: string, slurm: StandIn) => Promise<void>) =>
  withStandIns(runs, (standIn) => {
    standIn.command("sbatch", RUN);
    standIn.command("sacct", "exit 1");
    standIn.command(
      "scontrol",
      `cat ends 2>/dev/null || echo "JobState=COMPLETED ExitCode=0:0"`,
    );
    return test(standIn.folder, standIn);
  });

const states = (runs: SweepRun[]) => runs.map(({ state }) => state);
const engine = (options = {}) => slurm({ pollSeconds: 0.1, cpus: 1, ...options });

Deno.test("one array trains all runs, with what was asked of Slurm; base runs come first", () => {
  const base = input(9300);
  const runs = [base, input(9301), input(9300, { steps: 16, start: { run: base, step: 12 } })];
  return withSlurm(runs, async (folder, standIn) => {
    const asked = { partition: "short", time: "0:10:00" };
    const done = await sweep(runs, { engine: engine(asked), checkpoints: [12] });
    assertEquals(states(done), ["trained", "trained", "trained"]);
    for (const run of runs) assert(findRecord(configure(run)));
    assertEquals(standIn.arrays(), ["0-1", "0-0"]);
    for (const word of ["--partition=short", "--time=0:10:00", "--cpus-per-task=1"]) {
      assertStringIncludes(Deno.readTextFileSync(`${folder}/calls`), word);
    }
  });
});

Deno.test("on device gpu a job has a GPU and is told device and plugin; on cpu it has none", () => {
  const runs = [9304, 9305, 9306, 9307].map((seed) => input(seed));
  return withSlurm(runs, async (folder) => {
    const script = `for last; do :; done; echo "$*" >> calls; cat "$last" >> scripts; echo 7`;
    Deno.writeTextFileSync(`${folder}/sbatch`, `#!/bin/sh\ncd ${folder}\n${script}\n`);
    const { cwd, env } = Deno;
    const before = env.get("FACTLAB_PJRT");
    env.set("FACTLAB_PJRT", "some plugin's.so");
    const asked = [
      { device: "gpu" },
      { device: "gpu", gpus: "a100:1" },
      { device: "gpu", gpus: 0 },
      {
        device: "cpu",
      },
    ] as const;
    try {
      for (const [i, { device, ...options }] of asked.entries()) {
        await sweep([runs[i]!], { engine: engine({ ...options, detach: true }), device });
      }
    } finally {
      if (before === undefined) env.delete("FACTLAB_PJRT");
      else env.set("FACTLAB_PJRT", before);
    }
    const calls = Deno.readTextFileSync(`${folder}/calls`).trim().split("\n");
    assertEquals(calls.map((call) => /--gpus=\S+/.exec(call)?.[0]), [
      "--gpus=1",
      "--gpus=a100:1",
      undefined,
      undefined,
    ]);
    const scripts = Deno.readTextFileSync(`${folder}/scripts`);
    assertEquals([...scripts.matchAll(/FACTLAB_DEVICE='(\w+)'/g)].map(([, name]) => name), [
      "gpu",
      "gpu",
      "gpu",
      "cpu",
    ]);
    // As a shell reads it, from wherever the job begins.
    const line = /^export FACTLAB_PJRT=.*$/m.exec(scripts)![0];
    const { stdout } = new Deno.Command("sh", {
      args: ["-c", `${line}; printf %s "$FACTLAB_PJRT"`],
      cwd: "/",
    }).outputSync();
    assertEquals(new TextDecoder().decode(stdout), `${cwd()}/some plugin's.so`);
  });
});

Deno.test("a job that timed out is submitted again, one that was cancelled is not", () =>
  withSlurm([input(9310), input(9311)], async (folder, { arrays }) => {
    Deno.writeTextFileSync(`${folder}/lost`, "JobState=TIMEOUT ExitCode=0:0");
    assertEquals(states(await sweep([input(9310)], { engine: engine() })), ["trained"]);
    assertEquals(arrays().length, 2);
    Deno.writeTextFileSync(`${folder}/lost`, "JobState=CANCELLED ExitCode=0:15");
    assertEquals(states(await sweep([input(9311)], { engine: engine() })), ["stopped"]);
    // Asked for again, it goes on.
    assertEquals(states(await sweep([input(9311)], { engine: engine() })), ["trained"]);
  }));

Deno.test("a run that fails says why, and one that never gets further is given up", () =>
  withSlurm([input(9320), input(9321)], async (folder) => {
    const file = runFolder(configure(input(9320))).pathname.replace(/\/$/, "");
    Deno.writeTextFileSync(file, "");
    Deno.writeTextFileSync(`${folder}/ends`, "JobState=FAILED ExitCode=1:0");
    const [failed] = await sweep([input(9320)], { engine: engine() });
    assertEquals(failed!.state, "failed");
    assertStringIncludes(failed!.why!, "Cannot write ");
    Deno.removeSync(file);
    Deno.writeTextFileSync(`${folder}/sbatch`, "#!/bin/sh\necho 7\n");
    Deno.writeTextFileSync(`${folder}/ends`, "JobState=NODE_FAIL ExitCode=0:0");
    const [lost] = await sweep([input(9321)], { engine: engine() });
    assertEquals(lost!.state, "failed");
    assertStringIncludes(lost!.why!, "3 jobs in a row ended (NODE_FAIL)");
  }));

Deno.test("jobs of an earlier command are found in the queue, not submitted again", () =>
  withSlurm([input(9330)], async (folder, { arrays, set }) => {
    Deno.writeTextFileSync(`${folder}/lost`, "JobState=RUNNING ExitCode=0:0");
    const detached = await sweep([input(9330)], { engine: engine({ detach: true }) });
    assertEquals(states(detached), ["running"]);
    set("queue", "101_0 RUNNING\n");
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const options = { engine: engine(), signal: controller.signal };
    assertEquals(states(await sweep([input(9330)], options)), ["running"]);
    assertEquals(arrays().length, 1);
  }));

Deno.test("where there is no Slurm, one error says what to do", async () => {
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", "/nonexistent");
  try {
    await assertRejects(
      () => sweep([input(9340)], { engine: engine() }),
      Error,
      "there is no command sbatch on this machine. Run this on a login node",
    );
  } finally {
    Deno.env.set("PATH", path);
  }
  assertThrows(() => slurm({ cpus: 0 }), Error, "cpus must be above 0, got 0");
});

Deno.test("how a job ended says whether it goes on", () => {
  assertEquals(kindOf("TIMEOUT", "0:0"), "unfinished");
  assertEquals(kindOf("PREEMPTED", "0:0"), "unfinished");
  assertEquals(kindOf("COMPLETED", "0:0"), "unfinished");
  assertEquals(kindOf("FAILED", "0:9"), "unfinished");
  assertEquals(kindOf("FAILED", "137:0"), "unfinished");
  assertEquals(kindOf("FAILED", "1:0"), "failed");
  assertEquals(kindOf("CANCELLED", "0:15"), "cancelled");
  assertEquals(kindOf("", ""), "unfinished");
});
