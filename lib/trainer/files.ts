/**
 * Files that are whole or not there: written beside their place, synced, then renamed; and a
 * lock that keeps two processes out of one folder.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHECKOUT, OUT } from "../environment.ts";

export { CHECKOUT, OUT };

/** A place as people are told it: from the checkout on, or in full outside of it. */
export function placeOf(file: URL): string {
  const [path, checkout] = [fileURLToPath(file), fileURLToPath(CHECKOUT)];
  return path.startsWith(checkout) ? path.slice(checkout.length) : path;
}

/** Writes a file in one piece: a crash leaves the old file or the new one, never half of one. */
export function writeWhole(file: URL, bytes: Uint8Array): void {
  const part = new URL(`${file.href}.part`);
  try {
    using out = Deno.openSync(part, { create: true, write: true, truncate: true });
    writeAll(out, bytes);
    out.syncSync();
    Deno.renameSync(part, file);
    syncFolder(new URL(".", file));
  } catch (cause) {
    try {
      Deno.removeSync(part);
    } catch {
      // It may never have been there.
    }
    throw told(cause, file);
  }
}

/** Writes all bytes: one call of `writeSync` may write fewer. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}

/** Makes a rename last through a power cut, on file systems that can do that for folders. */
export function syncFolder(folder: URL): void {
  using handle = Deno.openSync(folder, { read: true });
  try {
    handle.syncSync();
  } catch (error) {
    // Network and user-space file systems say that a folder has nothing to sync.
    if (!isUnsupported(error)) throw error;
  }
}

/** Whether a file system says that it has no such operation: EINVAL, ENOLCK, ENOSYS, ENOTSUP. */
function isUnsupported(error: unknown): boolean {
  if (error instanceof Deno.errors.NotSupported) return true;
  return error instanceof Error && /os error (22|37|38|95)\b/.test(error.message);
}

/** An error about a file that a person can act on. */
export function told(cause: unknown, file: URL): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  const advice = /space left|os error 28/.test(why)
    ? " The disk is full: free some space and run again; the last checkpoint is intact."
    : /Read-only|ermission|os error (13|30)/.test(why)
    ? " The folder must be writable; FACTLAB_OUT may name another for what is made."
    : file.href.startsWith(OUT.href) && !OUT.href.startsWith(CHECKOUT.href)
    ? " FACTLAB_OUT must name a folder."
    : "";
  return new Error(`Cannot write ${placeOf(file)}: ${why}.${advice}`, { cause });
}

/** Thrown where another process has the lock of a folder. */
export class Locked extends Error {}

/** Who holds a folder. */
interface Holder {
  pid: number;
  since: string;
}

/** How often a lock is tried, and the milliseconds between. */
const [LOOKS, PAUSE] = [3, 20];

/** Lock files that this process holds. */
const HELD = new Set<string>();

/**
 * Takes the lock of a folder until it is disposed or the process ends; the system gives the
 * lock of a dead process back, so a lock file that was left behind keeps nobody out. On a file
 * system without locks, as of some clusters, only processes of the same machine are kept out.
 *
 * @throws {Locked} that names the process which holds it.
 */
export function lockFolder(folder: URL): Disposable {
  const path = new URL("lock", folder);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { create: true, read: true, write: true });
  } catch (cause) {
    throw told(cause, path);
  }
  try {
    if (!takeLock(file, path)) throw lockedBy(path);
    const own: Holder = { pid: Deno.pid, since: new Date().toISOString() };
    file.truncateSync(0);
    writeAll(file, new TextEncoder().encode(JSON.stringify(own)));
  } catch (cause) {
    // With the file its lock goes, too.
    file.close();
    throw cause instanceof Locked ? cause : told(cause, path);
  }
  HELD.add(path.href);
  return {
    [Symbol.dispose]() {
      HELD.delete(path.href);
      // Where there are no locks, an empty file says that nobody holds it.
      file.truncateSync(0);
      try {
        file.unlockSync();
      } catch {
        // There was none.
      }
      file.close();
    },
  };
}

/** Whether a process holds the lock of a folder; leaves nothing behind. */
export function isLocked(folder: URL): boolean {
  const path = new URL("lock", folder);
  try {
    using file = Deno.openSync(path, { read: true });
    // Shared, so that those who only look do not see each other.
    return !file.tryLockSync(false);
  } catch (error) {
    // Unless its file system knows no locks, it has never been trained.
    return isUnsupported(error) && isHeld(path);
  }
}

/** Whether this process has the lock now. */
function takeLock(file: Deno.FsFile, path: URL): boolean {
  try {
    // Who only looks has it for an instant.
    for (let tries = 0; tries < LOOKS; tries++) {
      if (file.tryLockSync(true)) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
    return false;
  } catch (cause) {
    if (!isUnsupported(cause)) throw cause;
    if (isHeld(path)) {
      throw lockedBy(path, ` If there is no such training, remove ${placeOf(path)}.`);
    }
    console.warn(
      `The file system of ${
        placeOf(path)
      } has no locks: a process on another machine that trains ` +
        "the same run would not be noticed. See to it that there is none.",
    );
    return true;
  }
}

function holder(path: URL): Partial<Holder> {
  try {
    return JSON.parse(Deno.readTextFileSync(path)) ?? {};
  } catch {
    return {};
  }
}

/** The refusal of a folder that is held, by what its lock file says. */
function lockedBy(path: URL, advice = ""): Locked {
  const { pid, since } = holder(path);
  const who = pid === undefined ? "another process is" : `process ${pid} has been`;
  return new Locked(
    `Cannot run: ${who} training this run${since ? ` since ${since}` : ""} ` +
      `(${placeOf(new URL(".", path))}). Wait for it, or stop it; this run then goes on where it ` +
      `stopped.${advice}`,
  );
}

/**
 * Whether a process of this machine holds a lock file, by what that says. In a new container this
 * process may have the number of the one that left the file behind.
 */
function isHeld(path: URL): boolean {
  const { pid } = holder(path);
  if (pid === undefined) return false;
  return pid === Deno.pid ? HELD.has(path.href) : isAlive(pid);
}

/** Whether there is such a process on this machine, as far as this one may know. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as { code?: string }).code === "EPERM";
  }
}
