/**
 * What this machine is: processor, its features, memory.
 *
 * @module
 */

/**
 * Cores of this machine that the process may use.
 *
 * @example
 * ```ts
 * import { availableCores } from "factlab";
 * console.log(availableCores());
 * ```
 */
export function availableCores(): number {
  return navigator.hardwareConcurrency;
}

/** Name of the processor. */
export function processor(): string {
  return /model name\s*:\s*(.+)/.exec(textOf("/proc/cpuinfo"))?.[1] ?? "unknown";
}

/** Whether this CPU multiplies bfloat16 natively (AVX-512 bf16 or AMX); false when unknown. */
export function hasNativeBf16(): boolean {
  return /\b(amx_bf16|avx512_bf16)\b/.test(textOf("/proc/cpuinfo"));
}

/**
 * Memory of this machine in GiB, or of the container that the process is in; Infinity when unknown.
 *
 * @example
 * ```ts
 * import { availableCores } from "factlab";
 * import { memoryGiB } from "factlab/engine";
 * console.log(`${availableCores()} cores, ${memoryGiB().toFixed(0)} GiB`);
 * ```
 */
export function memoryGiB(): number {
  const [, kB] = /MemTotal:\s+(\d+)/.exec(textOf("/proc/meminfo")) ?? [];
  // Without a limit the one says "max", the other a number beyond all memory.
  const limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    .map((path) => Number.parseInt(textOf(path)) / 2 ** 30)
    .filter(Number.isFinite);
  return Math.min(kB ? Number(kB) / 2 ** 20 : Infinity, ...limits);
}

const texts = new Map<string, string>();

/** A file of the system, "" where there is none. Deno reads /proc itself only with all permissions. */
function textOf(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const ways = [
    () => Deno.readTextFileSync(path),
    () =>
      new TextDecoder().decode(
        new Deno.Command("cat", { args: [path], stderr: "null" }).outputSync().stdout,
      ),
  ];
  let text = "";
  for (const way of ways) {
    try {
      text ||= way();
    } catch {
      // The next way, or not to be known.
    }
  }
  texts.set(path, text);
  return text;
}
