// A run with an adaptive schedule: it widens once its people are known, writes down when, and
// decides the same after a stop.

import { assert, assertEquals } from "@std/assert";
import { adaptive, batchAt } from "../../lib/generator/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { configure, identity, runFolder, type RunInput, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

// Eight people; the tiny model comes to 3.5 times their no-knowledge loss in some dozen steps.
const input: RunInput = {
  scale: "smoke",
  seed: 9600,
  precision: "fp32",
  people: 32,
  schedule: adaptive({ people: 32, start: 8, factor: 4, below: 3.5, every: 5 }),
  batch: 8,
  steps: 120,
  optimizer: { lr: 1e-2 },
  evaluation: { people: 8, measurements: 6, attention: 0 },
};

function forget() {
  try {
    Deno.removeSync(runFolder(configure(input)), { recursive: true });
  } catch {
    // It was not there.
  }
}

Deno.test("a run widens its schedule when its people are known, and again after a stop", async () => {
  forget();
  const whole = train(input);
  const drawn: number[] = [];
  for await (const { decisions = [] } of whole) drawn.push(decisions.length);
  const { decisions = [] } = whole.measurements.at(-1)!;
  assertEquals(decisions.length, 1, "it should have been decided once");
  const [{ step, event }] = decisions as [{ step: number; event: string }];
  assertEquals(step % 5, 0);
  assert(/^phase 1 ends: loss at [\d.]+ of L0$/.test(event), event);
  assertEquals([drawn[0], drawn.at(-1)], [0, 1]);
  const reach = (at: number) =>
    Math.max(...batchAt(whole.corpus, { step: at, batch: 64, decisions }).map((b) => b.person));
  assert(reach(step - 1) < 8 && reach(step) >= 8);
  const expected = whole.measurements.map((measurement) => ({ ...measurement }));
  whole.dispose();

  for (const stop of [step - 2, step, step + 3]) {
    forget();
    const controller = new AbortController();
    const first = train(input, { signal: controller.signal });
    first.onStep = (progress) => progress.step === stop && controller.abort();
    for await (const _ of first);
    first.dispose();
    const second = train(input);
    for await (const _ of second);
    assertEquals(second.resumedAt, stop);
    assertEquals(second.measurements, expected);
    second.dispose();
  }
  forget();
});

Deno.test("the thresholds of an adaptive schedule are part of a run's identity", () => {
  const hash = (below: number) =>
    identity(configure({ ...input, schedule: adaptive({ people: 32, start: 8, below }) }));
  assert(hash(0.9) !== hash(0.8));
});
