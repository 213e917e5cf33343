/**
 * Loads tfjs-node once a process and fixes, before its first matmul, what a process cannot
 * change later: matmul precision and threads.
 *
 * Importing this file loads nothing. `tf` is a live binding: undefined until `openTensorFlow`
 * has been awaited, the library afterwards.
 *
 * @module
 */

import type * as Tfjs from "@tensorflow/tfjs-node";
import process from "node:process";
import { createRequire } from "node:module";
import nodeUtil from "node:util";

/** A tensor of the loaded library. */
export type Tensor = Tfjs.Tensor;

/** bf16: products in bfloat16, storage and sums in float32. fp32: everything in float32. */
export type Precision = "bf16" | "fp32";

/** What a process decides once: see {@link openTensorFlow}. */
export interface ProcessSettings {
  /** Precision of matrix products. */
  precision: Precision;
  /** Cores that one graph may keep busy. */
  cores: number;
  /** Whether one op may use all cores (eager) or each op one core (parallel graph branches). */
  threading: "per-op" | "per-branch";
}

/** The library, once {@link openTensorFlow} has been awaited. */
export let tf: typeof Tfjs;

let opened: ProcessSettings | undefined;

/** The settings this process has opened TensorFlow with, or undefined before that. */
export function processSettings(): ProcessSettings | undefined {
  return opened;
}

/** Cores of this machine that the process may use. */
export function availableCores(): number {
  return navigator.hardwareConcurrency;
}

/**
 * Loads TensorFlow with the given settings; what is not given is taken from the environment
 * (FACTLAB_PRECISION, FACTLAB_CORES) or the default: bf16, all cores, one thread an op.
 *
 * @example
 * ```ts
 * import { openTensorFlow, tf } from "./load.ts";
 * await openTensorFlow();
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
          `${current}, and the first matrix product fixes it. Start another process with ` +
          `FACTLAB_${field.toUpperCase()}=${value}, or restart the notebook's kernel.`,
      );
    }
    return tf;
  }
  const settings: ProcessSettings = {
    precision: wanted.precision ?? environmentPrecision() ?? "bf16",
    cores: wanted.cores ?? environmentCores() ?? availableCores(),
    threading: wanted.threading ?? "per-branch",
  };
  const perOp = settings.threading === "per-op" ? settings.cores : 1;
  const branches = settings.threading === "per-op" ? 1 : settings.cores;
  Deno.env.set("TF_NUM_INTRAOP_THREADS", String(perOp));
  Deno.env.set("TF_NUM_INTEROP_THREADS", String(branches));
  Deno.env.set("OMP_NUM_THREADS", String(perOp));
  Deno.env.set("TF_CPP_MIN_LOG_LEVEL", Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "2");
  Deno.env.set("TF_SET_ONEDNN_FPMATH_MODE", settings.precision === "bf16" ? "BF16" : "FP32");
  opened = settings;
  tf = await load();
  return tf;
}

/** Whether this CPU multiplies bfloat16 natively (AVX-512 bf16 or AMX); false when unknown. */
export function hasNativeBf16(): boolean {
  try {
    return /\b(amx_bf16|avx512_bf16)\b/.test(Deno.readTextFileSync("/proc/cpuinfo"));
  } catch {
    return false;
  }
}

/** What a run record says about the machine: versions, CPU, threads, precision. */
export function environment(): Record<string, string | number | boolean> {
  const cpuinfo = (() => {
    try {
      return Deno.readTextFileSync("/proc/cpuinfo");
    } catch {
      return "";
    }
  })();
  return {
    deno: Deno.version.deno,
    tfjs: tf?.version.tfjs ?? "not loaded",
    tensorflow: tf ? (tf.backend() as unknown as Backend).binding.TF_Version : "not loaded",
    cpu: /model name\s*:\s*(.+)/.exec(cpuinfo)?.[1] ?? "unknown",
    nativeBf16: hasNativeBf16(),
    ...(opened ?? {}),
  };
}

/** The two doors of tfjs-node's backend through which every op goes, and its native addon. */
export interface Backend {
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: OpAttribute[],
    inputs: Tensor[],
    count: number,
  ): Tensor[];
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  runSavedModel(
    id: number,
    inputs: Tensor[],
    infos: { name: string; dtype: string; tfDtype: string }[],
    outputs: string[],
  ): Tensor[];
  // deno-lint-ignore no-explicit-any
  binding: any;
}

/** One attribute of an op, as tfjs-node's kernels give it. */
export interface OpAttribute {
  name: string;
  type: number;
  // deno-lint-ignore no-explicit-any
  value: any;
}

async function load(): Promise<typeof Tfjs> {
  // tfjs-node still calls two functions that node:util has dropped.
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  // tfjs greets every user of its JavaScript backend with a banner, and warns of a slow Node.
  const warn = console.warn;
  console.warn = () => {};
  try {
    const module = await import("@tensorflow/tfjs-node");
    const library = ("default" in module ? module.default : module) as typeof Tfjs;
    library.enableProdMode();
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

function environmentPrecision(): Precision | undefined {
  const value = process.env.FACTLAB_PRECISION;
  if (value === undefined || value === "bf16" || value === "fp32") return value;
  throw new Error(
    `Cannot open TensorFlow: FACTLAB_PRECISION must be bf16 or fp32, got "${value}".`,
  );
}

function environmentCores(): number | undefined {
  const value = process.env.FACTLAB_CORES;
  if (value === undefined) return undefined;
  const cores = Number(value);
  if (Number.isInteger(cores) && cores >= 1) return cores;
  throw new Error(
    `Cannot open TensorFlow: FACTLAB_CORES must be a whole number >= 1, got "${value}".`,
  );
}
