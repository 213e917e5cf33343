// What every command of `deno task` says to --help, to what it does not know, and elsewhere.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

async function run(tool: string, args: string[], cwd = ROOT) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", `${ROOT}deno.json`, `${ROOT}${tool}`, ...args],
    cwd,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout), errors: text(stderr) };
}

interface Task {
  command: string;
}
const tasks: Record<string, Task> = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)).tasks;
const tools = Object.entries(tasks).flatMap(([name, { command }]) => {
  const tool = /((?:tools|bench)\/\S+\.ts)/.exec(command)?.[1];
  return tool ? [{ name, tool }] : [];
});
assert(tools.length > 15, `${tools.length} tools`);

for (const { name, tool } of tools) {
  Deno.test(`deno task ${name} tells its options, and refuses others without a stack trace`, async () => {
    const [told, refused] = await Promise.all([run(tool, ["--help"]), run(tool, ["--hepl"])]);
    assertEquals([told.code, refused.code], [0, 2]);
    assert(told.output.startsWith(`deno task ${name}`), told.output);
    assertMatch(refused.errors, /^Cannot (set up|run deno task).*--hepl/);
    assert(!/\n +at /.test(refused.errors) && refused.output === "", refused.errors);
  });
}

Deno.test("a flag is told with the one that was meant, and what its value must be", async () => {
  const said = async (tool: string, ...args: string[]) => (await run(tool, args)).errors;
  assertStringIncludes(await said("tools/study.ts", "x", "--sede", "3"), "did you mean --seeds?");
  assertStringIncludes(
    await said("tools/study.ts", "three-phase"),
    "got three-phase (did you mean three-phases?)",
  );
  assertStringIncludes(
    await said("tools/studies.ts", "--scale", "laptpo"),
    "--scale must be one of smoke, laptop, paper, got laptpo (did you mean laptop?)",
  );
  assertStringIncludes(await said("tools/studies.ts", "--scale"), "--scale must be given a value");
  assertStringIncludes(await said("tools/claims.ts", "--json=1"), "must be given no value, got 1");
  assertStringIncludes(await said("tools/claims.ts", "x"), "it takes no names, got x");
  assertStringIncludes(
    await said("tools/soak.ts", "--minutes", "0"),
    "--minutes must be a number above 0, got 0",
  );
});

Deno.test("in a folder that is no checkout a tool says where to go", async () => {
  const folder = Deno.makeTempDirSync();
  for (const tool of ["tools/claims.ts", "tools/setup.ts"]) {
    const { code, errors } = await run(tool, [], folder);
    assertEquals(code, 2);
    assertStringIncludes(errors, "must be that of a checkout");
    assertStringIncludes(errors, `cd ${ROOT.replace(/\/$/, "")}`);
  }
  assertEquals([...Deno.readDirSync(folder)], []);
  Deno.removeSync(folder);
});
