// What a sweep trains: what has no record, and what others begin from.

import { assertEquals } from "@std/assert";
import { planSweep, sweep } from "../../lib/sweep/mod.ts";
import {
  checkpointSteps,
  configure,
  identity,
  runFolder,
  type RunInput,
  train,
  writeRecord,
} from "../../lib/trainer/mod.ts";

function tiny(seed: number, changes: RunInput = {}): RunInput {
  return {
    scale: "smoke",
    seed: 9500 + seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 24,
    precision: "fp32",
    evaluation: { people: 8, measurements: 3, attention: 0 },
    ...changes,
  };
}

const from = (seed: number, step: number) =>
  tiny(seed, { reference: { run: tiny(seed), step }, start: { run: tiny(seed), step } });

const hash = (input: RunInput) => identity(configure(input));
const folder = (input: RunInput) => runFolder(configure(input));

/** Calls a test with runs whose folders are gone before and afterwards. */
async function clean(runs: RunInput[], test: () => Promise<void>): Promise<void> {
  const remove = () =>
    runs.forEach((input) => {
      try {
        Deno.removeSync(folder(input), { recursive: true });
      } catch {
        // It was not there.
      }
    });
  remove();
  try {
    await test();
  } finally {
    remove();
  }
}

/** A plan in short: hash, state, checkpoints, again. */
const short = (inputs: RunInput[], options = {}) =>
  planSweep(inputs, options).map(({ hash, state, checkpoints, again }) => [
    hash,
    state,
    checkpoints.join(),
    again,
  ]);

Deno.test("what a run begins from is trained first, once, with the checkpoints it needs", () =>
  clean([tiny(1), from(1, 8), from(1, 16)], async () => {
    const runs = [from(1, 8), from(1, 16)];
    assertEquals(short(runs), [
      [hash(runs[0]!), "waiting", "", undefined],
      [hash(runs[1]!), "waiting", "", undefined],
      [hash(tiny(1)), "waiting", "8,16", undefined],
    ]);
    const done = await sweep(runs);
    assertEquals(done.map(({ state }) => state), ["trained", "trained", "trained"]);
    assertEquals(short(runs).map(([, state]) => state), ["on record", "on record"]);
  }));

Deno.test("a run on record whose checkpoints are gone is trained again, as far as needed", () =>
  clean([tiny(2), from(2, 8), from(2, 16)], async () => {
    // Also if it is one of the runs asked for.
    const runs = [tiny(2), from(2, 8)];
    await sweep(runs, { checkpoints: [8] });
    for (const step of checkpointSteps(folder(tiny(2)))) {
      const name = `checkpoint-${String(step).padStart(8, "0")}.safetensors`;
      Deno.removeSync(new URL(name, folder(tiny(2))));
    }
    assertEquals(short(runs).map(([, state]) => state), ["on record", "on record"]);
    const more = [tiny(2), from(2, 16)];
    assertEquals(short(more), [
      [hash(tiny(2)), "waiting", "16", 16],
      [hash(from(2, 16)), "waiting", "", undefined],
    ]);
    const done = await sweep(more);
    assertEquals(done.map(({ state }) => state), ["trained", "trained"]);
    assertEquals(checkpointSteps(folder(tiny(2))).includes(16), true);
  }));

Deno.test("bases of bases are trained again too, in whatever order runs are asked for", () => {
  const base = tiny(7);
  const middle = tiny(7, { steps: 30, start: { run: base, step: 24 } });
  const last = tiny(7, { steps: 36, start: { run: middle, step: 30 } });
  return clean([base, middle], () => {
    // On record, but without a checkpoint.
    for (const configuration of [base, middle].map(configure)) {
      const floor = { loss: 3, attributes: [3], accuracy: 0.1, unseen: 3 };
      const header = { hash: identity(configuration), configuration, floor, environment: {} };
      writeRecord({ header, measurements: [] });
    }
    assertEquals(short([middle]).map(([, state]) => state), ["on record"]);
    for (const runs of [[middle, last], [last, middle]]) {
      assertEquals(
        new Map(short(runs).map(([hash, state, , again]) => [hash, [state, again]])),
        new Map([
          [hash(middle), ["waiting", 30]],
          [hash(last), ["waiting", undefined]],
          [hash(base), ["waiting", 24]],
        ]),
      );
    }
    return Promise.resolve();
  });
});

Deno.test("checkpoints can be asked for alone, and those there are stay", () =>
  clean([tiny(3)], async () => {
    await sweep([tiny(3)], { checkpoints: [8] });
    await sweep([], { also: [{ run: tiny(3), step: 12 }, { run: tiny(3), step: 0 }] });
    assertEquals(checkpointSteps(folder(tiny(3))).filter((step) => step < 20), [12, 8]);
    assertEquals(short([], { also: [{ run: tiny(3), step: 12 }] }), []);
  }));

Deno.test("where the base fails, what begins from it fails with it and says so", () =>
  clean([tiny(4), from(4, 8)], async () => {
    const path = folder(tiny(4)).pathname.replace(/\/$/, "");
    Deno.mkdirSync(new URL("../", folder(tiny(4))), { recursive: true });
    Deno.writeTextFileSync(path, "");
    const runs = await sweep([from(4, 8)]);
    assertEquals(runs.map(({ state }) => state), ["failed", "failed"]);
    assertEquals(runs[0]!.why, `run ${hash(tiny(4))}, from which it begins, has failed`);
    Deno.removeSync(path);
  }));

Deno.test("fresh trains what has a record", () =>
  clean([tiny(5)], async () => {
    await sweep([tiny(5)]);
    assertEquals(short([tiny(5)]).map(([, state]) => state), ["on record"]);
    assertEquals(short([tiny(5)], { fresh: true }).map(([, state]) => state), ["waiting"]);
    const [run] = await sweep([tiny(5)], { fresh: true });
    assertEquals(run!.state, "trained");
  }));

Deno.test("a base trained past a checkpoint that is missing begins anew, once", () =>
  clean([tiny(6), from(6, 8)], async () => {
    const stopAt = async (step: number, options = {}) => {
      const controller = new AbortController();
      const run = train(tiny(6), { engine: "eager", ...options, signal: controller.signal });
      run.onStep = (at) => at.step >= step && controller.abort();
      for await (const _ of run);
      run.dispose();
      return run.resumedAt;
    };
    const plan = () => planSweep([from(6, 8)])[1]!;
    await stopAt(6);
    assertEquals([plan().state, plan().fresh], ["waiting", undefined]);
    await stopAt(10);
    const { fresh, checkpoints } = plan();
    assertEquals([fresh, checkpoints], ["again", [8]]);
    assertEquals(await stopAt(12, { fresh, checkpoints }), undefined);
    assertEquals(await stopAt(14, { fresh, checkpoints }), 12);
    assertEquals(planSweep([from(6, 8)]).length, 1); // All that is needed of it is there.
  }));
