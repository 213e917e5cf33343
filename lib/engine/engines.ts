/**
 * All kinds of engines, by name: a folder (or file) and an entry here.
 *
 * @module
 */

import { variable } from "../environment.ts";
import type { Engine, EngineOptions, Program } from "./contract.ts";
import { eager } from "./eager.ts";
import { memoryGiB } from "./machine.ts";
import { branches, compile, environment, openTensorFlow } from "./tensorflow/mod.ts";
import { deviceInfo, deviceMemory, openXla, xla } from "./xla/mod.ts";

/** A kind of engine. */
export interface EngineKind {
  /** What a record says of how its steps are computed; a run goes on only in the same way. */
  kind: string;
  /** The device it runs on: what a run asks for, and what the log of a run says. */
  device: string;
  /** Opens what it runs on, with so many cores or all; once a process. */
  open(options: { cores?: number }): Promise<unknown>;
  /** What a record's header says of it, and of the machine: versions, processor, device. */
  about(): Record<string, unknown>;
  /** GiB of memory that its runs have; Infinity where that is not known. It must be open. */
  memory(): number;
  /** Builds one; it must be open. */
  build(program: Program, options: EngineOptions): Engine;
}

/** Every kind of engine; the first of a device is the one that runs are trained on there. */
export const ENGINES: Record<string, EngineKind> = {
  tensorflow: {
    kind: "compiled",
    device: "cpu",
    open: openTensorFlow,
    about: environment,
    memory: memoryGiB,
    build: compile,
  },
  // Op by op on TensorFlow's kernels, with its branches: what graphs are held against.
  eager: {
    kind: "eager",
    device: "cpu",
    open: openTensorFlow,
    about: environment,
    memory: memoryGiB,
    build: (program) => eager(program, { branches }),
  },
  xla: {
    kind: "xla",
    device: "gpu",
    open: openXla,
    about: () => ({ ...environment(), device: deviceInfo() }),
    memory: deviceMemory,
    build: xla,
  },
};

/** Devices that a run can be trained on. */
export type Device = "cpu" | "gpu";

/**
 * The engine of a device; of FACTLAB_DEVICE or cpu if none is asked for.
 *
 * @example
 * ```ts
 * import { engineOn } from "factlab/engine";
 * console.log(engineOn("cpu").kind); // compiled
 * ```
 *
 * @throws {Error} if there is no such device.
 */
export function engineOn(device?: Device): EngineKind {
  const wanted = device ?? variable("FACTLAB_DEVICE") ?? "cpu";
  const kind = Object.values(ENGINES).find((own) => own.device === wanted);
  if (kind) return kind;
  throw new Error(`Cannot train: device must be cpu or gpu, got ${wanted}.`);
}

/** The engine of a name. */
export function engineNamed(name: string): EngineKind {
  const known = Object.hasOwn(ENGINES, name) ? ENGINES[name] : undefined;
  if (known) return known;
  const names = Object.keys(ENGINES).join(", ");
  throw new Error(`Cannot train: engine must be one of ${names}, got ${name}.`);
}
