/**
 * Workers of the bench: processes that stand ready and train only when asked, so that variants
 * take turns and see the same weather.
 *
 * @module
 */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Activation, Shape, Variant } from "./variants.ts";

/** What a worker answers for some steps. */
export interface Answer {
  /** Milliseconds of each step. */
  ms: number[];
  /** Processor time of all these steps, all cores together, ms. */
  cpu: number;
  /** Tokens of each step that are learned: padding is not counted. */
  tokens: number[];
  losses: number[];
  /** Peak resident memory so far, MiB. */
  peak: number;
}

/** A process that trains one variant. */
export interface Worker {
  variant: Variant;
  /** Seconds from its start to its first answer. */
  ready: number;
  run(steps: number): Promise<Answer>;
  close(): Promise<void>;
}

/** PyTorch's environment, which the bench makes for itself. */
export const TORCH = ".cache/torch";

/** The Python that runs PyTorch: the bench's own, or on a GPU machine the one that is active. */
function pythonOf({ mode }: Variant): string {
  return mode.endsWith("cuda") ? "python3" : `${TORCH}/bin/python`;
}

/** Starts a worker; `folder` holds parameters and batches, which our first worker writes. */
export async function startWorker(
  variant: Variant,
  { shape, activation, cores, folder, write = false, env = {} }: {
    shape: Shape;
    activation: Activation;
    cores: number;
    folder: string;
    write?: boolean;
    env?: Record<string, string>;
  },
): Promise<Worker> {
  const args = [JSON.stringify(shape), activation, variant.mode, String(cores)];
  // On a device PyTorch is the active Python's own.
  const isolated = pythonOf(variant) === "python3" ? [] : ["-E"];
  const [program, ...rest] = variant.side === "ours"
    ? [
      Deno.execPath(),
      "run",
      "-A",
      variant.mode.startsWith("gpu") ? "bench/ours_gpu.ts" : "bench/ours.ts",
      ...args,
      ...(write ? [folder] : []),
    ]
    : [pythonOf(variant), ...isolated, "bench/torch_worker.py", ...args, folder];
  const { ready, ask, close } = await startProcess(variant.name, [program!, ...rest], {
    OMP_NUM_THREADS: String(cores),
    ...env,
  });
  return { variant, ready, run: (steps) => ask({ steps }) as Promise<Answer>, close };
}

/** A process that answers lines of JSON with lines of JSON, once it has said that it is ready. */
export async function startProcess(
  name: string,
  [program, ...args]: readonly string[],
  env: Record<string, string>,
): Promise<{ ready: number; ask(what: unknown): Promise<unknown>; close(): Promise<void> }> {
  const startedAt = performance.now();
  const child = new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { TF_CPP_MIN_LOG_LEVEL: "2", ...env },
  }).spawn();
  let errors = "";
  const heard = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) errors += text;
  })();
  const input = child.stdin.getWriter();
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })
    [Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    await heard;
    throw new Error(`Cannot measure ${name}: its process ended.\n${errors.slice(-2000)}`);
  };
  await answer();
  return {
    ready: (performance.now() - startedAt) / 1e3,
    async ask(what) {
      await input.write(new TextEncoder().encode(JSON.stringify(what) + "\n"));
      return await answer();
    },
    async close() {
      await input.close();
      await child.status;
    },
  };
}
