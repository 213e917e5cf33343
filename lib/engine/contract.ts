/**
 * What an engine is, whatever it runs on: state that stays with it, and pure functions over it.
 *
 * - A function takes the state and its inputs, and returns outputs and, if it changes the state,
 *   the new tensors by name, or gradients for an update rule. It must be pure: everything that
 *   changes between runs is state or input, randomness included.
 * - It is traced once (trace.ts); the operations it calls become the program. Loops and branches of
 *   JavaScript are therefore unrolled; shapes are fixed.
 * - State begins at zero, and is written only after every read of the same run.
 * - Tensors captured from outside, and numbers, become constants of the program.
 *
 * @module
 */

import { type Tensor, tf } from "./tfjs.ts";

/** Tensors by name. */
export type Tensors = Record<string, Tensor>;

/** Shapes by name. */
export type Shapes = Record<string, readonly number[]>;

/** Element types of tensors. */
export type DType = "float32" | "int32" | "bool";

/** Plain numbers by name, as they enter and leave an engine. */
export type Values = Record<string, Float32Array | Int32Array>;

/** Shape and element type of one input. */
export interface Spec {
  /** Axes, all fixed. */
  shape: readonly number[];
  /** Type of each number. */
  dtype: "float32" | "int32";
}

/**
 * In how many equal parts an engine wants sequences of a length to be worked on side by side, each
 * of whole `group`s.
 */
export type Branching = (sequences: number, length: number, group?: number) => number;

/** A pure function with the inputs it takes. */
export interface PureFunction {
  /** What it is called in errors. */
  name?: string;
  /** What each run is given. */
  inputs: Record<string, Spec>;
  /** What comes of state and inputs; how the engine likes work to be split is told. */
  run(state: Tensors, inputs: Tensors, branches: Branching): Result;
}

/** What a pure function returns: outputs, new state by name, and what a rule is to update. */
export interface Result {
  /** What the caller gets. */
  outputs?: Tensors;
  /** What replaces parts of the state. */
  state?: Tensors;
  /** What a rule changes after that. */
  updates?: Updates;
}

/** How parameters change by their gradients, element by element. */
export interface UpdateRule {
  /** Its name, by which an engine may have a faster form of it. */
  name: string;
  /** What it remembers of each parameter: prefixes of names in the state. */
  slots: readonly string[];
  /** Its fixed numbers. */
  constants: Readonly<Record<string, number>>;
  /** The new parameter and its new slots, all of one shape; scalars are tensors of rank 0. */
  apply(
    parameter: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    scalars: Tensors,
  ): [parameter: Tensor, ...slots: Tensor[]];
}

/** A rule with what it is to be applied to. */
export interface Updates {
  /** What is done. */
  rule: UpdateRule;
  /** Gradients by the state name of their parameter. */
  gradients: Tensors;
  /** Numbers of this step, of rank 0. */
  scalars: Tensors;
}

/** New state by name: what `updates` make of a state. */
export function applyUpdates({ rule, gradients, scalars }: Updates, state: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(gradients).flatMap(([name, gradient]) => {
      const names = [name, ...rule.slots.map((slot) => slot + name)];
      const [parameter, ...slots] = names.map((own) => state[own]!);
      const changed = rule.apply(parameter!, gradient, slots, scalars);
      return names.map((own, i) => [own, changed[i]!] as const);
    }),
  );
}

/** What has pure functions: a {@link Call}, or several. */
export interface HasFunctions {
  /** All that an engine must know to run it. */
  readonly functions: readonly PureFunction[];
}

/**
 * Something an engine can be asked: the pure functions it needs and how they are used. It picks
 * among them, packs what they are given and unpacks what they give, so that nobody else knows them.
 */
export interface Call<Input, Output> extends HasFunctions {
  /** Runs it. */
  run(engine: Engine, input: Input): Output;
}

/**
 * The call of one function: plain numbers in and out.
 *
 * @example
 * ```ts
 * import { callOf, compile, openTensorFlow, tf } from "factlab";
 * await openTensorFlow();
 * const double = callOf({
 *   inputs: { x: { shape: [3], dtype: "float32" } },
 *   run: (_, { x }) => ({ outputs: { y: tf.mul(x!, 2) } }),
 * });
 * const engine = compile({ state: {}, calls: [double] });
 * console.log(double.run(engine, { x: new Float32Array([1, 2, 3]) }).y); // 2, 4, 6
 * engine.dispose();
 * ```
 */
export function callOf(fn: PureFunction): Call<Values, Values> {
  return { functions: [fn], run: (engine, inputs) => engine.run(fn, [inputs]).read()[0]! };
}

/** What to build an engine from. */
export interface Program {
  /** Shapes of the state, all float32. */
  state: Shapes;
  /** What it will be asked. */
  calls: readonly HasFunctions[];
}

