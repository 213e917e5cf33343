/**
 * A TensorFlow graph under construction: nodes recorded while ops run eagerly, and the few
 * written by hand (placeholders, variables). Knows nothing of models or training.
 *
 * @module
 */

import { attr, pb } from "./attributes.ts";
import { type Backend, type OpAttribute, type Tensor, tf } from "./load.ts";

/** Element types factlab uses. */
export type DType = "float32" | "int32" | "bool";

const TYPE_CODES: Record<string, number> = { float32: 1, int32: 3, bool: 10 };
const INT64 = 9;
const BFLOAT16 = 14;

/** Ops whose result has a shape that depends on values: they cannot be part of a fixed graph. */
const DATA_DEPENDENT = new Set(["Where", "Unique", "UniqueV2", "NonMaxSuppressionV3", "ListDiff"]);

/** Ops that draw random numbers: a graph would repeat or reseed them behind the caller's back. */
const RANDOM = new Set(["RandomStandardNormal", "RandomUniform", "TruncatedNormal", "Multinomial"]);

function refuseRandom(source: string): never {
  throw new Error(
    `Cannot compile: ${source} draws random numbers. Draw them outside, pass them as an input.`,
  );
}

/** Attributes that TensorFlow infers from the inputs in eager mode and a graph must spell out. */
function inferredAttributes(op: string, inputs: Tensor[]): Record<string, unknown> {
  const type = (i: number) => attr.type(TYPE_CODES[inputs[i]?.dtype ?? "float32"] ?? 1);
  switch (op) {
    case "Pack":
    case "AddN":
      return { T: type(0), N: attr.int(inputs.length) };
    case "ConcatV2":
      return { T: type(0), N: attr.int(inputs.length - 1) };
    case "Range":
    case "GatherV2":
    case "Cast":
    case "OneHot":
      return {};
    case "ArgMax":
      return { T: type(0), output_type: attr.type(INT64) };
    default:
      return inputs.length > 0 ? { T: type(0) } : {};
  }
}

/** One graph: add nodes, trace functions into it, save it as a SavedModel. */
export class Graph {
  readonly #nodes: unknown[] = [];
  readonly #counts = new Map<string, number>();
  readonly #outputs = new Map<object, string>();
  readonly #constants = new Map<string, string>();
  readonly #halves = new Map<string, string>();
  readonly #backend = tf.backend() as unknown as Backend;
  readonly #halfProducts: boolean;

  /** With `halfProducts`, traced matrix products are computed in bfloat16. */
  constructor({ halfProducts = false } = {}) {
    this.#halfProducts = halfProducts;
  }

  /** Number of nodes so far. */
  get size(): number {
    return this.#nodes.length;
  }

  /** Adds a node and returns its name; inputs are "node:output", or "^node" for order only. */
  add(op: string, inputs: string[], attributes: Record<string, unknown>, label = op): string {
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    const name = count === 1 ? label : `${label}_${count}`;
    const node = new (pb().NodeDef)();
    node.setName(name);
    node.setOp(op);
    // A graph wants order-only inputs after all data inputs.
    node.setInputList([
      ...inputs.filter((input) => !input.startsWith("^")),
      ...inputs.filter((input) => input.startsWith("^")),
    ]);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
    this.#nodes.push(node);
    return name;
  }

  /** An input fed at every run. */
  placeholder(label: string, dtype: DType, shape: readonly number[]): string {
    const type = attr.type(TYPE_CODES[dtype]!);
    return this.add("Placeholder", [], { dtype: type, shape: attr.shape(shape) }, label);
  }

  /** A float32 variable that outlives runs and is shared by everything in the graph. */
  variable(label: string, shape: readonly number[]): string {
    return this.add("VarHandleOp", [], {
      dtype: attr.type(1),
      shape: attr.shape(shape),
      shared_name: attr.text(label),
      container: attr.text(""),
    }, label);
  }

