import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { type Edit, forward, type ForwardOptions } from "../../lib/model/mod.ts";
import { crossEntropy, openTensorFlow, type Tensor, tf } from "../../lib/engine/mod.ts";
import { assertClose, golden, goldenParameters } from "../golden/golden.ts";

await openTensorFlow();

const [B, T] = golden.shape as [number, number];
const V = golden.vocabulary;
const { layers, heads: H, width: C } = golden.model;
const activations = ["relu2", "gelu"] as const;
const values = goldenParameters();
const parameters = Object.fromEntries(
  Object.entries(values).map(([name, own]) => [name, tf.tensor(own, golden.shapes[name])]),
);

/** Logits [M, V] of the tiny model as plain numbers. */
function logitsOf(tokens: number[], options: ForwardOptions = {}, activation = activations[0]) {
  const model = { ...golden.model, activation };
  return tf.tidy(() =>
    forward(model, parameters, tf.tensor(tokens, [B, T], "int32"), options).dataSync().slice()
  );
}

/** What is at a place, layer by layer, as plain numbers. */
function capture(wanted: Parameters<Edit>[0], activation = activations[0]): number[][] {
  const found: number[][] = [];
  logitsOf(golden.tokens, {
    edit(place, layer, value) {
      if (place === wanted) found[layer] = [...value.dataSync()];
    },
  }, activation);
  return found;
}

/** Mean loss over tokens that are not padding, as a function of the parameters. */
function lossOf(activation: "relu2" | "gelu", own: Record<string, Tensor>): Tensor {
  const tokens = tf.tensor(golden.tokens, [B, T], "int32");
  const logits = forward({ ...golden.model, activation }, own, tokens);
  const losses = crossEntropy(logits, tf.tensor1d(golden.targets, "int32"));
  const counts = tf.tensor1d(golden.targets.map((target) => Number(target > 0)));
  return tf.div(tf.sum(tf.mul(losses, counts)), tf.sum(counts));
}

for (const activation of activations) {
  const expected = golden[activation];

  Deno.test(`${activation}: logits are those of ArceeForCausalLM`, () => {
    assertClose(logitsOf(golden.tokens, {}, activation as "relu2"), expected.logits, 2e-5, "logit");
  });

  Deno.test(`${activation}: loss and gradients are those of ArceeForCausalLM`, () => {
    const names = Object.keys(golden.shapes);
    const tensors = names.map((name) => parameters[name]!);
    const { value, grads } = tf.valueAndGrads((...own: Tensor[]) =>
      lossOf(activation, Object.fromEntries(names.map((name, i) => [name, own[i]!]))) as never
    )(tensors);
    assertAlmostEquals((value as Tensor).dataSync()[0]!, expected.loss, 1e-5);
    names.forEach((name, i) => {
      const { norm, at, values } = expected.gradients[name]!;
      const gradient = grads[i]!.dataSync();
      assertAlmostEquals(Math.hypot(...gradient), norm, 1e-4 * norm, `norm of ${name}`);
      assertClose(at.map((index) => gradient[index]!), values, 1e-4 * norm, name);
    });
    tf.dispose([value as Tensor, ...grads]);
  });

  Deno.test(`${activation}: patterns and residuals are those of ArceeForCausalLM`, () => {
    const patterns = capture("pattern", activation as "relu2");
    const residuals = capture("resid_pre", activation as "relu2");
    for (let layer = 0; layer < layers; layer++) {
      assertClose(patterns[layer]!, expected.patterns[layer]!, 1e-5, `pattern ${layer}`);
      assertClose(residuals[layer]!, expected.residuals[layer]!, 1e-5, `residual ${layer}`);
    }
  });
}

Deno.test("tokens change no logits before them", () => {
  const before = logitsOf(golden.tokens);
  for (let changed = 1; changed < T; changed++) {
    const tokens = golden.tokens.map((id, i) => i % T >= changed ? 1 + (id + 5) % (V - 1) : id);
    const after = logitsOf(tokens);
    for (let row = 0; row < B; row++) {
      const [start, end] = [row * T * V, (row * T + changed) * V];
      assertClose(after.subarray(start, end), before.subarray(start, end), 1e-6, "earlier logit");
      const own = Math.abs(after[end]! - before[end]!);
      assertGreater(own, 1e-4, "the changed position itself must change");
    }
  }
});

Deno.test("sequences of a batch do not see each other", () => {
  const before = logitsOf(golden.tokens);
  const tokens = golden.tokens.map((id, i) => i >= T ? 1 + (id + 5) % (V - 1) : id);
  assertClose(logitsOf(tokens).subarray(0, T * V), before.subarray(0, T * V), 1e-6);
});

