/**
 * Compiles pure functions of tensors into one TensorFlow graph.
 *
 * The contract:
 * - A function takes the state and its inputs, and returns outputs and, if it changes the
 *   state, the new tensors by name, or the gradients for Adam to update it with. It must be
 *   pure: everything that changes between calls is state or input, randomness included.
 * - The function is called once, eagerly, on zeros; the ops it executes become the graph. Loops
 *   and branches of JavaScript are therefore unrolled; shapes are fixed.
 * - State lives in variables that all functions of one engine share without copying. It begins
 *   at zero, and is written only after every read of the same call.
 * - Tensors captured from outside, and numbers, become constants of the graph.
 * - Compiling fails, with the reason, for: a value read back in the middle, a shape that
 *   depends on values, random ops, an unknown attribute, a disposed captured tensor.
 *
 * With `precision: "bf16"` the graph's products of matrices read bfloat16 copies of their
 * inputs and give bfloat16 results; they add up in float32, and everything else, all state
 * included, is float32. Where the CPU has no bfloat16 products, float32 is used and said.
 *
 * `eager` has the same contract and runs op by op: it is the reference for tests.
 *
 * @module
 */

import { adamInGraph } from "./adam.ts";
import {
  checked,
  checkShape,
  type Engine,
  mapValues,
  type Precision,
  type Program,
  type PureFunction,
  scoped,
  type Spec,
  type Values,
} from "./engine.ts";
import { Graph } from "./graph.ts";
import { type Backend, tf } from "./load.ts";
import { hasNativeBf16 } from "./machine.ts";

/**
 * Compiles a program to one graph. TensorFlow must be open.
 *
 * @example
 * ```ts
 * import { compile, openTensorFlow, tf } from "./mod.ts";
 * await openTensorFlow();
 * const counter = compile({
 *   state: { total: [2] },
 *   functions: {
 *     add: {
 *       inputs: { x: { shape: [2], dtype: "float32" } },
 *       run: ({ total }, { x }) => ({ state: { total: tf.add(total!, x!) } }),
 *     },
 *   },
 * });
 * counter.write({ total: new Float32Array(2) });
 * counter.run("add", { x: new Float32Array([1, 2]) });
 * console.log(counter.read().total); // Float32Array [1, 2]
 * counter.dispose();
 * ```
 */
export function compile(
  program: Program,
  options: { precision?: Precision } = {},
): Engine {
  const precision = available(options.precision ?? "fp32");
  const graph = new Graph({ halfProducts: precision === "bf16" });
  const backend = tf.backend() as unknown as Backend;
  const names = Object.keys(program.state);
  const variables = Object.fromEntries(
    names.map((name) => [name, graph.variable(`state/${name}`, program.state[name]!)]),
  );
  const reads = Object.fromEntries(
    names.map((name) => [
      name,
      graph.output(graph.read(variables[name]!), "float32", [], "read"),
    ]),
  );
  const writes = Object.fromEntries(names.map((name) => {
    const input = graph.placeholder(`write/${name}`, "float32", program.state[name]!);
    return [name, { input: `${input}:0`, node: graph.assign(variables[name]!, `${input}:0`) }];
  }));
  const written = graph.barrier(names.map((name) => writes[name]!.node));
  const functions = Object.fromEntries(
    Object.entries(program.functions).map(([name, fn]) => [
      name,
      traceFunction(graph, name, fn, program.state, variables),
    ]),
  );
  let session = graph.load();

  const call = (inputs: { name: string; spec: Spec; value: Values[string] }[], outputs: string[]) =>
    scoped(() => {
      if (session < 0) throw new Error("Cannot run: this engine has been disposed.");
      const tensors = inputs.map(({ spec, value }) =>
        tf.tensor(value, spec.shape as number[], spec.dtype)
      );
      const infos = inputs.map(({ name, spec }) => ({
        name,
        dtype: spec.dtype,
        tfDtype: spec.dtype === "int32" ? "DT_INT32" : "DT_FLOAT",
      }));
      return backend.runSavedModel(session, tensors, infos, outputs).map((tensor) =>
        tensor.dataSync() as Values[string]
      );
    });

  const assign = (values: Record<string, Float32Array>) =>
    call(
      names.map((name) => ({
        name: writes[name]!.input,
        spec: { shape: program.state[name]!, dtype: "float32" },
        value: values[name]!,
      })),
      [written],
    );
  assign(mapValues(program.state, (shape) => new Float32Array(shape.reduce((a, b) => a * b, 1))));

  return {
    nodes: graph.size,
    precision,
    run(name, inputs = {}) {
      const fn = functions[name];
      if (!fn) throw new Error(`Cannot run "${name}": must be one of ${Object.keys(functions)}.`);
      const fed = Object.entries(program.functions[name]!.inputs).map(([key, spec]) => ({
        name: fn.inputs[key]!,
        spec,
        value: checked(name, key, spec, inputs[key]),
      }));
      const values = call(fed, Object.values(fn.outputs));
      return Object.fromEntries(Object.keys(fn.outputs).map((key, i) => [key, values[i]!]));
    },
    read(wanted = names) {
      const values = call([], wanted.map((name) => reads[name]!)) as Float32Array[];
      return Object.fromEntries(wanted.map((name, i) => [name, values[i]!]));
    },
    write(values) {
      // All variables are written by one run, so what is not given is written back unchanged.
      assign({ ...missing(this, names, values), ...values });
    },
    dispose() {
      if (session >= 0) backend.binding.deleteSavedModel(session);
      session = -1;
    },
  };
}

