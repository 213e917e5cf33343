// Tuning a model that knows people: what its losses are, what stays, what is measured.

import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Biography,
  BOS,
  EOS,
  type Lesson,
  namesakes,
  pack,
  uniform,
} from "../../lib/generator/mod.ts";
import { forwardOf, initialParameters, otherState } from "../../lib/model/mod.ts";
import { eager, openTensorFlow, tf } from "../../lib/engine/mod.ts";
import {
  callsOf,
  configure,
  corpusOf,
  initialState,
  rowsAt,
  runFolder,
  type RunInput,
  stepScalars,
  train,
} from "../../lib/trainer/mod.ts";
import { withOwnText } from "../../lib/trainer/own_text.ts";
import type { Replay } from "../../lib/trainer/tuning.ts";
import { mean } from "../../lib/readings/mod.ts";

await openTensorFlow();

const base: RunInput = { scale: "smoke", steps: 6, precision: "fp32", seed: 41 };
const start = { run: base, step: 6 };
const common: RunInput = { ...base, steps: 9, start };
const reinforce = { wrong: 1, group: 4, clip: 0.2, kl: 0.1, updates: 2 };
const replay = { share: 0.5, people: 8, pick: "least known" } as const;
const comparing = { text: "questions", refuse: 4, compare: true } as const;
const rewardModel = { run: { ...common, tuning: comparing }, step: 9 };
const tuned = (tuning: RunInput["tuning"], more: RunInput = {}) => ({ ...common, ...more, tuning });

/** Trains a run anew and returns it with its measurements. */
async function trained(input: RunInput, checkpoints: number[] = []) {
  const run = train(input, { fresh: true, checkpoints });
  for await (const _ of run);
  return run;
}

(await trained(base, [6])).dispose();

Deno.test("what cannot be tuned is refused by name", () => {
  const refused: [RunInput, string][] = [
    [tuned({ refuse: 3 }), "tuning.refuse must be null for biographies"],
    [tuned({ prefer: 0.1 }), "tuning.prefer must be null for biographies"],
    [tuned({ text: "questions", prefer: 0.1 }), "tuning.refuse must be given with prefer"],
    [{ ...base, tuning: { distill: 1 } }, "start must name what is kept near"],
    [tuned({ distill: 1 }, { reference: start }), "reference must name what is kept near, alone"],
    [
      tuned({ text: "questions", refuse: 0, prefer: 0.1 }, { batch: 3 }),
      "batch must be even: preferences are pairs",
    ],
    [tuned({ text: "questions", ownText: 0.5 }), "tuning.ownText must be 0 for questions"],
    [{ ...base, tuning: { ownText: 0.5 } }, "start must name who writes own text"],
    [tuned({ text: "questions", replay }), "tuning.replay must be null for questions"],
    [{ ...base, tuning: { replay } }, "start must name whose people are replayed"],
    [
      tuned({ replay: { ...replay, people: 33 } }),
      "tuning.replay.people must be at most the 32 people of start.run",
    ],
    [tuned({ replay }, { people: 24 }), "people must be at least the 32 of start.run"],
    [tuned({ replay }, { seed: 42 }), "start.run.seed must be 42, for the same people"],
    [
      tuned({ replay }, { names: 12, start: { run: { ...base, names: 20 }, step: 6 } }),
      "start.run.names must be 12, for the same people",
    ],
    [
      tuned({ replay: { ...replay, pick: "namesakes" } }),
      "tuning.replay.pick must be another where there are no new people",
    ],
    [
      tuned({ text: "questions", refuse: 0, rejected: "own" }),
      'tuning.rejected must be "made up" without prefer',
    ],
    [
      {
        ...base,
        model: { mixer: "recurrent" },
        start: { run: { ...base, model: { mixer: "recurrent" } }, step: 6 },
        tuning: { text: "questions", refuse: 0, prefer: 1, rejected: "own" },
      },
      "model.mixer must be attention, for a model that learns from its own answers",
    ],
    [tuned({ reinforce }), "tuning.reinforce must be null for biographies"],
    [
      tuned({ text: "questions", refuse: 3, reinforce }),
      "tuning.refuse must be null with reinforce",
    ],
    [
      tuned({ text: "questions", refuse: 3, prefer: 1, reinforce }),
      "tuning.prefer must be null with reinforce",
    ],
    [
      tuned({ text: "questions", distill: 1, reinforce }),
      "tuning.distill must be 0 with reinforce",
    ],
    [
      tuned({ text: "questions", reinforce }, { batch: 10 }),
      "batch must be a multiple of the 4 answers to each question, got 10",
    ],
    [{ ...base, tuning: { text: "questions", reinforce } }, "start must name what is kept near"],
    [
      tuned({ text: "questions", reinforce: { ...reinforce, group: 1 } }),
      "tuning.reinforce.group must be at least 2, got 1",
    ],
    [
      tuned({ text: "questions", reinforce: { ...reinforce, clip: 1 } }),
      "tuning.reinforce.clip must be",
    ],
    [
      tuned({ text: "questions", reinforce: { ...reinforce, wrong: -1 } }),
      "tuning.reinforce.wrong must be at least 0, got -1",
    ],
    [
      tuned({ text: "questions", reinforce: { wrong: 1 } as never }),
      "tuning.reinforce.group must be",
    ],
    [tuned({ compare: true }), "tuning.compare must be false for biographies"],
    [tuned({ text: "questions", compare: true }), "tuning.refuse must be given with compare"],
    [
      tuned({ text: "questions", refuse: 4, prefer: 1, compare: true }),
      "tuning.compare must be false with prefer",
    ],
    [
      tuned({ text: "questions", refuse: 4, compare: true }, { batch: 5 }),
      "batch must be even: comparisons are pairs, got 5",
    ],
    [
      tuned({}, { rewardModel: { run: base, step: 1 } }),
      "rewardModel must be null without tuning.reinforce",
    ],
    [
      tuned({ text: "questions", reinforce }, { rewardModel: { run: base, step: 1 } }),
      "rewardModel.run.tuning.compare must be true, for a model of comparisons",
    ],
    [
      tuned({ text: "questions", reinforce: { ...reinforce, wrong: 2 } }, { rewardModel }),
      "tuning.reinforce.wrong must be 1 with rewardModel, which says what is wrong, got 2",
    ],
    [
      tuned({ text: "questions", reinforce, compare: true, refuse: 4 }),
      "tuning.compare must be false with reinforce",
    ],
    [tuned({ ...comparing, distill: 1 }), "tuning.distill must be 0 with compare"],
    [
      { ...base, tuning: { ...comparing, rejected: "own" } },
      "start must name whose answers are compared",
    ],
    [
      tuned({ text: "questions", reinforce }, { rewardModel: { ...rewardModel, step: 6 } }),
      "rewardModel.step must be above 6, where it has compared nothing, got 6",
    ],
    [
      tuned({ text: "questions", reinforce }, { rewardModel, seed: 42 }),
      "rewardModel.run.seed must be 42, for the same people",
    ],
    [tuned({ distill: -1 }), "tuning.distill"],
    [tuned({ freeze: "all" as never }), "tuning.freeze"],
  ];
  for (const [input, message] of refused) assertThrows(() => configure(input), Error, message);
});

