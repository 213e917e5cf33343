/**
 * Runs programs op by op: the reference that compiled ones are held against.
 *
 * @module
 */

import {
  applyUpdates,
  checked,
  checkShape,
  type Engine,
  type EngineOptions,
  mapValues,
  type Program,
  scoped,
  type Tensors,
  type Values,
} from "./contract.ts";
import { type Tensor, tf } from "./tfjs.ts";

/** Runs a program op by op: slow, and the reference that {@link compile} must agree with. */
export function eager(
  program: Program,
  { branches = () => 1 }: EngineOptions = {},
): Engine {
  const state: Tensors = mapValues(program.state, (shape) => tf.zeros(shape as number[]));
  const replace = (name: string, tensor: Tensor) => {
    state[name]?.dispose();
    state[name] = tf.keep(tensor);
  };
  return {
    nodes: 0,
    precision: "fp32",
    run(name, inputs = {}) {
      const fn = program.functions[name];
      if (!fn) {
        throw new Error(`Cannot run "${name}": must be one of ${Object.keys(program.functions)}.`);
      }
      return scoped(() => {
        const tensors = mapValues(
          fn.inputs,
          (spec, key) =>
            tf.tensor(checked(name, key, spec, inputs[key]), spec.shape as number[], spec.dtype),
        );
        const result = fn.run(state, tensors, branches);
        for (const [key, tensor] of Object.entries(result.state ?? {})) {
          checkShape(name, key, tensor, program.state[key]!);
        }
        const outputs = mapValues(
          result.outputs ?? {},
          (tensor) => tensor.dataSync() as Values[string],
        );
        const changed: Tensors = {
          ...result.state,
          ...(result.updates ? applyUpdates(result.updates, { ...state, ...result.state }) : {}),
        };
        // Copies first: a new value may be the old one of another name.
        const next = mapValues(changed, (tensor) => tf.clone(tensor));
        for (const [key, tensor] of Object.entries(next)) replace(key, tensor);
        return outputs;
      });
    },
    read(names = Object.keys(state)) {
      return Object.fromEntries(
        names.map((name) => [name, state[name]!.dataSync().slice() as Float32Array]),
      );
    },
    write(values) {
      for (const [name, value] of Object.entries(values)) {
        replace(name, tf.tensor(value, program.state[name] as number[]));
      }
    },
    dispose() {
      for (const tensor of Object.values(state)) tensor.dispose();
    },
  };
}
