/**
 * Where the workers of this machine compute: each on its share of the cores and, on an accelerator,
 * alone on a GPU, as a process takes the memory that it finds there.
 *
 * @module
 */

import { availableCores } from "../engine/mod.ts";

/** What a worker finds in its environment. */
export type WorkerPlace = Readonly<Record<string, string>>;

/** How CUDA names a device: by its index, or as a GPU or a slice of one. */
const NAME = /^(\d+|(GPU|MIG)-.+)$/;
/** Where the driver lists GPUs. */
const DRIVER = "/proc/driver/nvidia/gpus";

/**
 * A place for every worker: as many as are asked for, or one a core; on an accelerator one a GPU.
 * Where no GPU is seen the device is another one, and one worker has it.
 *
 * @example
 * ```ts
 * import { placesOn } from "factlab";
 * console.log(placesOn("cpu", 2).map(({ FACTLAB_CORES }) => FACTLAB_CORES)); // half of them each
 * ```
 *
 * @throws {Error} if the number is none, or above the number of GPUs.
 */
export function placesOn(device: string, workers?: number): WorkerPlace[] {
  const gpus = device === "cpu" ? undefined : visibleGpus();
  checkWorkers(workers, gpus);
  const count = workers ?? (gpus ? Math.max(1, gpus.length) : availableCores());
  const cores = Math.max(1, Math.floor(availableCores() / count));
  return Array.from({ length: count }, (_, i) => ({
    FACTLAB_CORES: String(cores),
    FACTLAB_DEVICE: device,
    FACTLAB_FRESH: "",
    ...(gpus?.[i] === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpus[i] }),
  }));
}

/** Refuses a number of workers that is none, or above the number of GPUs. */
export function checkWorkers(workers = 1, gpus?: readonly string[]): void {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new Error(`Cannot sweep: workers must be a whole number of at least 1, got ${workers}.`);
  }
  if (!gpus || workers <= Math.max(1, gpus.length)) return;
  const seen = gpus.length === 0 ? "none is seen, and one has the device" : gpus.join(", ");
  throw new Error(
    `Cannot sweep: workers must be at most ${Math.max(1, gpus.length)} on device gpu, one a GPU ` +
      `(${seen}), got ${workers}. Leave workers out to use all that CUDA_VISIBLE_DEVICES and ` +
      "nvidia-smi name.",
  );
}

/** GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; [] if none is known. */
export function visibleGpus(): string[] {
  const named = Deno.env.get("CUDA_VISIBLE_DEVICES");
  if (named !== undefined) return namedGpus(named);
  const listed = listedGpus(said("nvidia-smi", "-L"));
  if (listed.length > 0) return listed;
  return said("ls", DRIVER).split("\n").filter((name) => name !== "").map((_, i) => String(i));
}

/** What CUDA makes of CUDA_VISIBLE_DEVICES: what follows a name that is none is not seen. */
export function namedGpus(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const end = names.findIndex((name) => !NAME.test(name));
  return end < 0 ? names : names.slice(0, end);
}

/** Names in what `nvidia-smi -L` prints; a GPU that is cut in slices (MIG) is its slices. */
export function listedGpus(text: string): string[] {
  const names = [...text.matchAll(/\(UUID: ((?:GPU|MIG)-[^)]+)\)/g)].map(([, name]) => name!);
  return names.filter((name, i) => isSlice(name) || !isSlice(names[i + 1] ?? ""));
}

const isSlice = (name: string) => name.startsWith("MIG-");

/** What a command prints; "" where it is not there, fails, or may not be run. */
function said(name: string, ...args: string[]): string {
  // Who only reads records is not asked for leave.
  const { state } = Deno.permissions.querySync({ name: "run", command: name });
  if (state !== "granted") return "";
  try {
    const { success, stdout } = new Deno.Command(name, { args, stderr: "null" }).outputSync();
    return success ? new TextDecoder().decode(stdout) : "";
  } catch {
    return "";
  }
}
