/**
 * Set-up: everything factlab needs, inside this checkout, from package registries alone; with
 * `--gpu` (or `--gpu=12`, `--gpu=13`) also what device gpu needs on NVIDIA's cards.
 *
 * Each step says whether it is done; large files are made in a temporary place and moved in one
 * rename, and marks of what is done are written last, so that an interrupted set-up is simply run
 * again. Nothing outside the checkout is written but the caches of Deno and npm; where all is done,
 * nothing at all. No task uses what names the checkout's place, so it may be moved and copied. What
 * this file leaves out: TensorFlow's steps (tensorflow.ts); PyTorch, transformers, Chromium and
 * Slurm, which the tasks that need them install.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { command, REGISTRY_HINT, SetupError } from "./command.ts";
import {
  askedFor,
  cudaOfDriver,
  CUDAS,
  GPU_FOLDER,
  installPackages,
  isInstalled,
  requirementsOf,
} from "./gpu.ts";
import { findPython, hasPythonEnvironment, pythonEnvironment } from "./python.ts";
import { type Step, tensorflow } from "./tensorflow.ts";

const LOCK = ".cache/setup.lock";

function read(path: string): string {
  return existsSync(path) ? Deno.readTextFileSync(path) : "";
}

function write(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
}

const IMPORTS = ".cache/imports.json";

/** The import map without JSR: `deno install` must not fail where JSR does not answer. */
function offlineImports(): string {
  const { imports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const offline = Object.fromEntries(
    Object.entries<string>(imports)
      .filter(([, target]) => !target.startsWith("jsr:"))
      .map(([name, target]) => [name, target.replace(/^\.\//, "../")]),
  );
  offline["@std/assert"] = "../tests/assert_offline.ts";
  return JSON.stringify({ imports: offline }, null, 2);
}

const imports: Step = {
  name: "import map without JSR",
  done: () => read(IMPORTS) === offlineImports(),
  run: () => write(IMPORTS, offlineImports()),
};

const packages: Step = {
  name: "npm packages",
  done: () => read("node_modules/.factlab") === read("deno.json"),
  async run() {
    await command(Deno.execPath(), ["install", "--import-map", IMPORTS], {
      hint: REGISTRY_HINT,
    });
    Deno.copyFileSync("deno.json", "node_modules/.factlab");
  },
};

const deno: Step = {
  name: `Deno ${Deno.version.deno} for the notebooks' kernel`,
  done: () =>
    read(".cache/bin/deno.version") === Deno.version.deno && existsSync(".cache/bin/deno"),
  async run() {
    Deno.mkdirSync(".cache/bin", { recursive: true });
    await Deno.copyFile(Deno.execPath(), ".cache/bin/deno.part");
    Deno.chmodSync(".cache/bin/deno.part", 0o755);
    Deno.renameSync(".cache/bin/deno.part", ".cache/bin/deno");
    Deno.writeTextFileSync(".cache/bin/deno.version", Deno.version.deno);
  },
};

const REQUIREMENTS = "tools/requirements.txt";
const python: Step = {
  name: "Python environment with JupyterLab",
  done: () => hasPythonEnvironment(".venv", REQUIREMENTS),
  needs: () => findPython(),
  run: () => pythonEnvironment(".venv", REQUIREMENTS),
};

// The shell ignores SIGINT until the kit has its own handler, so that the stop button
// cannot kill a kernel that has not imported the kit yet.
const START = 'trap "" INT; exec "$0" "$@"';
const KERNEL = ".venv/share/jupyter/kernels/deno/kernel.json";
const KERNEL_SPEC = JSON.stringify({
  argv: [
    ...["sh", "-c", START, "{resource_dir}/../../../../../.cache/bin/deno"],
    ...["jupyter", "--kernel", "--conn", "{connection_file}"],
  ],
  display_name: "Deno (factlab)",
  language: "typescript",
  env: { NO_COLOR: "1" },
});

const kernel: Step = {
  name: "Jupyter kernel",
  done: () => read(KERNEL) === KERNEL_SPEC,
  run() {
    // JupyterLab writes this file, too: it is no part of what is compared.
    write(
      ".venv/etc/jupyter/labconfig/page_config.json",
      `{"disabledExtensions":{"@jupyterlab/apputils-extension:announcements":true}}`,
    );
    write(KERNEL, KERNEL_SPEC);
  },
};

const always: Step[] = [imports, deno, packages, python, kernel, ...tensorflow];

/** What `--gpu` asks for; nothing without it. */
async function gpuSteps(asked: ReturnType<typeof askedFor>): Promise<Step[]> {
  if (asked === undefined) return [];
  if (Deno.build.os !== "linux") {
    throw new SetupError(
      `Cannot set up: with --gpu the system must be linux, got ${Deno.build.os}. There are NVIDIA ` +
        "plugins for no other: leave it out.",
    );
  }
  const { cuda, says } = asked === "any" ? await cudaOfDriver() : { cuda: asked, says: "" };
  const requirements = requirementsOf(cuda);
  return [{
    name: `XLA's plugin and CUDA ${cuda} in ${GPU_FOLDER} (${CUDAS[cuda].size}, once)`,
    done: () => isInstalled(requirements),
    run() {
      if (says) console.log(`set-up: ${says}`);
      return installPackages(requirements);
    },
  }];
}

/** Holds back other set-ups of this checkout until it is closed. */
async function lock(): Promise<Deno.FsFile> {
  Deno.mkdirSync(".cache", { recursive: true });
  const file = Deno.openSync(LOCK, { create: true, write: true });
  try {
    if (!file.tryLockSync(true)) {
      console.log("set-up: waiting for another set-up of this checkout …");
      await file.lock(true);
    }
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof Deno.errors.WouldBlock) {
      throw new SetupError(
        `Cannot set up: ${LOCK} must be free, got "${message}". Try again when the other set-up ` +
          "of this checkout has ended.",
      );
    }
    console.warn(
      `set-up: this file system cannot lock ${LOCK} (${message}). Set-up goes on without: do not ` +
        "start another one of this checkout beside it.",
    );
  }
  return file;
}

/** Runs what is not done yet; one line a step with what was done and how long it took. */
async function setup(asked: ReturnType<typeof askedFor>): Promise<void> {
  const [major = 0, minor = 0, patch = 0] = Deno.version.deno.split(".").map(Number);
  if (major * 1e6 + minor * 1e3 + patch < 2_009_006) {
    throw new SetupError(
      `Cannot set up: Deno must be >= 2.9.6, got ${Deno.version.deno}. ` +
        "Use npx --yes deno@2.9.6 task … instead.",
    );
  }
  const steps = [...always, ...await gpuSteps(asked)];
  const missing = steps.filter((step) => !step.done());
  if (missing.length === 0) return;
  for (const { needs } of missing) await needs?.();
  try {
    using _ = await lock();
    for (const step of steps) {
      if (step.done()) continue;
      const start = performance.now();
      console.log(`set-up: ${step.name} …`);
      await step.run();
      const seconds = ((performance.now() - start) / 1e3).toFixed(1);
      console.log(`set-up: ${step.name} done in ${seconds} s`);
    }
  } catch (error) {
    if (isFull(error)) {
      throw new SetupError(
        `Cannot set up: the disk must have room for about 3 GB in all, got "${error.message}". Free ` +
          "some and run deno task setup again; it goes on where it was.",
      );
    }
    if (!isReadOnly(error)) throw error;
    throw new SetupError(
      `Cannot set up: the checkout must be writable, got "${error.message}". Missing or out of ` +
        `date: ${missing.map(({ name }) => name).join(", ")}. Run deno task setup as a user who ` +
        "may write here.",
    );
  }
}

/** Whether the disk is full. */
function isFull(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

/** Whether the system refused to write; Deno has no class for a read-only file system. */
function isReadOnly(error: unknown): error is Error {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Error && "code" in error && error.code === "EROFS";
}

const USAGE = `deno task setup [options]

Everything factlab needs, inside this checkout.

  --gpu, --gpu=12, --gpu=13   also XLA's plugin and CUDA's libraries, for device gpu`;

/** What is asked for; ends here with --help, and where it is refused. */
function asked(): ReturnType<typeof askedFor> {
  if (Deno.args.includes("--help")) {
    console.log(USAGE);
    Deno.exit(0);
  }
  try {
    if (existsSync(REQUIREMENTS)) return askedFor(Deno.args);
    throw new SetupError(
      `Cannot set up: the folder must be that of a checkout, got ${Deno.cwd()}. Go there first: cd ` +
        fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, ""),
    );
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}

try {
  await setup(asked());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
