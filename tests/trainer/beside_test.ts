// Runs side by side in one program: each as it would be with nobody beside it.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sideBySide } from "../../lib/engine/mod.ts";
import { aliveOnDevice } from "../../lib/engine/xla/device.ts";
import {
  type Run,
  runFolder,
  type RunInput,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";
import { openTestDevice } from "../engine/device.ts";

await openTestDevice();

const NOTHING = { buffers: 0, executables: 0, downloads: 0 };

/** Runs of one shape: seeds and rates differ, and with them when they are measured. */
const INPUTS: RunInput[] = [1, 2, 3].map((seed) => ({
  scale: "smoke",
  precision: "fp32",
  seed: 7100 + seed,
  people: 16,
  model: { layers: 1, mlp: 64 },
  batch: 4,
  steps: 40,
  optimizer: { lr: seed * 1e-3 },
  evaluation: { people: 8, measurements: 3, attention: 0, steps: [5 * seed] },
}));

/** Trains a run anew, or on from where it was stopped; returns what it has measured and its state. */
async function trained(input: RunInput, options: TrainOptions, stopAt = Infinity) {
  const stop = new AbortController();
  const run = train(input, { device: "gpu", ...options, signal: stop.signal });
  run.onStep = ({ step }) => step >= stopAt && stop.abort();
  try {
    for await (const _ of run);
    return { measurements: [...run.measurements], state: run.engine!.read() };
  } finally {
    run.dispose();
  }
}

function forget(input: RunInput): void {
  const { configuration } = train(input, { fresh: true });
  try {
    Deno.removeSync(runFolder(configuration), { recursive: true });
  } catch {
    // Never trained.
  }
}

const alone = await Promise.all(INPUTS.map((input) => trained(input, { fresh: true })));

Deno.test("side by side, runs are as they are alone, up to rounding", async () => {
  INPUTS.forEach(forget);
  const beside = sideBySide(4);
  const together = await Promise.all(
    INPUTS.map((input) => trained(input, { fresh: true, beside })),
  );
  together.forEach(({ measurements, state }, i) => {
    assertEquals(measurements.length, alone[i]!.measurements.length);
    measurements.forEach(({ step, sets }, j) => {
      const expected = alone[i]!.measurements[j]!;
      assertEquals(step, expected.step);
      const apart = Math.abs(sets.training.loss - expected.sets.training.loss);
      assert(apart < 1e-3, `run ${i}, step ${step}: ${apart} apart`);
    });
    for (const [name, values] of Object.entries(alone[i]!.state)) {
      const apart = Math.max(...values.map((value, k) => Math.abs(value - state[name]![k]!)));
      assert(apart < 2e-3, `run ${i}, ${name}: ${apart} apart`);
    }
  });
  assertEquals(aliveOnDevice(), NOTHING);
});

Deno.test("who is beside a run does not change a bit of it, nor where it was stopped", async () => {
  const [input] = INPUTS as [RunInput];
  const results = [];
  for (const others of [[], INPUTS.slice(1, 2), INPUTS.slice(1)]) {
    [input, ...others].forEach(forget);
    const beside = sideBySide(4);
    const [own] = await Promise.all(
      [input, ...others].map((each) => trained(each, { fresh: true, beside })),
    );
    results.push(own!);
  }
  INPUTS.forEach(forget);
  const first = sideBySide(4);
  await trained(input, { beside: first }, 13);
  const second = sideBySide(4);
  const [resumed] = await Promise.all(
    [input, INPUTS[2]!].map((each) => trained(each, { beside: second })),
  );
  results.push(resumed!);
  for (const { measurements, state } of results) {
    assertEquals(measurements, results[0]!.measurements);
    assertEquals(state, results[0]!.state);
  }
  assertEquals(aliveOnDevice(), NOTHING);
});

Deno.test("a run whose consumer is slow does not hold up the others", async () => {
  INPUTS.forEach(forget);
  const beside = sideBySide(2);
  const slow: Run = train(INPUTS[0]!, { device: "gpu", fresh: true, beside });
  const iterator = slow[Symbol.asyncIterator]();
  await iterator.next();
  const { measurements } = await trained(INPUTS[1]!, { fresh: true, beside });
  assertEquals(measurements.at(-1)!.step, 40);
  await iterator.return!();
  slow.dispose();
  assertEquals(aliveOnDevice(), NOTHING);
});

Deno.test("what cannot be side by side is refused", async () => {
  assertThrows(() => sideBySide(1), Error, "runs must be a whole number >= 2, got 1");
  const beside = sideBySide(2);
  assertThrows(
    () => train(INPUTS[0]!, { device: "cpu", beside }),
    Error,
    "beside must be left out on device cpu",
  );
  INPUTS.forEach(forget);
  await trained(INPUTS[0]!, { beside }, 13);
  await assertRejects(() => trained(INPUTS[0]!, {}), Error, "in a program of 2 runs");
  const full = INPUTS.map((input) => train(input, { device: "gpu", fresh: true, beside }));
  const iterators = full.map((run) => run[Symbol.asyncIterator]());
  await iterators[0]!.next();
  await iterators[1]!.next();
  await assertRejects(() => iterators[2]!.next(), Error, "there are 2 places, and all are taken");
  for (const [i, run] of full.entries()) {
    await iterators[i]!.return!();
    run.dispose();
  }
  assertEquals(aliveOnDevice(), NOTHING);
});
