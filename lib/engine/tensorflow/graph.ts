/**
 * A TensorFlow graph under construction: nodes by name, and the few with a meaning of their own
 * (placeholders, variables, constants). Knows nothing of traces, models or training.
 *
 * @module
 */

import type { DType } from "../contract.ts";
import { attr, pb, TYPE } from "./attributes.ts";
import { tensorflow } from "./load.ts";

/** One graph: add nodes, then load it. Outputs are named "node:index". */
export class Graph {
  readonly #nodes: unknown[] = [];
  readonly #counts = new Map<string, number>();
  readonly #constants = new Map<string, string>();

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

  /** An input fed at every run; returns its output. */
  placeholder(label: string, dtype: DType, shape: readonly number[]): string {
    const attributes = { dtype: attr.type(TYPE[dtype]), shape: attr.shape(shape) };
    return `${this.add("Placeholder", [], attributes, label)}:0`;
  }

  /** A constant; equal small ones are one. Returns its output. */
  constant(values: ArrayBufferView, dtype: DType, shape: readonly number[]): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    const key = bytes.length <= 256 ? `${dtype}/${shape}/${bytes}` : undefined;
    const known = key && this.#constants.get(key);
    if (known) return known;
    const code = TYPE[dtype];
    const attributes = { dtype: attr.type(code), value: attr.tensor(code, shape, bytes) };
    const output = `${this.add("Const", [], attributes)}:0`;
    if (key) this.#constants.set(key, output);
    return output;
  }

  /** A float32 variable that outlives runs and is shared by everything in the graph. */
  variable(label: string, shape: readonly number[]): string {
    return this.add("VarHandleOp", [], {
      dtype: attr.type(TYPE.float32),
      shape: attr.shape(shape),
      shared_name: attr.text(label),
      container: attr.text(""),
    }, label);
  }

  /** Reads a variable, once for everything that shares the returned output. */
  read(variable: string): string {
    const dtype = attr.type(TYPE.float32);
    return `${this.add("ReadVariableOp", [`${variable}:0`], { dtype })}:0`;
  }

  /** Assigns a variable after `after` has run; returns the node's name. */
  assign(variable: string, value: string, after: string[] = []): string {
    return this.add("AssignVariableOp", [`${variable}:0`, value, ...order(after)], {
      dtype: attr.type(TYPE.float32),
    });
  }

  /** Names a value, to be fetched; it is ready only when `after` has run. */
  output(value: string, dtype: DType, after: string[] = [], label = "output"): string {
    const T = attr.type(TYPE[dtype]);
    return `${this.add("Identity", [value, ...order(after)], { T }, label)}:0`;
  }

  /** A node that does nothing but wait for others, with a zero to fetch. */
  barrier(after: string[]): string {
    return this.output(this.constant(new Float32Array(1), "float32", []), "float32", after, "done");
  }

  /** Loads the graph as a session and returns the addon's number for it. */
  load(): number {
    const folder = Deno.makeTempDirSync({ prefix: "factlab-graph-" });
    try {
      Deno.mkdirSync(`${folder}/variables`);
      Deno.writeFileSync(`${folder}/saved_model.pb`, this.#serialize());
      return tensorflow().binding.loadSavedModel(folder, "serve");
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

/** Nodes that only have to come before. */
export function order(nodes: readonly string[]): string[] {
  return nodes.map((name) => `^${name}`);
}
