/**
 * Compiled programs on disk, by what they are made of: text, flags, plugin and device. An entry that
 * is damaged, or that the plugin no longer takes, is compiled anew.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { OUT } from "../../environment.ts";
import type { Client, DeviceInfo, Executable } from "./client.ts";
import { compileOptions, type Setting } from "./options.ts";

const FOLDER = new URL("programs/", OUT);
/** Bytes of the digest that an entry begins with. */
const DIGEST = 32;
/** Bytes that all entries together may have; the oldest go first. */
const LIMIT = 4 * 2 ** 30;

const digest = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest();
};

/** How a program is compiled; it is part of what it is found by. */
export interface Compiling {
  /** The module's text. */
  code: string;
  /** XLA's flags. */
  flags: Readonly<Record<string, Setting>>;
}

/** A program from the disk, or else compiled here and now, which holds up everything else. */
export function compiled(client: Client, { code, flags }: Compiling): Executable {
  const file = fileOf(client.info, { code, flags });
  return stored(client, file) ??
    kept(client, file, client.compile(code, compileOptions(flags)));
}

/** Programs that are being compiled in other threads, by their files. */
const atWork = new Map<string, Promise<unknown>>();

/** A program from the disk, or else compiled in another thread, once for all who want it. */
export async function compiledAside(
  client: Client,
  { code, flags }: Compiling,
): Promise<Executable> {
  const file = fileOf(client.info, { code, flags });
  // Whoever compiles it puts it on disk; if that fails, the next one compiles.
  while (atWork.has(file.href)) await atWork.get(file.href)!.catch(() => {});
  const known = stored(client, file);
  if (known) return known;
  const compiling = client.compileAside(code, compileOptions(flags))
    .then((program) => kept(client, file, program))
    .finally(() => atWork.delete(file.href));
  atWork.set(file.href, compiling);
  return await compiling;
}

function fileOf(info: DeviceInfo, { code, flags }: Compiling): URL {
  const key = digest(code, JSON.stringify([flags, info])).toString("hex");
  return new URL(`${key.slice(0, 40)}.bin`, FOLDER);
}

/** The program of a file; undefined if there is none that can be used. */
function stored(client: Client, file: URL): Executable | undefined {
  try {
    const entry = Deno.readFileSync(file);
    const bytes = entry.slice(DIGEST);
    // What a plugin makes of damaged bytes is not known: it may end the process.
    if (!digest(bytes).equals(entry.subarray(0, DIGEST))) return undefined;
    const program = client.load(bytes);
    touch(file);
    return program;
  } catch {
    return undefined;
  }
}

/** Says that a file was used: the oldest is what has not been for longest. */
function touch(file: URL): void {
  try {
    Deno.utimeSync(file, new Date(), new Date());
  } catch {
    // In a folder of somebody else's nothing is thrown away either.
  }
}

/** Puts a program into a file; where that does not work it is compiled once more next time. */
function kept(client: Client, file: URL, program: Executable): Executable {
  const part = new URL(`${file.href}.${Deno.pid}.part`);
  try {
    const bytes = client.serialize(program);
    if (!bytes) return program;
    Deno.mkdirSync(FOLDER, { recursive: true });
    prune(bytes.length);
    const entry = new Uint8Array(DIGEST + bytes.length);
    entry.set(digest(bytes));
    entry.set(bytes, DIGEST);
    Deno.writeFileSync(part, entry);
    Deno.renameSync(part, file);
  } catch {
    try {
      Deno.removeSync(part);
    } catch {
      // It may never have been there.
    }
  }
  return program;
}

/** Makes room for some bytes. */
function prune(bytes: number): void {
  const entries = [...Deno.readDirSync(FOLDER)].map(({ name }) => {
    const file = new URL(name, FOLDER);
    const { size, mtime } = Deno.statSync(file);
    return { file, size, used: mtime?.getTime() ?? 0 };
  }).sort((a, b) => a.used - b.used);
  let total = bytes + entries.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of entries) {
    if (total <= LIMIT) return;
    Deno.removeSync(file);
    total -= size;
  }
}
