// A small program that engines are tested with, and engines of one function.

import {
  callOf,
  compile,
  type Engine,
  type Program,
  type PureFunction,
  type Tensor,
  tf,
  type Values,
} from "../../lib/engine/mod.ts";
import { noise } from "../golden/golden.ts";

const X = { shape: [2, 3], dtype: "float32" } as const;

/** Values of an input x [2, 3]. */
export const x = noise(6, 1);

/** Gradient descent on |W x - y|^2, and a function that only reads the same W. */
export const fit = callOf({
  inputs: { x: X, y: { shape: [2, 4], dtype: "float32" } },
  run({ W, steps }, { x, y }) {
    const loss = (w: Tensor) =>
      tf.sum(tf.square(tf.sub(tf.matMul(x as never, w as never, false, true), y!))) as never;
    const { value, grad } = tf.valueAndGrad(loss)(W!);
    return {
      outputs: { loss: value },
      state: { W: tf.sub(W!, tf.mul(0.1, grad)), steps: tf.add(steps!, 1) },
    };
  },
});
export const predict = callOf({
  inputs: { x: X },
  run: ({ W }, { x }) => ({ outputs: { y: tf.matMul(x as never, W as never, false, true) } }),
});
export const regression: Program = { state: { W: [4, 3], steps: [] }, calls: [fit, predict] };

/** An engine with one function of x [2, 3] and state `total` [2, 3]; `ask` runs it. */
export function engineOf(
  run: PureFunction["run"],
  make: (program: Program) => Engine = compile,
): Engine & { ask(inputs?: Values): Values } {
  const call = callOf({ name: "f", inputs: { x: X }, run });
  const engine = make({ state: { total: [2, 3] }, calls: [call] });
  return Object.assign(engine, { ask: (inputs: Values = {}) => call.run(engine, inputs) });
}
