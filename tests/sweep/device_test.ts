// Sweeps on another device: their workers are told, their records tell.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sweep, type SweepEngine, type SweepRun } from "../../lib/sweep/mod.ts";
import {
  configure,
  deviceOf,
  findRecord,
  runFolder,
  type RunInput,
} from "../../lib/trainer/mod.ts";
import { fetchPlugin } from "../../tools/plugin.ts";
import { tiny } from "./stand_ins.ts";

/** Calls a test with variables, and runs that nobody has trained. */
async function clean(
  runs: RunInput[],
  variables: Record<string, string>,
  test: () => Promise<void>,
): Promise<void> {
  const forget = () =>
    Promise.all(
      runs.map((run) =>
        Deno.remove(runFolder(configure(run)), { recursive: true }).catch(() => {})
      ),
    );
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, text] of Object.entries(variables)) Deno.env.set(name, text);
  await forget();
  try {
    await test();
  } finally {
    for (const [name, text] of before) {
      if (text === undefined) Deno.env.delete(name);
      else Deno.env.set(name, text);
    }
    await forget();
  }
}

const states = (runs: readonly SweepRun[]) => runs.map(({ state }) => state);
const environmentOf = (run: RunInput) => findRecord(configure(run))!.record.header.environment;

Deno.test("two GPUs train two runs side by side, one of them from a base of the cpu", async () => {
  const base = tiny(9280);
  const runs = [tiny(9281), tiny(9280, { steps: 16, start: { run: base, step: 12 } })];
  const variables = {
    FACTLAB_DEVICE: "gpu",
    FACTLAB_PJRT: await fetchPlugin(),
    CUDA_VISIBLE_DEVICES: "0,1", // The plugin for processors sees none of them.
  };
  await clean([base, ...runs], variables, async () => {
    // What is asked for comes before what the variable says.
    assertEquals(states(await sweep([base], { device: "cpu", checkpoints: [12] })), ["trained"]);
    let atOnce = 0;
    const done = await sweep(runs, {
      onChange: (all) => {
        atOnce = Math.max(atOnce, all.filter(({ state }) => state === "running").length);
      },
    });
    assertEquals([states(done), done.map(({ why }) => why), atOnce], [
      ["trained", "trained"],
      [undefined, undefined],
      2,
    ]);
    assertEquals([base, ...runs].map((run) => deviceOf(environmentOf(run))), [
      "cpu",
      "cpu (XLA)",
      "cpu (XLA)",
    ]);
    const { device, engine } = environmentOf(runs[0]!) as Record<string, Record<string, string>>;
    assertEquals([device!.platform, typeof device!.plugin, engine!.kind], ["cpu", "string", "xla"]);
    // A record is a record, whatever it was trained on.
    assertEquals(states(await sweep(runs, { device: "cpu" })), ["on record", "on record"]);
  });
});

Deno.test("a run that was begun on another device fails by name, and the way out is told", async () => {
  const run = tiny(9283, { steps: 3000 });
  await clean([run], { FACTLAB_PJRT: await fetchPlugin() }, async () => {
    const controller = new AbortController();
    const onChange = ([own]: readonly SweepRun[]) => {
      if (own!.step > 0) controller.abort();
    };
    const options = { signal: controller.signal, onChange, device: "cpu" } as const;
    assertEquals(states(await sweep([run], options)), ["stopped"]);
    const [own] = await sweep([run], { device: "gpu" });
    assertEquals(own!.state, "failed");
    assertStringIncludes(own!.why!, "it was begun compiled with fp32 products on cpu, got xla");
    assertStringIncludes(own!.why!, "option device, or FACTLAB_DEVICE");
  });
});

Deno.test("what carries out a sweep is told the device; one that is none is refused", async () => {
  const told: string[] = [];
  const engine: SweepEngine = {
    run: (_, { device }) => Promise.resolve(void told.push(device)),
  };
  await sweep([], { engine, device: "gpu" });
  await sweep([], { engine, device: "cpu" });
  assertEquals(told, ["gpu", "cpu"]);
  await assertRejects(
    () => sweep([], { engine, device: "tpu" as "gpu" }),
    Error,
    "device must be cpu or gpu, got tpu",
  );
});