  /** Reads a variable, once for everything that shares the returned output. */
  read(variable: string): string {
    const name = this.add("ReadVariableOp", [`${variable}:0`], { dtype: attr.type(1) });
    return `${name}:0`;
  }

  /** Assigns a variable after `after` has run; returns the node's name. */
  assign(variable: string, value: string, after: string[] = []): string {
    const order = after.map((name) => `^${name}`);
    return this.add("AssignVariableOp", [`${variable}:0`, value, ...order], {
      dtype: attr.type(1),
    });
  }

  /** Adam's one-pass update of [parameter, first, second] variables after `after` has run. */
  applyAdam(variables: string[], inputs: string[], after: string[]): string {
    const order = after.map((name) => `^${name}`);
    return this.add(
      "ResourceApplyAdam",
      [...variables.map((variable) => `${variable}:0`), ...inputs, ...order],
      { T: attr.type(1), use_locking: attr.bool(false), use_nesterov: attr.bool(false) },
    );
  }

  /** Names a value, to be fetched; it is ready only when `after` has run. */
  output(value: string, dtype: DType, after: string[] = [], label = "output"): string {
    const order = after.map((name) => `^${name}`);
    const type = attr.type(TYPE_CODES[dtype]!);
    return `${this.add("Identity", [value, ...order], { T: type }, label)}:0`;
  }

