/**
 * A backend of tfjs that computes nothing: while it is in use, every kernel that a function calls
 * is written down with its inputs, attributes and the shapes of its results (kernels.ts).
 *
 * @module
 */

import type { DType } from "./contract.ts";
import { KERNELS, REAL, REFUSED, WRITTEN_OUT } from "./kernels.ts";
import { loadTfjs, type Tensor, tf } from "./tfjs.ts";
import type { Edge, Operation, ResultSpec } from "./operation.ts";

const BACKEND = "trace";

/** What a kernel of tfjs is given and gives: a tensor, or what one is made from. */
export interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: string;
}

type Numbers = Float32Array | Int32Array | Uint8Array;

/** Values of tensors that were made while tracing. */
const constants = new WeakMap<object, Numbers>();

/** Tensors that stand for a result of some trace. */
const traced = new WeakSet<object>();

/** The recorder in use. */
let current: Recorder | undefined;

/** Writes down what one function does. */
export class Recorder {
  /** All operations so far. */
  readonly operations: Operation[] = [];
  readonly #edges = new WeakMap<object, Edge>();

  /**
   * Runs `body` with this recorder in the place of what computes, which is restored whatever
   * happens; returns what it returns. No tensor is left behind.
   */
  record<T>(body: () => T): T {
    loadTfjs();
    register();
    const before = { recorder: current, backend: tf.engine().backendName };
    const { random } = Math;
    tf.engine().startScope();
    try {
      // tfjs draws most random numbers in JavaScript: one draw would become a constant.
      Math.random = () => refuseRandom("Math.random");
      current = this;
      tf.setBackend(BACKEND);
      return body();
    } catch (error) {
      throw explained(error);
    } finally {
      tf.engine().endScope();
      current = before.recorder;
      // Where nothing computes yet, tfjs's own JavaScript does from now on.
      tf.setBackend(before.backend ?? "cpu");
      Math.random = random;
    }
  }

  /** A tensor that stands for what a call is given: State or Input of a name. */
  source(op: string, name: string, spec: ResultSpec): Tensor {
    const [info] = this.add(op, [], { name }, [spec]);
    return tf.engine().makeTensorFromTensorInfo(info as never);
  }

  /** Writes an operation down; returns what stands for its results. */
  add(
    op: string,
    inputs: readonly TensorInfo[],
    attributes: Record<string, unknown>,
    results: ResultSpec[],
  ): TensorInfo[] {
    const edges = inputs.map((input) => this.edgeOf(input));
    const operation = this.operations.push({ op, inputs: edges, attributes, results }) - 1;
    return results.map(({ shape, dtype }, result) => {
      const dataId = {};
      traced.add(dataId);
      this.#edges.set(dataId, [operation, result]);
      return { dataId, shape: [...shape], dtype };
    });
  }

  /** The same value once more: tfjs counts and disposes of tensors one by one. */
  alias({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    const again = {};
    traced.add(again);
    this.#edges.set(again, this.edgeOf({ dataId, shape, dtype }));
    return { dataId: again, shape, dtype };
  }

  /** The value that a tensor stands for; a tensor from outside becomes a constant. */
  edgeOf(tensor: TensorInfo): Edge {
    const known = this.#edges.get(tensor.dataId);
    if (known) return known;
    const dtype = tensor.dtype as DType;
    if (!["float32", "int32", "bool"].includes(dtype)) {
      throw new Error(`Cannot compile: a constant of type ${dtype}.`);
    }
    const values = (constants.get(tensor.dataId) ?? fromOutside(tensor)).slice();
    const results = [{ shape: [...tensor.shape], dtype }];
    const constant = { op: "Constant", inputs: [], attributes: { values }, results };
    const edge: Edge = [this.operations.push(constant) - 1, 0];
    this.#edges.set(tensor.dataId, edge);
    return edge;
  }
}

/** Values of a tensor that another backend holds. */
function fromOutside(tensor: TensorInfo): Numbers {
  if (traced.has(tensor.dataId)) {
    throw new Error(
      "Cannot compile: a tensor of one traced function was used in another, where it has no " +
        "value. Pass it as an input or as state.",
    );
  }
  try {
    return tf.engine().readSync(tensor.dataId) as Numbers;
  } catch (cause) {
    throw new Error(
      "Cannot compile: a tensor captured from outside the function has been disposed. " +
        "Keep it (tf.keep) until the function is compiled, or make it inside.",
      { cause },
    );
  }
}

let registered = false;

/** Makes the backend and its kernels known to tfjs. */
function register(): void {
  if (registered) return;
  registered = true;
  tf.registerBackend(BACKEND, () => backend as never);
  const known = (
    kernelName: string,
    run: (inputs: Tensor[], attributes: Record<string, unknown>) => unknown,
  ) =>
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs = {} }) =>
        run(
          (Object.values(inputs) as unknown as Tensor[]).flat().filter((x) => x !== undefined),
          attrs as unknown as Record<string, unknown>,
        ) as never,
    });
  for (const [name, rule] of Object.entries(KERNELS)) {
    known(name, (given, own) => {
      const inputs = REAL.has(name) ? given.map((x) => tf.cast(x, "float32")) : given;
      const { attributes = {}, results, many } = rule(inputs, own);
      const [first] = inputs;
      if (name === "Identity" || (name === "Cast" && first!.dtype === attributes.dtype)) {
        return current!.alias(first!);
      }
      const infos = current!.add(name, inputs, attributes, results);
      return many ? infos : infos[0];
    });
  }
  for (const [name, write] of Object.entries(WRITTEN_OUT)) {
    known(name, ([x], attributes) => tf.tidy(() => write(x!, attributes) as never));
  }
  for (const [name, why] of Object.entries(REFUSED)) {
    known(name, () => {
      throw new Error(`Cannot compile: ${why}`);
    });
  }
}

const backend = {
  floatPrecision: () => 32,
  epsilon: () => 1e-7,
  numDataIds: () => 0,
  refCount: () => 1,
  incRef() {},
  disposeData: () => true,
  dispose() {},
  write(values: Numbers) {
    const dataId = {};
    constants.set(dataId, values);
    return dataId;
  },
  readSync(dataId: object) {
    const known = constants.get(dataId);
    if (known) return known;
    throw new Error(
      "Cannot compile: a value that depends on inputs was read back in the middle " +
        "(data, dataSync, array or print). Return it as an output instead.",
    );
  },
};

function refuseRandom(source: string): never {
  throw new Error(
    `Cannot compile: ${source} draws random numbers. Draw them outside, pass them as an input.`,
  );
}

/** What tfjs says of a kernel that it does not find, in words that help. */
function explained(error: unknown): unknown {
  const [, name] = /registered kernel '(\w+)' for the backend 'trace'/.exec(String(error)) ??
    /Kernel '(\w+)' not registered for backend 'trace'/.exec(String(error)) ?? [];
  if (!name) return error;
  return new Error(
    `Cannot compile: the operation ${name} is none of ${Object.keys(KERNELS).join(", ")}. ` +
      "Write it with these.",
    { cause: error },
  );
}
