// A cluster that lies: no answers, wrong ones, banners, limits, clocks. Nothing is trained twice at
// once, and nothing is given up that still runs.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { configure, identity, lockFolder, runFolder } from "../../lib/trainer/mod.ts";
import { parseJob, refusalOf } from "../../lib/sweep/slurm_commands.ts";
import { BOOK, follow, record, tiny, withSlurm } from "./stand_ins.ts";

const TIMEOUT = `echo "slurm_load_jobs error: Socket timed out on send/recv operation" >&2; exit 1`;

Deno.test("no answer, an empty one and a denial are no end of a job that runs", () =>
  withSlurm([tiny(9350)], async ({ set, command, arrays }) => {
    const { runs } = await follow([tiny(9350)], [
      () => set("queue", "101_0 RUNNING\n"),
      () => command("squeue", TIMEOUT),
      () => command("squeue", "exit 0"), // Nothing, but the accounting knows the job.
      () => set("accounts", "101_0|RUNNING|0:0\n"),
      () => {},
      () => {},
      () => command("sacct", "exit 1"), // Nobody knows it, for fewer looks than it takes.
      () => {},
      () => command("scontrol", TIMEOUT), // Nobody answers but squeue.
      ...Array(4).fill(() => {}),
      () => command("scontrol", "echo JobId=101 JobState=COMPLETING"),
      ...Array(4).fill(() => {}),
      () => record(tiny(9350)),
    ]);
    assertEquals([runs[0]!.state, arrays()], ["trained", ["0-0"]]);
  }));

Deno.test("a job that nobody knows for some looks in a row is submitted again, and told", () =>
  withSlurm([tiny(9351)], async ({ arrays }) => {
    const { runs, seen } = await follow([tiny(9351)], []);
    assertEquals([runs[0]!.state, arrays().length], ["failed", 3]);
    assertEquals(seen.length, 2 + 3 * 3);
    assertStringIncludes(runs[0]!.why!, "3 jobs in a row ended (unknown) without getting any ");
    assertStringIncludes(runs[0]!.why!, "the last was 103_0 (");
    assertStringIncludes(runs[0]!.why!, `runs/${runs[0]!.hash}/log.txt)`);
  }));

Deno.test("a command that comes later finds its jobs though the queue does not answer", () =>
  withSlurm([tiny(9352)], async ({ set, command, arrays }) => {
    set("queue", "101_0 PENDING\n");
    await follow([tiny(9352)], [], { detach: true });
    command("squeue", TIMEOUT);
    const { runs, seen } = await follow([tiny(9352)], [
      ...Array(5).fill(() => {}),
      () => command("squeue", "cat queue"),
      () => {},
      () => record(tiny(9352)),
    ]);
    assertEquals([runs[0]!.state, arrays()], ["trained", ["0-0"]]);
    assertEquals(new Set(seen), new Set(["waiting", "running", "trained"]));
    // And what was cancelled in the meantime is asked for anew.
    set("accounts", "101_0|CANCELLED by 1000|0:15\n");
    set("queue", "102_0 RUNNING\n");
    Deno.removeSync(runFolder(configure(tiny(9352))), { recursive: true });
    await follow([tiny(9352)], [], { detach: true });
    assertEquals(arrays(), ["0-0", "0-0"]);
  }));

Deno.test("the number of a job is found among banners; without one it is an error", () =>
  withSlurm([tiny(9353), tiny(9354)], async ({ command, set, arrays }) => {
    command(
      "sbatch",
      `echo "$*" >> calls; echo "*** Welcome, 2 jobs ***"; echo "7;main"; echo Bye`,
    );
    set("queue", "7_0 RUNNING\n");
    const { runs } = await follow([tiny(9353)], [() => {}, () => {}, () => record(tiny(9353))]);
    assertEquals([runs[0]!.state, arrays()], ["trained", ["0-0"]]);
    assertEquals(parseJob("Submitted batch job 12\n"), "12");
    command("sbatch", "echo Welcome; echo to the cluster");
    await assertRejects(
      () => follow([tiny(9354)], []),
      Error,
      'sbatch must print the number of a job, got "Welcome to the cluster"; squeue --name=factlab',
    );
  }));

/** Takes arrays of at most so many runs. */
const longest = (count: number) => `
last=$(echo "$*" | sed 's/.*--array=0-\\([0-9]*\\).*/\\1/')
if [ $last -ge ${count} ]; then
  echo "sbatch: error: Batch job submission failed: Invalid job array specification" >&2; exit 1
fi
echo "$*" >> calls; echo $((100 + $(wc -l < calls)))`;

