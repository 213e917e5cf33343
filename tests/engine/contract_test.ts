// What an engine promises, whatever its kind.

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import {
  adam,
  callOf,
  compile,
  eager,
  openTensorFlow,
  type PureFunction,
  type Tensor,
  tf,
  xla,
} from "../../lib/engine/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { openTestDevice } from "./device.ts";
import { engineOf, fit, predict, regression, x } from "./regression.ts";

await openTensorFlow();
await openTestDevice();

const ENGINES = [["compiled", compile], ["eager", eager], ["on a device", xla]] as const;

for (const [kind, make] of ENGINES) {
  Deno.test(`${kind}: functions share their state`, () => {
    const engine = make(regression);
    engine.write({ W: noise(12, 2), steps: new Float32Array(1) });
    const before = predict.run(engine, { x }).y!;
    fit.run(engine, { x, y: new Float32Array(8).fill(5) });
    const after = predict.run(engine, { x }).y!;
    assertGreater(Math.abs(after[0]! - before[0]!), 0.1);
    const W = engine.read().W!;
    const expected = [0, 1, 2].reduce((sum, c) => sum + x[c]! * W[c]!, 0);
    assertClose([after[0]!], [expected], 1e-5);
    engine.dispose();
  });

  Deno.test(`${kind}: outputs are computed from the state before the call`, () => {
    const engine = engineOf(({ total }, { x }) => ({
      outputs: { before: total!, after: tf.add(total!, x!) },
      state: { total: tf.add(total!, x!) },
    }), make);
    engine.write({ total: new Float32Array(6).fill(10) });
    const { before, after } = engine.ask({ x: new Float32Array(6).fill(1) });
    assertEquals([...before!], new Array(6).fill(10));
    assertEquals([...after!], new Array(6).fill(11));
    assertEquals([...engine.read().total!], new Array(6).fill(11));
    engine.dispose();
  });

  Deno.test(`${kind}: state can be swapped, each new value from the old of the other`, () => {
    const swap = callOf({ inputs: {}, run: ({ a, b }) => ({ state: { a: b!, b: a! } }) });
    const engine = make({ state: { a: [2], b: [2] }, calls: [swap] });
    engine.write({ a: new Float32Array([1, 2]), b: new Float32Array([3, 4]) });
    swap.run(engine, {});
    assertEquals([...engine.read().a!], [3, 4]);
    assertEquals([...engine.read().b!], [1, 2]);
    engine.dispose();
  });

  Deno.test(`${kind}: write replaces only what is given, read returns only what is asked`, () => {
    const engine = make({ state: { a: [2], b: [1] }, calls: [] });
    engine.write({ a: new Float32Array([1, 2]), b: new Float32Array([3]) });
    engine.write({ b: new Float32Array([4]) });
    assertEquals(engine.read(), { a: new Float32Array([1, 2]), b: new Float32Array([4]) });
    assertEquals(Object.keys(engine.read(["b"])), ["b"]);
    engine.dispose();
  });

  Deno.test(`${kind}: what read returns is a copy`, () => {
    const engine = make({ state: { a: [2] }, calls: [] });
    engine.write({ a: new Float32Array([1, 2]) });
    engine.read().a!.fill(99);
    assertEquals([...engine.read().a!], [1, 2]);
    engine.dispose();
  });

  Deno.test(`${kind}: an unknown call, a missing input and a wrong size are refused`, () => {
    const engine = engineOf((_, { x }) => ({ outputs: { y: x! } }), make);
    engine.write({ total: new Float32Array(6) });
    const other = callOf({ ...predict.functions[0]!, name: "g" });
    assertThrows(() => other.run(engine, { x }), Error, "Cannot run g: its call must be one of");
    assertThrows(() => engine.ask(), Error, "f: input x must have 6 values (2 x 3), got none");
    const five = new Float32Array(5);
    assertThrows(() => engine.ask({ x: five }), Error, "6 values (2 x 3), got 5");
    engine.dispose();
  });

  Deno.test(`${kind}: state begins at zero`, () => {
    const engine = make(regression);
    assertEquals(engine.read(), { W: new Float32Array(12), steps: new Float32Array(1) });
    engine.dispose();
  });

  Deno.test(`${kind}: Adam updates what the new state says, outputs see what was before`, () => {
    const update = callOf({
      inputs: { g: { shape: [2], dtype: "float32" } },
      run: ({ p }, { g }) => ({
        outputs: { before: tf.mul(p!, 1) },
        state: { p: tf.mul(p!, 0.5) },
        updates: {
          rule: adam({ beta1: 0.75, beta2: 0.5 }),
          gradients: { p: g! },
          scalars: { rate: tf.scalar(0.1), epsilon: tf.scalar(1) },
        },
      }),
    });
    const state = { p: [2], "first.p": [2], "second.p": [2] };
    const engine = make({ state, calls: [update] });
    engine.write({
      p: new Float32Array([8, -8]),
      "first.p": new Float32Array([4, 0]),
      "second.p": new Float32Array(2),
    });
    const { before } = update.run(engine, { g: new Float32Array([0, 4]) });
    assertEquals([...before!], [8, -8]);
    const { p, "first.p": m, "second.p": v } = engine.read();
    // m' = .75 m + .25 g, v' = .5 v + .5 g^2, p' = .5 p - .1 m' / (sqrt(v') + 1).
    assertClose(m!, [3, 1], 1e-6, "m");
    assertClose(v!, [0, 8], 1e-6, "v");
    assertClose(p!, [4 - 0.3, -4 - 0.1 / (Math.sqrt(8) + 1)], 1e-5, "p");
    engine.dispose();
  });

  Deno.test(`${kind}: two engines have state of their own`, () => {
    const program = { state: { a: [1] }, calls: [] };
    const [one, two] = [make(program), make(program)];
    one.write({ a: new Float32Array([1]) });
    two.write({ a: new Float32Array([2]) });
    assertEquals([...one.read().a!], [1]);
    one.dispose();
    assertEquals([...two.read().a!], [2]);
    two.dispose();
  });

  Deno.test(`${kind}: 200 runs, reads and writes leave no tensor behind`, () => {
    const engine = make(regression);
    engine.write({ W: noise(12, 2), steps: new Float32Array(1) });
    const inputs = { x, y: noise(8, 5) };
    const round = () => {
      fit.run(engine, inputs);
      engine.write({ steps: engine.read(["steps"]).steps! });
    };
    round();
    const { numTensors, numBytes } = tf.memory();
    for (let i = 0; i < 200; i++) round();
    assertEquals(tf.memory().numTensors, numTensors);
    assertEquals(tf.memory().numBytes, numBytes);
    engine.dispose();
  });
}

