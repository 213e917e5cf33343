/**
 * What a person or a scheduler does to end work: a notebook's stop button, Ctrl-C, SIGTERM. Work
 * in progress gets a signal and ends in order; in a notebook the kernel and its state stay.
 * A kernel without a SIGINT listener dies on it, so one is added on import and never removed.
 *
 * @module
 */

import { notebookKernel } from "./show.ts";

const running = new Set<AbortController>();

if (notebookKernel() !== null) {
  Deno.addSignalListener("SIGINT", () => {
    for (const controller of running) controller.abort();
  });
}

/** A signal to stop, until it is disposed. */
export interface Stop extends Disposable {
  /** Aborted once somebody asks to stop. */
  readonly signal: AbortSignal;
}

/**
 * A signal that the notebook's stop button aborts, or in a script SIGINT (Ctrl-C) and SIGTERM; the
 * same one again ends a script at once. Dispose it when the work is over.
 *
 * ```ts
 * import { stopSignal } from "factlab";
 * using stop = stopSignal();
 * console.log(stop.signal.aborted); // false
 * ```
 */
export function stopSignal(): Stop {
  const controller = new AbortController();
  running.add(controller);
  const listeners = notebookKernel() === null ? listen(controller) : [];
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      running.delete(controller);
      for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}

/** Exit codes by which a shell tells what ended a program. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

function listen(controller: AbortController): ["SIGINT" | "SIGTERM", () => void][] {
  // Ctrl-C reaches a whole group of processes, and a parent may tell its workers as well: only
  // the same signal again is a second wish.
  const seen = new Set<string>();
  return (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = () => {
      if (seen.has(name)) Deno.exit(CODES[name]);
      seen.add(name);
      if (controller.signal.aborted) return;
      console.error("Stopping after this step; once more ends at once.");
      controller.abort();
    };
    Deno.addSignalListener(name, listener);
    return [name, listener];
  });
}
