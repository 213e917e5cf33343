/**
 * One display that changes in place while work goes on: a progress line, a growing curve.
 * Updates come as fast as the work likes; few are sent, and the last one always is.
 * Leaves out what is shown: any displayable will do.
 *
 * @module
 */

import { bundleOf } from "./bundle.ts";
import { oneLine } from "./escape.ts";
import {
  displayMessage,
  type NotebookKernel,
  notebookKernel,
  type ShowOptions,
  textOf,
  writeOut,
} from "./show.ts";

/** A display that changes in place. */
export interface LiveDisplay {
  /** Shows this value next; values that come too fast are skipped. Never throws or waits. */
  update(value: unknown): void;
  /** Shows this last value, or the last one given; rejects if any value could not be shown. */
  close(value?: unknown): Promise<void>;
}

/** Where and how often a live display is shown. */
export interface LiveOptions extends ShowOptions {
  /** Least time between two updates in milliseconds; by default 500, and 5000 in a log file. */
  every?: number;
  /** Whether the terminal can rewrite lines; by default asked of standard output. */
  terminal?: boolean;
}

/**
 * Opens a display that changes in place: an updated output in a notebook, rewritten lines in a
 * terminal, a line now and then in a log file.
 *
 * ```ts
 * import { liveDisplay, progress } from "factlab";
 *
 * const live = liveDisplay();
 * const startedAt = Date.now();
 * for (let done = 0; done <= 10; done++) live.update(progress({ done, total: 10, startedAt }));
 * await live.close();
 * ```
 */
export function liveDisplay(options: LiveOptions = {}): LiveDisplay {
  const { kernel = notebookKernel(), write = writeOut } = options;
  const terminal = options.terminal ?? (kernel === null && Deno.stdout.isTerminal());
  const every = options.every ?? (kernel || terminal ? 500 : 5000);
  const screen = kernel ? notebookScreen(kernel) : terminalScreen(write, terminal);

  let waiting: { value: unknown } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> = Promise.resolve();
  let busy = false;
  let closed = false;
  let sentAt = -Infinity;
  let failure: unknown;

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const next = waiting;
    if (next === null) return;
    waiting = null;
    busy = true;
    try {
      await screen.draw(next.value, closed);
    } catch (error) {
      failure ??= error;
    }
    busy = false;
    sentAt = performance.now();
    if (!closed) plan();
  }

  function plan(): void {
    if (waiting === null || busy || timer !== undefined) return;
    const pause = sentAt + every - performance.now();
    if (pause <= 0) sending = send();
    else timer = setTimeout(() => sending = send(), pause);
  }

  return {
    update(value) {
      if (closed) return;
      waiting = { value };
      plan();
    },
    async close(...last: [value?: unknown]) {
      if (closed) return;
      closed = true;
      await sending;
      if (last.length > 0) waiting = { value: last[0] };
      await send();
      await screen.end();
      if (failure !== undefined) throw failure;
    },
  };
}

interface Screen {
  draw(value: unknown, last: boolean): Promise<void>;
  end(): Promise<void>;
}

/** Frames are drawn in their cheap form; the last value replaces them in its full form. */
function notebookScreen(kernel: NotebookKernel): Screen {
  const id = crypto.randomUUID();
  let shown: { value: unknown; full: boolean } | null = null;
  async function draw(value: unknown, full: boolean): Promise<void> {
    const type = shown === null ? "display_data" : "update_display_data";
    const bundle = await bundleOf(value, { frame: !full });
    await kernel.broadcast(type, displayMessage(bundle, id));
    shown = { value, full };
  }
  return {
    draw,
    async end() {
      if (shown !== null && !shown.full) await draw(shown.value, true);
    },
  };
}

/** A terminal's lines are written over; a log file gets the first line of what is shown. */
function terminalScreen(write: (text: string) => void, rewrite: boolean): Screen {
  let drawn = 0;
  return {
    async draw(value) {
      const lines = textOf(await bundleOf(value, { frame: true })).split("\n").map(oneLine);
      if (!rewrite) return write(`${lines[0]}\n`);
      const { columns, rows } = terminalSize();
      const fitting = lines.slice(0, rows - 1)
        .map((line) => [...line].slice(0, columns - 1).join(""));
      const up = drawn > 1 ? `\x1b[${drawn - 1}A` : "";
      write(`\r${up}\x1b[J${fitting.join("\n")}`);
      drawn = fitting.length;
    },
    end() {
      if (drawn > 0) write("\n");
      return Promise.resolve();
    },
  };
}

function terminalSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch { // Not a terminal after all, as in tests.
    return { columns: 80, rows: 24 };
  }
}
