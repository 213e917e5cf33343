// Runs of one shape side by side: each gets what it gets alone.

import { assertEquals } from "@std/assert";
import { callOf, type PureFunction, stackTrace, tf, trace, xla } from "../../lib/engine/mod.ts";
import { leaseDevice } from "../../lib/engine/xla/device.ts";
import { compileOptions, flagsOn } from "../../lib/engine/xla/options.ts";
import { moduleOf } from "../../lib/engine/xla/program.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { CASES, OTHERWISE } from "./cases.ts";
import { openTestDevice } from "./device.ts";

await openTestDevice();

const RUNS = 3;
const X = { shape: [2, 3], dtype: "float32" } as const;
const positive = (seed: number) => noise(6, seed).map((v) => 0.2 + 0.7 * Math.abs(v) % 0.7);

for (const [name, run] of Object.entries({ ...CASES, ...OTHERWISE })) {
  Deno.test(`${name}: side by side, each run gets what it gets alone`, () => {
    const fn: PureFunction = {
      inputs: { x: X, y: X, ids: { shape: [2, 3], dtype: "int32" } },
      run: (_, { x, y, ids }) => ({
        outputs: Object.fromEntries([run(x!, y!, ids!)].flat().map((t, i) => [String(i), t])),
      }),
    };
    const inputs = Array.from({ length: RUNS }, (_, i) => ({
      x: positive(1 + i),
      y: positive(20 + i),
      ids: Int32Array.from([0, 1, 1, 1, 0, 0], (id) => i === 1 ? 1 - id : id),
    }));
    using lease = leaseDevice();
    const { client } = lease;
    const alone = callOf(fn);
    const engine = xla({ state: {}, calls: [alone] });
    const expected = inputs.map((own) => alone.run(engine, own));
    engine.dispose();

    const stacked = stackTrace(trace(fn, { state: {}, branches: () => 1 }), RUNS);
    const module = moduleOf(stacked, {}, { half: false });
    const program = client.compile(
      module.code,
      compileOptions(flagsOn(client.info.platform)),
    );
    const joined = (key: "x" | "y" | "ids") => inputs.flatMap((own) => [...own[key]]);
    const given = [
      client.upload(Float32Array.from(joined("x")), [RUNS, 2, 3]),
      client.upload(Float32Array.from(joined("y")), [RUNS, 2, 3]),
      client.upload(Int32Array.from(joined("ids")), [RUNS, 2, 3]),
    ];
    const names = Object.keys(module.outputs);
    const made = client.execute(program, given, names.length);
    names.forEach((key, i) => {
      const all = client.download(made[i]!, module.outputs[key]!).read();
      const size = all.length / RUNS;
      expected.forEach((own, r) =>
        assertClose(all.slice(r * size, (r + 1) * size), own[key]!, 1e-6, `run ${r}, ${key}`)
      );
    });
    client.free([...given, ...made]);
    client.unload(program);
  });
}

Deno.test("what depends on no run is computed once for all", () => {
  const fn: PureFunction = {
    inputs: { x: X },
    run: (_, { x }) => ({ outputs: { y: tf.add(x!, tf.square(tf.tensor([1, 2, 3]))) } }),
  };
  const { operations } = stackTrace(trace(fn, { state: {}, branches: () => 1 }), RUNS);
  const square = operations.find(({ op }) => op === "Square")!;
  assertEquals(square.results[0]!.shape, [3]);
  assertEquals(operations.at(-1)!.results[0]!.shape, [RUNS, 2, 3]);
});
