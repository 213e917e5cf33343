// A small associative memory: it learns, forgets, and replay helps, as the paper's does.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { associativeMemory, MEMORY, type MemoryConfiguration } from "../../lib/study/mod.ts";

const SMALL: MemoryConfiguration = {
  ...MEMORY,
  pairs: 2048,
  pretraining: { steps: 1500, lr: 0.03 },
  tuning: { ...MEMORY.tuning, pairs: 512, steps: 300, lr: 4e-3 },
};

const tuned = (tuning: Partial<MemoryConfiguration["tuning"]>, changes = {}) =>
  associativeMemory({ ...SMALL, ...changes, tuning: { ...SMALL.tuning, ...tuning } });

Deno.test("a memory knows its old pairs and nothing of the new, then learns and forgets", async () => {
  const curve = await tuned({});
  const [first, last] = [curve[0]!, curve.at(-1)!];
  assertEquals([first.step, last.step], [0, 300]);
  assert(first.old.accuracy > 0.99 && first.new.accuracy < 0.2, JSON.stringify(first));
  // Wrong and sure of it: far above the loss of not knowing.
  assert(first.new.loss > 2 * Math.log(SMALL.values));
  assert(last.new.accuracy > 0.99 && last.old.accuracy < 0.98, JSON.stringify(last));
  assertEquals(await tuned({}), curve);
});

Deno.test("replay keeps the old pairs, and slows the new ones", async () => {
  const [none, replay] = [await tuned({}), await tuned({ weight: 1 })];
  assert(replay.at(-1)!.old.accuracy > none.at(-1)!.old.accuracy);
  const area = (curve: typeof none) =>
    curve.reduce((sum, { new: { accuracy } }) => sum + accuracy, 0);
  assert(area(replay) < area(none));
});

Deno.test("kept moments and another read-out change what follows, not what is known before", async () => {
  const [fresh, kept] = [await tuned({}), await tuned({ keepMoments: true })];
  assertEquals(kept[0], fresh[0]);
  assert(kept[1]!.new.loss !== fresh[1]!.new.loss);
  const trained = await tuned({}, { readout: "trained" });
  assertAlmostEquals(trained[0]!.old.accuracy, 1, 0.01);
});
