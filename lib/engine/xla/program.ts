/**
 * One traced function as a StableHLO module. A function that changes the state becomes a loop over
 * up to {@link capacityOf} runs of it, whose number is an input: however runs are put together, it is
 * the same program, and its results are the same bits.
 *
 * @module
 */

import { mapValues, type PureFunction, type Shapes, type Spec } from "../contract.ts";
import type { Edge, Operation, Trace } from "../operation.ts";
import { stackTrace } from "../stack.ts";
import { Module, type Type, type Value } from "./module.ts";
import { ELEMENT, OPERATIONS, type Products } from "./operations.ts";

/** Runs that a loop can hold at most, and numbers that its inputs may have. */
const RUNS = 16;
const NUMBERS = 2 ** 17;

/**
 * Runs of a function that its loop can hold, a power of two: many where one takes the device no time,
 * few where it would only keep inputs waiting.
 */
export function capacityOf({ inputs }: Pick<PureFunction, "inputs">): number {
  const numbers = Object.values(inputs).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    1,
  );
  return 2 ** Math.floor(Math.log2(Math.max(1, Math.min(RUNS, NUMBERS / numbers))));
}

/** A module, and what its arguments and results are. */
export interface ModuleOf {
  /** In StableHLO's text form. */
  code: string;
  /** State that comes first in arguments and in results, by name: it is replaced. */
  changed: readonly string[];
  /** State that is only read, by name. */
  kept: readonly string[];
  /**
   * Runs that its loop can hold: their number is the next argument, and inputs and outputs have an
   * axis for them; undefined where there is no loop.
   */
  capacity?: number;
  /** Inputs, the last arguments. */
  inputs: Readonly<Record<string, Spec>>;
  /** Outputs, the last results. */
  outputs: Readonly<Record<string, Spec>>;
}

/** What the arguments and results of a trace's module are. */
function portsOf({ operations, outputs, state }: Trace): Omit<ModuleOf, "code"> & {
  used: ReadonlySet<number>;
} {
  const changed = Object.keys(state);
  const ends = [...Object.values(outputs), ...Object.values(state)];
  const used = new Set([...operations.flatMap(({ inputs }) => inputs), ...ends].map(([i]) => i));
  const kept = operations.flatMap(({ op, attributes }, i) => {
    const name = attributes.name as string;
    return op === "State" && used.has(i) && !changed.includes(name) ? [name] : [];
  });
  const inputs = Object.fromEntries(
    operations.filter(({ op }) => op === "Input").map(({ attributes, results }) => [
      attributes.name as string,
      results[0] as Spec,
    ]),
  );
  return {
    ...{ changed, kept, inputs, used },
    capacity: changed.length > 0 ? capacityOf({ inputs }) : undefined,
    outputs: mapValues(outputs, ([i, result]) => {
      const { shape, dtype } = operations[i]!.results[result]!;
      return { shape, dtype: dtype === "float32" ? dtype : "int32" } as Spec;
    }),
  };
}

/** Makes the module of a trace over a state of some shapes. */
export function moduleOf(trace: Trace, shapes: Shapes, products: Products): ModuleOf {
  const { used: _, ...ports } = portsOf(trace);
  const { changed, kept, inputs, capacity } = ports;
  const counts = [changed.length, kept.length, Object.keys(inputs).length] as const;
  const m = new Module();
  const run = runOf(m, trace, products);
  const straight = (...values: Value[]) => run(...parts(values, ...counts)).outputs;
  const loop = (...values: Value[]) => {
    const [own, [limit], read, given] = parts(values, counts[0], 1, counts[1], counts[2]);
    const { outputs } = ports;
    return loopOf(m, { run, own, read, given, capacity: capacity!, outputs, limit: limit! }).flat();
  };
  const types = [
    ...stateTypes(changed, shapes),
    ...(capacity ? [COUNT] : []),
    ...stateTypes(kept, shapes),
    ...specTypes(inputs, capacity ? [capacity] : []),
  ];
  const reuses = types.map((_, i) => i < changed.length ? i : undefined);
  return { code: m.print(types, reuses, capacity ? loop : straight), ...ports };
}