Deno.test("more runs than an array may have become several arrays", () => {
  const inputs = [0, 1, 2, 3, 4].map((i) => tiny(9360 + i));
  return withSlurm(inputs, async ({ command, arrays, set }) => {
    command("sbatch", longest(2));
    set("queue", "101_0 RUNNING\n101_1 RUNNING\n102_0 RUNNING\n103_0 RUNNING\n103_1 RUNNING\n");
    const { runs } = await follow(inputs, [
      () => {},
      () => {},
      () => inputs.forEach((run) => record(run)),
    ]);
    assertEquals(arrays(), ["0-1", "0-0", "0-1"]);
    assertEquals(new Set(runs.map(({ state }) => state)), new Set(["trained"]));
  });
});

Deno.test("what a person may not submit yet waits until others have ended", () => {
  const inputs = [0, 1, 2].map((i) => tiny(9370 + i));
  return withSlurm(inputs, async ({ command, arrays, set, folder }) => {
    // Two jobs at once: those in the queue and those asked for.
    command(
      "sbatch",
      `last=$(echo "$*" | sed 's/.*--array=0-\\([0-9]*\\).*/\\1/')
if [ $(( $(wc -l < queue) + last + 1 )) -gt 2 ]; then
  echo "sbatch: error: QOSMaxSubmitJobPerUserLimit" >&2; exit 1
fi
echo "$*" >> calls; job=$((100 + $(wc -l < calls)))
for i in $(seq 0 $last); do echo "\${job}_$i RUNNING" >> queue; done; echo $job`,
    );
    set("queue", "");
    const { runs, seen } = await follow(inputs, [
      () => {},
      ([, , last]) => assertStringIncludes(last!.why!, "QOSMaxSubmitJobPerUserLimit"),
      () => {},
      () => {
        record(inputs[0]!);
        set("queue", "101_1 RUNNING\n");
      },
      () => inputs.forEach((run) => record(run)),
    ]);
    assertEquals(arrays(), ["0-1", "0-0"]);
    assertEquals(seen.slice(1), [
      "running,running,waiting",
      "running,running,waiting",
      "running,running,waiting",
      "trained,running,running",
      "trained,trained,trained",
    ]);
    assertEquals(runs[2]!.why, undefined);
    assertEquals(Deno.readTextFileSync(`${folder}/calls`).includes("0-2"), false);
  });
});

Deno.test("a refusal is for ever, for now, or for so many", () => {
  const kinds = (error: string) => {
    const { fewer, later } = refusalOf(`sbatch: error: ${error}`);
    return { fewer, later };
  };
  const failed = "Batch job submission failed: ";
  assertEquals(kinds(`${failed}Invalid job array specification`), { fewer: true, later: false });
  assertEquals(kinds("AssocMaxSubmitJobLimit"), { fewer: true, later: true });
  const policy =
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
  assertEquals(kinds(failed + policy), { fewer: true, later: true });
  for (
    const busy of [
      "Socket timed out on send/recv operation",
      "Unable to contact slurm controller (connect failure)",
      "Slurm temporarily unable to accept job, sleeping and retrying",
    ]
  ) assertEquals(kinds(failed + busy), { fewer: false, later: true });
  for (
    const bad of [
      "Requested time limit is invalid (missing or exceeds some limit)",
      "Invalid account or account/partition combination specified",
      "More processors requested than permitted",
    ]
  ) assertEquals(kinds(failed + bad), { fewer: false, later: false });
});

Deno.test("bad options are told at once; they do not throw away what runs", () => {
  const base = tiny(9380);
  const next = tiny(9380, { start: { run: base, step: 12 }, batch: 8 });
  return withSlurm([base, next], async ({ command, set }) => {
    const refuse = `echo "sbatch: error: invalid partition specified: x" >&2; exit 1`;
    command("sbatch", refuse);
    await assertRejects(
      () => follow([base], []),
      Error,
      'Cannot sweep on Slurm: sbatch says "sbatch: error: invalid partition specified: x".',
    );
    command("sbatch", `echo 101`);
    set("queue", "101_0 RUNNING\n101_1 RUNNING\n");
    const { runs } = await follow([base, next], [
      () => {},
      () => {
        command("sbatch", refuse);
        record(base);
        const kept = new URL("checkpoint-00000012.safetensors", runFolder(configure(base)));
        Deno.writeTextFileSync(kept, "");
      },
    ]);
    assertEquals(runs.map(({ state }) => state), ["trained", "failed"]);
    assertStringIncludes(runs[1]!.why!, "invalid partition specified");
  });
});

Deno.test("a fresh run is done by its attempt, whatever the clock of the file server says", () =>
  withSlurm([tiny(9390)], async ({ set, arrays }) => {
    record(tiny(9390), "an earlier attempt");
    set("queue", "101_0 RUNNING\n");
    const { runs, seen } = await follow([tiny(9390)], [
      () => {},
      ([run]) => assertEquals(run!.step, 0), // Not the steps of the record there is.
      ([run]) => {
        record(tiny(9390), run!.fresh);
        for (const name of ["record.jsonl", "record.attempt"]) {
          Deno.utimeSync(new URL(name, runFolder(run!.configuration)), 0, 0);
        }
      },
    ], { fresh: true });
    assertEquals([runs[0]!.state, arrays(), seen.at(-1)], ["trained", ["0-0"], "trained"]);
  }));

