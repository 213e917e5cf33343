/**
 * Does learning reach the names? Gradient flow (docs/protocol.md, "Gradient flow"): the norm of
 * d(loss on a value's tokens) / d(resid_pre, layer 0) at the name tokens of the value's own
 * sentence, as a share of the norm over all positions.
 *
 * @module
 */

import { z } from "zod";
import { type Biography, bucketLengths, namedValues, pack, type Span } from "../generator/mod.ts";
import type { Forward } from "../model/mod.ts";
import {
  type Call,
  crossEntropy,
  type Engine,
  type PureFunction,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import type { Probe } from "./probe.ts";

/** A value that is asked for, in its biography. */
export interface AskedValue {
  /** What is read. */
  biography: Biography;
  /** The value whose loss is followed back. */
  value: Span;
  /** The name in its sentence. */
  name: Span;
}

/** Squared gradient norms at the positions of each sequence, [T]; up to `sequences` of them. */
export interface FlowCall extends Call<readonly AskedValue[], Float32Array[]> {
  /** Sequences of one run. */
  sequences: number;
}

/** The call that follows the loss on values back to every position. */
export function flowOf(
  { forward, sequences, length, width }: {
    forward: Forward;
    sequences: number;
    length: number;
    width: number;
  },
): FlowCall {
  const rows = sequences * length;
  const flow: PureFunction = {
    name: `the gradient flow of ${length} tokens`,
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
  return {
    functions: [flow],
    sequences,
    run(engine, asked) {
      // What is missing is filled up with repetitions, which are dropped.
      const full = Array.from({ length: sequences }, (_, i) => asked[i % asked.length]!);
      const { inputs, targets } = pack(full.map(({ biography }) => biography), length);
      const weights = new Float32Array(rows);
      full.forEach(({ value }, row) =>
        weights.fill(1, row * length + value.start - 1, row * length + value.end - 1)
      );
      const [outputs] = engine.run(flow, [{ tokens: inputs, targets, asked: weights }]).read();
      return asked.map((_, row) =>
        outputs!.squares!.subarray(row * length, (row + 1) * length) as Float32Array
      );
    },
  };
}

/** Values whose gradient is followed at once. */
const SEQUENCES = 16;

/**
 * The probe of gradient flow, for as many people as its setting says.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train(
 *   { scale: "smoke", steps: 20, evaluation: { attention: 2, flow: 4 } },
 *   { fresh: true },
 * );
 * for await (const { step, flow } of run) if (flow !== undefined) console.log(step, flow);
 * run.dispose();
 * ```
 */
export const flow: Probe<"flow", { flow: number }, number> = {
  name: "flow",
  settings: { flow: { schema: z.int().min(0).max(65_536), off: 0 } },
  reading: z.number().describe("gradient norm at the own sentence's name, as a share"),
  prepare({ model, forward, corpus, sets }, settings) {
    if (settings.flow === 0) return undefined;
    const length = bucketLengths(corpus.writer).at(-1)!;
    const call = flowOf({ forward, sequences: SEQUENCES, length, width: model.width });
    const people = sets[0]!.biographies.slice(0, settings.flow);
    return {
      calls: [call],
      read: (engine, { whole }) => whole ? measureFlow(people, { engine, flow: call }) : undefined,
    };
  },
};

/**
 * Mean share of the gradient norm that reaches the own sentence's name, over all values of some
 * biographies that have a gradient at all: of a value that is known for certain in float32 there is
 * none. Undefined if none has.
 */
export function measureFlow(
  biographies: readonly Biography[],
  { engine, flow }: { engine: Engine; flow: FlowCall },
): number | undefined {
  const asked = biographies.flatMap((biography) =>
    namedValues(biography).map((named) => ({ biography, ...named }))
  );
  const shares: number[] = [];
  for (let start = 0; start < asked.length; start += flow.sequences) {
    const chunk = asked.slice(start, start + flow.sequences);
    flow.run(engine, chunk).forEach((squares, row) => {
      const { name } = chunk[row]!;
      const all = total(squares);
      if (all > 0) shares.push(Math.sqrt(total(squares.subarray(name.start, name.end)) / all));
    });
  }
  return shares.length > 0 ? total(shares) / shares.length : undefined;
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
