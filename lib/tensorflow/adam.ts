/**
 * Adam's update of many parameters, as an engine does it: in a graph by TensorFlow's one-pass op
 * on the variables themselves, eagerly by the formula that op is tested against.
 *
 * @module
 */

import type { Graph } from "./graph.ts";
import { type Tensor, tf } from "./load.ts";

/**
 * What a function of an engine wants updated. For each parameter p with moments m, v and
 * gradient g (elementwise, Kingma & Ba 2015 with the bias corrections folded into rate and
 * epsilon):
 *
 * m' = m + (1 - beta1) (g - m), v' = v + (1 - beta2) (g^2 - v), p' = p - rate m' / (sqrt(v') + epsilon)
 *
 * It happens after the function's new state has been written.
 */
export interface AdamUpdates {
  /** Gradients by the state name of their parameter. */
  gradients: Record<string, Tensor>;
  /** State names of a parameter's two moments. */
  moments: (parameter: string) => [first: string, second: string];
  /** Scalar. */
  rate: Tensor;
  /** Scalar. */
  epsilon: Tensor;
  /** Decay of the gradients' mean. */
  beta1: number;
  /** Decay of the squared gradients' mean. */
  beta2: number;
}

/** The new values by state name; `state` holds the parameters as they are to be updated. */
export function adamEagerly(
  { gradients, moments, rate, epsilon, beta1, beta2 }: AdamUpdates,
  state: Record<string, Tensor>,
): Record<string, Tensor> {
  const updated: Record<string, Tensor> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const [first, second] = moments(name);
    const [m, v] = [state[first]!, state[second]!];
    const newM = tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1));
    const newV = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - beta2));
    const change = tf.div(newM, tf.add(tf.sqrt(newV), epsilon));
    Object.assign(updated, {
      [first]: newM,
      [second]: newV,
      [name]: tf.sub(state[name]!, tf.mul(rate, change)),
    });
  }
  return updated;
}

/** Adds the update of each parameter to a graph, after the given nodes; returns the new nodes. */
export function adamInGraph(
  graph: Graph,
  { gradients, moments, rate, epsilon, beta1, beta2 }: AdamUpdates,
  { variables, after }: {
    variables: Record<string, string>;
    after: (stateName: string) => string[];
  },
): string[] {
  const scalar = (value: number) => graph.outputOf(tf.scalar(value));
  // Powers of zero switch the op's own bias corrections off.
  const settings = [
    scalar(0),
    scalar(0),
    graph.outputOf(rate),
    scalar(beta1),
    scalar(beta2),
    graph.outputOf(epsilon),
  ];
  return Object.entries(gradients).map(([name, gradient]) => {
    const names = [name, ...moments(name)];
    return graph.applyAdam(
      names.map((name) => variables[name]!),
      [...settings, graph.outputOf(gradient)],
      names.flatMap(after),
    );
  });
}
