// What set-up does where it has nothing to do, may not begin, or cannot lock. Nothing is downloaded:
// tests/setup/machines.ts sets up for real.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Runs set-up in a folder, where it may write but run no programs unless `allowed` says otherwise;
 * `said` is all that it printed.
 */
async function setUp(
  cwd: string,
  { env = {}, allowed = ["-W"], options = [] }: {
    env?: Record<string, string>;
    allowed?: string[];
    options?: string[];
  } = {},
): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--quiet", "-RE", ...allowed, `${ROOT}tools/setup.ts`, ...options],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** A folder with what set-up reads; `complete` lends it what is set up here, but for one file. */
async function checkout({ complete }: { complete: boolean }): Promise<string> {
  const folder = await Deno.makeTempDir();
  Deno.mkdirSync(`${folder}/tools`);
  for (const name of ["deno.json", "tools/requirements.txt"]) {
    Deno.copyFileSync(ROOT + name, `${folder}/${name}`);
  }
  if (!complete) return folder;
  Deno.mkdirSync(`${folder}/.cache`);
  const parts = [...Deno.readDirSync(`${ROOT}.cache`)].map(({ name }) => name)
    .filter((name) => name === "bin" || name.startsWith("tensorflow")).map((n) => `.cache/${n}`);
  for (const name of ["node_modules", ".venv", ...parts]) {
    Deno.symlinkSync(ROOT + name, `${folder}/${name}`);
  }
  return folder;
}

Deno.test("where all is set up, set-up writes nothing, runs nothing and says nothing", async () => {
  assertEquals(await setUp(ROOT, { allowed: [] }), { code: 0, said: "" });
});

Deno.test("set-up for a GPU does no more where it is done; without the option it is never done", async () => {
  const folder = await checkout({ complete: true });
  Deno.mkdirSync(`${folder}/tools/gpu`);
  Deno.copyFileSync(`${ROOT}tools/gpu/cuda12.txt`, `${folder}/tools/gpu/cuda12.txt`);
  assertEquals((await setUp(folder)).code, 0);
  const quiet = { code: 0, said: "" };
  assertEquals(await setUp(folder, { allowed: [] }), quiet);
  const missing = await setUp(folder, { allowed: ["-W"], options: ["--gpu=12"] });
  assertStringIncludes(missing.said, "set-up: XLA's plugin and CUDA 12 in .cache/gpu (3.0 GB");
  assertEquals(missing.code, 1, "it may run no programs, such as pip");

  Deno.mkdirSync(`${folder}/.cache/gpu`);
  Deno.copyFileSync(`${ROOT}tools/gpu/cuda12.txt`, `${folder}/.cache/gpu/.factlab`);
  assertEquals(await setUp(folder, { allowed: [], options: ["--gpu=12"] }), quiet);
  const unknown = await setUp(folder, { allowed: [], options: ["--cuda"] });
  assertStringIncludes(unknown.said, "Cannot set up: options must be none, --gpu, or");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an old Python is refused by name before any work", async () => {
  const folder = await checkout({ complete: false });
  Deno.mkdirSync(`${folder}/bin`);
  const path = `${folder}/bin/python3`;
  Deno.writeTextFileSync(path, "#!/bin/sh\necho 3.10.13\n", { mode: 0o755 });
  const alone = { env: { PATH: `${folder}/bin` }, allowed: ["-W", "--allow-run"] };
  const { code, said } = await setUp(folder, alone);
  assertEquals(code, 1);
  assertStringIncludes(said, "Python must be >= 3.11 with venv, got python3 3.10.13. Install ");
  Deno.removeSync(path);
  const without = await setUp(folder, alone);
  assertStringIncludes(without.said, "Python must be >= 3.11 with venv, got none. Install ");
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    "bin",
    "deno.json",
    "tools",
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("without locks set-up goes on and says so; behind another set-up it ends", async () => {
  const folder = await checkout({ complete: true });
  const shim = `${folder}/flock.so`;
  const built = await new Deno.Command("g++", {
    args: ["-shared", "-fPIC", "-o", shim, `${ROOT}tests/setup/flock.cc`],
  }).output();
  assertEquals(new TextDecoder().decode(built.stderr), "");
  const withErrno = (errno: number) =>
    setUp(folder, { env: { LD_PRELOAD: shim, FLOCK_ERRNO: String(errno) } });
  const [EAGAIN, ENOLCK, ENOSYS] = [11, 37, 38];
  const held = await withErrno(EAGAIN);
  assertEquals(held.code, 1);
  assertStringIncludes(held.said, "Cannot set up: .cache/setup.lock must be free, got");
  for (const [errno, reason] of [[ENOLCK, "No locks available"], [ENOSYS, "not implemented"]]) {
    await Deno.remove(`${folder}/.cache/imports.json`).catch(() => {});
    const { code, said } = await withErrno(errno as number);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "set-up: this file system cannot lock .cache/setup.lock");
    assertStringIncludes(said, reason as string);
    assertStringIncludes(said, "set-up: import map without JSR done");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("links into another place are turned to this one, and hold when it moves", async () => {
  const folder = await checkout({ complete: true });
  const tfjs = `${folder}/node_modules/@tensorflow/tfjs-node`;
  await Deno.remove(`${folder}/node_modules`);
  Deno.mkdirSync(`${tfjs}/lib/napi-v8`, { recursive: true });
  Deno.writeTextFileSync(`${tfjs}/lib/napi-v8/tfjs_binding.node`, "");
  Deno.copyFileSync(`${folder}/deno.json`, `${folder}/node_modules/.factlab`);

  // As set-up once left it: a folder of absolute links, dead since the checkout was moved.
  Deno.mkdirSync(`${tfjs}/deps/lib`, { recursive: true });
  Deno.symlinkSync("/nowhere/libtensorflow_cc.so.2", `${tfjs}/deps/lib/libtensorflow_cc.so.2`);
  const repaired = await setUp(folder);
  assertEquals(repaired.code, 0, repaired.said);
  const library = `${tfjs}/deps/lib/libtensorflow_cc.so.2`;
  assert(Deno.statSync(library).isFile);

  // As a copy would be that still uses the original's.
  await Deno.remove(`${tfjs}/deps/lib`);
  Deno.symlinkSync(`${folder}/tools`, `${tfjs}/deps/lib`);
  assertStringIncludes((await setUp(folder)).said, "link to TensorFlow done");
  assert(Deno.statSync(library).isFile);

  Deno.renameSync(folder, `${folder} moved`);
  assertEquals(await setUp(`${folder} moved`, { allowed: [] }), { code: 0, said: "" });
  await Deno.remove(`${folder} moved`, { recursive: true });
});
