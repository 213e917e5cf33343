/**
 * All kinds of engines, by name: a folder (or file) and an entry here.
 *
 * @module
 */

import type { Engine, EngineOptions, Program } from "./contract.ts";
import { eager } from "./eager.ts";
import { branches, compile, openTensorFlow } from "./tensorflow/mod.ts";

/** A kind of engine. */
export interface EngineKind {
  /** What a record says of how its steps are computed; a run goes on only in the same way. */
  kind: string;
  /** What it runs on, for the log of a run. */
  device: string;
  /** Opens what it runs on, with so many cores or all; once a process. */
  open(options: { cores?: number }): Promise<unknown>;
  /** Builds one; it must be open. */
  build(program: Program, options: EngineOptions): Engine;
}

/** Every kind of engine; `tensorflow` is the one that runs are trained on. */
export const ENGINES: Record<string, EngineKind> = {
  tensorflow: { kind: "compiled", device: "cpu", open: openTensorFlow, build: compile },
  // Op by op on TensorFlow's kernels, with its branches: what graphs are held against.
  eager: {
    kind: "eager",
    device: "cpu",
    open: openTensorFlow,
    build: (program) => eager(program, { branches }),
  },
};

/** The engine of a name. */
export function engineNamed(name: string): EngineKind {
  const known = ENGINES[name];
  if (known) return known;
  const names = Object.keys(ENGINES).join(", ");
  throw new Error(`Cannot train: engine must be one of ${names}, got ${name}.`);
}