for (const [kind, make] of ENGINES) {
  Deno.test(`${kind}: many runs at once are as many one after the other`, () => {
    const [together, apart] = [make(regression), make(regression)];
    for (const engine of [together, apart]) engine.write({ W: noise(12, 2) });
    const [fitting] = fit.functions;
    const inputs = [3, 4, 5].map((seed) => ({ x: noise(6, seed), y: noise(8, 10 * seed) }));
    const pending = together.run(fitting!, inputs);
    const one = inputs.map((own) => fit.run(apart, own).loss![0]);
    assertEquals(pending.read().map(({ loss }) => loss![0]), one);
    assertEquals(together.read(), apart.read());
    together.dispose();
    apart.dispose();
  });

  Deno.test(`${kind}: a call that it was not built from is refused, and another engine has it`, () => {
    const engine = make({ ...regression, calls: [fit] });
    engine.write({ W: noise(12, 2), steps: new Float32Array(1) });
    fit.run(engine, { x, y: noise(8, 5) });
    assertThrows(
      () => predict.run(engine, { x }),
      Error,
      "another with engine.like({ state, calls",
    );
    const state = engine.read();
    const other = engine.like({ ...regression, calls: [predict] });
    other.write(state);
    const both = make(regression);
    both.write(state);
    assertClose(predict.run(other, { x }).y!, predict.run(both, { x }).y!, 1e-6);
    assertEquals(engine.read(), state);
    engine.dispose();
    other.dispose();
    both.dispose();
  });
}

for (const [kind, make] of ENGINES) {
  Deno.test(`${kind}: a disposed engine says so, and can be disposed twice`, () => {
    const engine = engineOf((_, { x }) => ({ outputs: { y: x! } }), make);
    engine.dispose();
    engine.dispose();
    assertThrows(() => engine.ask({ x }), Error, "has been disposed");
    assertThrows(() => engine.read(), Error, "has been disposed");
    assertThrows(() => engine.write({ total: x }), Error, "has been disposed");
  });

  Deno.test(`${kind}: results that do not fit the state are refused`, () => {
    const whole = tf.scalar(1, "int32");
    const refused: [string, PureFunction["run"]][] = [
      ['"sum" is not state', (_, { x }) => ({ state: { sum: x! } })],
      ["and be float32, got [2,3], int32", (_, { x }) => ({
        state: { total: tf.add(tf.cast(x!, "int32"), whole) },
      })],
      ...[["loss", (x: Tensor) => x], ["total", (x: Tensor) => tf.sum(x)]].map((
        [name, gradient],
      ) =>
        [
          name === "loss" ? '"loss" is not state' : "the gradient of total must have shape [2,3]",
          (_: unknown, { x }: Record<string, Tensor>) => ({
            updates: {
              rule: adam({ beta1: 0, beta2: 0 }),
              gradients: { [name as string]: (gradient as (x: Tensor) => Tensor)(x!) },
              scalars: {},
            },
          }),
        ] as [string, PureFunction["run"]]
      ),
    ];
    for (const [why, run] of refused) {
      assertThrows(() => engineOf(run, make).ask({ x }), Error, why);
    }
    const engine = engineOf((_, { x }) => ({ outputs: { y: x! } }), make);
    const write = () => engine.write({ totl: new Float32Array(6) });
    assertThrows(write, Error, "names must be among total, got totl");
    engine.dispose();
  });

  Deno.test(`${kind}: outputs may have any names, or there may be none`, () => {
    const engine = engineOf((_, { x }) => ({ outputs: { x: x!, x_2: x!, "group 1": x! } }), make);
    assertEquals(Object.keys(engine.ask({ x })), ["x", "x_2", "group 1"]);
    engine.dispose();
    const silent = engineOf((_, { x }) => ({ state: { total: x! } }), make);
    assertEquals(silent.ask({ x }), {});
    assertEquals(silent.read().total, x);
    silent.dispose();
  });
}