/**
 * The module of a function that changes the state, for several runs side by side: the changed state
 * of all runs, how many steps each makes, the kept state of all runs, and inputs [capacity, runs, …].
 * A run whose steps are done stays as it is.
 */
export function besideModule(
  trace: Trace,
  shapes: Shapes,
  products: Products,
  runs: number,
): ModuleOf {
  const { used: _, ...ports } = portsOf(trace);
  const { changed, kept } = ports;
  const capacity = ports.capacity!;
  const stacked = stackTrace(trace, runs);
  const { inputs, outputs } = portsOf(stacked);
  const m = new Module();
  const run = runOf(m, stacked, products);
  /** Tensors of all runs, name by name, as one each. */
  const joined = (values: readonly Value[]) =>
    Array.from({ length: values.length / runs }, (_, i) =>
      m.concatenate(
        values.slice(i * runs, (i + 1) * runs).map((own) => m.reshape(own, [1, ...own.shape])),
        0,
      ));
  const apart = (stack: Value) =>
    Array.from({ length: runs }, (_, i) => {
      const begin = stack.shape.map((_, axis) => axis === 0 ? i : 0);
      return m.reshape(m.slice(stack, begin, stack.shape.with(0, 1)), stack.shape.slice(1));
    });
  const body = (...values: Value[]) => {
    const [first, [limits], second, given] = parts(
      values,
      ...[changed.length * runs, 1, kept.length * runs, Object.keys(inputs).length] as const,
    );
    const [state, made] = loopOf(m, {
      ...{ run, own: joined(first), read: joined(second), given, capacity },
      outputs,
      limit: limits!,
    });
    return [...state.flatMap(apart), ...made];
  };
  const each = (types: Type[]) => types.flatMap((type) => new Array<Type>(runs).fill(type));
  const types = [
    ...each(stateTypes(changed, shapes)),
    { shape: [runs], element: "i32" as const },
    ...each(stateTypes(kept, shapes)),
    ...specTypes(inputs, [capacity]),
  ];
  return { code: m.print(types, [], body), ...ports };
}

/** One run of a function: from state that changes, state that is kept and inputs. */
type Run = (own: Value[], read: Value[], given: Value[]) => { state: Value[]; outputs: Value[] };

function runOf(m: Module, trace: Trace, products: Products): Run {
  const { operations } = trace;
  const { changed, kept, inputs, outputs, used } = portsOf(trace);
  return (own, read, given) => {
    const state = { ...byName(changed, own), ...byName(kept, read) };
    const input = byName(Object.keys(inputs), given);
    const values: Value[][] = [];
    const valueOf = ([i, result]: Edge) => values[i]![result]!;
    operations.forEach((operation, i) => {
      const name = operation.attributes.name as string;
      if (operation.op === "State") values.push(state[name] ? [state[name]] : []);
      else if (operation.op === "Input") values.push([input[name]!]);
      else if (!used.has(i)) values.push([]);
      else values.push(lower(m, operation, operation.inputs.map(valueOf), products));
    });
    return {
      state: changed.map((name) => valueOf(trace.state[name]!)),
      outputs: Object.entries(outputs).map(([name, { dtype }]) =>
        m.convert(valueOf(trace.outputs[name]!), ELEMENT[dtype])
      ),
    };
  };
}

/**
 * As many runs one after the other as `limit` says, a number, or one for each of several runs side
 * by side; inputs and outputs have an axis of `capacity` in front.
 */
