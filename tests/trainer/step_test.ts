import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { batchAt, type Biography, pack } from "../../lib/generator/mod.ts";
import { forward, initialParameters } from "../../lib/model/mod.ts";
import {
  branches,
  compile,
  crossEntropy,
  eager,
  type Engine,
  openTensorFlow,
  tf,
} from "../../lib/engine/mod.ts";
import {
  callsOf,
  configure,
  corpusOf,
  FIRST,
  initialState,
  SECOND,
  stepScalars,
  trainingStep,
} from "../../lib/trainer/mod.ts";

await openTensorFlow();

const configuration = configure({ scale: "smoke", precision: "fp32" });
const corpus = corpusOf(configuration);
const { program, step: training } = callsOf(configuration, corpus);
const stepLengths = training.lengths;
const parameters = initialParameters(configuration.model, corpus.tokenizer.vocabularySize, 0);
const names = Object.keys(parameters);

function start(make: typeof compile): Engine {
  const engine = make({ state: program.state, calls: [training] });
  engine.write(initialState(parameters));
  return engine;
}

/** One training step on some biographies; returns the loss. */
function stepOn(
  engine: Engine,
  biographies: Biography[],
  { step = 0, lr = 3e-3, call = training } = {},
): number {
  const optimizer = { ...configuration.optimizer, lr, floor: 1 };
  const scalars = stepScalars(optimizer, { step, steps: 1000 });
  return call.run(engine, [{ rows: biographies, scalars }]).read()[0]!;
}

const batchOf = (step: number) => batchAt(corpus, { step, batch: configuration.batch });

Deno.test("a step is split into branches of about 1024 tokens, two at least, all equal", () => {
  assertEquals(branches(32, 128), 4);
  assertEquals(branches(32, 96), 2); // 3 would not divide 32
  assertEquals(branches(16, 104), 2);
  assertEquals(branches(1, 4096), 1);
  assertEquals(branches(7, 1024), 7);
  assertEquals(branches(2, 8), 2);
  for (let batch = 1; batch <= 40; batch++) assertEquals(batch % branches(batch, 128), 0);
});

Deno.test("the state is every parameter and its two moments", () => {
  assertEquals(
    Object.keys(program.state).sort(),
    names.flatMap((name) => [name, FIRST + name, SECOND + name]).sort(),
  );
  const state = initialState(parameters);
  assertEquals(Object.keys(state).sort(), Object.keys(program.state).sort());
  for (const [name, values] of Object.entries(state)) {
    if (!names.includes(name)) assertEquals(values.every((value) => value === 0), true);
  }
});

Deno.test("some length fits every biography", () => {
  assertGreater(stepLengths.at(-1)!, corpus.writer.length.max - 2);
  assertEquals(stepLengths, [...stepLengths].sort((a, b) => a - b));
});

Deno.test("compiled and eager training agree over 20 steps", () => {
  const [a, b] = [start(compile), start(eager)];
  for (let step = 0; step < 20; step++) {
    const [loss, expected] = [a, b].map((engine) => stepOn(engine, batchOf(step), { step }));
    assertAlmostEquals(loss!, expected!, 1e-5 * expected!, `step ${step}: ${loss}, ${expected}`);
  }
  const [own, right] = [a.read(names), b.read(names)];
  for (const name of names) {
    const worst = Math.max(...own[name]!.map((value, i) => Math.abs(value - right[name]![i]!)));
    assertLess(worst, 1e-4, `${name} differs by ${worst}`);
  }
  a.dispose();
  b.dispose();
});

Deno.test("steps of many lengths handed over together are the same steps one by one", () => {
  const [together, apart] = [start(compile), start(compile)];
  const short = (step: number) =>
    batchOf(step).map((own) => ({ ...own, tokens: own.tokens.slice(0, stepLengths[0]!) }));
  const steps = [short(0), short(1), batchOf(2), short(3)].map((rows, step) => ({
    rows,
    scalars: stepScalars(configuration.optimizer, { step, steps: 10 }),
  }));
  const losses = training.run(together, steps).read();
  assertEquals(losses, steps.flatMap((step) => training.run(apart, [step]).read()));
  assertEquals(together.read(names), apart.read(names));
  together.dispose();
  apart.dispose();
});

