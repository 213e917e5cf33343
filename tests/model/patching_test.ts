// A reference's attention in place of a model's own.

import { assert, assertEquals } from "@std/assert";
import {
  forwardOf,
  type ForwardOptions,
  otherState,
  parameterTable,
  patchedForward,
  trainable,
} from "../../lib/model/mod.ts";
import { openTensorFlow, type Tensor, type Tensors, tf } from "../../lib/engine/mod.ts";
import { assertClose, golden, goldenParameters, noise } from "../golden/golden.ts";

await openTensorFlow();

const [B, T] = golden.shape as [number, number];
const model = { ...golden.model, activation: "relu2" } as const;
const tokens = tf.tensor(golden.tokens, [B, T], "int32");
const own = tensors(goldenParameters());
const other = tensors(
  Object.fromEntries(
    Object.entries(goldenParameters()).map((
      [name, { length }],
      i,
    ) => [name, noise(length, 50 + i)]),
  ),
);
const patched = (reference: Tensors) => ({ ...own, ...otherState(reference) });

function tensors(values: Record<string, Float32Array>): Tensors {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, tf.tensor(data, golden.shapes[name])]),
  );
}

/** The patterns that a forward pass uses, layer by layer. */
function patternsOf(
  run: (options: ForwardOptions) => Tensor,
): number[][] {
  const patterns: number[][] = [];
  run({
    edit(place, layer, value) {
      if (place === "pattern") patterns[layer] = [...value.dataSync()];
    },
  });
  return patterns;
}

Deno.test("a model that is its own reference computes what it computes without", () => {
  assertClose(
    patchedForward(model)(patched(own), tokens).dataSync(),
    forwardOf(model)(own, tokens).dataSync(),
    1e-5,
  );
});

Deno.test("the patterns of every layer are those of the reference on the same tokens", () => {
  const expected = patternsOf((options) => forwardOf(model)(other, tokens, options));
  const found = patternsOf((options) => patchedForward(model)(patched(other), tokens, options));
  assertEquals(found.length, model.layers);
  found.forEach((pattern, layer) => assertClose(pattern, expected[layer]!, 1e-6));
  const plain = forwardOf(model)(own, tokens).dataSync();
  const logits = patchedForward(model)(patched(other), tokens).dataSync();
  assert(logits.some((logit, i) => Math.abs(logit - plain[i]!) > 1e-2));
});

Deno.test("no gradient reaches the reference, nor the own queries and keys", () => {
  const state = patched(other);
  const names = Object.keys(state);
  const loss = (...values: Tensor[]) =>
    tf.sum(tf.square(
      patchedForward(model)(
        Object.fromEntries(names.map((name, i) => [name, values[i]!])),
        tokens,
      ),
    )) as never;
  // Only the own parameters are asked for; a path through the patterns would show in them.
  const mine = names.filter((name) => !name.startsWith("reference."));
  const grads = tf.valueAndGrads((...values: Tensor[]) =>
    loss(...mine.map((_, i) => values[i]!), ...names.slice(mine.length).map((n) => state[n]!))
  )(mine.map((name) => state[name]!)).grads as Tensor[];
  const table = parameterTable(model, golden.vocabulary);
  const largest = (name: string) =>
    Math.max(...grads[mine.indexOf(name)]!.dataSync().map(Math.abs));
  for (const name of mine) {
    const isFixed = /[qk]_proj/.test(name);
    assertEquals(largest(name) === 0, isFixed, name);
    assertEquals(trainable(table, true).some((own) => own.name === name), !isFixed);
  }
  assertEquals(trainable(table, false), table);
});

Deno.test("an edit of the caller sees and may replace the reference's patterns", () => {
  const uniform = tf.fill([B, model.heads, T, T], 1 / T);
  const edit: ForwardOptions["edit"] = (place) => place === "pattern" ? uniform : undefined;
  assertClose(
    patchedForward(model)(patched(other), tokens, { edit }).dataSync(),
    forwardOf(model)(own, tokens, { edit }).dataSync(),
    1e-5,
  );
});

Deno.test("each group of sequences has the reference's patterns of its own", () => {
  const short = tf.slice(tokens, [0, 0], [B, T - 2]) as Tensor;
  const [state, groups] = [patched(other), [short, tokens]];
  const apart = groups.map((group) => patchedForward(model)(state, group));
  assertClose(
    patchedForward(model)(state, groups).dataSync(),
    tf.concat(apart).dataSync(),
    1e-5,
  );
});
