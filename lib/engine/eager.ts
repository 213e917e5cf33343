/**
 * Runs programs op by op: the reference that compiled ones are held against.
 *
 * @module
 */

import {
  applyUpdates,
  checked,
  checkNames,
  checkResult,
  type Engine,
  type EngineOptions,
  mapValues,
  outputsOf,
  type Program,
  type PureFunction,
  refuseUnknown,
  scoped,
  type Tensors,
  type Values,
} from "./contract.ts";
import { type Tensor, tf } from "./tfjs.ts";

/** An engine that runs op by op: slow, and what compiled ones must agree with. */
export function eager(
  program: Program,
  options: EngineOptions = {},
): Engine {
  const { branches = () => 1 } = options;
  let isOpen = true;
  const open = () => {
    if (!isOpen) throw new Error("Cannot run: this engine has been disposed.");
  };
  const functions = new Set(program.calls.flatMap((call) => call.functions));
  const state: Tensors = mapValues(program.state, (shape) => tf.zeros(shape as number[]));
  const replace = (name: string, tensor: Tensor) => {
    state[name]?.dispose();
    state[name] = tf.keep(tensor);
  };
  const once = (fn: PureFunction, inputs: Values): Values =>
    scoped(() => {
      const tensors = mapValues(
        fn.inputs,
        ({ shape, dtype }, key) =>
          tf.tensor(checked(fn, key, inputs[key]), shape as number[], dtype),
      );
      const result = fn.run(state, tensors, branches);
      checkResult(fn, result, program.state);
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
  return {
    nodes: 0,
    precision: "fp32",
    branches,
    atOnce: () => 1,
    run(fn, inputs) {
      open();
      if (!functions.has(fn)) refuseUnknown(fn);
      const outputs = inputs.map((own) => once(fn, own));
      return outputsOf(outputs);
    },
    prepare: () => Promise.resolve(),
    like: (other, changed) => eager(other, { ...options, ...changed }),
    read(names = Object.keys(state)) {
      open();
      return Object.fromEntries(
        names.map((name) => [name, state[name]!.dataSync().slice() as Float32Array]),
      );
    },
    write(values) {
      open();
      checkNames(values, program.state);
      for (const [name, value] of Object.entries(values)) {
        replace(name, tf.tensor(value, program.state[name] as number[]));
      }
    },
    dispose() {
      if (isOpen) { for (const tensor of Object.values(state)) tensor.dispose(); }
      isOpen = false;
    },
  };
}
