/**
 * Compiles a program to one TensorFlow graph: its functions are traced (trace.ts), lowered
 * (lower.ts), and loaded over one state (session.ts).
 *
 * With `precision: "bf16"` products of matrices are bfloat16 (lower.ts). Where the CPU has no such
 * products, float32 is used and said.
 *
 * @module
 */

import {
  type Branching,
  checked,
  checkNames,
  type Engine,
  type EngineOptions,
  mapValues,
  outputsOf,
  type Precision,
  type Program,
  refuseUnknown,
} from "../contract.ts";
import { hasNativeBf16 } from "../machine.ts";
import { trace } from "../trace.ts";
import { RULES } from "./lower.ts";
import { load } from "./session.ts";

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
 * import { callOf, compile, openTensorFlow, tf } from "factlab";
 * await openTensorFlow();
 * const add = callOf({
 *   inputs: { x: { shape: [2], dtype: "float32" } },
 *   run: ({ total }, { x }) => ({ state: { total: tf.add(total!, x!) } }),
 * });
 * const counter = compile({ state: { total: [2] }, calls: [add] });
 * counter.write({ total: new Float32Array(2) });
 * add.run(counter, { x: new Float32Array([1, 2]) });
 * console.log(counter.read().total); // Float32Array [1, 2]
 * counter.dispose();
 * ```
 */
export function compile(program: Program, options: EngineOptions = {}): Engine {
  const { state, calls } = program;
  const precision = available(options.precision ?? "fp32");
  const own = options.branches ?? branches;
  const how = { state, branches: own, rules: Object.keys(RULES) };
  const functions = [...new Set(calls.flatMap((call) => call.functions))];
  const traces = functions.map((fn) => trace(fn, how));
  const session = load(state, traces, { half: precision === "bf16" });
  let isOpen = true;
  const open = () => {
    if (isOpen) return session;
    throw new Error("Cannot run: this engine has been disposed.");
  };
  return {
    get nodes() {
      return session.nodes;
    },
    precision,
    branches: own,
    atOnce: () => 1,
    run(fn, inputs) {
      const index = functions.indexOf(fn);
      if (index < 0) refuseUnknown(fn);
      const outputs = inputs.map((values) =>
        open().run(index, mapValues(fn.inputs, (_, key) => checked(fn, key, values[key])))
      );
      return outputsOf(outputs);
    },
    prepare: () => Promise.resolve(),
    like: (other, changed) => compile(other, { ...options, ...changed }),
    read: (names = Object.keys(state)) => open().read(names),
    write(values) {
      checkNames(values, state);
      // All variables are written by one run, so what is not given is written back unchanged.
      const absent = Object.keys(state).filter((name) => !(name in values));
      open().write({ ...(absent.length > 0 ? session.read(absent) : {}), ...values });
    },
    dispose() {
      if (isOpen) session[Symbol.dispose]();
      isOpen = false;
    },
  };
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
