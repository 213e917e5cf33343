// What a trained model knows with something in it changed; the run stays as it is.

import { assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { openTensorFlow, tf } from "../../lib/engine/mod.ts";
import { knowledgeOf, type RunInput, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const input: RunInput = {
  scale: "smoke",
  seed: 9500,
  people: 16,
  steps: 300,
  precision: "fp32",
  optimizer: { lr: 5e-3 },
};

Deno.test("knowledge is the last measurement's; without attention there is none", async () => {
  const run = train(input, { fresh: true });
  assertThrows(() => knowledgeOf(run), Error, "there is no model yet");
  for await (const _ of run);
  const state = run.engine!.read();
  const own = knowledgeOf(run);
  const { sets } = run.measurements.at(-1)!;
  for (const [name, { loss, accuracy }] of Object.entries(sets)) {
    assertAlmostEquals(own[name]!.loss, loss, 1e-4 * loss);
    assertAlmostEquals(own[name]!.accuracy, accuracy, 1e-4);
  }
  const without = knowledgeOf(
    run,
    (place, _, value) => place === "attn_out" ? tf.zerosLike(value) : undefined,
  );
  // Nobody's name is seen where a value is asked for.
  assertGreater(own.training!.accuracy, without.training!.accuracy + 0.1);
  assertEquals(run.engine!.read(), state);
  run.dispose();
});

Deno.test("a patched model is edited as it is trained, with its reference's patterns", async () => {
  const base: RunInput = { ...input, steps: 20 };
  const first = train(base, { checkpoints: [20], fresh: true });
  for await (const _ of first);
  first.dispose();
  const run = train({ ...base, reference: { run: base, step: 20 } }, { fresh: true });
  for await (const _ of run);
  const { loss } = run.measurements.at(-1)!.sets.training;
  assertAlmostEquals(knowledgeOf(run).training!.loss, loss, 1e-4 * loss);
  run.dispose();
});
