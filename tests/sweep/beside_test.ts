// Sweeps whose runs are trained side by side in one program of a device.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sideBySide } from "../../lib/engine/mod.ts";
import { type BesideOptions, nextTogether, shapeOf, wavesOf } from "../../lib/sweep/beside.ts";
import { planSweep, sweep, type SweepRun } from "../../lib/sweep/mod.ts";
import {
  besideOf,
  configure,
  findRecord,
  runFolder,
  type RunInput,
  sittings,
  train,
} from "../../lib/trainer/mod.ts";
import { openTestDevice } from "../engine/device.ts";
import { tiny } from "./stand_ins.ts";

await openTestDevice();

const folderOf = (run: RunInput) => runFolder(configure(run));
const states = (runs: readonly SweepRun[]) => runs.map(({ state }) => state);
const recordOf = (run: RunInput) => findRecord(configure(run))!.record;
const placesOf = (run: RunInput) => besideOf(recordOf(run).header.environment);

/** Short text of one length, and few measurements: few programs to compile. */
const QUICK: RunInput = {
  tuning: { text: "questions" },
  evaluation: { people: 2, measurements: 2, attention: 0 },
};

/** Calls a test with runs that nobody has trained. */
async function withRuns(runs: RunInput[], test: () => Promise<void> | void): Promise<void> {
  const clean = () => {
    for (const run of runs) {
      try {
        Deno.removeSync(folderOf(run).pathname.replace(/\/$/, ""), { recursive: true });
      } catch {
        // Never trained.
      }
    }
  };
  clean();
  try {
    await test();
  } finally {
    clean();
  }
}

Deno.test("several runs in a process: one fails, all are stopped, and end as they do alone", () => {
  const all = [9310, 9311, 9312, 9313].map((seed, i) =>
    tiny(seed, { ...QUICK, steps: 400, optimizer: { lr: (1 + i) * 1e-3 } })
  );
  const [bad, ...good] = all as [RunInput, ...RunInput[]];
  return withRuns(all, async () => {
    // A file where its folder has to be.
    Deno.mkdirSync(new URL("../", folderOf(bad)), { recursive: true });
    Deno.writeTextFileSync(folderOf(bad).pathname.replace(/\/$/, ""), "");
    const stop = new AbortController();
    const seen = new Set<string>();
    const onChange = (all: readonly SweepRun[]) => {
      seen.add(states(all).join());
      if (all.slice(1).every(({ step }) => step > 0)) stop.abort();
    };
    const options = { device: "gpu", workers: 1 } as const;
    const first = await sweep(all, { ...options, beside: 4, onChange, signal: stop.signal });
    assertEquals(states(first), ["failed", "stopped", "stopped", "stopped"]);
    assertStringIncludes(first[0]!.why!, "Cannot write ");
    // It is told while the others go on.
    assert(seen.has("failed,running,running,running"), [...seen].join("; "));
    // Nothing is asked for, and all go on as they were begun.
    const done = await sweep(good, options);
    assertEquals(states(done), ["trained", "trained", "trained"]);
    assertEquals(done.map(({ step }) => step), [400, 400, 400]);
    const beside = sideBySide(4);
    const alone = [];
    for (const input of good) {
      assertEquals(placesOf(input), 4);
      assert(sittings(folderOf(input)).at(-1)!.from > 0);
      const run = train(input, { device: "gpu", beside, fresh: true });
      for await (const _ of run);
      assertEquals(run.measurements, recordOf(input).measurements);
      alone.push(run); // Until all are done, so that programs stay.
    }
    for (const run of alone) run.dispose();
  });
});

Deno.test("several runs are side by side on no processor, and in whole places", async () => {
  const sweeping = (options: Omit<BesideOptions, "device">, device: "cpu" | "gpu") =>
    sweep([], { ...options, device });
  await assertRejects(
    () => sweeping({ beside: 2 }, "cpu"),
    Error,
    "beside must be 1 on device cpu",
  );
  await assertRejects(() => sweeping({ beside: 0 }, "gpu"), Error, "of at least 1, got 0");
  const engine = { run: () => Promise.resolve() };
  await assertRejects(() => sweep([], { engine, beside: 2 }), Error, "left out with an engine");
  assertEquals(await sweep([], { engine, beside: 1 }), []);
  assertEquals(await sweeping({ beside: 1 }, "cpu"), []);
  assertEquals(await sweeping({ beside: 2 }, "gpu"), []);
});

