// The stop button of a notebook: ends what is going on and keeps the kernel and its state.
// A kernel without a SIGINT listener dies on it, so one is added on import and never removed.
// Leaves out scripts: there Ctrl-C means what it always means.

import { notebookKernel } from "./show.ts";

const running = new Set<AbortController>();

if (notebookKernel() !== null) {
  Deno.addSignalListener("SIGINT", () => {
    for (const controller of running) controller.abort();
    running.clear();
  });
}

/**
 * A signal that the notebook's stop button aborts; in a script it never is.
 *
 * ```ts
 * import { stopSignal } from "./interrupt.ts";
 * console.log(stopSignal().aborted); // false
 * ```
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  running.add(controller);
  return controller.signal;
}
