/**
 * Runs of one shape side by side in one program, where a single one would leave a device idle. Each
 * run has an engine of its own; what they want to do next waits until all want something, and what
 * is the same function is done together.
 *
 * A program has a fixed number of places. Empty ones are filled with a copy of another run that
 * makes no step, so that a run's bits do not depend on who is beside it.
 *
 * @module
 */

import { type Beside, mapValues, type Outputs, type Shapes, type Values } from "../contract.ts";
import type { Trace } from "../operation.ts";
import { compiled, compiledAside, type Compiling } from "./cache.ts";
import type { Buffer, Client, Download, Executable } from "./client.ts";
import { leaseDevice } from "./device.ts";
import { packed } from "./packing.ts";
import { besideModule, type ModuleOf } from "./program.ts";

/** Milliseconds for which those who want something wait for the others. */
const PATIENCE = 20;

/** Steps that a run wants to make next. */
export interface Turn {
  /** The text of the function's module for a run alone: the same for the same function. */
  key: string;
  /** The function. */
  trace: Trace;
  shapes: Shapes;
  half: boolean;
  /** Inputs of each step; no more than fit. */
  inputs: readonly Values[];
  /** The run's tensors, which this turn replaces. */
  state: Map<string, Buffer>;
  /** What tells the run of a failure. */
  fail: (cause: unknown) => never;
}

/** A run among those side by side. */
export interface Member {
  /** Waits in line; its outputs are there after its turn. */
  add(turn: Turn): Outputs;
  /** Does all that it waits for, now and alone. */
  flush(): void;
  /** Leaves the others. */
  leave(): void;
}

interface Waiting extends Turn {
  /** Set when its turn has come. */
  result?: { read(): Values[]; ready(): Promise<unknown> };
  error?: unknown;
  /** Settled when its turn has come. */
  come: PromiseWithResolvers<void>;
}

/** A program with its places. */
interface Together {
  module: ModuleOf;
  compiling: Compiling;
  executable?: Executable;
}

/** The places of one program, and who is in them. */
export interface Places extends Beside {
  /** Joins with a device and the flags of its programs. */
  join(client: Client, flags: Compiling["flags"]): Member;
}

/**
 * A program of so many places, for `train(…, { device: "gpu", beside })` of as many runs of one
 * shape: seeds, learning rates.
 *
 * @example
 * ```ts
 * import { sideBySide, train } from "factlab";
 * const beside = sideBySide(2);
 * const runs = [1, 2].map((seed) =>
 *   train({ scale: "smoke", steps: 20, seed }, { device: "gpu", beside, fresh: true }));
 * await Promise.all(runs.map(async (run) => {
 *   for await (const { step, sets } of run) console.log(run.hash, step, sets.training.loss);
 *   run.dispose();
 * }));
 * ```
 *
 * @throws {Error} if there are fewer than two places.
 */
