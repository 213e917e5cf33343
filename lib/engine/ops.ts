/**
 * Ops with gradients written by hand, where tfjs has none or a slower one. Each is checked
 * against finite differences in tests/engine/ops_test.ts.
 *
 * Axes: B batch, T time, C width, H heads, D head width, V vocabulary, M = B x T rows.
 *
 * @module
 */

import { kernel, type Tensor, tf } from "./tfjs.ts";

type Gradient = (dy: Tensor, saved: Tensor[]) => Tensor[];
type Forward = (inputs: Tensor[], save: (tensors: Tensor[]) => void) => Tensor;

/** A function of tensors with its gradient; what `forward` saves is handed to `gradient`. */
function differentiable(forward: Forward, gradient: Gradient): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    // deno-lint-ignore no-explicit-any
    const body = (...args: any[]) => {
      const save = args.pop() as (tensors: Tensor[]) => void;
      const value = forward(args, save);
      return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved) };
    };
    // deno-lint-ignore no-explicit-any
    return (tf.customGrad as any)(body)(...inputs);
  };
}

/** Rows of a table [V, C] by int32 ids [M]; the gradient sums rows of equal id. */
export function rowsOf(table: Tensor, ids: Tensor): Tensor {
  const count = table.shape[0]!;
  return differentiable(
    // tfjs's own gather reads the ids back to check them, which a graph cannot do.
    ([table], save) => {
      save([ids]);
      return kernel("Rows", { table: table!, ids }) as Tensor;
    },
    (dy, [ids]) => [tf.unsortedSegmentSum(dy, ids as never, count)],
  )(table);
}

/** x / rms(x) * gain over the last axis; x [M, C], gain [C]. */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
  return differentiable(
    ([x, gain], save) => {
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x!), -1, true), epsilon));
      const unit = tf.mul(x!, scale);
      save([unit, scale, gain!]);
      return tf.mul(unit, gain!);
    },
    (dy, [unit, scale, gain]) => {
      const scaled = tf.mul(dy, gain!);
      const along = tf.mean(tf.mul(scaled, unit!), -1, true);
      const dx = tf.mul(scale!, tf.sub(scaled, tf.mul(unit!, along)));
      return [dx, tf.sum(tf.mul(dy, unit!), 0)];
    },
  )(x, gain);
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return differentiable(
    ([x], save) => {
      const y = kernel("Softmax", { logits: x! }) as Tensor;
      save([y]);
      return y;
    },
    (dy, [y]) => [tf.mul(y!, tf.sub(dy, tf.sum(tf.mul(dy, y!), -1, true)))],
  )(x);
}

/** x [B, T, C] later by some steps of T, or earlier if negative; zeros come in. */
export function shift(x: Tensor, steps: number): Tensor {
  const [B, T, C] = x.shape as [number, number, number];
  const kept = T - Math.abs(steps);
  if (steps === 0) return x;
  if (kept <= 0) return tf.zeros(x.shape);
  const part = tf.slice(x, [0, Math.max(0, -steps), 0], [B, kept, C]);
  const zeros = tf.zeros([B, T - kept, C]);
  return tf.concat(steps > 0 ? [zeros, part] : [part, zeros], 1);
}

/** y_t = a_t y_(t -+ 1) + b_t in log2 T rounds (Hillis & Steele 1986); -1 runs backwards in time. */
function scan(a: Tensor, b: Tensor, direction: 1 | -1): Tensor {
  const T = a.shape[1]!;
  for (let reach = 1; reach < T; reach *= 2) {
    b = tf.add(b, tf.mul(a, shift(b, direction * reach)));
    if (2 * reach < T) a = tf.mul(a, shift(a, direction * reach));
  }
  return b;
}

/** The recurrence h_t = a_t h_(t-1) + b_t along T of [B, T, C], with h_(-1) = 0. */
export function linearScan(a: Tensor, b: Tensor): Tensor {
  return differentiable(
    ([a, b], save) => {
      const h = scan(a!, b!, 1);
      save([a!, h]);
      return h;
    },
    (dy, [a, h]) => {
      const db = scan(shift(a!, -1), dy, -1);
      return [tf.mul(db, shift(h!, 1)), db];
    },
  )(a, b);
}

/** relu(x)^2. */
export function squaredRelu(x: Tensor): Tensor {
  return differentiable(
    ([x], save) => {
      const positive = tf.relu(x!);
      save([positive]);
      return tf.square(positive);
    },
    (dy, [positive]) => [tf.mul(dy, tf.add(positive!, positive!))],
  )(x);
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** The tanh form of GELU. */
export function tanhGelu(x: Tensor): Tensor {
  return differentiable(
    ([x], save) => {
      const inner = tf.mul(x!, tf.add(GELU_SCALE, tf.mul(GELU_SCALE * GELU_CUBIC, tf.square(x!))));
      const t = tf.tanh(inner);
      save([x!, t]);
      return tf.mul(tf.mul(0.5, x!), tf.add(1, t));
    },
    (dy, [x, t]) => {
      const slope = tf.add(GELU_SCALE, tf.mul(3 * GELU_SCALE * GELU_CUBIC, tf.square(x!)));
      const bend = tf.mul(tf.mul(x!, tf.sub(1, tf.square(t!))), slope);
      return [tf.mul(dy, tf.mul(0.5, tf.add(tf.add(1, t!), bend)))];
    },
  )(x);
}

/** -ln p(target) for each row: logits [M, V], int32 targets [M]. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return differentiable(
    ([logits], save) => {
      const [loss, slope] = kernel("CrossEntropy", { logits: logits!, targets }) as Tensor[];
      save([slope!]);
      return loss!;
    },
    (dy, [slope]) => [tf.mul(slope!, tf.expandDims(dy, -1))],
  )(logits);
}
