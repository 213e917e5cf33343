/**
 * Adam's update rule, elementwise (Kingma & Ba 2015), with the bias corrections folded into rate
 * and epsilon. This is the definition; an engine with a one-pass form is tested against it.
 *
 * @module
 */

import type { UpdateRule } from "./contract.ts";
import { tf } from "./tfjs.ts";

/** Prefix of the first moment's name in the state. */
export const FIRST = "first.";
/** Prefix of the second moment's name in the state. */
export const SECOND = "second.";

/**
 * The rule of Adam, which remembers two moments of each parameter:
 *
 * m' = m + (1 - beta1) (g - m), v' = v + (1 - beta2) (g^2 - v), p' = p - rate m' / (sqrt(v') + epsilon)
 * for a parameter p with moments m, v and gradient g; scalars `rate` and `epsilon`.
 *
 * @example
 * ```ts
 * import { adam, callOf, openTensorFlow, tf } from "factlab";
 * import { eager } from "factlab/engine";
 * await openTensorFlow();
 * const descend = callOf({
 *   inputs: {},
 *   run: ({ p }) => ({
 *     updates: {
 *       rule: adam({ beta1: 0.9, beta2: 0.95 }),
 *       gradients: { p: p! },
 *       scalars: { rate: tf.scalar(0.1), epsilon: tf.scalar(1e-8) },
 *     },
 *   }),
 * });
 * const state = { p: [2], "first.p": [2], "second.p": [2] };
 * const engine = eager({ state, calls: [descend] });
 * engine.write({ p: new Float32Array([1, -1]) });
 * descend.run(engine, {});
 * console.log(engine.read(["p"]).p); // nearer to zero
 * engine.dispose();
 * ```
 */
export function adam({ beta1, beta2 }: { beta1: number; beta2: number }): UpdateRule {
  return {
    name: "adam",
    slots: [FIRST, SECOND],
    constants: { beta1, beta2 },
    apply(parameter, gradient, [first, second], { rate, epsilon }) {
      const m = tf.add(first!, tf.mul(tf.sub(gradient, first!), 1 - beta1));
      const v = tf.add(second!, tf.mul(tf.sub(tf.square(gradient), second!), 1 - beta2));
      const change = tf.div(m, tf.add(tf.sqrt(v), epsilon!));
      return [tf.sub(parameter, tf.mul(rate!, change)), m, v];
    },
  };
}
