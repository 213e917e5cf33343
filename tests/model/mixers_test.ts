// A third mixer is one file and one entry of the list: a toy one trains, freezes, is shown.

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openTensorFlow, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  type Mixer,
  MIXERS,
  MODELS,
  parameterShapes,
  parameterTable,
} from "../../lib/model/mod.ts";
import { configure, runShapes, train } from "../../lib/trainer/mod.ts";
import { modelView } from "../../lib/views/mod.ts";

await openTensorFlow();

/** A running mean of what came before, after a linear map. */
const runningMean: Mixer<"map"> = {
  places: [],
  parameters: ({ width }, layer) => ({
    map: {
      name: `model.layers.${layer}.running_mean.weight`,
      shape: [width, width],
      role: "mixer",
      start: (size, random) => Float32Array.from({ length: size }, () => 0.2 * (random() - 0.5)),
    },
  }),
  output: (layer) => ({ name: `model.layers.${layer}.running_mean.out.weight`, role: "mixer" }),
  project: (_, x, weight) => [tf.matMul(x as never, weight("map") as never, false, true)],
  mix: ({ width }, { B, T }) => {
    const weights = Float32Array.from({ length: T * T }, (_, i) => {
      const [t, s] = [Math.floor(i / T), i % T];
      return s <= t ? 1 / (t + 1) : 0;
    });
    return ([mapped]) => {
      const before = tf.tensor(weights, [T, T]);
      return tf.reshape(
        tf.matMul(before as never, tf.reshape(mapped!, [B, T, width]) as never) as Tensor,
        [B * T, width],
      );
    };
  },
};

const input = { scale: "smoke", seed: 9401, steps: 60, optimizer: { lr: 1e-2 } } as const;
const toy = { mixer: "running mean" };

/** Runs a body with the toy mixer in the list. */
async function withToy(body: () => unknown): Promise<void> {
  MIXERS["running mean"] = runningMean;
  try {
    await body();
  } finally {
    delete MIXERS["running mean"];
  }
}

Deno.test("a mixer that is in no list is refused by name", () => {
  const make = () => configure({ ...input, model: toy });
  assertThrows(make, Error, "model.mixer must be one of attention, recurrent, got");
});

Deno.test("a toy mixer trains, and what needs attention patterns leaves it out or refuses", () =>
  withToy(async () => {
    const run = train({ ...input, model: toy }, { fresh: true });
    for await (const _ of run);
    const loss = run.measurements.map(({ sets }) => sets.training.loss);
    assertLess(loss.at(-1)!, 0.6 * loss[0]!);
    assertEquals(run.measurements.some(({ attention }) => attention), false);
    assert(modelView(run).text.includes("running mean"), modelView(run).text);
    run.dispose();
    const reference = { run: { ...input, model: toy }, step: 60 };
    assertThrows(
      () => configure({ ...input, model: toy, reference }),
      Error,
      "must be null for a running mean model",
    );
  }));

Deno.test("a toy mixer's parameters freeze with attention, and stay with the MLP", () =>
  withToy(() => {
    const start = { run: { ...input, model: toy }, step: 60 };
    for (const [freeze, trained] of [["attention", false], ["mlp", true]] as const) {
      const configuration = configure({ ...input, model: toy, start, tuning: { freeze } });
      const names = Object.keys(runShapes(configuration, 100).trained);
      assertEquals(names.some((name) => name.includes("running_mean")), trained);
      assertEquals(names.some((name) => name.includes("mlp")), !trained);
    }
  }));

Deno.test("every mixer names its parameters once, by layer, in an order of its own", () => {
  for (const mixer of Object.keys(MIXERS)) {
    const model = { ...MODELS.smoke, mixer };
    const names = parameterTable(model, 50).map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
    assertEquals(Object.keys(parameterShapes(model, 50)), names);
    const roles = parameterTable(model, 50).map(({ role }) => role);
    assertEquals(roles.filter((role) => role === "norm").length, 2 * model.layers + 1);
    assertEquals(roles.filter((role) => role === "mlp").length, 2 * model.layers);
  }
});
