/**
 * The engine on a device behind a PJRT plugin: state stays in its memory, inputs are uploaded,
 * outputs are on their way when a run returns and are read when they are needed.
 *
 * A function that changes the state runs many times a call (program.ts); its old state is donated.
 * Programs are compiled when they are first needed, or all of a call's at once (prepare).
 *
 * @module
 */

import {
  checked,
  checkNames,
  type Engine,
  type EngineOptions,
  type HasFunctions,
  mapValues,
  type Outputs,
  type Program,
  type PureFunction,
  refuseUnknown,
  type Shapes,
  type Spec,
  type Values,
} from "../contract.ts";
import type { Trace } from "../operation.ts";
import { trace } from "../trace.ts";
import { PluginError } from "./api.ts";
import type { Member, Places } from "./beside.ts";
import { compiled, compiledAside } from "./cache.ts";
import type { Buffer, Client, Executable } from "./client.ts";
import { leaseDevice } from "./device.ts";
import { flagsOn } from "./options.ts";
import { packed } from "./packing.ts";
import { capacityOf, type ModuleOf, moduleOf } from "./program.ts";

/** A function as it runs on the device, compiled when it is first needed. */
interface Known {
  trace: Trace;
  module: ModuleOf;
  executable?: Executable;
}

/**
 * Builds an engine on the device, which must be open.
 *
 * @example
 * ```ts
 * import { callOf, tf } from "factlab";
 * import { openXla, xla } from "factlab/engine";
 * await openXla();
 * const add = callOf({
 *   inputs: { x: { shape: [2], dtype: "float32" } },
 *   run: ({ total }, { x }) => ({ state: { total: tf.add(total!, x!) } }),
 * });
 * const counter = xla({ state: { total: [2] }, calls: [add] });
 * add.run(counter, { x: new Float32Array([1, 2]) });
 * console.log(counter.read().total); // Float32Array [1, 2]
 * counter.dispose();
 * ```
 */
