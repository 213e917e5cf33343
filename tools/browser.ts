/**
 * Tests in a real browser: notebooks in JupyterLab, and the gallery. Installs Debian's Chromium
 * where it is missing and may be installed; ends with "N passed, N failed".
 *
 * @module
 */

import { choice, commandLine } from "./command_line.ts";

const TESTS = ["lab", "gallery"];
const USAGE = `deno task test:browser [NAME ...]

Notebooks in JupyterLab (lab) and the gallery (gallery), in Chromium; both by default.`;

const files = commandLine({
  usage: USAGE,
  names: true,
  read(_, names) {
    for (const name of names) choice("a test", name, TESTS);
    return names.length > 0 ? names : TESTS;
  },
});

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const INSTALL = "apt-get update -qq && " +
  "apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends chromium fonts-dejavu-core";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stdin: "null" }).spawn().status;
  return success;
}

if (!exists(CHROMIUM) && Deno.uid() === 0) {
  console.log("Installing Chromium …");
  await run("sh", "-c", `(${INSTALL}) >/dev/null`);
}
if (!exists(CHROMIUM)) {
  console.error(
    `Cannot test in a browser: ${CHROMIUM} is missing. Install Debian's package chromium, or name ` +
      "another Chromium in the environment variable CHROMIUM.\n0 passed, 1 failed",
  );
  Deno.exit(1);
}

const gallery = ["tools/gallery/build.py", "--output", "out/gallery"];
const notebooks = [...Deno.readDirSync("notebooks")].map(({ name }) => `notebooks/${name}`)
  .filter((path) => /\/\d\d_\w+\.ipynb$/.test(path)).sort();
if (!await run(".venv/bin/python", "-E", ...gallery, ...notebooks)) Deno.exit(1);

const tests = await new Deno.Command(Deno.execPath(), {
  args: [
    ..."test -A --quiet --import-map .cache/imports.json".split(" "),
    ...files.map((name) => `tests/browser/${name}.ts`),
  ],
  stdout: "piped",
  stderr: "inherit",
}).output();
const told = new TextDecoder().decode(tests.stdout);
console.log(told);
const [, passed = 0, failed = 1] = /(\d+) passed.*\| (\d+) failed/.exec(told) ?? [];
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(tests.success ? 0 : 1);
