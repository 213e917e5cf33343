/**
 * A process that works for this one: whatever it prints, and however it ends, it is this one's
 * only in its lines and its ending. It ends when this process does.
 *
 * @module
 */

import { type Ending, LOG_LENGTH } from "./failure.ts";

/** What a process is given. */
export interface ChildOptions {
  args: string[];
  env?: Record<string, string>;
  /** Its first line of input. No other follows; the input ends when this process does. */
  input: string;
  /** Takes a line of its output; says whether it is of any meaning. All others are kept. */
  onLine(line: string): boolean;
  /** Ends it in order. */
  stopped: AbortSignal;
  /** Milliseconds it has for ending in order. */
  patience?: number;
}

/** The longest line that may have a meaning, in characters. */
const LINE_LENGTH = 2 ** 16;
/** A large checkpoint takes seconds to write, a step of a large model as well. */
const PATIENCE = 60_000;
/** Milliseconds in which the rest of an ended process's output is read. */
const CLOSING = 1000;

/**
 * Runs a process until it ends; returns how it did, and the end of what it has said.
 *
 * @throws {Error} if it cannot be started.
 */
export async function runChild(
  command: string | URL,
  { args, env, input, onLine, stopped, patience = PATIENCE }: ChildOptions,
): Promise<Ending & { log: string }> {
  const child = new Deno.Command(command, {
    args,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let killer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    kill(child, "SIGTERM");
    killer = setTimeout(() => kill(child, "SIGKILL"), patience);
  };
  stopped.addEventListener("abort", end);
  if (stopped.aborted) end();
  let log = "";
  const keep = (text: string) => log = (log + text).slice(-LOG_LENGTH);
  const feed = child.stdin.getWriter();
  // It may have ended without reading it.
  feed.write(new TextEncoder().encode(`${input}\n`)).catch(() => {});
  const over = new AbortController();
  const reading = Promise.all([
    read(child.stdout, (line) => onLine(line) || keep(`${line}\n`), over.signal),
    read(child.stderr, (line) => keep(`${line}\n`), over.signal),
  ]);
  const { code, signal } = await child.status;
  // What it has left behind may hold its output open; what it has said itself is there by now.
  const closing = setTimeout(() => over.abort(), CLOSING);
  await reading;
  clearTimeout(closing);
  clearTimeout(killer);
  stopped.removeEventListener("abort", end);
  await feed.close().catch(() => {});
  return { code, signal, log };
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** Reads lines until the stream ends or is `over`; of a line that does not end, the last part. */
async function read(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => unknown,
  over: AbortSignal,
): Promise<void> {
  let rest = "";
  try {
    for await (const text of stream.pipeThrough(new TextDecoderStream(), { signal: over })) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!.slice(-LINE_LENGTH);
      lines.forEach(take);
    }
  } catch {
    // It is over, or the pipe is broken: what there was has been taken.
  }
  if (rest !== "") take(rest);
}
