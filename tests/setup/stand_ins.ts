// Programs and packages that set-up is tested with, made on the spot: nothing is downloaded.

import { assert } from "@std/assert";

/** A program that prints a text and ends with a code. */
export function standIn(path: string, says: string, code = 0): string {
  Deno.writeTextFileSync(path, `#!/bin/sh\necho ${says}\nexit ${code}\n`);
  Deno.chmodSync(path, 0o755);
  return path;
}

/** A stand-in for a Python: says its version, and ends as one with or without venv does. */
export function standInPython(path: string, version: string, { venv = true } = {}): string {
  return standIn(path, version, venv ? 0 : 1);
}

const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("probe.py", "print('probed')")
    info = "probe-1.0.dist-info"
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: probe\\nVersion: 1.0\\n")
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "probe.py,,\\n" + info + "/METADATA,,\\n" + info + "/WHEEL,,\\n")
`;

/** Makes a wheel of one module, `probe`, which prints "probed". */
export async function probeWheel(path: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(".venv/bin/python", {
    args: ["-E", "-c", WHEEL, path],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}
