// What a device adds to an engine: many runs a call, memory of its own, programs on disk, failures.

import {
  assert,
  assertEquals,
  assertGreater,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fileURLToPath } from "node:url";
import { OUT } from "../../lib/environment.ts";
import { callOf, type PureFunction, tf, xla } from "../../lib/engine/mod.ts";
import { aliveOnDevice, leaseDevice } from "../../lib/engine/xla/device.ts";
import { Module, type Value } from "../../lib/engine/xla/module.ts";
import { compileOptions, flagsOn } from "../../lib/engine/xla/options.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { openTestDevice } from "./device.ts";
import { fit, predict, regression, x } from "./regression.ts";

await openTestDevice();

const NOTHING = { buffers: 0, executables: 0, downloads: 0 };
const inputsAt = (step: number) => ({ x: noise(6, 3 + step), y: noise(8, 30 + step) });

Deno.test("results do not depend on how runs are put together", () => {
  const [fitting] = fit.functions as [PureFunction];
  const steps = Array.from({ length: 37 }, (_, i) => inputsAt(i));
  const results = [[37], [1, 16, 20], [16, 16, 5], new Array(37).fill(1)].map((sizes) => {
    const engine = xla(regression);
    engine.write({ W: noise(12, 2) });
    let begin = 0;
    const losses = sizes.flatMap((size: number) =>
      engine.run(fitting, steps.slice(begin, begin += size)).read().map(({ loss }) => loss![0])
    );
    const { W, steps: count } = engine.read();
    engine.dispose();
    assertEquals(count![0], 37);
    return [losses, W];
  });
  for (const result of results) assertEquals(result, results[0]);
});

Deno.test("all that was made on the device is destroyed, whether it was read or not", async () => {
  assertEquals(aliveOnDevice(), NOTHING);
  const engine = xla(regression);
  engine.write({ W: noise(12, 2) });
  const [fitting] = fit.functions as [PureFunction];
  const round = async () => {
    fit.run(engine, inputsAt(1));
    predict.run(engine, { x });
    const late = engine.run(fitting, [inputsAt(2), inputsAt(3)]);
    engine.run(fitting, [inputsAt(4)]); // nobody reads it
    await late.ready();
    assert(Number.isFinite(late.read()[1]!.loss![0]));
    engine.write({ steps: engine.read(["steps"]).steps! });
  };
  await round();
  const { buffers, executables } = aliveOnDevice();
  for (let i = 0; i < 100; i++) await round();
  assertEquals(aliveOnDevice().buffers, buffers);
  assertEquals(aliveOnDevice().executables, executables);
  assert(aliveOnDevice().downloads <= 2, `${aliveOnDevice().downloads} copies under way`);
  engine.dispose();
  assertEquals(aliveOnDevice(), NOTHING);
});

Deno.test("memory stays as it is over 5,000 steps", () => {
  const engine = xla(regression);
  engine.write({ W: noise(12, 2) });
  const train = (steps: number) => {
    for (let i = 0; i < steps; i++) fit.run(engine, inputsAt(i));
    return Deno.memoryUsage().rss / 2 ** 20;
  };
  const before = train(1000);
  const after = train(5000);
  engine.dispose();
  assert(after - before < 24, `${(after - before).toFixed(1)} MiB more`);
});

Deno.test("an engine that is disposed while its programs are compiled lets the device go after", async () => {
  const engine = xla(regression);
  const preparing = engine.prepare(regression.calls);
  engine.dispose();
  await preparing;
  assertEquals(aliveOnDevice(), NOTHING);
});

/** Files of compiled programs. */
function programs(): string[] {
  const folder = new URL("programs/", OUT);
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => fileURLToPath(new URL(name, folder)));
  } catch {
    return [];
  }
}

/** An engine with one function of its own, run once; the files that this has added. */
function once(scale: number) {
  const before = new Set(programs());
  const scaled = callOf({
    inputs: { x: { shape: [3], dtype: "float32" } },
    run: (_, { x }) => ({ outputs: { y: tf.mul(x!, scale) } }),
  });
  const engine = xla({ state: {}, calls: [scaled] });
  const { y } = scaled.run(engine, { x: Float32Array.of(1, 2, 3) });
  engine.dispose();
  assertClose(y!, [scale, 2 * scale, 3 * scale], 1e-6);
  return programs().filter((file) => !before.has(file));
}