export function xla(program: Program, options: EngineOptions = {}): Engine {
  const { state: shapes, calls } = program;
  const { precision = "fp32", branches = () => 1 } = options;
  const lease = leaseDevice();
  const { client } = lease;
  const flags = flagsOn(client.info.platform);
  const half = precision === "bf16";
  let member: Member | undefined;
  const known = new Map<PureFunction, Known>();
  let nodes = 0;
  const state = new Map<string, Buffer>();
  try {
    member = (options.beside as Places | undefined)?.join(client, flags);
    // What cannot be lowered is refused before anything runs.
    for (const fn of functionsOf(calls)) {
      const traced = trace(fn, { state: shapes, branches });
      nodes += traced.operations.length;
      known.set(fn, { trace: traced, module: moduleOf(traced, shapes, { half }) });
    }
    for (const [name, shape] of Object.entries(shapes)) {
      state.set(name, client.upload(new Float32Array(sizeOf(shape)), shape));
    }
  } catch (error) {
    client.free([...state.values()]);
    member?.leave();
    lease[Symbol.dispose]();
    throw error instanceof PluginError ? explained(error, client, shapes) : error;
  }
  let isOpen = true;
  /** Programs that other threads are compiling: the device stays open for them. */
  let compiling = 0;
  const close = () => {
    if (!isOpen && compiling === 0) lease[Symbol.dispose]();
  };
  /** Why the state is lost: a run that has begun to change it and failed. */
  let lost: Error | undefined;

  const open = () => {
    if (!isOpen) throw new Error("Cannot run: this engine has been disposed.");
    if (lost) throw lost;
  };
  /** What follows a failure of the device while the state was at stake. */
  const fail = (cause: unknown): never => {
    lost ??= explained(cause, client, shapes);
    throw lost;
  };
  const compilingOf = ({ module: { code } }: Known) => ({ code, flags });

  /** Runs of a function that changes the state, as many as fit into one call. */
  function loop(fn: PureFunction, known: Known, inputs: readonly Values[]): Outputs {
    const own = known.module;
    const capacity = own.capacity!;
    const values = inputs.map((given) =>
      mapValues(own.inputs, (_, name) => checked(fn, name, given[name]))
    );
    if (member) {
      const { trace, module: { code: key } } = known;
      return member.add({ key, trace, shapes, half, inputs: values, state, fail });
    }
    const read = own.kept.map((name) => state.get(name)!);
    const before = own.changed.map((name) => state.get(name)!);
    const specs = mapValues(own.outputs, (spec) => ({
      ...spec,
      shape: [capacity, ...spec.shape],
    }));
    const made = execute(known, () => {
      const [count, ...given] = [
        client.upload(Int32Array.of(inputs.length), []),
        ...Object.entries(own.inputs).map(([name, spec]) =>
          client.upload(packed(spec, capacity, [values], name), [capacity, ...spec.shape])
        ),
      ];
      return { inputs: [...before, count!, ...read, ...given], uploaded: [count!, ...given] };
    });
    client.free(before);
    own.changed.forEach((name, i) => state.set(name, made[i]!));
    return outputs(
      made.slice(own.changed.length),
      specs,
      (all) =>
        inputs.map((_, i) =>
          mapValues(all, (stack, name) => {
            const size = sizeOf(own.outputs[name]!.shape);
            return stack.slice(i * size, (i + 1) * size);
          })
        ),
    );
  }

  /** One run of a function that leaves the state as it is. */
  function once(fn: PureFunction, known: Known, inputs: Values): Outputs {
    member?.flush();
    const own = known.module;
    const values = mapValues(own.inputs, (_, name) => checked(fn, name, inputs[name]));
    const made = execute(known, () => {
      const given = Object.entries(own.inputs).map(([name, spec]) =>
        client.upload(typed(values[name]!, spec), spec.shape)
      );
      return { inputs: [...own.kept.map((name) => state.get(name)!), ...given], uploaded: given };
    });
    return outputs(made, own.outputs, (all) => [all]);
  }

  /** Starts a function on what is given to it, of which what was uploaded for it is freed. */
  function execute(
    known: Known,
    give: () => { inputs: readonly Buffer[]; uploaded: readonly Buffer[] },
  ): Buffer[] {
    const { changed, outputs } = known.module;
    let uploaded: readonly Buffer[] = [];
    try {
      known.executable ??= compiled(client, compilingOf(known));
      const given = give();
      uploaded = given.uploaded;
      const results = changed.length + Object.keys(outputs).length;
      return client.execute(known.executable, given.inputs, results);
    } catch (error) {
      return fail(error);
    } finally {
      client.free(uploaded);
    }
  }

  /** Sends results on their way; their memory on the device is free when they have left. */
  function outputs(
    made: Buffer[],
    specs: Readonly<Record<string, Spec>>,
    unpack: (all: Values) => Values[],
  ): Outputs {
    const downloads = mapValues(
      specs,
      (spec, name) => client.download(made[Object.keys(specs).indexOf(name)]!, spec),
    );
    client.free(made);
    return {
      async ready() {
        await Promise.all(Object.values(downloads).map((own) => own.ready()));
      },
      read() {
        try {
          return unpack(mapValues(downloads, (own) => own.read()));
        } catch (error) {
          return fail(error);
        }
      },
    };
  }

  return {
    get nodes() {
      return nodes;
    },
    precision,
    branches,
    atOnce: capacityOf,
    run(fn, inputs) {
      open();
      const own = known.get(fn) ?? refuseUnknown(fn);
      const { capacity } = own.module;
      const parts = capacity
        ? chunks(inputs, capacity).map((part) => loop(fn, own, part))
        : inputs.map((values) => once(fn, own, values));
      return {
        async ready() {
          await Promise.all(parts.map((part) => part.ready()));
        },
        read: () => parts.flatMap((part) => part.read()),
      };
    },
    async prepare(wanted) {
      open();
      const missing = functionsOf(wanted)
        .map((fn) => known.get(fn) ?? refuseUnknown(fn))
        // Side by side, programs are made for all.
        .filter(({ executable, module }) => !executable && !(member && module.capacity));
      await Promise.all(missing.map(async (own) => {
        compiling++;
        try {
          const executable = await compiledAside(client, compilingOf(own));
          // Meanwhile it may have been compiled because it was needed, or nobody needs it any more.
          if (own.executable || !isOpen) client.unload(executable);
          else own.executable = executable;
        } finally {
          compiling--;
          close();
        }
      }));
    },
    like: (other, changed) => xla(other, { ...options, beside: undefined, ...changed }),
    read(names = [...state.keys()]) {
      open();
      member?.flush();
      try {
        const downloads = names.map((name) =>
          client.download(state.get(name)!, { shape: shapes[name]!, dtype: "float32" })
        );
        return Object.fromEntries(
          names.map((name, i) => [name, downloads[i]!.read() as Float32Array]),
        );
      } catch (error) {
        return fail(error);
      }
    },
    write(values) {
      open();
      checkNames(values, shapes);
      member?.flush();
      try {
        for (const [name, value] of Object.entries(values)) {
          const next = client.upload(value, shapes[name]!);
          client.free([state.get(name)!]);
          state.set(name, next);
        }
      } catch (error) {
        fail(error);
      }
    },
    dispose() {
      if (!isOpen) return;
      member?.leave();
      isOpen = false;
      client.free([...state.values()]);
      for (const { executable } of known.values()) if (executable) client.unload(executable);
      close();
    },
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const functionsOf = (calls: readonly HasFunctions[]) => [
  ...new Set(calls.flatMap((call) => call.functions)),
];

/** Numbers of the element type that an input has. */
function typed(values: Values[string], { dtype }: Spec): Values[string] {
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(values.length / size) },
    (_, i) => values.slice(i * size, (i + 1) * size),
  );
}

/** What a plugin says of a failure, with what a person can do. */
function explained(cause: unknown, client: Client, shapes: Shapes): Error {
  const what = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  if (!(cause instanceof PluginError) || !cause.isMemory) {
    return new Error(
      `Cannot go on: the device ${client.info.name} has failed (${what}). The last checkpoint is ` +
        "intact: run again to go on from it.",
      { cause },
    );
  }
  const size = (bytes: number) =>
    bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const state = 4 * Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const memory = client.memory();
  return new Error(
    `Cannot go on: the device ${client.info.name} has no memory left` +
      (memory ? ` (${size(memory.limit)}, ${size(memory.used)} in use)` : "") +
      `. The state alone takes ${size(state)}; a step needs memory in proportion to its tokens. ` +
      "Lower batch or model.width, train fewer runs side by side (beside), or use a larger device. " +
      "The last checkpoint is intact. " +
      `(${what})`,
    { cause },
  );
}
