/**
 * A loaded TensorFlow graph: state in variables that all its functions share without copying, and
 * functions by number.
 *
 * @module
 */

import { mapValues, scoped, type Shapes, type Spec, type Values } from "../contract.ts";
import { tf } from "../tfjs.ts";
import type { Trace } from "../operation.ts";
import { Graph } from "./graph.ts";
import { tensorflow } from "./load.ts";
import { lower } from "./lower.ts";

/** State and functions in TensorFlow's memory; the state begins at zero. */
export interface Session extends Disposable {
  /** Nodes in the graph. */
  readonly nodes: number;
  /** Runs a function; all its inputs are given. */
  run(index: number, inputs: Values): Values;
  /** Copies of parts of the state. */
  read(names: readonly string[]): Record<string, Float32Array>;
  /** Replaces all of the state. */
  write(values: Record<string, Float32Array>): void;
}

/** Makes one graph of some traced functions and loads it. */
export function load(
  state: Shapes,
  traces: readonly Trace[],
  { half }: { half: boolean },
): Session {
  const graph = new Graph();
  const backend = tensorflow();
  const names = Object.keys(state);
  const variables = mapValues(state, (shape, name) => graph.variable(`state/${name}`, shape));
  const reads = mapValues(
    variables,
    (variable) => graph.output(graph.read(variable), "float32", [], "read"),
  );
  const writes = mapValues(
    state,
    (shape, name) => graph.placeholder(`write/${name}`, "float32", shape),
  );
  const written = graph.barrier(
    names.map((name) => graph.assign(variables[name]!, writes[name]!)),
  );
  const functions = traces.map((trace, i) =>
    lower(graph, trace, { variables, half, label: `function${i}` })
  );
  const specs = traces.map(inputsOf);
  const id = graph.load();

  const fetch = (
    inputs: { node: string; spec: Spec; value: Values[string] }[],
    outputs: string[],
  ) =>
    scoped(() => {
      const tensors = inputs.map(({ spec: { shape, dtype }, value }) =>
        tf.tensor(value, shape as number[], dtype)
      );
      const infos = inputs.map(({ node, spec: { dtype } }) => ({
        name: node,
        dtype,
        tfDtype: dtype === "int32" ? "DT_INT32" : "DT_FLOAT",
      }));
      return backend.runSavedModel(id, tensors, infos, outputs).map((tensor) =>
        tensor.dataSync() as Values[string]
      );
    });
  const session: Session = {
    nodes: graph.size,
    run(index, inputs) {
      const { inputs: nodes, outputs } = functions[index]!;
      const fed = Object.entries(specs[index]!).map(([name, spec]) => ({
        node: nodes[name]!,
        spec,
        value: inputs[name]!,
      }));
      const values = fetch(fed, Object.values(outputs));
      // What gives nothing is waited for by a barrier, which is no output.
      const names = Object.keys(traces[index]!.outputs);
      return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    },
    read(wanted) {
      const values = fetch([], wanted.map((name) => reads[name]!)) as Float32Array[];
      return Object.fromEntries(wanted.map((name, i) => [name, values[i]!]));
    },
    write(values) {
      const fed = names.map((name) => ({
        node: writes[name]!,
        spec: { shape: state[name]!, dtype: "float32" as const },
        value: values[name]!,
      }));
      fetch(fed, [written]);
    },
    [Symbol.dispose]: () => backend.binding.deleteSavedModel(id),
  };
  session.write(mapValues(state, (shape) => new Float32Array(shape.reduce((a, b) => a * b, 1))));
  return session;
}

/** What a traced function is given. */
function inputsOf({ operations }: Trace): Record<string, Spec> {
  return Object.fromEntries(
    operations.filter(({ op }) => op === "Input").map(({ attributes, results }) => [
      attributes.name as string,
      results[0] as Spec,
    ]),
  );
}