Deno.test("programs are kept on disk by what they are, and damaged ones compiled anew", () => {
  const scale = 1 + Math.random();
  const [file, ...others] = once(scale);
  assertEquals(others, []);
  const whole = Deno.readFileSync(file!);
  assertEquals(once(scale), [], "the second time it is there");
  assertGreater(once(scale + 1).length, 0, "another program is another file");
  const damages: ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.slice(0, bytes.length / 2),
    () => new Uint8Array(0),
    (bytes) => bytes.with(bytes.length - 9, bytes.at(-9)! ^ 1),
  ];
  for (const damage of damages) {
    const damaged = damage(whole);
    Deno.writeFileSync(file!, damaged);
    once(scale);
    const mended = Deno.readFileSync(file!);
    assertNotEquals(mended, damaged);
    once(scale);
    assertEquals(Deno.readFileSync(file!), mended, "what was compiled anew is taken");
  }
});

/** What a module of one value makes of numbers. */
function computed(x: Float32Array, write: (module: Module, x: Value) => Value, flags = {}) {
  using lease = leaseDevice();
  const { client } = lease;
  const module = new Module();
  const type = { shape: [x.length], element: "f32" } as const;
  const code = module.print([type], [], (value) => [write(module, value!)]);
  const options = compileOptions({ ...flagsOn(client.info.platform), ...flags });
  const program = client.compile(code, options);
  const given = client.upload(x, [x.length]);
  const [made] = client.execute(program, [given], 1);
  const values = client.download(made!, { shape: [x.length], dtype: "float32" }).read();
  client.free([given, made!]);
  client.unload(program);
  return { code, values: [...values] };
}

Deno.test("a cast to bfloat16 and back rounds: it is not dropped as excess precision", () => {
  const [fine, coarse] = [1 + 2 ** -12, 1];
  const { values } = computed(
    Float32Array.of(fine),
    (m, x) => m.convert(m.convert(x, "bf16"), "f32"),
  );
  assertEquals(values, [coarse]);
});

Deno.test("float32 products ask for all their bits", () => {
  const { code } = computed(Float32Array.of(2), (m, x) => {
    const matrix = m.reshape(x, [1, 1]);
    return m.reshape(m.product(matrix, matrix), [1]);
  });
  assertEquals(code.match(/precision HIGHEST/g)?.length, 2);
});

Deno.test("a flag that XLA does not know is an error of one program, not the end of the process", () => {
  const error = assertThrows(
    () => computed(Float32Array.of(1), (_, x) => x, { xla_no_such_flag: true }),
  ) as Error;
  assertStringIncludes(error.message, "xla_no_such_flag");
});

Deno.test("rows are summed in float32 where products are bfloat16", () => {
  const sum = callOf({
    inputs: { x: { shape: [3, 2], dtype: "float32" }, ids: { shape: [3], dtype: "int32" } },
    run: (_, { x, ids }) => ({ outputs: { y: tf.unsortedSegmentSum(x!, ids as never, 4) } }),
  });
  const engine = xla({ state: {}, calls: [sum] }, { precision: "bf16" });
  const x = Float32Array.of(Math.PI, 1e-3 / 3, -Math.E, 7e5 / 3, 1 / 3, -1 / 7);
  const { y } = sum.run(engine, { x, ids: Int32Array.of(2, 0, 3) });
  engine.dispose();
  assertEquals([...y!], [x[2], x[3], 0, 0, x[0], x[1], x[4], x[5]]);
});

Deno.test("a program is compiled while the event loop turns, so that a stop is heard", async () => {
  // Not on disk from the last time.
  const offset = Math.random();
  const deep = callOf({
    inputs: { x: { shape: [64, 64], dtype: "float32" } },
    run(_, { x }) {
      let y = x!;
      for (let i = 0; i < 60; i++) {
        y = tf.tanh(tf.add(tf.matMul(y as never, x as never), offset + i));
      }
      return { outputs: { y } };
    },
  });
  const engine = xla({ state: {}, calls: [deep] });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await engine.prepare([deep]);
  clearInterval(timer);
  engine.dispose();
  assertGreater(turns, 3);
});
