// Runs that learn from answers which the model gives itself: what is made of them, and that a run
// which was stopped samples the same.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { EOS, posedAt } from "../../lib/generator/mod.ts";
import type { Continuation, Sampling } from "../../lib/model/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import {
  configure,
  corpusOf,
  type Run,
  runFolder,
  type RunInput,
  train,
} from "../../lib/trainer/mod.ts";
import { rolloutsOf } from "../../lib/trainer/rollouts.ts";
import { openTestDevice } from "../engine/device.ts";
import { scriptedEngine } from "../engine/stand_in.ts";

await openTensorFlow();
await openTestDevice();

const base: RunInput = {
  ...{ scale: "smoke", steps: 4, precision: "fp32", seed: 43, people: 32 },
  model: { layers: 1, mlp: 64 },
};
const start = { run: base, step: 4 };
const preferring: RunInput = {
  ...base,
  start,
  steps: 12,
  batch: 8,
  optimizer: { lr: 3e-3, floor: 1 },
  tuning: { text: "questions", refuse: 16, prefer: 0.3, rejected: "own" },
  evaluation: { people: 8, measurements: 2, attention: 1, steps: [8] },
};

async function trained(input: RunInput, options: Parameters<typeof train>[1]): Promise<Run> {
  const run = train(input, options);
  for await (const _ of run);
  return run;
}

(await trained(base, { fresh: true, checkpoints: [4] })).dispose();

/** A sampler that answers as it is told. */
function scripted(answer: (prompt: readonly number[], i: number) => number[]) {
  return {
    functions: [],
    prompt: 99,
    added: 99,
    run: (_: unknown, { prompts }: Sampling): Continuation[] =>
      prompts.map((prompt, i) => {
        const tokens = answer(prompt, i);
        return { tokens, logProbabilities: tokens.map(() => -1) };
      }),
  };
}

Deno.test("an own answer is rejected where it is not what is wanted, and counted whatever it is", () => {
  const configuration = configure(preferring);
  const corpus = corpusOf(configuration);
  const { tokenizer, lists } = corpus;
  const posed = posedAt(corpus, { step: 5, batch: 8, refuse: 16 });
  const refusal = [...tokenizer.encode(lists.refusals[3]!), EOS];
  const nonsense = [...tokenizer.encode("It is the answer."), EOS];
  const made = (answer: (i: number) => number[]) => {
    const answering = { sampler: scripted((_, i) => answer(i)) };
    const rollouts = rolloutsOf(configuration, corpus, {
      answering,
      engine: scriptedEngine(() => ({})),
    });
    return { rows: rollouts.rows(5, []), reading: rollouts.reading()! };
  };
  const second = (rows: { tokens: number[] }[], i: number) =>
    rows[2 * i + 1]!.tokens.slice(posed[i]!.prompt.length);
  for (
    const [answer, verdict] of [
      [() => refusal, "refused"],
      [() => nonsense, "wrong"],
      [(i: number) => [...posed[i]!.value, EOS], "right"],
    ] as const
  ) {
    const { rows, reading } = made(answer);
    assertEquals([reading.answers, reading[verdict]], [4, 1]);
    assertEquals(rows.length, 8);
    posed.forEach(({ prompt, unknown, wanted, unwanted }, i) => {
      assertEquals(rows[2 * i]!.tokens, [...prompt, ...wanted]);
      assertEquals(rows[2 * i + 1]!.from, prompt.length);
      const isWanted = verdict === (unknown ? "refused" : "right");
      assertEquals(second(rows, i), isWanted ? unwanted : answer(i));
    });
  }
  assert(posed.some(({ unknown }) => unknown) && posed.some(({ unknown }) => !unknown));
});

/** Trains to the end, stopped on the way; gives all measurements and the state. */
async function stopped(input: RunInput, stops: number[], engine: string) {
  Deno.removeSync(runFolder(configure(input)), { recursive: true });
  for (const stop of [...stops, Infinity]) {
    const controller = new AbortController();
    const run = train(input, { engine, signal: controller.signal });
    run.onStep = ({ step }) => step >= stop && controller.abort();
    for await (const _ of run);
    const state = run.engine!.read();
    run.dispose();
    if (stop === Infinity) return { measurements: run.measurements, state };
  }
  throw new Error("not reached");
}

const RUNS: Record<string, RunInput> = { "own answers rejected": preferring };

for (const [name, input] of Object.entries(RUNS)) {
  for (const engine of ["tensorflow", "xla"]) {
    Deno.test(`${name}, ${engine}: stopped and resumed equals uninterrupted, bit for bit`, async () => {
      const whole = await trained(input, { fresh: true, engine });
      const state = whole.engine!.read();
      whole.dispose();
      const { measurements } = whole;
      const pieces = await stopped(input, [5, 11], engine);
      assertEquals(pieces.measurements, measurements);
      assertEquals(pieces.state, state);
      // All answers between two measurements are counted, across stops too.
      const counted = measurements.map(({ rollouts }) => rollouts?.answers);
      assertEquals(counted, [undefined, 4 * 4, 2 * 4, 2 * 4]);
      const { right, refused, wrong } = measurements[1]!.rollouts!;
      assertAlmostEquals(right + refused + wrong, 1, 1e-4);
    });
  }
}

Deno.test("own answers are learned from: the run is another than with made-up ones", async () => {
  const losses = [];
  for (const rejected of ["own", "made up"] as const) {
    const run = await trained({ ...preferring, tuning: { ...preferring.tuning, rejected } }, {
      fresh: true,
    });
    losses.push(run.measurements.at(-1)!.trainingLoss!);
    run.dispose();
  }
  assert(losses[0] !== losses[1], String(losses));
});
