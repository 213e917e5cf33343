// Runs that are trained from the start under a name: begun anew once, whoever asks for them.

import { assertEquals } from "@std/assert";
import {
  attemptsOf,
  checkpointSteps,
  configure,
  isLocked,
  latestStep,
  lockFolder,
  type Run,
  runFolder,
  type RunInput,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";
import { checkpointFile } from "../../lib/trainer/checkpoint.ts";

function input(seed: number): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    seed: 9700 + seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 8,
    evaluation: { people: 8, measurements: 2, attention: 0 },
  };
}

/** Trains up to a step, as a process of its own would: with a run of its own. */
async function trainTo(stop: number, run: RunInput, options: TrainOptions): Promise<Run> {
  const controller = new AbortController();
  const own = train(run, { engine: "eager", ...options, signal: controller.signal });
  own.onStep = ({ step }) => step >= stop && controller.abort();
  for await (const _ of own);
  own.dispose();
  return own;
}

/** Calls a test with a run whose folder is gone before and afterwards. */
async function withRun(seed: number, test: (run: RunInput, folder: URL) => Promise<void>) {
  const folder = runFolder(configure(input(seed)));
  const clean = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  await clean();
  try {
    await test(input(seed), folder);
  } finally {
    await clean();
  }
}

Deno.test("an attempt begins anew once, goes on after stops, and its record is read", () =>
  withRun(1, async (run, folder) => {
    const { hash } = await trainTo(Infinity, run, {});
    const steps = () => [latestStep(hash), latestStep(hash, "a"), latestStep(hash, "b")];
    assertEquals(steps(), [8, 0, 0]);
    const first = await trainTo(3, run, { fresh: "a" });
    assertEquals([first.source, first.resumedAt], ["training", undefined]);
    assertEquals([checkpointSteps(folder), steps()], [[3], [8, 3, 0]]);
    assertEquals((await trainTo(5, run, { fresh: "a" })).resumedAt, 3);
    const last = await trainTo(Infinity, run, { fresh: "a" });
    assertEquals([last.resumedAt, last.finished, steps()], [5, true, [8, 8, 0]]);
    assertEquals((await trainTo(Infinity, run, { fresh: "a" })).source, "record");
    assertEquals(attemptsOf(folder), { begun: undefined, finished: "a" });
    // Another attempt, and one that nobody can ask for again.
    assertEquals((await trainTo(3, run, { fresh: "b" })).resumedAt, undefined);
    assertEquals(steps(), [8, 8, 3]);
    assertEquals((await trainTo(4, run, { fresh: true })).resumedAt, undefined);
    assertEquals((await trainTo(4, run, { fresh: "b" })).resumedAt, undefined);
  }));

Deno.test("an attempt whose kept checkpoint is gone begins anew", () =>
  withRun(2, async (run, folder) => {
    const options = { fresh: "a", checkpoints: [2] };
    await trainTo(3, run, options);
    assertEquals((await trainTo(4, run, options)).resumedAt, 3);
    Deno.removeSync(checkpointFile(folder, 2));
    assertEquals((await trainTo(Infinity, run, options)).resumedAt, undefined);
    assertEquals((await trainTo(Infinity, run, options)).source, "record");
    Deno.removeSync(checkpointFile(folder, 2));
    assertEquals((await trainTo(Infinity, run, options)).source, "training");
    assertEquals(checkpointSteps(folder).includes(2), true);
  }));

Deno.test("whether a run is being trained is seen without disturbing it", () =>
  withRun(3, async (run, folder) => {
    assertEquals(isLocked(folder), false);
    await trainTo(4, run, {});
    assertEquals(isLocked(folder), false);
    const lock = lockFolder(folder);
    assertEquals([isLocked(folder), isLocked(folder)], [true, true]);
    lock[Symbol.dispose]();
    assertEquals(isLocked(folder), false);
  }));
