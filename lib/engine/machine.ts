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
  return /model name\s*:\s*(.+)/.exec(procText("cpuinfo"))?.[1] ?? "unknown";
}

/** Whether this CPU multiplies bfloat16 natively (AVX-512 bf16 or AMX); false when unknown. */
export function hasNativeBf16(): boolean {
  return /\b(amx_bf16|avx512_bf16)\b/.test(procText("cpuinfo"));
}

/**
 * Memory of this machine in GiB; Infinity when unknown.
 *
 * @example
 * ```ts
 * import { availableCores } from "factlab";
 * import { memoryGiB } from "factlab/engine";
 * console.log(`${availableCores()} cores, ${memoryGiB().toFixed(0)} GiB`);
 * ```
 */
export function memoryGiB(): number {
  const [, kB] = /MemTotal:\s+(\d+)/.exec(procText("meminfo")) ?? [];
  return kB ? Number(kB) / 2 ** 20 : Infinity;
}

const texts = new Map<string, string>();

/** A file of /proc, "" where there is none. Deno reads them itself only with all permissions. */
function procText(name: "cpuinfo" | "meminfo"): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const path = `/proc/${name}`;
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
  texts.set(name, text);
  return text;
}
