/**
 * Set-up from nothing on machines that differ: a foreign environment, a checkout that is moved, one
 * that may not be written. Works on a copy in a temporary folder, and ends with
 * "N passed, N failed".
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "../assert_offline.ts";
import { startLab } from "../browser/jupyter.ts";
import { filesIn, foreignMachine } from "./foreign.ts";

const SCRIPT = `
import { armNamed, readResults, recordsOf, threePhases, train } from "factlab";
const results = readResults(threePhases);
console.log(recordsOf(results, armNamed(results, "base")).length, "records");
const run = train({ scale: "smoke", people: 8, steps: 20 }, { fresh: true });
for await (const _ of run);
console.log("trained", run.finished);
`;

/** Where no package can be had from. */
const OFFLINE = { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };

const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "factlab-setup-" }));
const env = { NO_COLOR: "1", ...foreignMachine(`${folder}/foreign`) };
const foreign = filesIn(`${folder}/foreign`);
let checkout = `${folder}/checkout`;

/** Runs a program in the checkout; `said` is all that it printed. */
async function outcome(
  [program, ...args]: string[],
  more: Record<string, string> = {},
): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program!, {
    args,
    cwd: checkout,
    env: { ...env, ...more },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Runs a program that must end well, and returns what it printed. */
async function run(command: string[], more?: Record<string, string>): Promise<string> {
  const { code, said } = await outcome(command, more);
  assertEquals(code, 0, `${command.join(" ")}: ${said}`);
  return said;
}

/** The command of one of the checkout's tasks. */
function task(line: string): string[] {
  return [Deno.execPath(), "task", "--quiet", ...line.split(" ")];
}
const script = [Deno.execPath(), "run", "-A", "script.ts"];

/** Where JupyterLab takes the kernel of notebooks from. */
async function kernelOfLab(more: Record<string, string> = {}): Promise<string> {
  await using lab = await startLab({ ...env, ...more }, checkout);
  const { kernelspecs } = await lab.ask("kernelspecs") as {
    kernelspecs: Record<string, { spec: { display_name: string } }>;
  };
  return kernelspecs.deno!.spec.display_name;
}

const counts = { passed: 0, failed: 0 };
async function check(name: string, holds: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const trouble = await holds().then(() => undefined, (error) => error);
  counts[trouble ? "failed" : "passed"]++;
  const seconds = ((performance.now() - start) / 1e3).toFixed(0);
  console.log(`${trouble ? "FAIL" : "ok  "} ${name} (${seconds} s)`);
  if (trouble) console.log(trouble);
}

Deno.mkdirSync(checkout);
const FILES = "git ls-files -coz --exclude-standard | tar -c --null -T -";
await new Deno.Command("sh", { args: ["-c", `${FILES} | tar -x -C "${checkout}"`] }).output();
Deno.writeTextFileSync(`${checkout}/script.ts`, SCRIPT);
Deno.copyFileSync("tests/notebook/fixtures/order.ipynb", `${checkout}/order.ipynb`);

await check("set-up from nothing, whatever the machine's variables and files say", async () => {
  await run(task("setup"));
  assertEquals(filesIn(`${folder}/foreign`), foreign);
});

await check("a foreign kernel and foreign folders do not win in JupyterLab", async () => {
  assertEquals(await kernelOfLab(), "Deno (factlab)");
  assertEquals(filesIn(`${folder}/foreign`), foreign);
});

await check("a moved checkout works, and downloads nothing", async () => {
  Deno.renameSync(checkout, `${folder}/moved checkout`);
  checkout = `${folder}/moved checkout`;
  await run(task("setup"), OFFLINE);
  assertStringIncludes(await run(script), "trained true");
  assertStringIncludes(await run(task("notebook order.ipynb")), "cells, saved");
  assertEquals(await kernelOfLab(), "Deno (factlab)");
});

await run(["chmod", "-R", "a-w", checkout]);
// Root may write everywhere, unless it gives that up.
const GIVEN_UP = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"];
const reader = Deno.uid() === 0 ? GIVEN_UP : [];
const elsewhere = { HOME: `${folder}/reader`, FACTLAB_OUT: `${folder}/reader/out` };

await check("where the checkout is read-only, all of it is read", async () => {
  const { code } = await outcome([...reader, "touch", "written"]);
  assert(code !== 0, "the checkout is not read-only");
  assertStringIncludes(await run([...reader, ...task("studies")], elsewhere), "three-phases");
  assertStringIncludes(await run([...reader, ...task("runs")], elsewhere), "optimizer.lr");
  for (const options of ["", " --check", " --json"]) {
    await run([...reader, ...task(`claims${options}`)], elsewhere);
  }
});

await check("where the checkout is read-only, FACTLAB_OUT takes what is made", async () => {
  assertStringIncludes(await run([...reader, ...script], elsewhere), "trained true");
  const notebook = task(`notebook order.ipynb --output ${folder}/reader/order.ipynb`);
  assertStringIncludes(await run([...reader, ...notebook], elsewhere), "cells, saved");
});

await check("an incomplete set-up that is read-only is refused by name", async () => {
  await run(["chmod", "u+w", ".cache"]);
  await run(["rm", "-f", ".cache/imports.json"]);
  await run(["chmod", "a-w", ".cache"]);
  const { code, said } = await outcome([...reader, ...task("studies")], elsewhere);
  assertEquals(code, 1);
  assertStringIncludes(said, "Cannot set up: the checkout must be writable, got");
  assertStringIncludes(said, "Missing or out of date: import map without JSR. Run ");
  assert(!/^\s+at /m.test(said), said);
});

checkout = folder;
await run(["chmod", "-R", "u+w", folder]);
await Deno.remove(folder, { recursive: true });
console.log(`${counts.passed} passed, ${counts.failed} failed`);
if (counts.failed > 0) Deno.exit(1);
