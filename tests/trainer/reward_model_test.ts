// Reward models: a run learns to compare answers, and another is rewarded by its word.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { BOS, compared, EOS, pack, posedAt } from "../../lib/generator/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { mean } from "../../lib/readings/mod.ts";
import { configure, corpusOf, type Run, type RunInput, train } from "../../lib/trainer/mod.ts";
import { rolloutsOf } from "../../lib/trainer/rollouts.ts";
import { rowsAt } from "../../lib/trainer/rows.ts";
import { scriptedEngine } from "../engine/stand_in.ts";

await openTensorFlow();

const base: RunInput = {
  ...{ scale: "smoke", steps: 4, precision: "fp32", seed: 47, people: 32 },
  model: { layers: 1, mlp: 64 },
};
/** Taught to answer about some and to refuse about the others. */
const taught: RunInput = {
  ...base,
  start: { run: base, step: 4 },
  steps: 124,
  batch: 16,
  optimizer: { lr: 1e-2, floor: 1 },
  tuning: { text: "questions", refuse: 16 },
  evaluation: { people: 2, measurements: 2, attention: 0 },
};
const rewardModel: RunInput = {
  ...taught,
  start: { run: taught, step: 124 },
  steps: 184,
  batch: 32,
  optimizer: { lr: 3e-3, floor: 1 },
  tuning: { text: "questions", refuse: 16, compare: true, rejected: "own" },
};
const rewarded: RunInput = {
  ...rewardModel,
  steps: 164,
  tuning: { text: "questions", reinforce: { wrong: 1, group: 8, clip: 0.2, kl: 0, updates: 2 } },
  rewardModel: { run: rewardModel, step: 184 },
  evaluation: { ...taught.evaluation, steps: [128] },
};

async function trained(input: RunInput, options: Parameters<typeof train>[1]): Promise<Run> {
  const run = train(input, options);
  for await (const _ of run);
  return run;
}

(await trained(base, { fresh: true, checkpoints: [4] })).dispose();
(await trained(taught, { fresh: true, checkpoints: [124] })).dispose();
(await trained(rewardModel, { fresh: true, checkpoints: [184] })).dispose();

Deno.test("of an answer that is compared only the mark after it is learned", () => {
  const configuration = configure({
    ...rewardModel,
    tuning: { ...rewardModel.tuning, rejected: "made up" },
  });
  const corpus = corpusOf(configuration);
  const rows = rowsAt(configuration, corpus, { step: 130 });
  const posed = posedAt(corpus, { step: 130, questions: 16, refuse: 16 });
  assertEquals(rows.length, 32);
  posed.forEach(({ prompt, wanted, unwanted }, i) =>
    [wanted, unwanted].forEach((answer, side) => {
      const { tokens, from } = rows[2 * i + side]!;
      assertEquals(tokens, [...prompt, ...answer, BOS]);
      assertEquals([tokens.length - from!, tokens.at(-2)], [1, EOS]);
    })
  );
  const { targets } = pack(rows, Math.max(...rows.map(({ tokens }) => tokens.length)) - 1);
  assertEquals(targets.filter((token) => token > 0), new Int32Array(32).fill(BOS));
});

Deno.test("what a reward model says is twice the chance that an answer is preferred to a refusal, less one", () => {
  const configuration = configure(rewarded);
  const corpus = corpusOf(configuration);
  const [posed] = posedAt(corpus, { step: 124, questions: 4, refuse: null });
  const strength = new Map<string, number>();
  const own = Array.from({ length: 32 }, (_, i) => [3 + i, EOS]);
  own.forEach((tokens, i) => strength.set(tokens.join(), Math.log(0.001 * (1 + i))));
  const read: number[][] = [];
  const rollouts = rolloutsOf(configuration, corpus, {
    answering: {
      sampler: {
        ...{ functions: [], prompt: 99, added: 99 },
        run: () => own.map((tokens) => ({ tokens, logProbabilities: [-1, -1] })),
      },
      scorer: { functions: [], run: (_, rows) => rows.map(() => [-1, -1]) },
      rewardModel: {
        functions: [],
        run: (_, rows) =>
          rows.map(({ tokens, from }) => {
            assertEquals([tokens.length - from!, tokens.at(-1)], [1, BOS]);
            read.push(tokens);
            return [strength.get(tokens.slice(-3, -1).join()) ?? Math.log(0.004)];
          }),
      },
    },
    engine: scriptedEngine(() => ({})),
  });
  const rows = rollouts.rows(124, []);
  assertEquals(read[0], compared(posed!.prompt, own[0]!).tokens);
  assertEquals(read[32], compared(posed!.prompt, posed!.unwanted).tokens);
  // p / (p + .004), so the fourth answer is as good as a refusal.
  const rewards = own.map((_, i) => 2 * (1 + i) / (1 + i + 4) - 1);
  const about = mean(rewards.slice(0, 8));
  rows.slice(0, 8).forEach(({ beside }, i) =>
    assertAlmostEquals(beside!.advantage![0]!, rewards[i]! - about, 1e-9)
  );
  assertAlmostEquals(rollouts.reading()!.reward!, mean(rewards), 1e-9);
  assertAlmostEquals(rewards[3]!, 0, 1e-9);
});

Deno.test("a run learns to compare the answers of the model it began with, and another earns by it", async () => {
  const run = await trained(rewardModel, {});
  // What it learns from is sampled by the model it began with: its own steps do not change that.
  const slower = await trained(
    { ...rewardModel, optimizer: { ...rewardModel.optimizer, lr: 1e-4 } },
    { fresh: true },
  );
  assertEquals(run.measurements.at(-1)!.rollouts, slower.measurements.at(-1)!.rollouts);
  slower.dispose();
  // ln 2 where nothing is told apart.
  assert(
    run.measurements.at(-1)!.trainingLoss! < 0.6,
    String(run.measurements.at(-1)!.trainingLoss),
  );
  run.dispose();
  const policy = await trained(rewarded, { fresh: true });
  const told = policy.measurements.flatMap(({ rollouts }) => rollouts ?? []);
  policy.dispose();
  for (const { reward } of told) assert(Math.abs(reward!) <= 1, JSON.stringify(told));
  assert(told.at(-1)!.reward! > told[0]!.reward! + 0.05, JSON.stringify(told));
});

Deno.test("rewarded by a reward model: stopped and resumed equals uninterrupted, bit for bit", async () => {
  const input = { ...rewarded, steps: 132, evaluation: { ...taught.evaluation, steps: [] } };
  const whole = await trained(input, { fresh: true });
  const stop = new AbortController();
  const part = train(input, { fresh: "cut", signal: stop.signal });
  part.onStep = ({ step }) => step === 127 && stop.abort();
  for await (const _ of part);
  part.dispose();
  const rest = train(input, { fresh: "cut" });
  for await (const _ of rest);
  assertEquals(rest.resumedAt, 127);
  assertEquals(rest.measurements, whole.measurements);
  assertEquals(rest.engine!.read(), whole.engine!.read());
  rest.dispose();
  whole.dispose();
});