function loopOf(
  m: Module,
  { run, own, read, given, capacity, outputs, limit }: {
    run: Run;
    own: Value[];
    read: Value[];
    given: Value[];
    capacity: number;
    outputs: ModuleOf["outputs"];
    limit: Value;
  },
): [state: Value[], outputs: Value[]] {
  const sizes = [own.length, read.length, given.length] as const;
  const isAlone = limit.shape.length === 0;
  const most = isAlone ? limit : m.reduce("maximum", limit, [0], 0);
  const empty = specTypes(outputs, [capacity]).map((type) => m.fill(0, type));
  const none = m.fill(0, COUNT);
  const carried = [none, most, limit, ...own, ...read, ...given, ...empty];
  const condition = m.region(carried, (i, most) => [m.compare("LT", i!, most!)]);
  const body = m.region(carried, (i, most, limit, ...rest) => {
    const [own, read, given, made] = parts(rest, ...sizes, empty.length);
    const result = run(own, read, given.map((stack) => row(m, stack, i!)));
    const isAtWork = isAlone ? undefined : m.compare("LT", i!, limit!);
    const state = result.state.map((next, j) =>
      isAtWork ? m.select(m.along(isAtWork, next.shape, [0]), next, own[j]!) : next
    );
    return [
      ...[m.with("add", i!, 1), most!, limit!, ...state, ...read, ...given],
      ...made.map((stack, j) => withRow(m, stack, i!, result.outputs[j]!)),
    ];
  });
  const ended = m.op("while", carried, carried, {}, [condition, body]);
  const [, state, , , made] = parts(ended, 3, ...sizes, empty.length);
  return [state, made];
}

/** A number of runs. */
const COUNT: Type = { shape: [], element: "i32" };

const stateTypes = (names: readonly string[], shapes: Shapes): Type[] =>
  names.map((name) => ({ shape: shapes[name]!, element: "f32" }));
const specTypes = (specs: Readonly<Record<string, Spec>>, lead: readonly number[]): Type[] =>
  Object.values(specs).map(({ shape, dtype }) => ({
    shape: [...lead, ...shape],
    element: ELEMENT[dtype],
  }));
const byName = (names: readonly string[], values: readonly Value[]) =>
  Object.fromEntries(names.map((name, i) => [name, values[i]!]));

/** Values in parts of some sizes. */
function parts<Sizes extends readonly number[]>(
  values: readonly Value[],
  ...sizes: Sizes
): { [Part in keyof Sizes]: Value[] } {
  let begin = 0;
  return sizes.map((size) => values.slice(begin, begin += size)) as never;
}

/** Adds one operation by the table. */
function lower(m: Module, operation: Operation, inputs: Value[], products: Products): Value[] {
  const { op, attributes, results } = operation;
  if (op === "Constant") {
    const { shape, dtype } = results[0]!;
    return [m.constant(attributes.values as Float32Array, { shape, element: ELEMENT[dtype] })];
  }
  const lowering = OPERATIONS[op];
  if (!lowering) {
    throw new Error(
      `Cannot compile for this device: the table of lib/engine/xla/operations.ts has no ` +
        `operation ${op}. Add a line "${op}: (m, inputs, operation) => …" to it, or write the ` +
        "function with other operations.",
    );
  }
  return [lowering(m, inputs, operation, products)].flat();
}

const starts = (m: Module, stack: Value, i: Value) =>
  stack.shape.map((_, axis) => axis === 0 ? i : m.fill(0, { shape: [], element: "i32" }));

/** Row i of a stack. */
function row(m: Module, stack: Value, i: Value): Value {
  const sizes = stack.shape.with(0, 1);
  const one = m.one(
    "dynamic_slice",
    [stack, ...starts(m, stack, i)],
    { shape: sizes, element: stack.element },
    { slice_sizes: sizes },
  );
  return m.reshape(one, stack.shape.slice(1));
}

/** A stack with another row i. */
function withRow(m: Module, stack: Value, i: Value, value: Value): Value {
  const own = m.reshape(value, [1, ...value.shape]);
  return m.one("dynamic_update_slice", [stack, own, ...starts(m, stack, i)], stack);
}
