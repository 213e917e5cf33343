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
  const posed = posedAt(corpus, { step: 5, questions: 4, refuse: 16 });
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

const rewarded: RunInput = {
  ...preferring,
  tuning: { text: "questions", reinforce: { wrong: 2, group: 4, clip: 0.2, kl: 0.1, updates: 3 } },
};

Deno.test("every answer is held against the mean reward of its question's, and told with it", () => {
  const configuration = configure(rewarded);
  const corpus = corpusOf(configuration);
  const { tokenizer, lists } = corpus;
  const posed = posedAt(corpus, { step: 4, questions: 2, refuse: null });
  const answers = [
    [...posed[0]!.value, EOS],
    [...tokenizer.encode(lists.refusals[0]!), EOS],
    tokenizer.encode("It is the answer."),
    [EOS],
  ];
  let asked = 0;
  const rollouts = rolloutsOf(configuration, corpus, {
    answering: {
      sampler: scripted((prompt, i) => {
        asked++;
        assertEquals(prompt, posed[Math.floor(i / 4)]!.prompt);
        return answers[i < 4 ? i : 1]!;
      }),
      scorer: {
        functions: [],
        run: (_, rows) => rows.map(({ tokens, from }) => tokens.slice(from).map(() => -1.5)),
      },
    },
    engine: scriptedEngine(() => ({})),
  });
  const rows = rollouts.rows(4, []);
  // Rewards 1, 0, -2, -2; all alike about the second question.
  assertEquals(
    rows.map(({ beside }) => beside!.advantage![0]),
    [1.75, 0.75, -1.25, -1.25, 0, 0, 0, 0],
  );
  rows.forEach(({ tokens, from, beside }) => {
    for (const name of ["advantage", "before", "reference"]) {
      assertEquals(beside![name]!.length, tokens.length - from!);
    }
  });
  const lengths = rows.map(({ tokens, from }) => tokens.length - from!);
  const { divergence, ...reading } = rollouts.reading()!;
  assertEquals(reading, { answers: 8, right: 1 / 8, refused: 5 / 8, wrong: 2 / 8, reward: -3 / 8 });
  assertAlmostEquals(divergence!, 0.5 * lengths.reduce((a, b) => a + b) / 8, 1e-9);
  // Three steps are made with them; then the model is asked again.
  assertEquals([rollouts.rows(5, []), rollouts.rows(6, []), asked], [rows, rows, 8]);
  const again = rolloutsOf(configuration, corpus, {
    answering: { sampler: scripted(() => [EOS]) },
    engine: scriptedEngine(() => ({})),
    state: rollouts.state(),
  });
  assertEquals(again.rows(6, []), rows);
  assertEquals(again.reading()!.answers, 8);
});

const RUNS: Record<string, RunInput> = { "own answers rejected": preferring, rewarded };
const ANSWERS: Record<string, (number | undefined)[]> = {
  "own answers rejected": [undefined, 4 * 4, 2 * 4, 2 * 4],
  // At steps 4, 7 and 10.
  rewarded: [undefined, 16, undefined, 8],
};

for (const [name, input] of Object.entries(RUNS)) {
  // XLA takes its time to compile: once is enough.
  for (const engine of name === "rewarded" ? ["tensorflow", "xla"] : ["tensorflow"]) {
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
      assertEquals(counted, ANSWERS[name]);
      const { right, refused, wrong } = measurements[1]!.rollouts!;
      assertAlmostEquals(right + refused + wrong, 1, 1e-4);
    });
  }
}

Deno.test("a policy that is punished for wrong answers learns to refuse", async () => {
  const taught: RunInput = {
    ...preferring,
    steps: 124,
    batch: 16,
    optimizer: { lr: 1e-2, floor: 1 },
    tuning: { text: "questions", refuse: 16 },
    evaluation: { people: 2, measurements: 2, attention: 0 },
  };
  (await trained(taught, { fresh: true, checkpoints: [124] })).dispose();
  const run = await trained({
    ...taught,
    start: { run: taught, step: 124 },
    steps: 160,
    batch: 32,
    optimizer: { lr: 3e-3, floor: 1 },
    tuning: {
      text: "questions",
      reinforce: { wrong: 4, group: 8, clip: 0.2, kl: 0.01, updates: 1 },
    },
    evaluation: { ...taught.evaluation, steps: [128] },
  }, { fresh: true });
  const told = run.measurements.flatMap(({ rollouts }) => rollouts ?? []);
  run.dispose();
  const [first, last] = [told[0]!, told.at(-1)!];
  assertAlmostEquals(first.reward!, first.right - 4 * first.wrong, 1e-3);
  assertAlmostEquals(first.divergence!, 0, 1);
  assert(last.reward! > first.reward! + 0.5, JSON.stringify(told));
  assert(last.refused > first.refused, JSON.stringify(told));
  assert(last.divergence! > first.divergence!, JSON.stringify(told));
});

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
