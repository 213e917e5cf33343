/**
 * One traced function as nodes of a TensorFlow graph. With `half`, products of matrices read
 * bfloat16 copies of their inputs and give bfloat16 results; they add up in float32, and all else is
 * float32.
 *
 * @module
 */

import type { Edge, Operation, ResultSpec, Trace } from "../operation.ts";
import { attr, TYPE } from "./attributes.ts";
import { type Graph, order } from "./graph.ts";
import { type Constant, OPERATIONS } from "./operations.ts";

/** What a function becomes: nodes to feed, by input, and outputs to fetch, by name. */
export interface LoweredFunction {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

/** Update rules that TensorFlow has a form of its own for: its one-pass op on the variables. */
export const RULES = { adam: applyAdam } as const;

/** Adds a function to a graph; `variables` are the nodes of the state, by name. */
export function lower(
  graph: Graph,
  trace: Trace,
  { variables, half, label }: {
    variables: Readonly<Record<string, string>>;
    half: boolean;
    label: string;
  },
): LoweredFunction {
  const { operations } = trace;
  const values: string[][] = [];
  const reads: Record<string, string> = {};
  const inputs: Record<string, string> = {};
  const halves = new Map<string, string>();
  const valueOf = ([operation, result]: Edge) => values[operation]![result]!;
  const nameOf = ({ attributes }: Operation) => attributes.name as string;

  for (const operation of operations) {
    const { op, attributes, results } = operation;
    const [{ dtype, shape }] = results as [ResultSpec];
    if (op === "State") {
      reads[nameOf(operation)] = graph.read(variables[nameOf(operation)]!);
      values.push([reads[nameOf(operation)]!]);
    } else if (op === "Input") {
      const name = nameOf(operation);
      // Numbered, as TensorFlow refuses some characters that a name of ours may have.
      inputs[name] = graph.placeholder(`${label}/in${values.length}`, dtype, shape);
      values.push([inputs[name]]);
    } else if (op === "Constant") {
      values.push([graph.constant(attributes.values as Float32Array, dtype, shape)]);
    } else if (half && op === "BatchMatMul" && dtype === "float32") {
      values.push([halfProduct(graph, operation, operation.inputs.map(valueOf), halves)]);
    } else {
      values.push(node(graph, operation, operation.inputs.map(valueOf), operations));
    }
  }

  const readNode = (name: string) => reads[name]!.split(":")[0]!;
  const assigned = Object.fromEntries(
    Object.entries(trace.state).map(([name, edge]) => [
      name,
      graph.assign(variables[name]!, valueOf(edge), [readNode(name)]),
    ]),
  );
  const changes = Object.values(assigned);
  const { updates } = trace;
  if (updates) {
    const apply = RULES[updates.rule.name as keyof typeof RULES];
    const scalar = (name: string) => valueOf(updates.scalars[name]!);
    for (const [name, gradient] of Object.entries(updates.gradients)) {
      const names = [name, ...updates.rule.slots.map((slot) => slot + name)];
      const after = names.flatMap((
        own,
      ) => [readNode(own), ...(assigned[own] ? [assigned[own]] : [])]);
      const nodes = names.map((own) => variables[own]!);
      changes.push(
        apply(graph, nodes, {
          ...updates.rule.constants,
          scalar,
          gradient: valueOf(gradient),
          after,
        }),
      );
    }
  }
  const outputs = Object.fromEntries(
    Object.entries(trace.outputs).map(([name, edge], i) => {
      const { dtype } = operations[edge[0]]!.results[edge[1]]!;
      return [name, graph.output(valueOf(edge), dtype, changes, `${label}/out${i}`)];
    }),
  );
  if (Object.keys(outputs).length === 0) outputs.done = graph.barrier(changes);
  return { inputs, outputs };
}

/** Adds one operation by the table; returns its outputs. */
function node(
  graph: Graph,
  operation: Operation,
  inputs: string[],
  operations: readonly Operation[],
): string[] {
  const lowering = OPERATIONS[operation.op];
  if (!lowering) {
    throw new Error(`Cannot compile: TensorFlow's table has no operation ${operation.op}.`);
  }
  const specs = operation.inputs.map(([from, result]) => operations[from]!.results[result]!);
  const { op, attributes, constants = [] } = lowering(operation, specs);
  const name = graph.add(
    op,
    [...inputs, ...constants.map((own) => constant(graph, own))],
    attributes,
  );
  return operation.results.map((_, i) => `${name}:${i}`);
}

function constant(graph: Graph, { values, shape, dtype }: Constant): string {
  const array = dtype === "float32"
    ? Float32Array.from(values)
    : dtype === "int32"
    ? Int32Array.from(values)
    : Uint8Array.from(values);
  return graph.constant(array, dtype, shape);
}

/** A product of bfloat16 copies, each made once; its result as float32. */
function halfProduct(
  graph: Graph,
  { attributes: { transposeA, transposeB } }: Operation,
  inputs: string[],
  halves: Map<string, string>,
): string {
  const cast = (value: string, from: number, to: number) =>
    `${graph.add("Cast", [value], { SrcT: attr.type(from), DstT: attr.type(to) })}:0`;
  const half = (value: string) => {
    const known = halves.get(value) ?? cast(value, TYPE.float32, TYPE.bfloat16);
    halves.set(value, known);
    return known;
  };
  const product = graph.add("BatchMatMulV2", inputs.map(half), {
    T: attr.type(TYPE.bfloat16),
    adj_x: attr.bool(transposeA as boolean),
    adj_y: attr.bool(transposeB as boolean),
  });
  const whole = cast(`${product}:0`, TYPE.bfloat16, TYPE.float32);
  halves.set(whole, `${product}:0`);
  return whole;
}

/** Adam's one-pass update of [parameter, first, second] after `after` has run; returns the node. */
function applyAdam(
  graph: Graph,
  variables: string[],
  { beta1, beta2, scalar, gradient, after }: {
    beta1?: number;
    beta2?: number;
    scalar: (name: string) => string;
    gradient: string;
    after: string[];
  },
): string {
  const number = (value: number) => graph.constant(Float32Array.of(value), "float32", []);
  // Powers of zero switch the op's own bias corrections off.
  const settings = [
    number(0),
    number(0),
    scalar("rate"),
    number(beta1!),
    number(beta2!),
    scalar("epsilon"),
  ];
  return graph.add(
    "ResourceApplyAdam",
    [...variables.map((variable) => `${variable}:0`), ...settings, gradient, ...order(after)],
    {
      T: attr.type(TYPE.float32),
      use_locking: attr.bool(false),
      use_nesterov: attr.bool(false),
    },
  );
}