/** Holds the loss of four rows against -ln sigmoid of margins between their log probabilities. */
function holdsLoss(
  tuning: RunInput["tuning"],
  margin: (own: number[], old: number[], first: number) => number,
) {
  const configuration = configure(
    tuned({ text: "questions", refuse: 16, ...tuning }, { batch: 4 }),
  );
  const corpus = corpusOf(configuration);
  const { program, step } = callsOf(configuration, corpus);
  const [length] = step.lengths as [number];
  const { vocabularySize } = corpus.tokenizer;
  const [own, old] = [0, 1].map((seed) =>
    initialParameters(configuration.model, vocabularySize, seed)
  );
  const engine = eager(program, { branches: () => 2 });
  const state = { ...initialState(own!), ...otherState(old!) };
  engine.write(Object.fromEntries(Object.keys(program.state).map((name) => [name, state[name]!])));
  const rows = rowsAt(configuration, corpus, { step: 0 }) as Lesson[];
  const { inputs } = pack(rows, length);
  const scalars = stepScalars(configuration.optimizer, { step: 0, steps: 10 });
  const [loss] = step.run(engine, [{ rows, scalars }]).read();
  engine.dispose();
  // ln p(answer | question) of each row, one token at a time.
  const logProbabilities = (parameters: Record<string, Float32Array>) =>
    tf.tidy(() => {
      const state = Object.fromEntries(
        Object.entries(parameters).map((
          [name, values],
        ) => [name, tf.tensor(values, program.state[name] as number[])]),
      );
      const logits = forwardOf(configuration.model)(
        state,
        tf.tensor(inputs, [4, length], "int32"),
      );
      const logs = tf.logSoftmax(logits).arraySync() as number[][];
      return rows.map(({ tokens, from }, row) =>
        tokens.slice(from).reduce(
          (sum, token, i) => sum + logs[row * length + from + i - 1]![token]!,
          0,
        )
      );
    });
  const [p, q] = [logProbabilities(own!), logProbabilities(old!)];
  const pairs = [0, 2].map((first) => margin(p!, q!, first));
  const expected = pairs.reduce((sum, margin) => sum + Math.log1p(Math.exp(-margin)), 0) / 2;
  assertAlmostEquals(loss!, expected, 1e-4 * expected);
}

