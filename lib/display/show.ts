/**
 * Shows a value where the reader is: in the notebook, or as text in the terminal.
 * Leaves out displays that change in place: live.ts.
 *
 * @module
 */

import { bundleOf, type MimeBundle } from "./bundle.ts";

/** The part of a Jupyter kernel that displays need: sending one message to the notebook. */
export interface NotebookKernel {
  /** Sends a message of this type, such as `display_data`, to every front end. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Where a value is shown; every entry has the process's own as default, tests pass others. */
export interface ShowOptions {
  /** The kernel, or null for a terminal. */
  kernel?: NotebookKernel | null;
  /** Writes text to the terminal. */
  write?: (text: string) => void;
}

/**
 * The kernel this process is, or null outside of Jupyter.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { notebookKernel } from "factlab/display";
 *
 * assertEquals(notebookKernel(), null);
 * ```
 */
export function notebookKernel(): NotebookKernel | null {
  try {
    return (Deno as { jupyter?: NotebookKernel }).jupyter ?? null;
  } catch { // Outside of a kernel, merely reading the property throws.
    return null;
  }
}

/**
 * Shows a value and resolves when it is sent. Use it rather than a cell's last value, which some
 * notebook runners lose.
 *
 * ```ts
 * import { show, table } from "factlab";
 *
 * await show(table([{ person: "Ann Lee", accuracy: 0.97 }]));
 * ```
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  const { kernel = notebookKernel(), write = writeOut } = options;
  const bundle = await bundleOf(value);
  if (kernel === null) write(textOf(bundle) + "\n");
  else await kernel.broadcast("display_data", displayMessage(bundle));
}

/** The message that displays a bundle; pictures carry their plain text as alternative text. */
export function displayMessage(bundle: MimeBundle, displayId?: string): Record<string, unknown> {
  const alt = bundle["text/plain"];
  const metadata = "image/png" in bundle && alt !== undefined ? { "image/png": { alt } } : {};
  return { data: bundle, metadata, transient: displayId ? { display_id: displayId } : {} };
}

/** The plain text of a bundle, or a word on what it holds instead. */
export function textOf(bundle: MimeBundle): string {
  return String(bundle["text/plain"] ?? `[${Object.keys(bundle).join(", ")}]`);
}

/** Writes text to standard output at once. */
export function writeOut(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}