function missing(
  engine: Engine,
  names: string[],
  values: Record<string, Float32Array>,
): Record<string, Float32Array> {
  const absent = names.filter((name) => !(name in values));
  return absent.length === 0 ? {} : engine.read(absent);
}

let told = false;

/** The precision this CPU can multiply in; says once that it is not the one asked for. */
function available(wanted: Precision): Precision {
  if (wanted === "fp32" || hasNativeBf16()) return wanted;
  if (!told) {
    console.warn(
      "This CPU has no bfloat16 products (AMX or AVX-512) that we can see: using float32.",
    );
  }
  told = true;
  return "fp32";
}

interface Traced {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

function traceFunction(
  graph: Graph,
  name: string,
  fn: PureFunction,
  shapes: Program["state"],
  variables: Record<string, string>,
): Traced {
  return tf.tidy(() => {
    const read: Record<string, string> = {};
    const state = mapValues(shapes, (shape, key) => {
      const tensor = tf.zeros(shape as number[]);
      read[key] = graph.read(variables[key]!);
      graph.bind(tensor, read[key]);
      return tensor;
    });
    const placeholders: Record<string, string> = {};
    const inputs = mapValues(fn.inputs, ({ shape, dtype }, key) => {
      const tensor = tf.zeros(shape as number[], dtype);
      placeholders[key] = `${graph.placeholder(`${name}/${key}`, dtype, shape)}:0`;
      graph.bind(tensor, placeholders[key]);
      return tensor;
    });
    const result = graph.trace(() => fn.run(state, inputs));
    const readNode = (key: string) => read[key]!.split(":")[0]!;
    const assigned = mapValues(result.state ?? {}, (tensor, key) => {
      if (!variables[key]) throw new Error(`Cannot compile ${name}: "${key}" is not state.`);
      checkShape(name, key, tensor, shapes[key]!);
      return graph.assign(variables[key], graph.outputOf(tensor), [readNode(key)]);
    });
    const changes = Object.values(assigned);
    if (result.adam) {
      const after = (key: string) => [readNode(key), ...(assigned[key] ? [assigned[key]] : [])];
      changes.push(...adamInGraph(graph, result.adam, { variables, after }));
    }
    const outputs = mapValues(
      result.outputs ?? {},
      (tensor, key) =>
        graph.output(
          graph.outputOf(tensor),
          tensor.dtype as Spec["dtype"],
          changes,
          `${name}/${key}`,
        ),
    );
    if (Object.keys(outputs).length === 0) outputs.done = graph.barrier(changes);
    return { inputs: placeholders, outputs };
  });
}
