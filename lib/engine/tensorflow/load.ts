/**
 * Loads tfjs-node once a process and fixes what a process cannot change later: its threads.
 * Importing this file loads nothing.
 *
 * @module
 */

import type * as Tfjs from "@tensorflow/tfjs-node";
import { createRequire } from "node:module";
import nodeUtil from "node:util";
import { variable } from "../../environment.ts";
import { availableCores, hasNativeBf16, processor } from "../machine.ts";
import { loadTfjs, tf } from "../tfjs.ts";
import { registerKernels } from "./kernels.ts";

/** What a process decides once: see {@link openTensorFlow}. */
export interface ProcessSettings {
  /** Cores that one graph may keep busy. */
  cores: number;
  /** Whether one op may use all cores (eager) or each op one core (parallel graph branches). */
  threading: "per-op" | "per-branch";
}

let opened: ProcessSettings | undefined;

/** More threads than any machine has cores for. */
const MOST_CORES = 1024;

/**
 * Loads TensorFlow with the given settings; what is not given is taken from the environment
 * (FACTLAB_CORES) or the default: all cores, one thread an op.
 *
 * @example
 * ```ts
 * import { openTensorFlow } from "factlab";
 * const tf = await openTensorFlow();
 * console.log(tf.version.tfjs);
 * ```
 *
 * @throws {Error} if the process already runs with other settings (it cannot change them), or
 * if the library has not been set up.
 */
export async function openTensorFlow(wanted: Partial<ProcessSettings> = {}): Promise<typeof Tfjs> {
  if (opened) {
    for (const [field, value] of Object.entries(wanted)) {
      const current = opened[field as keyof ProcessSettings];
      if (value === undefined || value === current) continue;
      throw new Error(
        `Cannot open TensorFlow with ${field} ${value}: this process already runs with ` +
          `${current}, which the first use fixes. Start another process (for cores: with ` +
          `FACTLAB_CORES=${value}), or restart the notebook's kernel.`,
      );
    }
    return loading!;
  }
  const settings: ProcessSettings = {
    cores: wanted.cores ?? environmentCores() ?? Math.min(availableCores(), MOST_CORES),
    threading: wanted.threading ?? "per-branch",
  };
  const { cores } = settings;
  if (!Number.isInteger(cores) || cores < 1 || cores > MOST_CORES) {
    throw new Error(
      `Cannot open TensorFlow: cores must be a whole number from 1 to ${MOST_CORES}, got ${cores}.`,
    );
  }
  const perOp = settings.threading === "per-op" ? settings.cores : 1;
  const branches = settings.threading === "per-op" ? 1 : settings.cores;
  Deno.env.set("TF_NUM_INTRAOP_THREADS", String(perOp));
  Deno.env.set("TF_NUM_INTEROP_THREADS", String(branches));
  Deno.env.set("OMP_NUM_THREADS", String(perOp));
  Deno.env.set("TF_CPP_MIN_LOG_LEVEL", Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "2");
  opened = settings;
  return await (loading = load().then((own) => node = own));
}

/** The library that the process has begun to open. */
let loading: Promise<typeof Tfjs> | undefined;

/** tfjs with TensorFlow under it. */
let node: typeof Tfjs | undefined;

/** TensorFlow's backend of tfjs; it must be open. */
export function tensorflow(): Backend {
  return tf.findBackend("tensorflow") as unknown as Backend;
}

/** The library with what only TensorFlow's part has; it must be open. */
export function tfjsNode(): typeof Tfjs {
  return node!;
}

/** What a run record says about the machine: versions, CPU, threads; of what is loaded. */
export function environment(): Record<string, string | number | boolean> {
  return {
    deno: Deno.version.deno,
    ...(node ? { tfjs: tf.version.tfjs, tensorflow: tensorflow().binding.TF_Version } : {}),
    cpu: processor(),
    nativeBf16: hasNativeBf16(),
    ...(opened ?? {}),
  };
}

/** What is used of tfjs-node's backend, and its native addon. */
export interface Backend {
  runSavedModel(
    id: number,
    inputs: Tfjs.Tensor[],
    infos: { name: string; dtype: string; tfDtype: string }[],
    outputs: string[],
  ): Tfjs.Tensor[];
  // deno-lint-ignore no-explicit-any
  binding: any;
}

async function load(): Promise<typeof Tfjs> {
  // tfjs-node still calls two functions that node:util has dropped.
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  loadTfjs();
  // It warns of a slow Node.
  const warn = console.warn;
  console.warn = () => {};
  try {
    const module = await import("@tensorflow/tfjs-node");
    const library = ("default" in module ? module.default : module) as typeof Tfjs;
    registerKernels();
    return library;
  } catch (cause) {
    opened = undefined;
    throw new Error(
      "Cannot load TensorFlow: run `deno task setup` (or npx --yes deno@2.9.6 task setup) in " +
        `the factlab checkout first. (${cause instanceof Error ? cause.message : cause})`,
      { cause },
    );
  } finally {
    console.warn = warn;
  }
}

/** The protobuf classes that tfjs-node carries, for writing graphs. */
// deno-lint-ignore no-explicit-any
export function protobuf(): any {
  const require = createRequire(import.meta.url);
  return require("@tensorflow/tfjs-node/dist/proto/api_pb.js");
}

/** Cores that the environment allows. */
function environmentCores(): number | undefined {
  const cores = variable("FACTLAB_CORES");
  return cores === undefined ? undefined : Number(cores);
}
