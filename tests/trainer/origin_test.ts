// Runs that begin from another run's checkpoint, or take its attention.

import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import {
  configure,
  identity,
  isKept,
  needs,
  parametersOf,
  type Run,
  runFolder,
  type RunInput,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";

await openTensorFlow();

/** A tiny run; each test has a seed of its own. */
function tiny(seed: number, changes: RunInput = {}): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    seed: 9300 + seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 24,
    optimizer: { lr: 1e-2 },
    evaluation: { people: 8, measurements: 4, attention: 4, steps: [12] },
    ...changes,
  };
}

async function finish(input: RunInput, options: TrainOptions = {}): Promise<Run> {
  const run = train(input, { fresh: true, ...options });
  for await (const _ of run);
  return run;
}

const isQueryOrKey = (name: string) => /^(?!reference).*[qk]_proj/.test(name);

Deno.test("a run that starts from a checkpoint goes on at its step, where the other one was", async () => {
  const base = await finish(tiny(1), { checkpoints: [12] });
  const run = await finish(tiny(1, { start: { run: tiny(1), step: 12 } }));
  assertEquals(run.measurements[0]!.step, 12);
  assertEquals(run.measurements.at(-1)!.step, 24);
  assertEquals(run.measurements[0]!.samples, 48);
  const there = base.measurements.find(({ step }) => step === 12)!;
  assertEquals(run.measurements[0]!.sets, there.sets);
  // Fresh moments: what follows is another path, over the same people.
  assert(
    run.measurements.at(-1)!.sets.training.loss !== base.measurements.at(-1)!.sets.training.loss,
  );
  base.dispose();
  run.dispose();
});

Deno.test("with moments kept a run goes on exactly as the one it starts from did", async () => {
  const base = await finish(tiny(9), { checkpoints: [12] });
  const run = await finish(tiny(9, { start: { run: tiny(9), step: 12, moments: "kept" } }));
  assertEquals(run.measurements.at(-1)!.sets, base.measurements.at(-1)!.sets);
  const [there, here] = [base, run].map(({ engine }) => engine!.read());
  for (const [name, values] of Object.entries(there!)) assertEquals(here![name], values, name);
  [base, run].forEach((run) => run.dispose());
});

Deno.test("moments kept twice count from where they were zero", async () => {
  const begin = tiny(11, { start: { run: tiny(11), step: 6 } });
  const base = await finish(tiny(11), { checkpoints: [6] });
  const tuned = await finish(begin, { checkpoints: [12] });
  const again = await finish(tiny(11, { start: { run: begin, step: 12, moments: "kept" } }));
  const [there, here] = [tuned, again].map(({ engine }) => engine!.read());
  for (const [name, values] of Object.entries(there!)) assertEquals(here![name], values, name);
  [base, tuned, again].forEach((run) => run.dispose());
});

Deno.test("moments that a run never had cannot be kept", async () => {
  const patched = tiny(10, { reference: { run: tiny(10), step: 0 } });
  const base = await finish(patched, { checkpoints: [12] });
  base.dispose();
  const start = { run: patched, step: 12, moments: "kept" as const };
  const run = train(tiny(10, { start }), { fresh: true });
  await assertRejects(
    async () => {
      for await (const _ of run);
    },
    Error,
    "Leave start.moments out",
  );
  run.dispose();
});

Deno.test("a patched run looks where its reference looks, and leaves it and queries and keys alone", async () => {
  const base = await finish(tiny(2), { checkpoints: [12] });
  const there = base.measurements.find(({ step }) => step === 12)!;
  const patched = tiny(2, { reference: { run: tiny(2), step: 12 } });
  const run = await finish(patched);
  for (const { attention } of run.measurements.filter(({ attention }) => attention)) {
    assertAlmostEquals(attention!.layers[0]!.entropy, there.attention!.layers[0]!.entropy, 1e-4);
  }
  const after = run.engine!.read();
  assert(run.measurements.at(-1)!.sets.training.loss < run.measurements[0]!.sets.training.loss);
  const names = Object.keys(after);
  assertEquals(
    names.filter((name) => /^(first|second)\./.test(name) && /[qk]_proj/.test(name)),
    [],
  );
  const V = run.corpus.tokenizer.vocabularySize;
  const initial = parametersOf({ run: tiny(2), step: 0 }, V);
  const reference = parametersOf({ run: tiny(2), step: 12 }, V);
  for (const [name, values] of Object.entries(initial)) {
    const unchanged = values.every((value, i) => value === after[name]![i]);
    assertEquals(unchanged, isQueryOrKey(name), name);
    assertEquals(after[`reference.${name}`], reference[name]);
  }
  base.dispose();
  run.dispose();
});

