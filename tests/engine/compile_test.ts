// What a TensorFlow graph adds to it: constants, refusals, bfloat16.

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import {
  callOf,
  compile,
  eager,
  hasNativeBf16,
  openTensorFlow,
  type PureFunction,
  type Tensor,
  tf,
} from "../../lib/engine/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { engineOf, fit, predict, regression, x } from "./regression.ts";

await openTensorFlow();

function assertRefuses(run: PureFunction["run"], why: string): void {
  assertThrows(() => engineOf(run), Error, why);
  // A refusal leaves TensorFlow usable and untouched: eager ops still run and read back.
  assertEquals([...tf.tidy(() => tf.add(1, 2).dataSync())], [3]);
}

Deno.test("compiled and eager agree on results and on state over many steps", () => {
  const [a, b] = [compile(regression), eager(regression)];
  for (const engine of [a, b]) engine.write({ W: noise(12, 2), steps: new Float32Array(1) });
  for (let step = 0; step < 10; step++) {
    const inputs = { x: noise(6, 3 + step), y: noise(8, 30 + step) };
    assertClose(fit.run(a, inputs).loss!, fit.run(b, inputs).loss!, 1e-5, `loss ${step}`);
  }
  assertClose(a.read().W!, b.read().W!, 1e-5, "W");
  assertClose(predict.run(a, { x }).y!, predict.run(b, { x }).y!, 1e-5, "prediction");
  assertEquals([...a.read(["steps"]).steps!], [10]);
  assertEquals([...b.read(["steps"]).steps!], [10]);
  a.dispose();
  b.dispose();
});

Deno.test("int32 goes in and comes out as int32", () => {
  const double = callOf({
    inputs: { ids: { shape: [3], dtype: "int32" } },
    run: (_, { ids }) => ({ outputs: { twice: tf.mul(ids!, tf.scalar(2, "int32")) } }),
  });
  const engine = compile({ state: {}, calls: [double] });
  const { twice } = double.run(engine, { ids: new Int32Array([1, -2, 3]) });
  assertEquals(twice, new Int32Array([2, -4, 6]));
  engine.dispose();
});

Deno.test("tensors and numbers from outside become constants", () => {
  const outside = tf.tensor(noise(6, 9), [2, 3]);
  const engine = engineOf((_, { x }) => ({ outputs: { y: tf.add(tf.mul(x!, outside), 3) } }));
  const values = outside.dataSync().slice();
  outside.dispose();
  assertClose(engine.ask({ x }).y!, x.map((v, i) => v * values[i]! + 3), 1e-6);
  engine.dispose();
});

Deno.test("large constants are not mistaken for one another", () => {
  const [a, b] = [tf.fill([100], 1), tf.fill([100], 2)];
  const engine = engineOf(() => ({ outputs: { a: tf.add(a, 0), b: tf.add(b, 0) } }));
  const { a: first, b: second } = engine.ask({ x });
  assertEquals([first![99], second![99]], [1, 2]);
  engine.dispose();
  tf.dispose([a, b]);
});

Deno.test("loops and branches are unrolled as they ran while compiling", () => {
  let calls = 0;
  const engine = engineOf((_, { x }) => {
    calls++;
    let y = x!;
    for (let i = 0; i < 3; i++) y = tf.add(y, x!);
    return { outputs: { y } };
  });
  assertClose(engine.ask({ x }).y!, x.map((value) => 4 * value), 1e-6);
  engine.ask({ x });
  assertEquals(calls, 1);
  assertGreater(engine.nodes, 3);
  engine.dispose();
});

Deno.test("an input passed straight through is an output", () => {
  const engine = engineOf((_, { x }) => ({ outputs: { x: x! } }));
  assertEquals(engine.ask({ x }).x, x);
  engine.dispose();
});

Deno.test("reading a value back in the middle is refused", () => {
  assertRefuses((_, { x }) => {
    const [first] = tf.square(x!).dataSync();
    return { outputs: { y: tf.mul(x!, first!) } };
  }, "read back in the middle");
});

Deno.test("a result whose shape depends on values is refused", () => {
  // tf.whereAsync goes past the backend's ops; unique is the same kind of op.
  assertRefuses((_, { x }) => {
    const { values } = tf.unique(tf.reshape(x!, [6]));
    return { outputs: { values: values as Tensor } };
  }, "depends on values");
});

for (
  const [name, draw] of Object.entries({
    randomNormal: () => tf.randomNormal([2, 3]),
    randomUniform: () => tf.randomUniform([2, 3]),
    truncatedNormal: () => tf.truncatedNormal([2, 3]),
    dropout: () => tf.dropout(tf.ones([2, 3]), 0.5),
  })
) {
  // These draw in JavaScript: unnoticed, one draw would become a constant of the graph.
  Deno.test(`${name} is refused while compiling`, () => {
    assertRefuses((_, { x }) => ({ outputs: { y: tf.add(x!, draw()) } }), "random numbers");
  });
}

Deno.test("ops that draw random numbers are refused", () => {
  const draw = (x: Tensor) => tf.multinomial(tf.reshape(x, [2, 3]) as never, 4, 1) as Tensor;
  assertRefuses((_, { x }) => ({ outputs: { y: draw(x!) } }), "Multinomial draws random numbers");
});

Deno.test("a captured tensor that has been disposed is refused", () => {
  const outside = tf.tensor(noise(6, 9), [2, 3]);
  outside.dispose();
  assertThrows(() => engineOf((_, { x }) => ({ outputs: { y: tf.add(x!, outside) } })), Error);
});

Deno.test("new state of another shape is refused", () => {
  assertRefuses(
    (_, { x }) => ({ state: { total: tf.sum(x!) } }),
    "must have shape [2,3] and be float32, got []",
  );
});

Deno.test("new state of an unknown name is refused", () => {
  assertRefuses((_, { x }) => ({ state: { sum: x! } }), `"sum" is not state`);
});

Deno.test("compiling and refusing to compile leave no tensor behind", () => {
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) compile(regression).dispose();
  assertThrows(() => engineOf((_, { x }) => ({ state: { sum: tf.square(x!) } })));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("bfloat16 products are near float32's and not the same; state keeps float32", () => {
  const [full, half] = (["fp32", "bf16"] as const).map((precision) =>
    compile(regression, { precision })
  );
  const W = noise(12, 2);
  for (const engine of [full!, half!]) engine.write({ W, steps: new Float32Array(1) });
  // Where the CPU has no such products, float32 stands in for them, and the engine says so.
  assertEquals(half!.precision, hasNativeBf16() ? "bf16" : "fp32");
  assertEquals(half!.read().W, W);
  const [expected, got] = [full!, half!].map((engine) => predict.run(engine, { x }).y!);
  assertClose(got!, expected!, 0.02, "prediction");
  const same = got!.every((value, i) => value === expected![i]);
  assertEquals(same, !hasNativeBf16());
  for (let step = 0; step < 10; step++) {
    const inputs = { x: noise(6, 3 + step), y: noise(8, 30 + step) };
    const [a, b] = [full!, half!].map((engine) => fit.run(engine, inputs).loss![0]!);
    assertClose([b!], [a!], 0.03 * (1 + a!), `loss ${step}`);
  }
  full!.dispose();
  half!.dispose();
});
