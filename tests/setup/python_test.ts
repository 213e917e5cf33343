// Which Python is taken, and that nothing on the machine turns pip away from the environment.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { findPython, hasPythonEnvironment } from "../../tools/python.ts";
import { filesIn, foreignMachine } from "./foreign.ts";

const MODULE = new URL("../../tools/python.ts", import.meta.url).href;

/** A stand-in for a Python: says its version, and ends as one with or without venv does. */
function standIn(path: string, version: string, { venv = true } = {}): string {
  Deno.writeTextFileSync(path, `#!/bin/sh\necho ${version}\nexit ${venv ? 0 : 1}\n`);
  Deno.chmodSync(path, 0o755);
  return path;
}

Deno.test("a Python that is too old or has no venv is named, a good one beside it taken", async () => {
  const folder = await Deno.makeTempDir();
  const old = standIn(`${folder}/python3`, "3.10.13");
  const bare = standIn(`${folder}/python3.12`, "3.12.1", { venv: false });
  const good = standIn(`${folder}/python3.11`, "3.11.2");
  const next = standIn(`${folder}/python4`, "4.0.0");
  const error = await assertRejects(() => findPython([old, `${folder}/none`, bare]));
  const message = (error as Error).message.split(folder + "/").join("");
  assert(
    message.startsWith(
      "Cannot set up: Python must be >= 3.11 with venv, got python3 3.10.13, python3.12 3.12.1 " +
        "without venv. Install ",
    ),
    message,
  );
  const none = await assertRejects(() => findPython([`${folder}/none`]));
  assert((none as Error).message.includes("with venv, got none. Install "));
  assertEquals(await findPython([old, bare, good]), good);
  assertEquals(await findPython([next, good]), next);
  await Deno.remove(folder, { recursive: true });
});

/** The installed packages that refuse the Python of a version. */
const REFUSE = `
import sys
from importlib.metadata import distributions
from packaging.specifiers import SpecifierSet
for package in distributions():
    if sys.argv[1] not in SpecifierSet(package.metadata["Requires-Python"] or ""):
        print(package.name, package.version)
`;

Deno.test("every package takes Python 3.11.0, and some none before it", async () => {
  const refusing = (version: string) => run(".venv/bin/python", ["-E", "-c", REFUSE, version]);
  assertEquals(await refusing("3.11.0"), "");
  assert((await refusing("3.10.99")).includes("ipykernel "));
});

/** A wheel of one module, `probe`, so that nothing has to be downloaded. */
const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("probe.py", "print('probed')")
    info = "probe-1.0.dist-info"
    wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: probe\\nVersion: 1.0\\n")
    wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "/RECORD", "probe.py,,\\n" + info + "/METADATA,,\\n" + info + "/WHEEL,,\\n")
`;

async function run(program: string, args: string[], env?: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("an environment is made whatever variables say, and outlives a move", async () => {
  const folder = await Deno.makeTempDir();
  const env = foreignMachine(`${folder}/foreign`);
  const before = filesIn(`${folder}/foreign`);
  const wheel = `${folder}/probe-1.0-py3-none-any.whl`;
  const requirements = `${folder}/requirements.txt`;
  Deno.writeTextFileSync(requirements, `probe @ file://${wheel}\n`);
  await run(".venv/bin/python", ["-E", "-c", WHEEL, wheel]);
  const make = `const { pythonEnvironment } = await import("${MODULE}");
    await pythonEnvironment("${folder}/env", "${requirements}");`;
  await run(Deno.execPath(), ["eval", "--no-config", make], env);
  assertEquals(filesIn(`${folder}/foreign`), before);

  Deno.mkdirSync(`${folder}/other place`);
  const moved = `${folder}/other place/env`;
  Deno.renameSync(`${folder}/env`, moved);
  assertEquals(await run(`${moved}/bin/python`, ["-E", "-m", "probe"], env), "probed\n");
  assert(hasPythonEnvironment(moved, requirements));
  Deno.writeTextFileSync(requirements, "# others\n", { append: true });
  assert(!hasPythonEnvironment(moved, requirements), "made of other requirements");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an environment whose Python is gone, or is another one, is made again", async () => {
  const folder = await Deno.makeTempDir();
  const requirements = `${folder}/requirements.txt`;
  Deno.writeTextFileSync(requirements, "");
  Deno.mkdirSync(`${folder}/env/bin`, { recursive: true });
  Deno.symlinkSync(standIn(`${folder}/one`, "3.11.2"), `${folder}/env/bin/python`);
  Deno.writeTextFileSync(`${folder}/env/.factlab`, `# ${Deno.realPathSync(`${folder}/one`)}\n`);
  assert(hasPythonEnvironment(`${folder}/env`, requirements));
  Deno.renameSync(`${folder}/one`, `${folder}/two`);
  assert(!hasPythonEnvironment(`${folder}/env`, requirements), "gone");
  Deno.symlinkSync("two", `${folder}/one`);
  assert(!hasPythonEnvironment(`${folder}/env`, requirements), "another");
  await Deno.remove(folder, { recursive: true });
});