Deno.test("a fresh sweep that is called again goes on with its attempt, jobs included", () => {
  const inputs = [tiny(9391), tiny(9392)];
  return withSlurm(inputs, async ({ set, arrays }) => {
    inputs.forEach((run) => record(run));
    set("queue", "101_0 RUNNING\n101_1 RUNNING\n");
    const { runs: [before] } = await follow(inputs, [], { fresh: true, detach: true });
    record(inputs[0]!, before!.fresh);
    set("queue", "101_1 RUNNING\n");
    const { seen } = await follow(inputs, [
      () => {},
      () => {},
      ([run, other]) => {
        assertEquals([run!.fresh, other!.fresh], [before!.fresh, before!.fresh]);
        record(inputs[1]!, before!.fresh);
      },
    ], { fresh: true });
    assertEquals([seen[0], seen.at(-1)], ["on record,waiting", "on record,trained"]);
    assertEquals(arrays(), ["0-1"]);
    // All are trained: who asks again means a new attempt.
    set("queue", "102_0 RUNNING\n102_1 RUNNING\n");
    const { runs: [after] } = await follow(inputs, [], { fresh: true, detach: true });
    assertEquals([after!.state, arrays().length], ["running", 2]);
    for (const run of inputs) record(run, after!.fresh);
    await follow(inputs, [], { fresh: true });
  });
});

Deno.test("half a line and lines of others in the book of jobs are skipped, and stay", () =>
  withSlurm([tiny(9393)], async ({ set, arrays }) => {
    const half = `{"hash":"${identity(configure(tiny(9393)))}","id":"9`;
    const text = `null\n3\n{"hash":1}\n${half}`;
    Deno.mkdirSync(new URL(".", BOOK), { recursive: true });
    const known = existing();
    Deno.writeTextFileSync(BOOK, known + text);
    set("queue", "101_0 RUNNING\n");
    await follow([tiny(9393)], [], { detach: true });
    await follow([tiny(9393)], [], { detach: true });
    assertEquals(arrays(), ["0-0"]);
    assertStringIncludes(Deno.readTextFileSync(BOOK), `${text}\n{"hash":`);
    Deno.writeTextFileSync(BOOK, known);
  }));

function existing(): string {
  try {
    return Deno.readTextFileSync(BOOK);
  } catch {
    return "";
  }
}

Deno.test("a run that another process trains is waited for, not submitted", () =>
  withSlurm([tiny(9394)], async ({ arrays, set }) => {
    const folder = runFolder(configure(tiny(9394)));
    Deno.mkdirSync(folder, { recursive: true });
    let lock = lockFolder(folder);
    const { runs } = await follow([tiny(9394)], [
      () => {},
      ([run]) => assertEquals([run!.state, run!.why], ["running", "another process trains it"]),
      () => {},
      () => {
        record(tiny(9394));
        lock[Symbol.dispose]();
      },
    ]);
    assertEquals([runs[0]!.state, runs[0]!.why, arrays()], ["trained", undefined, []]);
    // Where the other stops, the run goes on here.
    Deno.removeSync(new URL("record.jsonl", folder));
    lock = lockFolder(folder);
    set("queue", "101_0 RUNNING\n");
    await follow([tiny(9394)], [
      () => {},
      () => {},
      () => lock[Symbol.dispose](),
      () => {},
      () => record(tiny(9394)),
    ]);
    assertEquals(arrays(), ["0-0"]);
  }));

Deno.test("of two commands that follow a run, only one submits its next job", () =>
  withSlurm([tiny(9395)], async ({ arrays, set }) => {
    const hash = identity(configure(tiny(9395)));
    set("queue", "101_0 RUNNING\n");
    const { runs } = await follow([tiny(9395)], [
      () => {},
      () => {
        // The job reaches its time limit; the other command is faster.
        set("accounts", "101_0|TIMEOUT|0:0\n");
        set("queue", "500_0 PENDING\n");
        const job = { hash, id: "500_0", log: "/none" };
        Deno.writeTextFileSync(BOOK, JSON.stringify(job) + "\n", { append: true });
      },
      () => {},
      () => {},
      () => record(tiny(9395)),
    ]);
    assertEquals([runs[0]!.state, arrays()], ["trained", ["0-0"]]);
    // While the other command is submitting, this one keeps its hands off.
    Deno.removeSync(runFolder(configure(tiny(9395))), { recursive: true });
    const lock = lockFolder(new URL(".", BOOK));
    await follow([tiny(9395)], [
      ...Array(4).fill(() => {}),
      () => {
        record(tiny(9395));
        lock[Symbol.dispose]();
      },
    ]);
    assertEquals(arrays(), ["0-0"]);
  }));