Deno.test("the loss of several branches is the mean over all tokens but padding", () => {
  const length = stepLengths[0]!;
  const call = trainingStep(configuration, names, [[{ rows: configuration.batch, length }]]);
  const engine = compile({ state: program.state, calls: [call] });
  engine.write(initialState(parameters));
  // An unequal amount of padding in the two branches: a mean of branch means would be wrong.
  const biographies = batchOf(0).sort((a, b) => a.tokens.length - b.tokens.length)
    .map((biography, i) =>
      i < 4 ? { ...biography, tokens: biography.tokens.slice(0, 20) } : biography
    );
  assertEquals(branches(biographies.length, length), 2);
  const loss = stepOn(engine, biographies, { call });
  engine.dispose();
  const expected = tf.tidy(() => {
    const { inputs, targets } = pack(biographies, length);
    const tensors = Object.fromEntries(
      names.map((name) => [name, tf.tensor(parameters[name]!, program.state[name] as number[])]),
    );
    const tokens = tf.tensor(inputs, [biographies.length, length], "int32");
    const logits = forward(configuration.model, tensors, tokens);
    const losses = crossEntropy(logits, tf.tensor1d(targets, "int32")).dataSync();
    const kept = [...losses].filter((_, i) => targets[i]! > 0);
    return kept.reduce((a, b) => a + b, 0) / kept.length;
  });
  assertAlmostEquals(loss, expected, 1e-5);
});

Deno.test("more padding changes neither the loss nor the update", () => {
  const [first, second] = [stepLengths[0]!, stepLengths.at(-1)!];
  const biographies = batchOf(0).map((biography) => ({
    ...biography,
    tokens: biography.tokens.slice(0, first),
  }));
  const results = [first, second].map((length) => {
    const call = trainingStep(configuration, names, [[{ rows: configuration.batch, length }]]);
    const engine = compile({ state: program.state, calls: [call] });
    engine.write(initialState(parameters));
    const loss = stepOn(engine, biographies, { call });
    const moments = engine.read([FIRST + names[0]!, FIRST + names[1]!]);
    engine.dispose();
    return { loss, moments };
  });
  assertAlmostEquals(results[0]!.loss, results[1]!.loss, 1e-5);
  for (const [name, values] of Object.entries(results[0]!.moments)) {
    values.forEach((value, i) =>
      assertAlmostEquals(value, results[1]!.moments[name]![i]!, 1e-6, name)
    );
  }
});

Deno.test("an untrained model's loss is about ln V", () => {
  const engine = start(compile);
  assertAlmostEquals(stepOn(engine, batchOf(0)), Math.log(corpus.tokenizer.vocabularySize), 0.1);
  engine.dispose();
});

Deno.test("the model overfits one batch", () => {
  const engine = start(compile);
  const batch = batchOf(0);
  let loss = stepOn(engine, batch, { lr: 1e-2 });
  assertGreater(loss, 3);
  for (let step = 1; step < 150; step++) loss = stepOn(engine, batch, { step, lr: 1e-2 });
  assertLess(loss, 0.3);
  engine.dispose();
});

Deno.test("200 steps leave no tensor behind and little memory", () => {
  const engine = start(compile);
  const batch = batchOf(1);
  for (let step = 0; step < 40; step++) stepOn(engine, batch, { step });
  const { numTensors } = tf.memory();
  const before = Deno.memoryUsage().rss;
  for (let step = 40; step < 240; step++) stepOn(engine, batch, { step });
  assertEquals(tf.memory().numTensors, numTensors);
  assertLess((Deno.memoryUsage().rss - before) / 2 ** 20, 30);
  engine.dispose();
});
