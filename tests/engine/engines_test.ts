// Another engine is one folder and one entry of the list: a run is trained on a toy one.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Schedule, uniform } from "../../lib/generator/mod.ts";
import { eager, type Engine, ENGINES, openTensorFlow } from "../../lib/engine/mod.ts";
import { runFolder, sittings, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const input = { scale: "smoke", seed: 9410, people: 8, steps: 12 } as const;

Deno.test("an engine that is in no list is refused by name, before any work", () => {
  assertThrows(
    () => train(input, { engine: "abacus" }),
    Error,
    "engine must be one of tensorflow, eager, xla, got abacus",
  );
});

Deno.test("a toy engine trains a run, many steps at once, and says what it is", async () => {
  const given: number[] = [];
  ENGINES.toy = {
    kind: "toy",
    device: "toy device",
    open: async () => {},
    about: () => ({}),
    memory: () => Infinity,
    build(program): Engine {
      const own = eager(program, { branches: () => 1 });
      return {
        ...own,
        atOnce: () => 5,
        run(fn, inputs) {
          if ("lr" in fn.inputs) given.push(inputs.length);
          return own.run(fn, inputs);
        },
      };
    },
  };
  try {
    const run = train({ ...input, evaluation: { measurements: 2 } }, {
      fresh: true,
      engine: "toy",
    });
    const steps: number[] = [];
    run.onStep = ({ step }) => steps.push(step);
    for await (const _ of run);
    assertEquals(run.measurements.map(({ step }) => step), [0, 10, 12]);
    assertEquals(steps, Array.from({ length: 12 }, (_, i) => i + 1));
    // Never past an event: 10 is measured. Neighbours of other lengths are runs of their own.
    assertEquals(given.reduce((a, b) => a + b, 0), 12);
    assertEquals(Math.max(...given) <= 5, true);
    const { kind } = run.environment.engine as { kind: string };
    assertEquals([kind, sittings(runFolder(run.configuration)).at(-1)!.device], [
      "toy",
      "toy device",
    ]);
    // The same numbers as one step after the other.
    const plain = train({ ...input, evaluation: { measurements: 2 } }, {
      fresh: true,
      engine: "eager",
    });
    for await (const _ of plain);
    const losses = [run, plain].map(({ measurements }) =>
      measurements.map(({ sets }) => sets.training.loss.toPrecision(4))
    );
    assertEquals(losses[0], losses[1]);
    for (const own of [run, plain]) own.dispose();
  } finally {
    delete ENGINES.toy;
  }
});

Deno.test("an adaptive schedule decides the same however many steps are handed over", async () => {
  const schedule: Schedule = [
    { people: uniform(0, 4), steps: 6 },
    { people: uniform(0, 8), until: { below: 10, every: 4 } },
    { people: uniform() },
  ];
  const decided: string[] = [];
  for (const atOnce of [1, 100]) {
    ENGINES.toy = {
      kind: "toy",
      device: "toy device",
      open: async () => {},
      about: () => ({}),
      memory: () => Infinity,
      build: (program) => ({
        ...eager(program, { branches: () => 1 }),
        atOnce: () => atOnce,
      }),
    };
    const run = train({ ...input, people: 16, steps: 24, schedule }, {
      fresh: true,
      engine: "toy",
    });
    for await (const _ of run);
    decided.push(JSON.stringify(run.measurements));
    run.dispose();
  }
  delete ENGINES.toy;
  assertEquals(decided[0], decided[1]);
  assert(decided[0]!.includes('"step":8,"event":"phase 2 ends'), decided[0]!.slice(-300));
});

Deno.test("a run goes on only on the kind of engine that it was begun on", async () => {
  const controller = new AbortController();
  const first = train({ ...input, seed: 9411 }, { signal: controller.signal, fresh: true });
  first.onStep = ({ step }) => step === 5 && controller.abort();
  for await (const _ of first);
  first.dispose();
  const second = train({ ...input, seed: 9411 }, { engine: "eager" });
  await assertRejects(
    async () => {
      for await (const _ of second);
    },
    Error,
    "it was begun compiled",
  );
  second.dispose();
});
