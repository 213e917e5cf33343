// Every place can be seen, with the shape that its type says, and changed.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  edited,
  forwardOf,
  initialParameters,
  inTurn,
  MODELS,
  parameterShapes,
  type Place,
} from "../../lib/model/mod.ts";
import { openTensorFlow, type Tensor, tf } from "../../lib/engine/mod.ts";
import { assertClose } from "../golden/golden.ts";

await openTensorFlow();

const model = MODELS.smoke;
const [B, T, V] = [2, 5, 30];
const { width: C, heads: H, layers } = model;
const D = C / H;
const shapes = parameterShapes(model, V);
const parameters = Object.fromEntries(
  Object.entries(initialParameters(model, V, 0)).map(([name, values]) => [
    name,
    // Larger than at the start, so that every place matters.
    tf.tensor(/norm/.test(name) ? values : values.map((v) => 8 * v), [...shapes[name]!]),
  ]),
);
const tokens = tf.tensor([3, 5, 7, 2, 9, 4, 4, 8, 1, 6], [B, T], "int32");
const forward = forwardOf(model);
const plain = forward(parameters, tokens).dataSync();

const PLACES: Record<Place, number[]> = {
  resid_pre: [B * T, C],
  q: [B, H, T, D],
  k: [B, H, T, D],
  v: [B, H, T, D],
  scores: [B, H, T, T],
  pattern: [B, H, T, T],
  z: [B * T, C],
  attn_out: [B * T, C],
  mlp_out: [B * T, C],
};

Deno.test("each place is passed once a layer, in the order of the network", () => {
  const seen: [Place, number, number[]][] = [];
  forward(parameters, tokens, {
    edit: (place, layer, { shape }) => void seen.push([place, layer, shape]),
  });
  const order: Place[] = [
    ...["resid_pre", "q", "k", "scores", "pattern", "v", "z", "attn_out", "mlp_out"] as const,
  ];
  assertEquals(
    seen,
    Array.from(
      { length: layers },
      (_, layer) =>
        order.map((place) => [place, layer, PLACES[place]] as [Place, number, number[]]),
    ).flat(),
  );
});

for (const place of Object.keys(PLACES)) {
  Deno.test(`what is put at ${place} is used, and the same put back changes nothing`, () => {
    const changed = (by: number) =>
      forward(parameters, tokens, {
        edit: (at, layer, value) => at === place && layer === 1 ? tf.mul(value, 1 + by) : undefined,
      }).dataSync();
    assertEquals(changed(0), plain);
    assert(changed(0.3).some((value, i) => Math.abs(value - plain[i]!) > 1e-3));
  });
}

/** Keeps all heads of a layer but one, at pattern or v. */
const without = (place: Place, layer: number, head: number) => (at: Place, l: number, x: Tensor) =>
  at === place && l === layer
    ? tf.mul(x, tf.tensor(Array.from({ length: H }, (_, h) => Number(h !== head)), [H, 1, 1]))
    : undefined;

Deno.test("a head without attention is a head without values", () => {
  for (let head = 0; head < H; head++) {
    const [a, b] = (["pattern", "v"] as const).map((place) =>
      forward(parameters, tokens, { edit: without(place, 0, head) }).dataSync()
    );
    assertClose(a!, b!, 1e-5);
    assert(a!.some((value, i) => Math.abs(value - plain[i]!) > 1e-3));
  }
});

Deno.test("all heads but none is a layer that adds nothing", () => {
  const edits = Array.from({ length: H }, (_, head) => without("v", 1, head));
  const none = forward(parameters, tokens, { edit: inTurn(...edits) }).dataSync();
  const zero = forward(parameters, tokens, {
    edit: (place, layer, value) =>
      place === "attn_out" && layer === 1 ? tf.zerosLike(value) : undefined,
  }).dataSync();
  assertClose(none, zero, 1e-5);
});

Deno.test("an edited model is edited whatever else its caller changes, and after it", () => {
  const half = edited(
    forward,
    (place, _, value) => place === "mlp_out" ? tf.mul(value, 0.5) : undefined,
  );
  const order: number[] = [];
  const both = edited(forward, (place) => void (place === "z" && order.push(2)));
  both(parameters, tokens, { edit: (place) => void (place === "z" && order.push(1)) });
  assertEquals(order, Array.from({ length: layers }, () => [1, 2]).flat());
  const quarter = half(parameters, tokens, {
    edit: (place, _, value) => place === "mlp_out" ? tf.mul(value, 0.5) : undefined,
  }).dataSync();
  const direct = forward(parameters, tokens, {
    edit: (place, _, value) => place === "mlp_out" ? tf.mul(value, 0.25) : undefined,
  }).dataSync();
  assertClose(quarter, direct, 1e-5);
});

Deno.test("scores are those that the pattern is the softmax of", () => {
  const at: Partial<Record<Place, Tensor>> = {};
  forward(parameters, tokens, { edit: (place, layer, x) => void (layer === 0 && (at[place] = x)) });
  assertClose(tf.softmax(at.scores!).dataSync(), at.pattern!.dataSync(), 1e-5);
  const product = tf.matMul(at.q as never, at.k as never, false, true).dataSync();
  const scores = at.scores!.dataSync();
  product.forEach((value, i) => {
    const [query, key] = [Math.floor(i / T) % T, i % T];
    if (key <= query) assertAlmostEquals(scores[i]!, value, 1e-4);
  });
});

const long = tf.tensor([6, 1, 2, 3, 8, 9, 4], [1, 7], "int32");
const groups = [tokens, long];

Deno.test("groups of sequences do not see each other: each has the logits it has alone", () => {
  const [together, apart] = [
    forward(parameters, groups),
    tf.concat(groups.map((group) => forward(parameters, group))),
  ];
  assertEquals(together.shape, [B * T + 7, V]);
  assertClose(together.dataSync(), apart.dataSync(), 1e-5);
  const rows = tf.tensor([12, 0, 16], [3], "int32");
  const picked = forward(parameters, groups, { rows }).dataSync();
  assertClose(picked, tf.gather(apart, rows as never).dataSync(), 1e-5);
});

Deno.test("places within the mixer are passed once a group, the others with all rows", () => {
  const seen: string[] = [];
  forward(parameters, groups, {
    edit: (place, layer, { shape }, group) =>
      void (layer === 0 && seen.push(`${place} ${group} ${shape}`)),
  });
  const M = B * T + 7;
  const within = (group: number, B: number, T: number) =>
    (["q", "k", "scores", "pattern", "v"] as const).map((place) =>
      `${place} ${group} ${[B, H, T, PLACES[place].at(-1) === D ? D : T]}`
    );
  assertEquals(seen, [
    `resid_pre 0 ${[M, C]}`,
    ...within(0, B, T),
    ...within(1, 1, 7),
    ...["z", "attn_out", "mlp_out"].map((place) => `${place} 0 ${[M, C]}`),
  ]);
});