Deno.test("each row of a pattern sums to one and sees nothing ahead", () => {
  for (const pattern of capture("pattern")) {
    assertEquals(pattern.length, B * H * T * T);
    for (let row = 0; row < B * H * T; row++) {
      const weights = pattern.slice(row * T, (row + 1) * T);
      assertAlmostEquals(weights.reduce((a, b) => a + b, 0), 1, 1e-6);
      const query = row % T;
      assert(weights.every((weight, key) => key <= query ? weight > 0 : weight === 0));
    }
  }
});

Deno.test("putting each value back where it was changes nothing", () => {
  const edit: Edit = (_place, _layer, value) => tf.clone(value);
  assertClose(logitsOf(golden.tokens, { edit }), golden.relu2.logits, 2e-5);
});

Deno.test("a uniform pattern in place of the model's own changes its logits", () => {
  const uniform = Float32Array.from({ length: T * T }, (_, i) => {
    const [query, key] = [Math.floor(i / T), i % T];
    return key <= query ? 1 / (query + 1) : 0;
  });
  const edit: Edit = (place, layer, value) =>
    place === "pattern" && layer === 1
      ? tf.broadcastTo(tf.tensor(uniform, [T, T]), value.shape)
      : undefined;
  const [own, patched] = [logitsOf(golden.tokens), logitsOf(golden.tokens, { edit })];
  // The first query sees one key only, so its pattern is the same.
  assertClose(patched.subarray(0, V), own.subarray(0, V), 1e-5);
  assertGreater(Math.abs(patched[V]! - own[V]!), 1e-3);
});

Deno.test("zero at every place that adds to the stream leaves the embedding alone", () => {
  const edit: Edit = (place, _layer, value) =>
    place === "z" || place === "mlp_out" ? tf.zerosLike(value) : undefined;
  const logits = logitsOf(golden.tokens, { edit });
  const embedding = values["model.embed_tokens.weight"]!;
  const x = embedding.slice(golden.tokens[0]! * C, (golden.tokens[0]! + 1) * C);
  const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / C + 1e-5);
  const normed = x.map((v, i) => v * scale * values["model.norm.weight"]![i]!);
  const expected = Array.from(
    { length: V },
    (_, v) => normed.reduce((sum, n, c) => sum + n * embedding[v * C + c]!, 0),
  );
  assertClose(logits.subarray(0, V), expected, 1e-5);
});

Deno.test("a patched pattern that is a constant stops the gradient to queries and keys", () => {
  const name = "model.layers.1.self_attn.q_proj.weight";
  const norm = (edit?: Edit) =>
    tf.tidy(() => {
      const slope = tf.grad((query: Tensor) => {
        const tokens = tf.tensor(golden.tokens, [B, T], "int32");
        const model = { ...golden.model, activation: "relu2" } as const;
        return tf.sum(
          tf.square(forward(model, { ...parameters, [name]: query }, tokens, { edit })),
        );
      });
      return Math.hypot(...slope(parameters[name]!).dataSync());
    });
  assertGreater(norm(), 1e-3);
  const frozen = golden.relu2.patterns[1]!;
  const edit: Edit = (place, layer) =>
    place === "pattern" && layer === 1 ? tf.tensor(frozen, [B, H, T, T]) : undefined;
  assertAlmostEquals(norm(edit), 0, 0);
});

Deno.test("rows picks rows of the logits, in their order, repeated ones included", () => {
  const picks = [5, 0, 13, 5];
  const all = logitsOf(golden.tokens);
  const picked = logitsOf(golden.tokens, { rows: tf.tensor1d(picks, "int32") });
  const expected = picks.flatMap((row) => [...all.subarray(row * V, (row + 1) * V)]);
  assertClose(picked, expected, 1e-5);
});

Deno.test("a longer sequence gives the same logits where both have tokens", () => {
  const model = { ...golden.model, activation: "relu2" } as const;
  const first = golden.tokens.slice(0, T);
  const long = tf.tidy(() =>
    forward(model, parameters, tf.tensor([...first, 0, 0, 0, 0], [1, T + 4], "int32")).dataSync()
  );
  assertClose(long.subarray(0, T * V), golden.relu2.logits.slice(0, T * V), 2e-5);
});

Deno.test("a forward pass leaves no tensor behind", () => {
  logitsOf(golden.tokens);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) logitsOf(golden.tokens);
  assertEquals(tf.memory().numTensors, before);
});
