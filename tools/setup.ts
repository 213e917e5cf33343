/**
 * Set-up: everything factlab needs, inside this checkout, from package registries alone.
 *
 * Each step says whether it is done, does itself into a temporary place and moves the result
 * in one rename, so that an interrupted set-up is simply run again. Nothing outside the
 * checkout is written. What this file leaves out: PyTorch, transformers, Chromium and Slurm,
 * which the tasks that need them install.
 *
 * @module
 */

const TENSORFLOW = "2.21.0";
const TFJS = "node_modules/@tensorflow/tfjs-node";
const PLATFORM = `${Deno.build.os}-${Deno.build.arch}`;
const LIBRARY = `.cache/tensorflow-${TENSORFLOW}`;

/** One step of the set-up: `done` is cheap, `run` may be interrupted at any instant. */
interface Step {
  name: string;
  done: () => Promise<boolean> | boolean;
  run: () => Promise<void>;
}

/** An error whose text already tells a person what to do. */
class SetupError extends Error {}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function read(path: string): string {
  return exists(path) ? Deno.readTextFileSync(path) : "";
}

function link(target: string, path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
  Deno.symlinkSync(target, path);
}

async function command(
  program: string,
  args: string[],
  { quiet = true, hint = "" }: { quiet?: boolean; hint?: string } = {},
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: quiet ? "piped" : "inherit",
      stderr: quiet ? "piped" : "inherit",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SetupError(`Cannot set up: ${program} is missing. ${hint}`);
  }
  const text = (bytes: () => Uint8Array) => quiet ? new TextDecoder().decode(bytes()) : "";
  if (!output.success) {
    const log = (text(() => output.stdout) + text(() => output.stderr)).trim();
    throw new SetupError(
      `Cannot set up: "${program} ${args.slice(0, 3).join(" ")} …" failed (exit code ` +
        `${output.code}). ${hint}\n${log.split("\n").slice(-15).join("\n")}`,
    );
  }
  return text(() => output.stdout);
}

const PYTHON_HINT =
  "Python >= 3.10 with venv and pip is needed: sudo apt-get install python3 python3-venv python3-pip";
const COMPILER_HINT = "A C++ compiler is needed: sudo apt-get install g++";
const REGISTRY_HINT =
  "Is the package registry reachable? Behind a proxy, set HTTPS_PROXY and try again.";

async function hasProgram(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}

