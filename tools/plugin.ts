/**
 * XLA's PJRT plugin for processors, on which the gate tests the engine for accelerators: an
 * unmodified build of zml/pjrt-artifacts (Apache-2.0) in somebody else's package, so pinned by hash
 * and for tests only. Set-up never fetches it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { command } from "./command.ts";
import { pip } from "./python.ts";

const PACKAGE = "fastatomstruct-xla-cpu";
const VERSION = "2026.6.23";
const SHA256 = "88b1c430b341b4bea40a37420311c9c75db6e22b46d2ff95b6986577bee6afe9";
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = `${ROOT}.cache/pjrt-cpu-${VERSION}`;

const UNPACK = `
import sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, open(target, "wb") as out:
    name = next(n for n in archive.namelist() if n.endswith("libpjrt_cpu.so"))
    with archive.open(name) as library:
        while chunk := library.read(1 << 20):
            out.write(chunk)
`;

/** Path of the plugin; fetched (63 MB) if it is not there yet. */
export async function fetchPlugin(): Promise<string> {
  const library = `${FOLDER}/libpjrt_cpu.so`;
  if (exists(library)) return library;
  const part = Deno.makeTempDirSync({ dir: `${ROOT}.cache`, prefix: "pjrt-cpu-" });
  try {
    Deno.writeTextFileSync(
      `${part}/pinned.txt`,
      `${PACKAGE}==${VERSION} --hash=sha256:${SHA256}\n`,
    );
    await pip(`${ROOT}.venv`, [
      ..."download --no-cache-dir --no-deps --only-binary=:all: --require-hashes".split(" "),
      // The checkout's place may have spaces.
      ...["-d", part, "-r", `${part}/pinned.txt`],
    ]);
    const wheel = [...Deno.readDirSync(part)].find(({ name }) => name.endsWith(".whl"))!;
    await command(`${ROOT}.venv/bin/python`, [
      ...["-E", "-c", UNPACK, `${part}/${wheel.name}`, `${part}/libpjrt_cpu.so`],
    ]);
    Deno.mkdirSync(FOLDER, { recursive: true });
    Deno.renameSync(`${part}/libpjrt_cpu.so`, library);
  } finally {
    Deno.removeSync(part, { recursive: true });
  }
  return library;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

if (import.meta.main) console.log(await fetchPlugin());
