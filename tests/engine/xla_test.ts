// The engine for accelerators, on XLA's plugin for processors, held against TensorFlow op by op.

import { assert } from "@std/assert";
import {
  callOf,
  crossEntropy,
  openTensorFlow,
  rowsOf,
  type Tensor,
  tf,
  xla,
} from "../../lib/engine/mod.ts";
import { assertClose, noise } from "../golden/golden.ts";
import { assertLowered, CASES, OTHERWISE } from "./cases.ts";
import { openTestDevice } from "./device.ts";

await openTensorFlow();
await openTestDevice();

for (const [name, run] of Object.entries({ ...CASES, ...OTHERWISE })) {
  Deno.test(`${name}: on the device it gives what it gives op by op`, () => {
    assertLowered(run, xla);
  });
}

/** Kernels with steps in them, or of truths: what slope they have tells nothing. */
const STEPS = new Set([
  ...["Ceil", "Floor", "Round", "Sign", "Step", "FloorDiv", "OnesLike", "ZerosLike", "Fill"],
  ...["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd"],
  ...["LogicalOr", "LogicalNot", "IsNan", "IsInf", "IsFinite", "All", "Any", "ArgMax", "ArgMin"],
  ...["Cast"],
]);
/** Kernels for whose gradient tfjs has nothing, or kernels that no engine has. */
const NO_GRADIENT = new Set(["Reverse", "Mod", "Elu", "Prod", "UnsortedSegmentSum"]);
/** Cases whose gradient tfjs derives only in another form. */
const OTHER_FORM: Record<string, (x: Tensor, y: Tensor, ids: Tensor) => Tensor | Tensor[]> = {
  Rows: (x, _, ids) => rowsOf(x, tf.reshape(ids, [6])),
  CrossEntropy: (x, _, ids) => crossEntropy(x, tf.reshape(tf.slice(ids, [0, 0], [2, 1]), [2])),
  SplitV: (x) => tf.split(x, [1, 2], 1),
  Select: (x, y) => tf.where(tf.greater(y, 0.5), x, tf.square(x)),
  Cumsum: (x) => tf.cumsum(x, 1, true, true),
};

for (const [name, run] of Object.entries(CASES)) {
  if (STEPS.has(name) || NO_GRADIENT.has(name)) continue;
  Deno.test(`${name}: its gradient on the device is that of finite differences there`, () => {
    const X = { shape: [2, 3], dtype: "float32" } as const;
    const inputs = { x: X, y: X, ids: { shape: [2, 3], dtype: "int32" } } as const;
    const scalar = (x: Tensor, y: Tensor, ids: Tensor) => {
      const results = [(OTHER_FORM[name] ?? run)(x, y, ids)].flat();
      return tf.addN(
        results.map((result, i) =>
          tf.sum(tf.mul(result, tf.tensor(noise(result.size, 50 + i), result.shape)))
        ),
      );
    };
    const value = callOf({
      inputs,
      run: (_, { x, y, ids }) => ({ outputs: { value: scalar(x!, y!, ids!) } }),
    });
    const slope = callOf({
      inputs,
      run: (_, { x, y, ids }) => ({
        outputs: { slope: tf.grad((own) => scalar(own, y!, ids!) as never)(x!) },
      }),
    });
    const engine = xla({ state: {}, calls: [value, slope] });
    // Nowhere near the places where some of them bend.
    const x = Float32Array.of(0.31, 0.85, 0.62, 0.73, 0.42, 0.23);
    const rest = {
      y: Float32Array.of(0.7, 0.3, 0.55, 0.4, 0.8, 0.65),
      ids: Int32Array.of(0, 1, 1, 1, 0, 0),
    };
    const step = 4e-3;
    const at = (i: number, by: number) =>
      value.run(engine, { x: x.with(i, x[i]! + by), ...rest }).value![0]!;
    const numeric = Array.from(x, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
    const got = slope.run(engine, { x, ...rest }).slope!;
    engine.dispose();
    assertClose(got, numeric, 5e-3);
    assert(Math.max(...numeric.map(Math.abs)) > 0.01, `slopes of ${numeric} check nothing`);
  });
}