/** The import map without JSR: `deno install` must not fail where JSR does not answer. */
function writeOfflineImports(): void {
  const { imports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const offline = Object.fromEntries(
    Object.entries<string>(imports)
      .filter(([, target]) => !target.startsWith("jsr:"))
      .map(([name, target]) => [name, target.replace(/^\.\//, "../")]),
  );
  offline["@std/assert"] = "../tests/assert_offline.ts";
  Deno.writeTextFileSync(".cache/imports.json", JSON.stringify({ imports: offline }, null, 2));
}

const packages: Step = {
  name: "npm packages",
  done: () => read("node_modules/.factlab") === read("deno.json"),
  async run() {
    await command(Deno.execPath(), ["install", "--import-map", ".cache/imports.json"], {
      hint: REGISTRY_HINT,
    });
    Deno.copyFileSync("deno.json", "node_modules/.factlab");
  },
};

const deno: Step = {
  name: "Deno for the notebooks' kernel",
  done: () => read(".cache/bin/deno.version") === Deno.version.deno && exists(".cache/bin/deno"),
  async run() {
    Deno.mkdirSync(".cache/bin", { recursive: true });
    await Deno.copyFile(Deno.execPath(), ".cache/bin/deno.part");
    Deno.chmodSync(".cache/bin/deno.part", 0o755);
    Deno.renameSync(".cache/bin/deno.part", ".cache/bin/deno");
    Deno.writeTextFileSync(".cache/bin/deno.version", Deno.version.deno);
  },
};

const python: Step = {
  name: "Python environment with JupyterLab",
  done: () => read(".venv/.factlab") === read("tools/requirements.txt"),
  async run() {
    const version = await command("python3", [
      "-c",
      "import sys, venv; print('%d.%d' % sys.version_info[:2])",
    ], { hint: PYTHON_HINT });
    if (Number(version.trim().split(".")[1]) < 10) {
      throw new SetupError(`Cannot set up: python3 must be >= 3.10, got ${version.trim()}.`);
    }
    await command("python3", ["-m", "venv", "--clear", ".venv"], { hint: PYTHON_HINT });
    await command(".venv/bin/python", [
      ..."-m pip install --quiet --disable-pip-version-check -r tools/requirements.txt".split(" "),
    ], { hint: REGISTRY_HINT });
    Deno.copyFileSync("tools/requirements.txt", ".venv/.factlab");
  },
};

const KERNEL = ".venv/share/jupyter/kernels/deno";
const kernelspec: Step = {
  name: "Jupyter kernel",
  done: () => exists(`${KERNEL}/kernel.json`),
  async run() {
    await Deno.mkdir(KERNEL, { recursive: true });
    // The shell ignores SIGINT until the kit has its own handler, so that the stop button
    // cannot kill a kernel that has not imported the kit yet.
    const start = 'trap "" INT; exec "$0" "$@"';
    const argv = ["sh", "-c", start, "{resource_dir}/../../../../../.cache/bin/deno", "jupyter"];
    Deno.writeTextFileSync(
      `${KERNEL}/kernel.json`,
      JSON.stringify({
        argv: [...argv, "--kernel", "--conn", "{connection_file}"],
        display_name: "Deno (factlab)",
        language: "typescript",
        env: { NO_COLOR: "1" },
      }),
    );
    const config = ".venv/etc/jupyter/labconfig";
    Deno.mkdirSync(config, { recursive: true });
    Deno.writeTextFileSync(
      `${config}/page_config.json`,
      `{"disabledExtensions":{"@jupyterlab/apputils-extension:announcements":true}}`,
    );
  },
};

const UNPACK = `
import sys, zipfile
wheel, target = sys.argv[1:]
keep = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name in keep or name.startswith("tensorflow/include/"):
            archive.extract(name, target)
`;

const library: Step = {
  name: `TensorFlow ${TENSORFLOW} (274 MB download, once)`,
  done: () => exists(`${LIBRARY}/include/tensorflow/c/c_api.h`),
  async run() {
    const part = `${LIBRARY}.part`;
    await Deno.remove(part, { recursive: true }).catch(() => {});
    Deno.mkdirSync(part, { recursive: true });
    // Any CPython tag will do: none of the wheel's Python code is run.
    const tag = "--python-version 3.11 --implementation cp --abi cp311 " +
      "--platform manylinux_2_27_x86_64 --only-binary=:all: --no-deps";
    await command(".venv/bin/python", [
      ...`-m pip download --disable-pip-version-check --no-cache-dir -d ${part} ${tag}`.split(" "),
      `tensorflow-cpu==${TENSORFLOW}`,
    ], { quiet: false, hint: REGISTRY_HINT });
    const wheel = [...Deno.readDirSync(part)].find((file) => file.name.endsWith(".whl"));
    if (!wheel) throw new SetupError("Cannot set up: the TensorFlow wheel was not downloaded.");
    await command(".venv/bin/python", ["-c", UNPACK, `${part}/${wheel.name}`, part]);
    await Deno.remove(LIBRARY, { recursive: true }).catch(() => {});
    Deno.renameSync(`${part}/tensorflow`, LIBRARY);
    Deno.removeSync(part, { recursive: true });
  },
};

const ADDON = "lib/napi-v8/tfjs_binding.node";
const addon: Step = {
  name: "tfjs-node's addon",
  done: () => exists(`${TFJS}/${ADDON}`) && exists(`${TFJS}/deps/lib/libtensorflow.so`),
  async run() {
    if (PLATFORM !== "linux-x86_64" || !(await hasProgram("g++"))) return await prebuiltAddon();
    const root = Deno.cwd();
    Deno.mkdirSync(`${TFJS}/deps/lib`, { recursive: true });
    Deno.mkdirSync(`${TFJS}/lib/napi-v8`, { recursive: true });
    link(`${root}/${LIBRARY}/include`, `${TFJS}/deps/include`);
    for (const [name, file] of [["tensorflow", "cc"], ["tensorflow_framework", "framework"]]) {
      const target = `${root}/${LIBRARY}/libtensorflow_${file}.so.2`;
      link(target, `${TFJS}/deps/lib/lib${name}.so`);
      link(target, `${TFJS}/deps/lib/libtensorflow_${file}.so.2`);
    }
    await command("g++", [
      ..."-O2 -std=c++17 -fPIC -shared -DNAPI_VERSION=8 -DNODE_GYP_MODULE_NAME=tfjs_binding".split(
        " ",
      ),
      ...["node_modules/node-api-headers/include", TFJS, `${TFJS}/deps/include`].map((d) =>
        `-I${d}`
      ),
      `${TFJS}/binding/tfjs_backend.cc`,
      `${TFJS}/binding/tfjs_binding.cc`,
      "-o",
      `${TFJS}/${ADDON}.part`,
      `-L${TFJS}/deps/lib`,
      "-ltensorflow",
      "-ltensorflow_framework",
      "-Wl,-rpath,$ORIGIN/../../deps/lib",
    ], { hint: COMPILER_HINT });
    Deno.renameSync(`${TFJS}/${ADDON}.part`, `${TFJS}/${ADDON}`);
  },
};

/** tfjs-node's own install script: an older TensorFlow, for platforms without wheel or compiler. */
async function prebuiltAddon(): Promise<void> {
  const missing = PLATFORM === "linux-x86_64"
    ? COMPILER_HINT
    : `There is no TensorFlow wheel that factlab can use on ${PLATFORM}.`;
  try {
    await command("npm", ["rebuild", "--prefix", TFJS, "@tensorflow/tfjs-node"]);
    await command("node", [`${TFJS}/scripts/install.js`]);
  } catch {
    // Reported below: what counts is whether the addon is there.
  }
  if (!exists(`${TFJS}/${ADDON}`)) {
    throw new SetupError(
      `Cannot set up: ${missing} tfjs-node's prebuilt download did not work either.`,
    );
  }
}

const usesWheel = PLATFORM === "linux-x86_64";
const steps: Step[] = [deno, packages, python, kernelspec, ...(usesWheel ? [library] : []), addon];

/** Runs what is not done yet; one line a step with what was done and how long it took. */
async function setup(): Promise<void> {
  const [major = 0, minor = 0, patch = 0] = Deno.version.deno.split(".").map(Number);
  if (major * 1e6 + minor * 1e3 + patch < 2_009_006) {
    throw new SetupError(
      `Cannot set up: Deno must be >= 2.9.6, got ${Deno.version.deno}. ` +
        "Use npx --yes deno@2.9.6 task … instead.",
    );
  }
  Deno.mkdirSync(".cache", { recursive: true });
  using lock = Deno.openSync(".cache/setup.lock", { create: true, write: true });
  await lock.lock(true);
  writeOfflineImports();
  for (const step of steps) {
    if (await step.done()) continue;
    const start = performance.now();
    console.log(`set-up: ${step.name} …`);
    await step.run();
    console.log(`set-up: ${step.name} done in ${((performance.now() - start) / 1e3).toFixed(1)} s`);
  }
}

try {
  await setup();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
