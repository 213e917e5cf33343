/**
 * One traced function as a StableHLO module. A function that changes the state becomes a loop over
 * up to {@link capacityOf} runs of it, whose number is an input: however runs are put together, it is
 * the same program, and its results are the same bits.
 *
 * @module
 */

import { mapValues, type PureFunction, type Shapes, type Spec } from "../contract.ts";
import type { Edge, Operation, Trace } from "../operation.ts";
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

/** Makes the module of a trace over a state of some shapes. */
export function moduleOf(trace: Trace, shapes: Shapes, products: Products): ModuleOf {
  const { operations } = trace;
  const changed = Object.keys(trace.state);
  const ends = [...Object.values(trace.outputs), ...Object.values(trace.state)];
  const used = new Set([...operations.flatMap(({ inputs }) => inputs), ...ends].map(([i]) => i));
  const named = (op: string, keep: (i: number) => boolean = () => true) =>
    operations.flatMap((own, i) => own.op === op && keep(i) ? [own.attributes.name as string] : []);
  const kept = named("State", (i) => used.has(i)).filter((name) => !changed.includes(name));
  const inputs = Object.fromEntries(
    operations.filter(({ op }) => op === "Input").map(({ attributes, results }) => [
      attributes.name as string,
      results[0] as Spec,
    ]),
  );
  const capacity = changed.length > 0 ? capacityOf({ inputs }) : undefined;
  const lead = capacity === undefined ? [] : [capacity];
  const outputs = mapValues(trace.outputs, ([i, result]) => {
    const { shape, dtype } = operations[i]!.results[result]!;
    return { shape, dtype: dtype === "float32" ? dtype : "int32" } as Spec;
  });
  const stateTypes = (names: readonly string[]): Type[] =>
    names.map((name) => ({ shape: shapes[name]!, element: "f32" }));
  const specTypes = (specs: Record<string, Spec>, lead: number[]): Type[] =>
    Object.values(specs).map(({ shape, dtype }) => ({
      shape: [...lead, ...shape],
      element: ELEMENT[dtype],
    }));

  const m = new Module();
  /** One run: results of the state by name and the inputs by name. */
  const once = (state: Record<string, Value>, given: Record<string, Value>) => {
    const values: Value[][] = [];
    const valueOf = ([i, result]: Edge) => values[i]![result]!;
    operations.forEach((operation, i) => {
      const name = operation.attributes.name as string;
      if (operation.op === "State") values.push(state[name] ? [state[name]] : []);
      else if (operation.op === "Input") values.push([given[name]!]);
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
  const byName = (names: readonly string[], values: readonly Value[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const parts = (values: readonly Value[], ...sizes: number[]) => {
    let begin = 0;
    return sizes.map((size) => values.slice(begin, begin += size));
  };
  const counts = [changed.length, kept.length, Object.keys(inputs).length] as const;

  const straight = (...values: Value[]) => {
    const [own, read, given] = parts(values, ...counts);
    const state = { ...byName(changed, own!), ...byName(kept, read!) };
    return once(state, byName(Object.keys(inputs), given!)).outputs;
  };
  const loop = (...values: Value[]) => {
    const [own, limits, read, given] = parts(values, counts[0], 1, counts[1], counts[2]);
    const [limit] = limits!;
    const none = m.fill(0, { shape: [], element: "i32" });
    const empty = specTypes(outputs, lead).map((type) => m.fill(0, type));
    const carried = [none, limit!, ...own!, ...read!, ...given!, ...empty];
    const condition = m.region(carried, (i, limit) => [m.compare("LT", i!, limit!)]);
    const body = m.region(carried, (i, limit, ...rest) => {
      const [own, read, given, made] = parts(rest, ...counts, empty.length);
      const state = { ...byName(changed, own!), ...byName(kept, read!) };
      const now = given!.map((stack) => row(m, stack, i!));
      const result = once(state, byName(Object.keys(inputs), now));
      return [
        ...[m.with("add", i!, 1), limit!, ...result.state, ...read!, ...given!],
        ...made!.map((stack, j) => withRow(m, stack, i!, result.outputs[j]!)),
      ];
    });
    const ended = m.op("while", carried, carried, {}, [condition, body]);
    const [, state, , , made] = parts(ended, 2, ...counts, empty.length);
    return [...state!, ...made!];
  };

  const count: Type[] = capacity ? [{ shape: [], element: "i32" }] : [];
  const types = [
    ...[...stateTypes(changed), ...count, ...stateTypes(kept)],
    ...specTypes(inputs, lead),
  ];
  const reuses = types.map((_, i) => i < changed.length ? i : undefined);
  const code = m.print(types, reuses, capacity ? loop : straight);
  return { code, changed, kept, capacity, inputs, outputs };
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
