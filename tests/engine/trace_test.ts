// A trace is what a function computes, as data; tracing computes nothing and leaves tfjs as it was.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  adam,
  callOf,
  compile,
  openTensorFlow,
  printTrace,
  type PureFunction,
  tf,
  trace,
} from "../../lib/engine/mod.ts";
import { KERNELS, WRITTEN_OUT } from "../../lib/engine/kernels.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { assertLowered, CASES, OTHERWISE } from "./cases.ts";

await openTensorFlow();

const X = { shape: [2, 3], dtype: "float32" } as const;
const how = { state: { total: [2, 3] }, branches: () => 1 };
const traced = (run: PureFunction["run"]) => trace({ inputs: { x: X }, run }, how);

Deno.test("a trace prints its operations with attributes, shapes and types", () => {
  const text = printTrace(traced(({ total }, { x }) => ({
    outputs: { sum: tf.sum(x!, 1) },
    state: { total: tf.add(total!, tf.scalar(2)) },
  })));
  assertEquals(text.split("\n"), [
    '%0 = State(name="total") float32[2,3]',
    '%1 = Input(name="x") float32[2,3]',
    "%2 = Sum(%1, axes=[1], keepDims=false) float32[2]",
    "%3 = Constant(values=(1)) float32[]",
    "%4 = Add(%0, %3) float32[2,3]",
    "output sum = %2",
    "state total = %4",
  ]);
});

Deno.test("the same function gives the same trace", () => {
  const run: PureFunction["run"] = (_, { x }) => {
    const { grad } = tf.valueAndGrad((w) => tf.sum(tf.square(w)) as never)(x!);
    return { outputs: { grad } };
  };
  assertEquals(traced(run), traced(run));
});

Deno.test("tracing computes nothing and needs no TensorFlow", async () => {
  const code = `
    import { configure, createCorpus } from "./lib/mod.ts";
    import { callsOf } from "./lib/trainer/mod.ts";
    import { tf, trace } from "./lib/engine/mod.ts";
    const configuration = configure({ scale: "smoke" });
    const { program } = callsOf(configuration, createCorpus({ ...configuration, evaluate: 8 }));
    let operations = 0;
    for (const fn of program.calls.flatMap(({ functions }) => functions)) {
      operations += trace(fn, { state: program.state, branches: () => 2 }).operations.length;
    }
    console.log(JSON.stringify([operations, tf.findBackend("tensorflow") ?? null, tf.memory().numTensors]));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    cwd: new URL("../../", import.meta.url),
    stderr: "inherit",
  }).output();
  const [operations, tensorflow, tensors] = JSON.parse(new TextDecoder().decode(stdout));
  assert(operations > 1000, String(operations));
  assertEquals([tensorflow, tensors], [null, 0]);
});

Deno.test("tfjs is left on the backend it was on, whatever happens in a trace", () => {
  for (const backend of ["cpu", "tensorflow"]) {
    tf.setBackend(backend);
    traced((_, { x }) => ({ outputs: { y: tf.neg(x!) } }));
    assertEquals(tf.getBackend(), backend);
    assertThrows(
      () =>
        traced(() => {
          throw new Error("mine");
        }),
      Error,
      "mine",
    );
    assertEquals(tf.getBackend(), backend);
  }
});

Deno.test("a tensor captured from another backend becomes a constant", () => {
  tf.setBackend("cpu");
  const outside = tf.tensor([1, 2, 3]);
  tf.setBackend("tensorflow");
  const call = callOf({
    inputs: { x: X },
    run: (_, { x }) => ({ outputs: { y: tf.mul(x!, outside) } }),
  });
  const engine = compile({ state: {}, calls: [call] });
  outside.dispose();
  const x = noise(6, 1);
  assertClose(call.run(engine, { x }).y!, x.map((value, i) => value * (1 + i % 3)), 1e-6);
  engine.dispose();
});

Deno.test("a value made in a trace may be read there, and is a copy", () => {
  const own = new Float32Array([1, 2, 3]);
  const { operations } = traced((_, { x }) => {
    const weights = tf.tensor(own);
    assertEquals([...weights.dataSync()], [1, 2, 3]);
    return { outputs: { y: tf.mul(x!, weights) } };
  });
  own.fill(9);
  const constant = operations.find(({ op }) => op === "Constant")!;
  assertEquals([...constant.attributes.values as Float32Array], [1, 2, 3]);
});

Deno.test("a tensor of one trace has no value in another", () => {
  assertThrows(
    () =>
      traced((_, { x }) => {
        traced((_, { x: own }) => ({ outputs: { y: tf.add(x!, own!) } }));
        return { outputs: {} };
      }),
    Error,
    "a tensor of one traced function was used in another",
  );
  assertEquals([tf.getBackend(), Math.random() < 1], ["tensorflow", true]);
});

Deno.test("an operation that is in no table is refused by name", () => {
  const error = assertThrows(() =>
    traced((_, { x }) => ({ outputs: { y: tf.linalg.bandPart(tf.topk(x!, 2).values, 1, 1) } }))
  ) as Error;
  assertStringIncludes(error.message, "the operation TopK is none of Abs,");
});

Deno.test("an engine that has no form of a rule gets it written out", () => {
  const fn: PureFunction = {
    inputs: { g: { shape: [2], dtype: "float32" } },
    run: (_, { g }) => ({
      updates: {
        rule: adam({ beta1: 0.5, beta2: 0.5 }),
        gradients: { p: g! },
        scalars: { rate: tf.scalar(1), epsilon: tf.scalar(1) },
      },
    }),
  };
  const state = { p: [2], "first.p": [2], "second.p": [2] };
  const plain = trace(fn, { state, branches: () => 1 });
  assertEquals(Object.keys(plain.state), ["p", "first.p", "second.p"]);
  assertEquals(plain.updates, undefined);
  const known = trace(fn, { state, branches: () => 1, rules: ["adam"] });
  assertEquals([Object.keys(known.state), known.updates?.rule.name], [[], "adam"]);
});

Deno.test("every kernel has a case", () => {
  assertEquals(
    Object.keys(CASES).sort(),
    [...Object.keys(KERNELS), ...Object.keys(WRITTEN_OUT)].sort(),
  );
});

for (const [name, run] of Object.entries({ ...CASES, ...OTHERWISE })) {
  Deno.test(`${name}: traced and lowered it gives what it gives op by op`, () => {
    assertLowered(run, compile);
  });
}
