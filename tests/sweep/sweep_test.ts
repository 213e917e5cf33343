import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sweep, type SweepRun, sweepTable } from "../../lib/sweep/mod.ts";
import { configure, findRecord, identity, type RunInput } from "../../lib/trainer/mod.ts";
import { runFolder } from "../../lib/trainer/record_store.ts";

/** Small runs that nobody else trains. */
function inputs(seed: number, count: number, fields: RunInput = {}): RunInput[] {
  return Array.from({ length: count }, (_, i) => ({
    scale: "smoke",
    seed: seed + i,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 30,
    precision: "fp32",
    evaluation: { people: 8, measurements: 3, attention: 0 },
    ...fields,
  }));
}

/** Calls a test with runs whose folders are gone before and afterwards. */
async function withRuns(runs: RunInput[], test: () => Promise<void>): Promise<void> {
  const folders = runs.map((input) => runFolder(configure(input)));
  const clean = () =>
    Promise.all(
      folders.map((folder) =>
        Deno.remove(folder.pathname.replace(/\/$/, ""), { recursive: true }).catch(() => {})
      ),
    );
  await clean();
  try {
    await test();
  } finally {
    await clean();
  }
}

const states = (runs: SweepRun[]) => runs.map(({ state }) => state);

Deno.test("a sweep trains what has no record, each configuration once", () => {
  const runs = inputs(9200, 3);
  return withRuns(runs, async () => {
    const seen = new Set<string>();
    const onChange = (all: readonly SweepRun[]) => all.forEach(({ state }) => seen.add(state));
    const first = await sweep([...runs, runs[0]!], { onChange });
    assertEquals(states(first), ["trained", "trained", "trained"]);
    assertEquals([...seen].sort(), ["running", "trained", "waiting"]);
    for (const input of runs) assert(findRecord(configure(input)));
    assertEquals(states(await sweep(runs)), ["on record", "on record", "on record"]);
  });
});

Deno.test("a run that fails is reported with the reason and stops nothing else", () => {
  const runs = inputs(9210, 2);
  return withRuns(runs, async () => {
    // A file where the first run's folder has to be.
    const folder = runFolder(configure(runs[0]!));
    Deno.mkdirSync(new URL("../", folder), { recursive: true });
    Deno.writeTextFileSync(folder.pathname.replace(/\/$/, ""), "");
    const result = await sweep(runs, { workers: 1 });
    assertEquals(states(result), ["failed", "trained"]);
    assertStringIncludes(result[0]!.why!, "Cannot write ");
    assertStringIncludes(sweepTable(result).text, "1 trained, 1 failed");
  });
});

Deno.test("a sweep that is stopped goes on when it is called again", () => {
  const runs = inputs(9220, 2, { steps: 2000 });
  return withRuns(runs, async () => {
    const controller = new AbortController();
    const onChange = (all: readonly SweepRun[]) => {
      if (all.some(({ step }) => step > 0)) controller.abort();
    };
    const first = await sweep(runs, { signal: controller.signal, workers: 1, onChange });
    assertEquals(states(first), ["stopped", "waiting"]);
    assert(first[0]!.step > 0);
    const second = await sweep(runs);
    assertEquals(states(second), ["trained", "trained"]);
    // What an earlier sweep did is not told as this one's.
    assert(second[0]!.from! >= first[0]!.step);
  });
});

Deno.test("bad configurations and numbers of workers are refused before any work", async () => {
  await assertRejects(() => sweep([{ scale: "smoke" }, { batch: -1 }]), Error, "batch");
  await assertRejects(() => sweep([], { workers: 0 }), Error, "workers must be");
});

Deno.test("the table tells what the runs differ in, and what is left", () => {
  const [a, b] = inputs(9230, 2).map(configure);
  const text = sweepTable([
    {
      configuration: a!,
      hash: identity(a!),
      state: "running",
      step: 10,
      speed: 2,
      checkpoints: [],
    },
    { configuration: b!, hash: identity(b!), state: "waiting", step: 0, checkpoints: [] },
  ]).text;
  assertStringIncludes(text, "2 runs: 1 running, 1 waiting");
  assertStringIncludes(text, "seed 9231");
  assertStringIncludes(text, "10 s");
  assert(!text.includes("batch"));
});

Deno.test("runs that differ in thousands of fields are told in a few", () => {
  const phase = { people: [{ kind: "uniform", from: 0, to: 16 }], steps: 1 };
  const runs = [2, 3000].map((phases) => {
    const configuration = configure({ scale: "smoke", seed: 9240, steps: 30 });
    const schedule = Array.from({ length: phases }, () => phase);
    const own = { ...configuration, schedule } as unknown as SweepRun["configuration"];
    return { configuration: own, hash: "x", state: "waiting" as const, step: 0, checkpoints: [] };
  });
  const { text } = sweepTable(runs);
  assert(text.length < 3000, `${text.length} characters`);
  assertStringIncludes(text, "and 11984 more");
});