Deno.test("a shape is what the program of a step is made of", () => {
  const of = (fields: RunInput) => shapeOf(configure(tiny(9330, fields)));
  const base = of({});
  const same: RunInput[] = [
    { seed: 1, people: 20, steps: 99, templates: 5, order: "fixed" },
    { optimizer: { lr: 0.1, floor: 1, warmup: 5 }, stopBelow: 0.5 },
    { schedule: [{ people: { kind: "power-law", alpha: 1 } }] },
    { evaluation: { people: 4, measurements: 9, attention: 2 } },
    { start: { run: tiny(9330), step: 12 }, steps: 24 },
  ];
  for (const fields of same) assertEquals(of(fields), base, JSON.stringify(fields));
  const start = { run: tiny(9330), step: 12 };
  const comparing = { text: "questions", refuse: 4, compare: true } as const;
  const rewardModel = { run: tiny(9330, { start, steps: 24, tuning: comparing }), step: 24 };
  const rewarded = (wrong: number) => ({
    text: "questions" as const,
    reinforce: { wrong, group: 2, clip: 0.2, kl: 0, updates: 1 },
  });
  assertEquals(of({ start, tuning: rewarded(4) }), of({ start, tuning: rewarded(1) }));
  const others: RunInput[] = [
    { batch: 8 },
    { lengthGroups: 2 },
    { lengthGroups: 2, order: "fixed" },
    { precision: "bf16" },
    { model: { layers: 2, mlp: 64 } },
    { optimizer: { decay: 0 } },
    { optimizer: { clip: 1 } },
    { reference: start },
    { start, tuning: { distill: 1 } },
    { start, tuning: { freeze: "mlp" } },
    { tuning: { text: "questions" } },
    { names: 20 },
    { sentences: 3 },
    { named: 1 },
    { subwords: 256 },
    { start, tuning: comparing },
    { start, tuning: { ...comparing, rejected: "own" } },
    { start, tuning: rewarded(1) },
    { start, tuning: rewarded(1), rewardModel },
  ];
  const shapes = others.map(of);
  assertEquals(new Set([base, ...shapes]).size, others.length + 1);
  for (const lengthGroups of [1, 2]) {
    assertEquals(of({ names: 20, lengthGroups }), of({ names: 32, lengthGroups }));
  }
});

Deno.test("who is together: what is ready and of one shape, a share for every process", () => {
  const seeds = Array.from({ length: 9 }, (_, i) => tiny(9340 + i));
  const wide = [{ model: { width: 512, heads: 8 } }, { batch: 64 }].flatMap((fields) =>
    [1, 2].map((seed) => tiny(9350 + seed, fields))
  );
  const waiting = planSweep([...seeds, tiny(9360, { batch: 8 }), ...wide]);
  return withRuns([...seeds, ...wide], () => {
    const plan = (options: BesideOptions, workers: number) =>
      wavesOf(waiting, { ...options, workers }).map((own) => [own.length, own[0]!.beside]);
    // What is alone, or fills a device, has a program of its own if nothing is said.
    const others = waiting.slice(8).map(() => [1, undefined]);
    assertEquals(plan({ device: "gpu" }, 1), [[8, 8], ...others]);
    assertEquals(plan({ device: "gpu", beside: 5 }, 1), [[5, 5], [4, 5], [1, 5], [2, 5], [2, 5]]);
    assertEquals(plan({ device: "gpu", beside: 1 }, 1), waiting.map(() => [1, undefined]));
    assertEquals(plan({ device: "cpu" }, 1), waiting.map(() => [1, undefined]));
    assertEquals(plan({ device: "gpu" }, 4).slice(0, 3), [[4, 8], [4, 8], [1, undefined]]);
    // A run goes on in the places it was begun in: other runs are not beside it.
    const [first] = waiting as [SweepRun, ...SweepRun[]];
    const environment = { device: { name: "x" }, engine: { beside: 3 } };
    Deno.mkdirSync(folderOf(seeds[0]!), { recursive: true });
    const { hash, configuration } = first;
    const floor = { loss: 1, attributes: [1], accuracy: 0, unseen: 1 };
    const header = { hash, configuration, floor, environment };
    const part = new URL("record.part.jsonl", folderOf(seeds[0]!));
    Deno.writeTextFileSync(part, JSON.stringify(header) + "\n");
    const next = (free: readonly SweepRun[], all = waiting) =>
      nextTogether(all, { device: "gpu", workers: 1, isFree: (run) => free.includes(run) })
        .map((run) => [run.configuration.seed, run.beside]);
    assertEquals(next(waiting), [[9340, 3]]);
    assertEquals(next(waiting.slice(1, 3)), [[9341, 8], [9342, 8]]);
    assertEquals(next([]), []);
    // One that begins anew may be in any; one that is made again is in those of its record.
    const anew = waiting.slice(0, 2).map((run) => ({ ...run, fresh: "a" }));
    assertEquals(next(anew, anew), [[9340, 8], [9341, 8]]);
    const again = waiting.slice(0, 2).map((run) => ({ ...run, fresh: "again", again: 12 }));
    Deno.renameSync(part, new URL("record.jsonl", folderOf(seeds[0]!)));
    assertEquals(next(again, again), [[9340, 3]]);
  });
});
