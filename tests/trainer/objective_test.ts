// Slopes of what is minimised, where they are easily wrong: at the model a run begins with.

import { assert, assertAlmostEquals } from "@std/assert";
import { stream } from "../../lib/generator/mod.ts";
import { normal } from "../../lib/generator/random.ts";
import {
  forwardOf,
  initialParameters,
  type ModelConfiguration,
  MODELS,
  parameterShapes,
} from "../../lib/model/mod.ts";
import {
  crossEntropy,
  openTensorFlow,
  type Tensor,
  type Tensors,
  tf,
} from "../../lib/engine/mod.ts";
import { objectiveOf, preferenceLoss } from "../../lib/trainer/objective.ts";
import { PLAIN, type Tuning } from "../../lib/trainer/tuning.ts";

await openTensorFlow();

Deno.test("a preference pulls with half its strength where no answer is preferred yet", () => {
  const margins = [0, 1e-3, -1e-3, 1e-8, -1e-8, 1, -1, 30, -30, 100, -100];
  const x = tf.tensor1d(margins) as Tensor;
  const losses = preferenceLoss(x).dataSync();
  const slopes = (tf.grad((x) => preferenceLoss(x as Tensor) as never)(x as never) as Tensor)
    .dataSync();
  margins.forEach((margin, i) => {
    assertAlmostEquals(slopes[i]!, -1 / (1 + Math.exp(margin)), 1e-6, `slope at ${margin}`);
    const loss = margin < 0
      ? -margin + Math.log1p(Math.exp(margin))
      : Math.log1p(Math.exp(-margin));
    assertAlmostEquals(losses[i]!, loss, 1e-5, `loss at ${margin}`);
  });
});

const VOCABULARY = 40;
const REWARDED: Tuning = {
  ...PLAIN,
  text: "questions",
  reinforce: { wrong: 1, group: 2, clip: 0.2, kl: 0.5, updates: 1 },
};
const LENGTH = 6;
const ROWS = 4;

/** A loss along a line through where a run begins: its slope by gradient and by difference. */
function slopes(tuning: Tuning, model: ModelConfiguration): { gradient: number; numeric: number } {
  const shapes = parameterShapes(model, VOCABULARY);
  const start = initialParameters(model, VOCABULARY, 3);
  const names = Object.keys(shapes);
  const random = stream(0, "direction");
  const direction = Object.fromEntries(
    names.map((name) => [name, normal(start[name]!.length, random)]),
  );
  const draw = (count: number) =>
    tf.tensor1d(Array.from({ length: count }, () => 1 + Math.floor(random() * 39)), "int32");
  const rows = {
    tokens: [tf.reshape(draw(ROWS * LENGTH), [ROWS, LENGTH]) as Tensor],
    targets: draw(ROWS * LENGTH) as Tensor,
  };
  const objective = objectiveOf(tuning, forwardOf(model));
  const tensors = (by: number): Tensors =>
    Object.fromEntries(names.map((name) => [
      name,
      tf.tensor(
        start[name]!.map((v, i) => v + by * direction[name]![i]!),
        shapes[name] as number[],
      ),
    ]));
  const old = tensors(0);
  const told = { ...rows, beside: besideOf(forwardOf(model)(old, rows.tokens), rows.targets) };
  const loss = (state: Tensors) =>
    tf.div(objective.sum(state, old, told), objective.count(rows.targets, ROWS));
  const grads = tf.grads((...values: Tensor[]) =>
    loss(Object.fromEntries(names.map((name, i) => [name, values[i]!])))
  )(Object.values(tensors(0)));
  const gradient = names.reduce((sum, name, i) => {
    const own = grads[i]!.dataSync() as Float32Array;
    return sum + own.reduce((part, value, j) => part + value * direction[name]![j]!, 0);
  }, 0);
  const STEP = 1e-3;
  const at = (by: number) => loss(tensors(by)).dataSync()[0]!;
  return { gradient, numeric: (at(STEP) - at(-STEP)) / (2 * STEP) };
}

/** Ratios within PPO's clip and far beyond it, on either side, with advantages of either sign. */
const APART = [0.1, -0.1, 0.6, -0.6];

/** What a policy gradient is told: of the targets as they are sampled by a model near this one. */
function besideOf(logits: Tensor, targets: Tensor): Tensors {
  const logs = tf.neg(crossEntropy(logits, targets));
  const at = (of: (i: number) => number) =>
    tf.tensor1d(Array.from({ length: targets.size }, (_, i) => of(i))) as Tensor;
  return {
    advantage: at((i) => i % 3 === 0 ? -1.5 : 1),
    before: tf.sub(logs, at((i) => APART[i % 4]!)),
    reference: tf.add(logs, at((i) => 0.4 * Math.sin(i))),
  };
}

Deno.test("the loss of a policy gradient is PPO's, with a divergence, of tokens alone", () => {
  tf.tidy(() => {
    const logits = tf.tensor(normal(8 * VOCABULARY, stream(1, "logits")), [8, VOCABULARY]);
    const targets = tf.tensor1d([3, 0, 7, 9, 2, 30, 0, 12], "int32") as Tensor;
    const { reinforce } = REWARDED;
    const objective = objectiveOf(REWARDED, () => logits as Tensor);
    const beside = besideOf(logits as Tensor, targets);
    const padded = [1, 6];
    // What padding is told must not count, however far it is.
    const far = tf.tensor1d(Array.from({ length: 8 }, (_, i) => padded.includes(i) ? 500 : 0));
    const reference = tf.add(beside.reference!, far) as Tensor;
    const rows = { tokens: [], targets, beside: { ...beside, reference } };
    const loss = tf.div(objective.sum({}, {}, rows), objective.count(targets, 2)).dataSync()[0]!;
    const expected = Array.from({ length: 8 }, (_, i) => {
      if (padded.includes(i)) return 0;
      const [advantage, ratio] = [i % 3 === 0 ? -1.5 : 1, Math.exp(APART[i % 4]!)];
      const clipped = Math.min(1.2, Math.max(0.8, ratio));
      const apart = 0.4 * Math.sin(i);
      const divergence = Math.exp(apart) - apart - 1;
      return reinforce!.kl * divergence - Math.min(ratio * advantage, clipped * advantage);
    });
    assertAlmostEquals(loss, expected.reduce((a, b) => a + b) / 2, 1e-4);
  });
});

for (const mixer of ["attention", "recurrent"] as const) {
  const tunings: Record<string, Tuning> = {
    likelihood: PLAIN,
    "self-distillation": { ...PLAIN, distill: 2 },
    "policy gradient": REWARDED,
    preference: { ...PLAIN, text: "questions", refuse: 0, prefer: 0.3 },
    comparison: { ...PLAIN, text: "questions", refuse: 0, compare: true },
  };
  for (const [name, tuning] of Object.entries(tunings)) {
    Deno.test(`the slope of ${name} at the model it begins with, ${mixer}`, () => {
      tf.tidy(() => {
        const { gradient, numeric } = slopes(tuning, { ...MODELS.smoke, mixer });
        assert(Math.abs(numeric) > 0.05, `a slope of ${numeric} would check nothing`);
        assertAlmostEquals(gradient, numeric, 0.02 * Math.abs(numeric));
      });
    });
  }
}
