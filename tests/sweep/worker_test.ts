// Workers of this machine, and runs that other processes train.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { local, sweep, type SweepRun } from "../../lib/sweep/mod.ts";
import { parseLine } from "../../lib/sweep/engine.ts";
import { runChild } from "../../lib/sweep/child.ts";
import { attemptsOf, configure, isLocked, latestStep, lockFolder } from "../../lib/trainer/mod.ts";
import { findRecord, identity, runFolder, type RunInput } from "../../lib/trainer/mod.ts";
import { record, tiny } from "./stand_ins.ts";

const WORKER = new URL("../../lib/sweep/worker.ts", import.meta.url).pathname;
const folderOf = (run: RunInput) => runFolder(configure(run));

/** Calls a test with runs that nobody has trained. */
async function withRuns(runs: RunInput[], test: () => Promise<void>): Promise<void> {
  const clean = () =>
    Promise.all(runs.map((run) => Deno.remove(folderOf(run), { recursive: true }).catch(() => {})));
  await clean();
  try {
    await test();
  } finally {
    await clean();
  }
}

Deno.test("a worker whose sweep dies ends in order, and the next goes on with its attempt", () => {
  const run = tiny(9270, { steps: 4000 });
  const task = JSON.stringify({ configuration: configure(run), checkpoints: [], fresh: "a" });
  const env = { FACTLAB_FRESH: "", ONEDNN_VERBOSE: "1" };
  return withRuns([run], async () => {
    const args = ["run", "-A", "--quiet", WORKER, "--attended"];
    const child = new Deno.Command(Deno.execPath(), {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const parent = child.stdin.getWriter();
    await parent.write(new TextEncoder().encode(`${task}\n`));
    let text = "";
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.split("\n").some((line) => parseLine(line))) text += (await output.read()).value;
    await parent.close();
    while (!(await output.read()).done);
    assertEquals((await child.status).code, 0);
    assertStringIncludes(text, "onednn_verbose");
    const reached = latestStep(identity(configure(run)), "a");
    assert(reached > 0 && reached < 4000, `${reached} steps`);
    assertEquals(attemptsOf(folderOf(run)), { begun: "a", finished: undefined });
    // Started once more with the same task, as Slurm does with a job after its node has died.
    const steps: number[] = [];
    const enough = new AbortController();
    const onLine = (line: string) => {
      const told = parseLine(line);
      if (told) steps.push(told.step);
      if (told) enough.abort();
      return told !== undefined;
    };
    await runChild(Deno.execPath(), { args, env, input: task, onLine, stopped: enough.signal });
    assert(steps[0]! > reached, `began again at ${steps[0]} after ${reached}`);
  });
});

Deno.test("what onChange throws ends the workers first", () => {
  const run = tiny(9271, { steps: 100_000 });
  return withRuns([run], async () => {
    const onChange = ([own]: readonly SweepRun[]) => {
      if (own!.step > 0) throw new Error("the table is broken");
    };
    await assertRejects(() => sweep([run], { onChange }), Error, "the table is broken");
    assertEquals(isLocked(folderOf(run)), false);
    assert(latestStep(identity(configure(run))) > 0);
  });
});

Deno.test("a run that another process trains is waited for; the others are trained meanwhile", () => {
  const runs = [tiny(9272), tiny(9273)];
  return withRuns(runs, async () => {
    Deno.mkdirSync(folderOf(runs[0]!), { recursive: true });
    const lock = lockFolder(folderOf(runs[0]!));
    const seen = new Set<string>();
    const onChange = ([held, free]: readonly SweepRun[]) => {
      seen.add(`${held!.state} ${held!.why}`);
      if (free!.state !== "trained" || findRecord(configure(runs[0]!))) return;
      record(runs[0]!);
      lock[Symbol.dispose]();
    };
    const done = await sweep(runs, { engine: local(1), onChange });
    assertEquals(done.map(({ state }) => state), ["trained", "trained"]);
    const [first, ...rest] = [...seen];
    assertEquals(first, "waiting undefined");
    assertEquals(rest, ["running another process trains it", "trained undefined"]);
  });
});

Deno.test("what another process finishes before its turn is taken, bases included", () => {
  const base = tiny(9275);
  const next = tiny(9275, { start: { run: base, step: 12 }, batch: 8 });
  return withRuns([base, next], async () => {
    let looks = 0;
    const onChange = () => {
      if (looks++ > 0) return;
      [base, next].forEach((run) => record(run));
      Deno.writeTextFileSync(new URL("checkpoint-00000012.safetensors", folderOf(base)), "");
    };
    const done = await sweep([next, base], { onChange });
    assertEquals(done.map(({ state }) => state), ["trained", "trained"]);
    assertEquals(latestStep(identity(configure(next))), 12);
  });
});

Deno.test("where the other process stops, the run goes on here", () => {
  const run = tiny(9274);
  return withRuns([run], async () => {
    Deno.mkdirSync(folderOf(run), { recursive: true });
    const lock = lockFolder(folderOf(run));
    const onChange = ([own]: readonly SweepRun[]) => {
      if (own!.why) lock[Symbol.dispose]();
    };
    const [own] = await sweep([run], { onChange });
    assertEquals([own!.state, own!.why, own!.step], ["trained", undefined, 12]);
  });
});