export function sideBySide(runs: number): Beside {
  if (!Number.isInteger(runs) || runs < 2) {
    throw new Error(`Cannot run side by side: runs must be a whole number >= 2, got ${runs}.`);
  }
  const lines = new Map<Member, Waiting[]>();
  const programs = new Map<string, Together>();
  let device: { client: Client; flags: Compiling["flags"] };
  let isBusy = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const programOf = ({ key, trace, shapes, half }: Turn): Together => {
    const known = programs.get(key);
    if (known) return known;
    const module = besideModule(trace, shapes, { half }, runs);
    const made = { module, compiling: { code: module.code, flags: device.flags } };
    programs.set(key, made);
    return made;
  };

  /** Some turns of one function, at most one a run, in one execution. */
  function execute(turns: readonly Waiting[], { module, executable }: Together): void {
    const { client } = device;
    const [first] = turns as [Waiting];
    const places = Array.from({ length: runs }, (_, i) => turns[i] ?? first);
    const counts = Int32Array.from(places, (turn, i) => i < turns.length ? turn.inputs.length : 0);
    const of = (names: readonly string[]) =>
      names.flatMap((name) => places.map(({ state }) => state.get(name)!));
    const given = [
      client.upload(counts, [runs]),
      ...Object.entries(module.inputs).map(([name, spec]) => {
        const stack = packed(spec, module.capacity!, places.map(({ inputs }) => inputs), name);
        return client.upload(stack, [module.capacity!, runs, ...spec.shape]);
      }),
    ];
    const [count, ...inputs] = given;
    const names = Object.keys(module.outputs);
    const size = module.changed.length * runs;
    let made: Buffer[];
    try {
      made = client.execute(
        executable!,
        [...of(module.changed), count!, ...of(module.kept), ...inputs],
        size + names.length,
      );
    } finally {
      client.free(given);
    }
    module.changed.forEach((name, i) =>
      places.forEach(({ state }, place) => {
        const next = made[i * runs + place]!;
        if (place >= turns.length) return client.free([next]);
        client.free([state.get(name)!]);
        state.set(name, next);
      })
    );
    const downloads = Object.fromEntries(names.map((name, i) => {
      const { shape, dtype } = module.outputs[name]!;
      const spec = { shape: [module.capacity!, runs, ...shape], dtype };
      return [name, client.download(made[size + i]!, spec)];
    }));
    client.free(made.slice(size));
    turns.forEach((turn, place) => {
      turn.result = resultOf(turn, module, downloads, { place, runs });
      turn.come.resolve();
    });
  }

  /** Those whose next turn is of a function. */
  const wanting = (key: string) => [...lines.values()].filter(([next]) => next?.key === key);
  /** Takes the next turns of some lines and does them. */
  const serve = (chosen: readonly Waiting[][], program: Together) => {
    const turns = chosen.slice(0, runs).map((line) => line.shift()!);
    try {
      execute(turns, program);
    } catch (error) {
      for (const turn of turns) {
        turn.error = error;
        turn.come.resolve();
      }
    }
  };

  /** Compiles a program in another thread, for which the device stays open. */
  async function compileAside(key: string, program: Together): Promise<void> {
    if (program.executable) return;
    using lease = leaseDevice();
    const executable = await compiledAside(lease.client, program.compiling);
    if (program.executable || programs.get(key) !== program) lease.client.unload(executable);
    else program.executable = executable;
  }

  /** Serves what most want, until nobody waits or somebody is missing. */
  async function serveAll(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      do {
        const next = [...lines.values()].flatMap(([turn]) => turn ? [turn] : []);
        if (next.length === 0) return;
        const [most] = next.toSorted((a, b) => wanting(b.key).length - wanting(a.key).length);
        try {
          const program = programOf(most!);
          await compileAside(most!.key, program);
          // Meanwhile somebody may have been served, or have left.
          const chosen = wanting(most!.key);
          if (chosen.length > 0) serve(chosen, program);
        } catch (error) {
          for (const line of wanting(most!.key)) {
            const turn = line.shift()!;
            turn.error = error;
            turn.come.resolve();
          }
        }
      } while ([...lines.values()].every((line) => line.length > 0));
    } finally {
      isBusy = false;
      if ([...lines.values()].some((line) => line.length > 0)) serveSoon();
    }
  }
  /** At once if all want something, else when those who do have waited long enough. */
  function serveSoon(): void {
    if ([...lines.values()].every((line) => line.length > 0)) return void serveAll();
    timer ??= setTimeout(() => {
      timer = undefined;
      serveAll();
    }, PATIENCE);
  }

  const places: Places = {
    runs,
    join(client, flags) {
      if (lines.size === 0) device = { client, flags };
      if (lines.size >= runs) {
        throw new Error(
          `Cannot run side by side: there are ${runs} places, and all are taken. Dispose of a ` +
            "run, or use sideBySide with more.",
        );
      }
      const line: Waiting[] = [];
      const member: Member = {
        add(turn) {
          const waiting: Waiting = { ...turn, come: Promise.withResolvers<void>() };
          line.push(waiting);
          serveSoon();
          return {
            async ready() {
              await waiting.come.promise;
              await waiting.result?.ready();
            },
            read() {
              if (!waiting.result && waiting.error === undefined) member.flush();
              if (waiting.error !== undefined) return waiting.fail(waiting.error);
              return waiting.result!.read();
            },
          };
        },
        flush() {
          while (line.length > 0) {
            const program = programOf(line[0]!);
            program.executable ??= compiled(device.client, program.compiling);
            serve([line], program);
          }
        },
        leave() {
          lines.delete(member);
          for (const turn of line.splice(0)) {
            turn.error = new Error("Cannot go on: this engine has been disposed.");
            turn.come.resolve();
          }
          if (lines.size > 0) return serveSoon();
          clearTimeout(timer);
          timer = undefined;
          for (const { executable } of programs.values()) {
            if (executable) device.client.unload(executable);
          }
          programs.clear();
        },
      };
      lines.set(member, line);
      return member;
    },
  };
  return places;
}

/** What a turn gives: its place's part of the outputs of all. */
function resultOf(
  { inputs, fail }: Turn,
  module: ModuleOf,
  downloads: Readonly<Record<string, Download>>,
  { place, runs }: { place: number; runs: number },
): NonNullable<Waiting["result"]> {
  return {
    ready: () => Promise.all(Object.values(downloads).map((own) => own.ready())),
    read() {
      try {
        const all = mapValues(downloads, (own) => own.read());
        return inputs.map((_, i) =>
          mapValues(all, (stack, name) => {
            const size = module.outputs[name]!.shape.reduce((a, b) => a * b, 1);
            const begin = (i * runs + place) * size;
            return stack.slice(begin, begin + size);
          })
        );
      } catch (error) {
        return fail(error);
      }
    },
  };
}
