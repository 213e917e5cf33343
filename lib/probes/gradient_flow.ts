/**
 * Does learning reach the names? Gradient flow (docs/protocol.md, "Gradient flow"): the norm of
 * d(loss on a value's tokens) / d(resid_pre, layer 0) at the name tokens of the value's own
 * sentence, as a share of the norm over all positions.
 *
 * @module
 */

import { type Biography, pack } from "../generator/mod.ts";
import type { Forward } from "../model/mod.ts";
import { crossEntropy, type Engine, type PureFunction, type Tensor, tf } from "../engine/mod.ts";

/** Shape of one call: sequences, each with one value asked for, and their length. */
export interface FlowShape {
  /** Sequences of one call. */
  sequences: number;
  /** Sequence length T of one call. */
  length: number;
  /** Width of the residual stream. */
  width: number;
}

/** Returns each position's squared gradient norm [sequences * length]. */
export function flowFunction(
  forward: Forward,
  { sequences, length, width }: FlowShape,
): PureFunction {
  const rows = sequences * length;
  return {
    inputs: {
      tokens: { shape: [sequences, length], dtype: "int32" },
      targets: { shape: [rows], dtype: "int32" },
      // 1 where a token of the value is predicted.
      asked: { shape: [rows], dtype: "float32" },
    },
    run(state, { tokens, targets, asked }) {
      const loss = (added: Tensor) => {
        const logits = forward(state, tokens!, {
          edit: (place, layer, value) =>
            place === "resid_pre" && layer === 0 ? tf.add(value, added) : undefined,
        });
        return tf.sum(tf.mul(crossEntropy(logits, targets!), asked!)) as never;
      };
      const gradient = tf.grad(loss as never)(tf.zeros([rows, width]) as never) as Tensor;
      return { outputs: { squares: tf.sum(tf.square(gradient), -1) } };
    },
  };
}

/**
 * Mean share of the gradient norm that reaches the own sentence's name, over all values of some
 * biographies that have a gradient at all: of a value that is known for certain in float32 there is
 * none. Undefined if none has. Runs measure it where `evaluation.flow` asks for it.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * const run = train(
 *   { scale: "smoke", steps: 20, evaluation: { attention: 2, flow: 4 } },
 *   { fresh: true },
 * );
 * for await (const { step, flow } of run) if (flow !== undefined) console.log(step, flow);
 * run.dispose();
 * ```
 */
export function measureFlow(
  biographies: Biography[],
  { engine, sequences, length }: { engine: Engine } & Omit<FlowShape, "width">,
): number | undefined {
  const asked = biographies.flatMap((biography) =>
    biography.spans.filter(({ kind }) => kind === "value").map((value) => ({ biography, value }))
  );
  const shares: number[] = [];
  for (let start = 0; start < asked.length; start += sequences) {
    const chunk = asked.slice(start, start + sequences);
    // The last chunk is filled up with repetitions, which are not counted.
    const full = Array.from({ length: sequences }, (_, i) => chunk[i % chunk.length]!);
    const { inputs, targets } = pack(full.map(({ biography }) => biography), length);
    const weights = new Float32Array(sequences * length);
    full.forEach(({ value }, row) =>
      weights.fill(1, row * length + value.start - 1, row * length + value.end - 1)
    );
    const { squares } = engine.run("flow", { tokens: inputs, targets, asked: weights });
    chunk.forEach(({ biography, value }, row) => {
      const own = squares!.subarray(row * length, (row + 1) * length);
      const name = biography.spans.find(({ kind, sentence }) =>
        kind === "name" && sentence === value.sentence
      )!;
      const all = total(own);
      if (all > 0) shares.push(Math.sqrt(total(own.subarray(name.start, name.end)) / all));
    });
  }
  return shares.length > 0 ? total(shares) / shares.length : undefined;
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