Deno.test("a preference's loss is that of DPO's equation, whatever the branches", () =>
  holdsLoss(
    { prefer: 0.3 },
    (own, old, i) => 0.3 * (own[i]! - old[i]! - (own[i + 1]! - old[i + 1]!)),
  ));

Deno.test("a comparison's loss is that of Bradley and Terry's model, of the marks after answers", () =>
  holdsLoss({ compare: true }, (own, _, i) => own[i]! - own[i + 1]!));

Deno.test("before the first step a preference has the loss ln 2, and a distilled run no divergence", async () => {
  const first = { steps: 7, evaluation: { steps: [7] } };
  const dpo = await trained(tuned({ text: "questions", refuse: 16, prefer: 0.2 }, first));
  assertAlmostEquals(dpo.measurements.at(-1)!.trainingLoss!, Math.LN2, 1e-4);
  const plain = await trained(tuned({}, first));
  const near = await trained(tuned({ distill: 5 }, first));
  assertAlmostEquals(
    near.measurements.at(-1)!.trainingLoss!,
    plain.measurements.at(-1)!.trainingLoss!,
    1e-4,
  );
  for (const run of [dpo, plain, near]) run.dispose();
});

Deno.test("the further a distilled run is kept near, the less it moves", async () => {
  const moved: number[] = [];
  const from = await trained({ ...common, steps: 6 });
  const before = from.measurements.at(-1)!.sets["held-out"].loss;
  for (const distill of [0, 3, 50]) {
    const run = await trained(tuned({ distill }, { steps: 30 }));
    moved.push(Math.abs(run.measurements.at(-1)!.sets["held-out"].loss - before));
    run.dispose();
  }
  from.dispose();
  assert(moved[0]! > moved[1]! && moved[1]! > moved[2]!, String(moved));
});

Deno.test("what is frozen stays to the last bit, the rest is trained", async () => {
  for (const [freeze, part] of [["attention", /self_attn/], ["mlp", /\.mlp\./]] as const) {
    const run = await trained(tuned({ freeze }));
    const first = await trained({ ...common, steps: 6 });
    await first.load();
    const [after, before] = [run.engine!.read(), first.engine!.read()];
    for (const name of Object.keys(before).filter((name) => name.startsWith("model."))) {
      const same = after[name]!.every((value, i) => value === before[name]![i]);
      assertEquals(same, part.test(name), `${freeze}: ${name}`);
    }
    run.dispose();
    first.dispose();
  }
});

Deno.test("own text is the same when it is written again, and changes what is learned", async () => {
  const lines: string[] = [];
  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text) => warnings.push(String(text));
  for (const tuning of [{ ownText: 0.5 }, { ownText: 0.5 }, {}]) {
    const run = await trained(tuned(tuning));
    const folder = new URL("own_text.json", runFolder(run.configuration));
    if (tuning.ownText) {
      assertMatch(run.measurements[0]!.ownText!, /^[0-9a-f]{12}$/);
      const written: number[][] = JSON.parse(Deno.readTextFileSync(folder));
      assertEquals(written.length, 256);
      for (const tokens of written) assertEquals([tokens[0], tokens.at(-1)], [BOS, EOS]);
      // Damaged, it is told of and made again, which gives the same.
      Deno.writeTextFileSync(folder, "[[1, 2");
    } else assertEquals(run.measurements[0]!.ownText, undefined);
    lines.push(JSON.stringify(run.measurements));
    run.dispose();
  }
  console.warn = warn;
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /own_text\.json: it must hold 256 rows of tokens/);
  assertEquals(lines[0], lines[1]);
  assert(lines[0] !== lines[2]);
});

Deno.test("a share of a step's rows is own text, the same at the same step", () => {
  const rows = Array.from({ length: 100 }, () => ({ tokens: [1] }));
  const own = { rows: [{ tokens: [2] }, { tokens: [3] }], hash: "" };
  const at = (step: number, share: number) => withOwnText(rows, own, { seed: 0, step, share });
  assertEquals(at(4, 0.3), at(4, 0.3));
  const count = Array.from({ length: 20 }, (_, step) => at(step, 0.3)).flat()
    .filter(({ tokens }) => tokens[0] !== 1).length;
  assertAlmostEquals(count / 2000, 0.3, 0.04);
  assertEquals(at(0, 0), rows);
});

