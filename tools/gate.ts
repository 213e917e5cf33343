/**
 * The core gate: format, lint, types (cells of notebooks included), documentation, package, unit
 * tests, examples, every notebook from records and trained at smoke scale. Prints the time of each
 * and ends with "N passed, N failed". `--quick` leaves the notebooks out.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { commandLine } from "./command_line.ts";
import { fetchPlugin } from "./plugin.ts";

const USAGE = `deno task test [options]

The gate: format, lint, types, tests, examples, notebooks.

  --quick   without the notebooks`;

const { quick } = commandLine({
  usage: USAGE,
  options: { quick: "flag" },
  read: (given) => given,
});

const DENO = Deno.execPath();
const JSR_TIMEOUT = 3000;
/** What code that trains and draws needs; programs are run by tests, and to see the processor. */
const ALLOWED = ["-RWE", "--allow-ffi", "--allow-sys", "--allow-run"];

/** A check of the gate: a command whose exit code says how it went; tests also say how many. */
interface Check {
  name: string;
  command: string[];
  /** It begins where nothing was trained; others share what their lane has. */
  alone?: boolean;
}

/** Where `@std/assert` comes from: JSR where it answers, our adapter where it does not. */
async function assertions(): Promise<string[]> {
  try {
    const response = await fetch("https://jsr.io/@std/assert/meta.json", {
      signal: AbortSignal.timeout(JSR_TIMEOUT),
    });
    await response.body?.cancel();
    if (response.ok) return [];
  } catch {
    // Said below.
  }
  console.log("JSR does not answer: @std/assert is tests/assert_offline.ts, over node:assert.");
  return ["--import-map", ".cache/imports.json"];
}

function notebooks(): string[] {
  return [...Deno.readDirSync("notebooks")]
    .map(({ name }) => `notebooks/${name}`)
    // Not copies of them, nor what is tried beside them.
    .filter((path) => /\/\d\d_\w+\.ipynb$/.test(path))
    .sort();
}

/** Files of tests by their folder. */
function testFiles(): Map<string, string[]> {
  const files = readdirSync("tests", { encoding: "utf8", recursive: true })
    .filter((path) => path.endsWith("_test.ts")).sort();
  return Map.groupBy(files.map((path) => `tests/${path}`), dirname);
}

/**
 * Two lanes for two cores; one that has none left takes the other's last. The folder of a run
 * belongs to one process: each folder of tests keeps its own runs, notebooks share those of a lane.
 */
async function lanes(): Promise<{ tests: Check[]; rest: Check[] }> {
  const map = await assertions();
  const deno = (...args: string[]) => [DENO, ...args];
  const execute = (path: string, how: string, env: string, timeout: number) => ({
    name: `notebook ${path} ${how}`,
    command: [
      ".venv/bin/python",
      "-E",
      "tools/notebook/run.py",
      path,
      ...`--timeout ${timeout} --env ${env} --output`.split(" "),
      `out/gate/${how.replaceAll(" ", "_")}_${path.split("/").at(-1)}`,
    ],
  });
  const executed = notebooks().flatMap((path) => [
    execute(path, "from records", "FACTLAB_FRESH=0", 60),
    execute(path, "at smoke scale", "FACTLAB_SCALE=smoke", 180),
  ]);
  const test = (...args: string[]) => deno("test", ...ALLOWED, "--quiet", ...map, ...args);
  const tests = [
    { name: "examples", command: test("--doc", "lib", "README.md", "docs") },
    // Types are a check of their own.
    ...[...testFiles()].map(([name, files]) => ({
      name,
      command: test("--no-check", ...files),
      alone: true,
    })),
  ];
  const rest = [
    { name: "format", command: deno("fmt", "--check", "--quiet") },
    { name: "lint", command: deno("lint", "--quiet") },
    { name: "types", command: deno("check", "--quiet", ...map, "lib", "tools", "tests", "bench") },
    { name: "documentation", command: deno("doc", "--lint", "--quiet", ...map, "lib/mod.ts") },
    { name: "package", command: deno("publish", "--dry-run", "--allow-dirty", "--quiet") },
    {
      name: "README's figures are the notebooks'",
      command: [".venv/bin/python", "-E", "tools/notebook/pictures.py", "--check", ...notebooks()],
    },
    ...["check", "lint"].map((kind) => ({
      name: `${kind} of notebook cells`,
      command: deno("run", "-RWE", "--allow-run", "tools/notebook/cells.ts", kind, ...notebooks()),
    })),
    {
      name: "the scoreboards are those of the records",
      command: deno("run", "-RWE", "--quiet", "tools/claims.ts", "--check"),
    },
    ...(quick ? [] : executed),
  ];
  return { tests, rest };
}

async function run(
  { name, command, alone }: Check,
  lane: string,
): Promise<{ passed: number; failed: number }> {
  const start = performance.now();
  const output = await new Deno.Command(command[0]!, {
    args: command.slice(1),
    env: { NO_COLOR: "1", FACTLAB_OUT: `out/gate/${alone ? name : lane}`, FACTLAB_PJRT: plugin },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  const [, passed, failed] = /(\d+) passed.*\| (\d+) failed/.exec(text) ?? [];
  const counts = {
    passed: Number(passed ?? (output.success ? 1 : 0)),
    failed: Number(failed ?? (output.success ? 0 : 1)),
  };
  if (!output.success && counts.failed === 0) counts.failed = 1;
  const seconds = ((performance.now() - start) / 1e3).toFixed(1);
  console.log(
    `${output.success ? "ok  " : "FAIL"} ${name} (${seconds} s, ${counts.passed} passed)`,
  );
  if (!output.success) console.log(text);
  const skipped = /(\d+) ignored/.exec(text)?.[1];
  if (skipped && Deno.env.get("CI")) {
    console.log(`FAIL ${name}: ${skipped} tests were skipped, which CI does not allow`);
    counts.failed++;
  }
  return counts;
}

// Tests of the engine for accelerators fail by name where their plugin cannot be had.
const plugin = await fetchPlugin().catch((error) => (console.log(error.message), ""));
// What is trained is trained now, not read from the gate of yesterday.
await Deno.remove("out/gate", { recursive: true }).catch(() => {});
const total = { passed: 0, failed: 0 };
const { tests, rest } = await lanes();
async function inTurn(lane: string, own: Check[], other: Check[]): Promise<void> {
  const next = () => own.shift() ?? other.pop();
  for (let check = next(); check; check = next()) {
    const { passed, failed } = await run(check, lane);
    total.passed += passed;
    total.failed += failed;
  }
}
await Promise.all([inTurn("lane_1", tests, rest), inTurn("lane_2", rest, tests)]);
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0) Deno.exit(1);