  /** A node that does nothing but wait for others, with a zero to fetch. */
  barrier(after: string[]): string {
    const zero = tf.scalar(0);
    const output = this.output(this.#constant(zero), "float32", after, "done");
    zero.dispose();
    return output;
  }

  /** Says that a tensor is the given output of the graph. */
  bind(tensor: Tensor, output: string): void {
    this.#outputs.set(tensor.dataId, output);
  }

  /** The output that a tensor stands for; a tensor from outside becomes a constant. */
  outputOf(tensor: Tensor): string {
    return this.#outputs.get(tensor.dataId) ?? this.#constant(tensor);
  }

  /**
   * Runs `body` eagerly and records every op it executes.
   *
   * @throws {Error} if a traced value is read back, if an op has a data-dependent shape or
   * draws random numbers, or if a captured tensor has been disposed.
   */
  trace<T>(body: () => T): T {
    const backend = this.#backend;
    const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
    const { random } = Math;
    // tfjs draws most random numbers in JavaScript: one draw would become a constant.
    Math.random = () => refuseRandom("Math.random");
    backend.executeSingleOutput = (op, attributes, inputs) => {
      const result = executeSingleOutput.call(backend, op, attributes, inputs);
      this.#record(op, attributes, inputs, [result]);
      return result;
    };
    backend.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const results = executeMultipleOutputs.call(backend, op, attributes, inputs, count);
      this.#record(op, attributes, inputs, results);
      return results;
    };
    backend.readSync = (dataId) => {
      if (this.#outputs.has(dataId)) {
        throw new Error(
          "Cannot compile: a value that depends on inputs was read back in the middle " +
            "(data, dataSync, array or print). Return it as an output instead.",
        );
      }
      return readSync.call(backend, dataId);
    };
    try {
      return body();
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync });
      Math.random = random;
    }
  }

  #record(op: string, attributes: OpAttribute[], inputs: Tensor[], results: Tensor[]): void {
    if (DATA_DEPENDENT.has(op)) {
      throw new Error(`Cannot compile: the shape of ${op}'s result depends on values.`);
    }
    if (RANDOM.has(op)) refuseRandom(op);
    const given = Object.fromEntries(attributes.map((a) => [a.name, this.#attribute(op, a)]));
    if (this.#halfProducts && op === "BatchMatMulV2") {
      const name = this.add(op, inputs.map((input) => this.#half(this.outputOf(input))), {
        ...given,
        T: attr.type(BFLOAT16),
      });
      const output = this.#cast(`${name}:0`, BFLOAT16, TYPE_CODES.float32!);
      this.#halves.set(output, `${name}:0`);
      this.#outputs.set(results[0]!.dataId, output);
      return;
    }
    const name = this.add(op, inputs.map((input) => this.outputOf(input)), {
      ...inferredAttributes(op, inputs),
      ...given,
    });
    results.forEach((result, i) => this.#outputs.set(result.dataId, `${name}:${i}`));
  }

  /** The bfloat16 copy of a value, made once. */
  #half(output: string): string {
    const known = this.#halves.get(output);
    if (known) return known;
    const half = this.#cast(output, TYPE_CODES.float32!, BFLOAT16);
    this.#halves.set(output, half);
    return half;
  }

  #cast(output: string, from: number, to: number): string {
    return `${this.add("Cast", [output], { SrcT: attr.type(from), DstT: attr.type(to) })}:0`;
  }

  #attribute(op: string, { name, type, value }: OpAttribute): unknown {
    const { binding } = this.#backend;
    switch (type) {
      case binding.TF_ATTR_TYPE:
        return attr.type(value);
      case binding.TF_ATTR_INT:
        return attr.int(value);
      case binding.TF_ATTR_FLOAT:
        return attr.float(value);
      case binding.TF_ATTR_BOOL:
        return attr.bool(value);
      case binding.TF_ATTR_STRING:
        return attr.text(value);
      case binding.TF_ATTR_SHAPE:
        return attr.shape(value);
      default:
        throw new Error(`Cannot compile: attribute ${name} of ${op} has an unknown type ${type}.`);
    }
  }

  #constant(tensor: Tensor): string {
    const { code, shape, bytes } = this.#content(tensor);
    const key = bytes.length <= 256 ? `${code}/${shape}/${bytes}` : undefined;
    const known = key && this.#constants.get(key);
    if (known) return known;
    const output = `${
      this.add("Const", [], { dtype: attr.type(code), value: attr.tensor(code, shape, bytes) })
    }:0`;
    if (key) this.#constants.set(key, output);
    return output;
  }

  #content(tensor: Tensor): { code: number; shape: readonly number[]; bytes: Uint8Array } {
    // tfjs-node wraps some sizes in an object of its own that holds one 64-bit integer.
    const { valueArray } = tensor as unknown as { valueArray?: Int32Array };
    if (valueArray) {
      const wide = new BigInt64Array([BigInt(valueArray[0] ?? 0)]);
      return { code: INT64, shape: [], bytes: new Uint8Array(wide.buffer) };
    }
    const code = TYPE_CODES[tensor.dtype];
    if (code === undefined) throw new Error(`Cannot compile: a constant of type ${tensor.dtype}.`);
    let data;
    try {
      data = this.#backend.readSync(tensor.dataId);
    } catch (cause) {
      throw new Error(
        "Cannot compile: a tensor captured from outside the function has been disposed. " +
          "Keep it (tf.keep) until the function is compiled, or make it inside.",
        { cause },
      );
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    return { code, shape: tensor.shape, bytes };
  }

  /** Loads the graph as a session and returns the addon's number for it. */
  load(): number {
    const folder = Deno.makeTempDirSync({ prefix: "factlab-graph-" });
    try {
      Deno.mkdirSync(`${folder}/variables`);
      Deno.writeFileSync(`${folder}/saved_model.pb`, this.#serialize());
      return this.#backend.binding.loadSavedModel(folder, "serve");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }

  #serialize(): Uint8Array {
    const messages = pb();
    const versions = new messages.VersionDef();
    versions.setProducer(1645);
    const graph = new messages.GraphDef();
    graph.setNodeList(this.#nodes);
    graph.setVersions(versions);
    const info = new messages.MetaGraphDef.MetaInfoDef();
    info.setTagsList(["serve"]);
    const meta = new messages.MetaGraphDef();
    meta.setMetaInfoDef(info);
    meta.setGraphDef(graph);
    const model = new messages.SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.setMetaGraphsList([meta]);
    return model.serializeBinary();
  }
}
