/**
 * Compiles a program to one TensorFlow graph: its functions are traced (trace.ts) and lowered
 * (lower.ts), and share the variables that hold the state, without copying.
 *
 * With `precision: "bf16"` products of matrices are bfloat16 (lower.ts). Where the CPU has no such
 * products, float32 is used and said.
 *
 * @module
 */

import {
  type Branching,
  checked,
  type Engine,
  type EngineOptions,
  mapValues,
  type Precision,
  type Program,
  scoped,
  type Spec,
  type Values,
} from "../contract.ts";
import { hasNativeBf16 } from "../machine.ts";
import { tf } from "../tfjs.ts";
import { trace } from "../trace.ts";
import { Graph } from "./graph.ts";
import { tensorflow } from "./load.ts";
import { lower, RULES } from "./lower.ts";

/** Tokens that one parallel branch works on, about; there are two branches at least. */
const BRANCH_TOKENS = 1024;

/** Branches of about a thousand tokens, each of whole groups: as many as cores can have use of. */
export const branches: Branching = (sequences, length, group = 1) => {
  const wanted = Math.max(2, Math.round(sequences * length / BRANCH_TOKENS));
  const groups = sequences / group;
  let parts = Math.min(wanted, groups);
  while (groups % parts !== 0) parts--;
  return parts;
};

/**
 * Compiles a program to one graph. TensorFlow must be open.
 *
 * @example
 * ```ts
 * import { compile, openTensorFlow, tf } from "../mod.ts";
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
  options: EngineOptions = {},
): Engine {
  const precision = available(options.precision ?? "fp32");
  const graph = new Graph();
  const backend = tensorflow();
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
    return [name, { input, node: graph.assign(variables[name]!, input) }];
  }));
  const written = graph.barrier(names.map((name) => writes[name]!.node));
  const how = {
    state: program.state,
    branches: options.branches ?? branches,
    rules: Object.keys(RULES),
  };
  const functions = mapValues(
    program.functions,
    (fn, name) =>
      lower(graph, trace(fn, { ...how, name }), {
        variables,
        half: precision === "bf16",
        label: name,
      }),
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
