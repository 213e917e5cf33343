// The bundle on a bare machine: a folder without network, home or programs, where XLA's plugin for
// processors stands for a GPU's. What device gpu needs beyond the bundle is missing here.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { fetchPlugin } from "../../tools/plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MIB = 2 ** 20;
const plugin = await fetchPlugin();
/** Where nothing was trained: what was, comes along. */
const nothingTrained = await Deno.makeTempDir();

interface Outcome {
  code: number;
  said: string;
}

async function run(
  program: string,
  { env, ...options }: Deno.CommandOptions,
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    ...options,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Makes a bundle with what PATH has, or the programs of a folder alone. */
function bundle(args: string[], path?: string): Promise<Outcome> {
  return run(Deno.execPath(), {
    args: ["run", "-RWE", "--allow-run", "--quiet", `${ROOT}tools/bundle.ts`, ...args],
    cwd: ROOT,
    env: { FACTLAB_OUT: nothingTrained, ...(path === undefined ? {} : { PATH: path }) },
  });
}

/** The path of a program. */
async function pathOf(program: string): Promise<string> {
  return (await run("sh", { args: ["-c", `command -v ${program}`] })).said.trim();
}

/** The command that runs another one without network, where this machine lets us. */
async function isolation(): Promise<string[]> {
  const unshare = [await pathOf("unshare"), "-rn"];
  const { code, said } = await run("sh", { args: ["-c", `${unshare.join(" ")} true`] });
  if (code === 0) return unshare;
  assert(Deno.env.get("CI") !== "true", said);
  console.warn(`The bundle is tried with network: ${said}`);
  return [await pathOf("env")];
}

const SCRIPT = `
import { train } from "factlab";
import { z } from "zod";
console.log(z.string().parse(Deno.args[0]), Deno.networkInterfaces().map(({ name }) => name));
const run = train({ scale: "smoke", people: 8, steps: 20 }, { fresh: true });
for await (const _ of run);
console.log("trained", run.finished);
`;

Deno.test("a bundle of less than 60 MiB trains on a bare machine", async (t) => {
  const folder = await Deno.makeTempDir();
  const archive = `${folder}/factlab.tar.xz`;
  const made = await bundle(["--study", "text-variety", "--output", archive]);
  assertEquals(made.code, 0, made.said);
  assert(Deno.statSync(archive).size < 60 * MIB, made.said);
  assertEquals([...Deno.readDirSync(folder)].length, 1, "something is left over");

  const [place, home, path] = ["a place", "home", "bin"].map((name) => `${folder}/${name}`);
  for (const made of [place!, home!, path!]) Deno.mkdirSync(made);
  const unpacked = await run("tar", { args: ["xf", archive, "-C", place!] });
  assertEquals(unpacked.code, 0, unpacked.said);
  const isolate = await isolation();
  const bare = (args: string[], cwd = `${place}/factlab`, env: Record<string, string> = {}) =>
    run(isolate[0]!, {
      args: [...isolate.slice(1), `${place}/factlab/factlab`, ...args],
      cwd,
      clearEnv: true,
      env: { HOME: home!, PATH: path!, FACTLAB_PJRT: plugin, ...env },
    });

  await t.step("a study, by the workers of its own sweep", async () => {
    const args = "text-variety --scale smoke --seeds 1 --device gpu".split(" ");
    const { code, said } = await bare(["study", ...args]);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "5 of 5 runs");
    assertStringIncludes(said, "Training templates a person and attribute");
    assertEquals([...Deno.readDirSync(`${place}/factlab/out/runs`)].length, 5);
    assertEquals([...Deno.readDirSync(home!)], []);
  });

  await t.step("the study from the records that came along", async () => {
    const { code, said } = await bare(["study", "text-variety", "--seeds", "1"], place, {
      FACTLAB_FRESH: "0",
    });
    assertEquals(code, 0, said);
    assertStringIncludes(said, "(scale laptop)");
  });

  await t.step(
    "a script of one's own, from elsewhere; only the folder named is written",
    async () => {
      Deno.writeTextFileSync(`${place}/script.ts`, SCRIPT);
      const out = { FACTLAB_OUT: `${folder}/out` };
      const { code, said } = await bare(["run", "script.ts", "given"], place, out);
      assertEquals(code, 0, said);
      assertStringIncludes(said, isolate[1] ? "given []\ntrained true\n" : "trained true\n");
      assert(Deno.statSync(`${folder}/out/runs`).isDirectory);
    },
  );

  await t.step("TensorFlow is not there", async () => {
    const { code, said } = await bare(["run", "../script.ts", "given"], undefined, {
      FACTLAB_DEVICE: "cpu",
    });
    assertEquals(code, 1);
    assertStringIncludes(said, "Cannot load TensorFlow");
  });

  await t.step("what comes next of the paper's scale", async () => {
    const { code, said } = await bare(["next", "9", `${folder}/results`, "--dry"]);
    assertEquals(code, 0, said);
    assertMatch(said, /next of \d+ units: base [0-9a-f]{12} and what begins from it/);
  });

  await t.step("what it can do is said", async () => {
    const { code, said } = await bare(["train"]);
    assertEquals(code, 2);
    assertStringIncludes(said, "./factlab study NAME");
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a bundle is refused by name before any work", async () => {
  const folder = await Deno.makeTempDir();
  Deno.symlinkSync(await pathOf("tar"), `${folder}/tar`);
  const output = `${folder}/out/factlab.tar.xz`;
  const without = await bundle(["--output", output], folder);
  assertEquals(without.code, 1);
  assertStringIncludes(without.said, "Cannot make the bundle: xz is missing. ");
  const unknown = await bundle(["--output", output, "--study", "none"]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.said, "its name must be one of");
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["tar"]);
  await Deno.remove(folder, { recursive: true });
});
