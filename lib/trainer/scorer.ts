/**
 * How likely the targets of some rows are to another model that a run's state holds.
 *
 * @module
 */

import { pack, type Row } from "../generator/mod.ts";
import { type Forward, type OtherModel, otherModel } from "../model/mod.ts";
import { type Call, crossEntropy, type PureFunction, type Tensor, tf } from "../engine/mod.ts";

/** Log probabilities of each row's targets, from its first one on. */
export type Scorer = Call<readonly Row[], number[][]>;

/** The call that scores so many rows of at most `length` targets by another model of the state. */
export function scorerOf(
  forward: Forward,
  { rows, length, model }: { rows: number; length: number; model: OtherModel },
): Scorer {
  const score: PureFunction = {
    name: `scores of ${rows} answers by the ${model}`,
    inputs: {
      tokens: { shape: [rows, length], dtype: "int32" },
      targets: { shape: [rows, length], dtype: "int32" },
    },
    run(state, { tokens, targets }, branches) {
      const parts = branches(rows, length);
      const other = otherModel(state, model);
      const split = (all: Tensor) => parts === 1 ? [all] : tf.split(all, parts) as Tensor[];
      const own = split(targets!);
      const logs = split(tokens!).map((some, i) =>
        tf.neg(crossEntropy(forward(other, some), tf.reshape(own[i]!, [-1]))) as Tensor
      );
      return { outputs: { logs: parts === 1 ? logs[0]! : tf.concat(logs) } };
    },
  };
  return {
    functions: [score],
    run(engine, all) {
      const { inputs, targets } = pack(all, length);
      const [outputs] = engine.run(score, [{ tokens: inputs, targets }]).read();
      return all.map(({ tokens, from = 1 }, row) => {
        const first = row * length + from - 1;
        return [...outputs!.logs!.subarray(first, first + tokens.length - from)];
      });
    },
  };
}