Deno.test("a patched run that was stopped goes on as if it had not been", async () => {
  const base = await finish(tiny(3), { checkpoints: [12] });
  base.dispose();
  const patched = tiny(3, {
    start: { run: tiny(3), step: 12 },
    reference: { run: tiny(3), step: 12 },
  });
  const whole = await finish(patched);
  const controller = new AbortController();
  const first = train(patched, { fresh: true, signal: controller.signal });
  first.onStep = ({ step }) => step === 17 && controller.abort();
  for await (const _ of first);
  first.dispose();
  // The record of the whole run would be read otherwise.
  Deno.removeSync(new URL("record.jsonl", runFolder(configure(patched))));
  const again = train(patched);
  for await (const _ of again);
  assertEquals(again.resumedAt, 17);
  assertEquals(again.measurements, whole.measurements);
  [whole, again].forEach((run) => run.dispose());
});

Deno.test("a missing checkpoint is told before training, with the way out", async () => {
  const run = train(tiny(4, { reference: { run: tiny(5), step: 12 } }), { fresh: true });
  const error = await assertRejects(async () => {
    for await (const _ of run);
  }, Error);
  assert(error.message.includes(`run ${identity(configure(tiny(5)))}`), error.message);
  assert(error.message.includes("checkpoints: [12]"), error.message);
  run.dispose();
});

Deno.test("step 0 of a run needs no checkpoint", () => {
  const of = (step: number) => configure(tiny(6, { reference: { run: tiny(6), step } }));
  assertEquals(needs(of(0)), []);
  assertEquals(needs(of(12)).map(({ step }) => step), [12]);
});

Deno.test("what a run begins from is part of its identity, plain runs keep theirs", () => {
  const hash = (changes: RunInput) => identity(configure(tiny(7, changes)));
  const from = (step: number) => ({ start: { run: tiny(7), step } });
  const kept = { start: { ...from(12).start, moments: "kept" as const } };
  assertEquals(new Set([hash({}), hash(from(12)), hash(from(13)), hash(kept)]).size, 4);
  assertEquals(hash({ start: null, reference: null }), hash({}));
  // Written in full or in short, it is the same run.
  assertEquals(hash({ start: { run: configure(tiny(7)), step: 12 } }), hash(from(12)));
});

Deno.test("references that cannot be are refused, by field", () => {
  const refuse = (changes: RunInput, words: string) => {
    assertThrows(() => configure(tiny(8, changes)), Error, words);
  };
  refuse({ reference: { run: tiny(8, { model: { layers: 2 } }), step: 1 } }, "reference.run.model");
  refuse({ reference: { run: { scale: "laptop" }, step: 1 } }, "reference.run.scale");
  refuse({ reference: { run: tiny(8), step: 25 } }, "reference.step must be at most 24");
  const longer = { run: tiny(8, { steps: 30 }), step: 30 };
  refuse({ start: longer }, "start.step must be at most 24 steps");
  refuse({ start: { run: tiny(8, { batch: -1 }), step: 2 } }, "start.run");
});

Deno.test("a damaged checkpoint of another run is set aside, so that it is made again", async () => {
  const base = await finish(tiny(12), { checkpoints: [12] });
  base.dispose();
  const file = new URL("checkpoint-00000012.safetensors", runFolder(base.configuration));
  Deno.writeFileSync(file, Deno.readFileSync(file).slice(0, 1000));
  const run = train(tiny(12, { start: { run: tiny(12), step: 12 }, steps: 30 }), { fresh: true });
  await assertRejects(
    async () => {
      for await (const _ of run);
    },
    Error,
    "It is set aside: run this again",
  );
  run.dispose();
  const [needed] = needs(run.configuration);
  assertEquals(isKept(needed!), false);
});

Deno.test("a run begins from one of its own people, as they are", () => {
  const begun = (own: RunInput, base: RunInput) =>
    configure(tiny(13, { ...own, start: { run: tiny(13, base), step: 12 } }));
  const updated = { from: 0, to: 4 };
  begun({ updated }, {});
  begun({ updated }, { updated });
  assertThrows(
    () => begun({}, { seed: 1 }),
    Error,
    "start.run.seed must be 9313, for the same people",
  );
  assertThrows(() => begun({}, { updated }), Error, "as what start.run has learned, got null");
  const tuned = tiny(13, { start: { run: tiny(13), step: 12 } });
  assertThrows(
    () => configure(tiny(13, { start: { run: tuned, step: 6 } })),
    Error,
    "start.step must be from 12 on, where start.run begins",
  );
});
