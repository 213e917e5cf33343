// Which Python is taken, and that nothing on the machine turns pip away from the environment.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { findPython, hasPythonEnvironment } from "../../tools/python.ts";
import { filesIn, foreignMachine } from "./foreign.ts";
import { probeWheel, standInPython } from "./stand_ins.ts";

const MODULE = new URL("../../tools/python.ts", import.meta.url).href;

Deno.test("a Python that is too old or has no venv is named, a good one beside it taken", async () => {
  const folder = await Deno.makeTempDir();
  const old = standInPython(`${folder}/python3`, "3.10.13");
  const bare = standInPython(`${folder}/python3.12`, "3.12.1", { venv: false });
  const good = standInPython(`${folder}/python3.11`, "3.11.2");
  const next = standInPython(`${folder}/python4`, "4.0.0");
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
  await probeWheel(wheel);
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
  Deno.symlinkSync(standInPython(`${folder}/one`, "3.11.2"), `${folder}/env/bin/python`);
  Deno.writeTextFileSync(`${folder}/env/.factlab`, `# ${Deno.realPathSync(`${folder}/one`)}\n`);
  assert(hasPythonEnvironment(`${folder}/env`, requirements));
  Deno.renameSync(`${folder}/one`, `${folder}/two`);
  assert(!hasPythonEnvironment(`${folder}/env`, requirements), "gone");
  Deno.symlinkSync("two", `${folder}/one`);
  assert(!hasPythonEnvironment(`${folder}/env`, requirements), "another");
  await Deno.remove(folder, { recursive: true });
});
