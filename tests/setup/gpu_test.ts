// What set-up installs for a GPU, and when. Nothing is downloaded: the packages themselves are
// 2 to 3 GB.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  askedFor,
  type Cuda,
  cudaOfDriver,
  CUDAS,
  installPackages,
  isInstalled,
  requirementsOf,
} from "../../tools/gpu.ts";
import { probeWheel, standIn } from "./stand_ins.ts";

Deno.test("a GPU is set up where it is asked for, and nothing else is understood", () => {
  assertEquals(askedFor([]), undefined);
  assertEquals(askedFor(["--gpu"]), "any");
  assertEquals(askedFor(["--gpu=12"]), "12");
  for (const args of [["--gpu=11"], ["--gpu="], ["gpu"], ["--gpu", "--gpu"]]) {
    const error = assertThrows(() => askedFor(args)) as Error;
    assertStringIncludes(error.message, `--gpu=12 or --gpu=13, got ${args.join(" ")}.`);
  }
});

Deno.test("the driver says which CUDA; without one it is the newest, and that is said", async () => {
  const folder = await Deno.makeTempDir();
  const driver = (version: string) => standIn(`${folder}/${version}`, version);
  for (const [version, cuda] of [["580.159.04", "13"], ["610.10", "13"], ["579.99", "12"]]) {
    const chosen = await cudaOfDriver(driver(version!));
    assertEquals(chosen.cuda, cuda);
    assertStringIncludes(chosen.says, version!);
  }
  const error = await assertRejects(() => cudaOfDriver(driver("470.82.01")));
  assertStringIncludes((error as Error).message, "must be 525 or newer, got 470.82.01. Update");
  for (const none of [`${folder}/none`, standIn(`${folder}/failing`, "No devices", 9)]) {
    const { cuda, says } = await cudaOfDriver(none);
    assertEquals(cuda, "13");
    assertStringIncludes(says, "no NVIDIA driver answers");
    assertStringIncludes(says, "deno task setup --gpu=12");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("every package is pinned, the same ones for each CUDA", () => {
  const [names12, names13] = (Object.keys(CUDAS) as Cuda[]).map((cuda) =>
    Deno.readTextFileSync(requirementsOf(cuda)).trim().split("\n").map((line) => {
      const [, name] = /^([a-z0-9-]+)==\d+(?:\.\d+)+$/.exec(line) ?? [];
      assert(name, line);
      return name.replace(/cu(da)?1[23]/, "cuda").replace(/-cuda$/, "");
    })
  );
  // CUDA 13 has made libdevice a package of its own.
  assertEquals(names12, names13!.filter((name) => name !== "nvidia-nvvm"));
});

Deno.test("packages take the folder's place whole, or leave it as it is", async () => {
  const root = await Deno.makeTempDir();
  const [folder, requirements] = [`${root}/gpu`, `${root}/cuda.txt`];
  const wheel = `${root}/probe-1.0-py3-none-any.whl`;
  await probeWheel(wheel);
  Deno.writeTextFileSync(requirements, `probe @ file://${wheel}\n`);
  assert(!isInstalled(requirements, folder));
  // What an interrupted set-up leaves.
  Deno.mkdirSync(`${folder}.part/site/probe`, { recursive: true });
  await installPackages(requirements, folder);
  assert(isInstalled(requirements, folder));
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assertEquals(files, [".factlab", "probe-1.0.dist-info", "probe.py"]);

  Deno.writeTextFileSync(requirements, `probe @ file://${root}/none.whl\n`);
  assert(!isInstalled(requirements, folder), "made of other requirements");
  const error = await assertRejects(() => installPackages(requirements, folder));
  assertStringIncludes((error as Error).message, "Cannot set up: ");
  assert(Deno.statSync(`${folder}/probe.py`).isFile);

  Deno.writeTextFileSync(requirements, `probe @ file://${wheel}\n# again\n`);
  await installPackages(requirements, folder);
  assert(isInstalled(requirements, folder));
  assertEquals([...Deno.readDirSync(root)].length, 3, "something is left over");
  await Deno.remove(root, { recursive: true });
});