/** bf16: products of matrices in bfloat16, all else in float32. fp32: everything in float32. */
export type Precision = "bf16" | "fp32";

/** A program in which several runs of one shape are side by side; engines know its inside. */
export interface Beside {
  /** How many it has places for. */
  readonly runs: number;
}

/** How an engine is made. */
export interface EngineOptions {
  /** Precision of matrix products, where the machine has it; fp32 by default. */
  precision?: Precision;
  /** How work is split, for tests; the engine's own way by default. */
  branches?: Branching;
  /** Among whom it runs, where an engine can do that; alone by default. */
  beside?: Beside;
}

/** What runs of a function give; read when it is needed, for the engine may still be at work. */
export interface Outputs {
  /** Settles when reading waits for nothing, whether the runs went well or not. */
  ready(): Promise<void>;
  /** The outputs of each run, in order. */
  read(): Values[];
}

/** Outputs that are there. */
export function outputsOf(values: Values[]): Outputs {
  return { ready: () => Promise.resolve(), read: () => values };
}

/** State and functions, ready to run. */
export interface Engine {
  /**
   * Runs a function of one of its calls, once for each of some inputs (numbers in row-major order),
   * one after the other; the engine may do many in one go.
   */
  run(fn: PureFunction, inputs: readonly Values[]): Outputs;
  /** Compiles what is needed for some calls, without holding up anything else. */
  prepare(calls: readonly HasFunctions[]): Promise<void>;
  /** Another engine of this kind, built in the same way from another program, but for some options. */
  like(program: Program, options?: EngineOptions): Engine;
  /** A copy of the state: all of it, or the given names. */
  read(names?: string[]): Record<string, Float32Array>;
  /** Replaces the given parts of the state. */
  write(values: Record<string, Float32Array>): void;
  /** Frees the state; the engine cannot be used afterwards. */
  dispose(): void;
  /** Operations in its program; 0 for an eager engine. */
  readonly nodes: number;
  /** Precision of its products: the one asked for, where the machine has it. */
  readonly precision: Precision;
  /** In how many parts it wants work to be split. */
  readonly branches: Branching;
  /** How many runs of a function it likes to be given at once. */
  atOnce(fn: PureFunction): number;
}

/** Refuses a function that an engine does not know. */
export function refuseUnknown({ name = "a function" }: PureFunction): never {
  throw new Error(
    `Cannot run ${name}: its call must be one of those the engine was built from. ` +
      "Build another with engine.like({ state, calls: [call] }), and write the state into it.",
  );
}

/** tf.tidy for a body that returns plain numbers: tidy would search every one for tensors. */
export function scoped<T>(body: () => T): T {
  tf.engine().startScope();
  try {
    return body();
  } finally {
    tf.engine().endScope();
  }
}

/** The value of an input, if it has the size that the function wants. */
export function checked(
  { name = "a function", inputs }: PureFunction,
  key: string,
  value: Values[string] | undefined,
): Values[string] {
  const spec = inputs[key]!;
  const size = spec.shape.reduce((a, b) => a * b, 1);
  if (value?.length === size) return value;
  throw new Error(
    `Cannot run ${name}: input ${key} must have ${size} values (${spec.shape.join(" x ")}), ` +
      `got ${value?.length ?? "none"}.`,
  );
}

/** Refuses a result that does not fit the state: unknown names, other shapes, other types. */
export function checkResult(
  { name: fn = "a function" }: PureFunction,
  { state = {}, updates }: Result,
  shapes: Shapes,
): void {
  const { rule, gradients = {} } = updates ?? {};
  const check = (what: string, name: string, tensor: Tensor) => {
    const shape = shapes[name];
    if (!shape) throw new Error(`Cannot compile ${fn}: "${name}" is not state.`);
    if (String(tensor.shape) === String(shape) && tensor.dtype === "float32") return;
    throw new Error(
      `Cannot compile ${fn}: ${what} ${name} must have shape [${shape}] and be float32, got ` +
        `[${tensor.shape}], ${tensor.dtype}.`,
    );
  };
  for (const [name, tensor] of Object.entries(state)) check("new state", name, tensor);
  for (const [name, tensor] of Object.entries(gradients)) {
    for (const own of [name, ...rule!.slots.map((slot) => slot + name)]) {
      check("the gradient of", own, tensor);
    }
  }
}

/** Refuses to write what is not state. */
export function checkNames(values: Record<string, unknown>, shapes: Shapes): void {
  const unknown = Object.keys(values).find((name) => !(name in shapes));
  if (unknown === undefined) return;
  throw new Error(
    `Cannot write state: names must be among ${Object.keys(shapes).join(", ")}, got ${unknown}.`,
  );
}

export function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value, key)]),
  );
}