Deno.test("replayed people are picked by name or by what is known of them", async () => {
  const people = 40;
  const evaluation = { people: 32, persons: 32, groups: [0, 32], attention: 1 };
  const schedule = [{ people: uniform(32, 40) }];
  const picked = async (pick: Replay["pick"]) => {
    const tuning = { replay: { share: 0.5, people: 8, pick } };
    const run = await trained({ ...common, people, schedule, evaluation, tuning });
    run.dispose();
    return { run, people: run.measurements[0]!.replayed! };
  };
  const { run, people: least } = await picked("least known");
  const persons = run.measurements[0]!.persons!["group 1"]!;
  assertEquals(persons.person.toSorted((a, b) => a - b), Array.from({ length: 32 }, (_, i) => i));
  const lossOf = (group: readonly number[]) =>
    mean(group.map((person) => persons.loss[persons.person.indexOf(person)]!));
  const { people: best } = await picked("best known");
  assertEquals([least.length, best.length], [8, 8]);
  assertEquals(new Set([...least, ...best]).size, 16);
  assert(lossOf(least) > lossOf(best), `${lossOf(least)} and ${lossOf(best)} nats`);
  const { people: alike } = await picked("namesakes");
  const counts = namesakes(run.corpus.population, 32);
  const rest = Array.from({ length: 32 }, (_, i) => i).filter((person) => !alike.includes(person));
  assert(
    Math.min(...alike.map((p) => counts[p]!)) >= Math.max(...rest.map((p) => counts[p]!)),
    "nobody else shares more names",
  );
});

Deno.test("a run that is cut off goes on with the people that it has picked", async () => {
  const input = tuned({ replay }, {
    steps: 12,
    seed: 43,
    start: { run: { ...base, seed: 43 }, step: 6 },
  });
  (await trained({ ...base, seed: 43 }, [6])).dispose();
  const whole = await trained(input);
  const stop = new AbortController();
  const part = train(input, { fresh: "cut", signal: stop.signal });
  part.onStep = ({ step }) => step === 9 && stop.abort();
  for await (const _ of part);
  assert(!part.finished);
  part.dispose();
  // Whom it has picked is in its record: the model that it began with is needed no more.
  Deno.removeSync(runFolder(configure({ ...base, seed: 43 })), { recursive: true });
  const rest = train(input, { fresh: "cut" });
  for await (const _ of rest);
  assertEquals(rest.resumedAt, 9);
  assertEquals(JSON.stringify(rest.measurements), JSON.stringify(whole.measurements));
  rest.dispose();
  whole.dispose();
});

Deno.test("a share of a step's rows is about the people who are replayed, in training text", () => {
  const configuration = configure(tuned({ replay: { ...replay, share: 0.3 } }));
  const corpus = corpusOf(configuration);
  const rows = (step: number, people?: number[]) =>
    rowsAt(configuration, corpus, { step, replayed: people ? { people } : {} }) as Biography[];
  const steps = Array.from({ length: 200 }, (_, step) => step);
  const own = steps.flatMap((step) => rows(step, [3]));
  const drawn = steps.flatMap((step) => rows(step));
  const replayed = own.filter((row, i) => row.tokens.join() !== drawn[i]!.tokens.join());
  assert(replayed.every(({ person }) => person === 3));
  assertAlmostEquals(replayed.length / own.length, 0.3, 0.04);
  assertEquals(rows(5, [3]), rows(5, [3]));
});

Deno.test("a run of no steps measures a checkpoint, and asks people in unfinished sentences", async () => {
  const run = await trained({ ...common, steps: 6, evaluation: { asked: 4, attention: 1 } });
  assertEquals(run.measurements.length, 1);
  const [{ step, answers }] = run.measurements as [typeof run.measurements[number]];
  assertEquals(step, 6);
  assertEquals(Object.keys(answers!), ["held-out", "unseen"]);
  for (const { right, wrong, refused, samples } of Object.values(answers!)) {
    assertEquals(right + wrong + refused, 4 * 6);
    assert(samples!.consistency > 0 && samples!.consistency <= 1);
  }
  run.dispose();
});

Deno.test("groups of people are asked apart in questions", async () => {
  const run = await trained(tuned({ text: "questions", refuse: 16 }, {
    evaluation: { asked: 4, attention: 2, groups: [0, 16] },
  }));
  const { answers } = run.measurements.at(-1)!;
  assertEquals(Object.keys(answers!).sort(), ["group 1", "group 2", "unseen"]);
  run.dispose();
});
