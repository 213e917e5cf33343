/**
 * Plugins: where one is found, and what a kind of device needs before its plugin is opened.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CHECKOUT, variable } from "../../environment.ts";
import type { Setting } from "./options.ts";

/** A plugin and how it is opened. */
export interface Plugin {
  /** The library. */
  path: string;
  /** Options of its client. */
  options: Readonly<Record<string, Setting>>;
  /** Version of the driver below it. */
  driver?: string;
}

/** Where set-up puts plugins and what they need; laid out like Python's site-packages. */
export const GPU_FOLDER: URL = new URL(".cache/gpu/", CHECKOUT);

/** Plugins in a folder of Python packages, the first that is there. */
const PACKAGED = [
  "jax_plugins/xla_cuda13/xla_cuda_plugin.so",
  "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
  // Untried: the entry point is the same.
  "jax_plugins/xla_rocm7/xla_rocm_plugin.so",
  "libtpu/libtpu.so",
];

/** CUDA's compiler and libraries among the packages of a plugin's folder. */
const CUDA_DATA = ["nvidia/cu13", "nvidia/cuda_nvcc"];

/**
 * The plugin of this machine: what FACTLAB_PJRT names, what `deno task setup --gpu` has installed,
 * or what the active Python has. Its driver is looked at first.
 *
 * @throws {Error} with what to do, if there is no plugin, no driver, one too old, or no device.
 */
export function findPlugin(): Plugin {
  const path = namedPlugin() ?? packagedPlugin();
  if (path === undefined) {
    throw new Error(
      "Cannot open device gpu: there is no PJRT plugin. Run `deno task setup --gpu`, activate a " +
        "Python environment that has jax-cuda13-pjrt, or name a plugin: FACTLAB_PJRT=path.",
    );
  }
  if (!basename(path).includes("cuda")) return { path, options: {} };
  // Its folder names the CUDA it was made for: xla_cuda13.
  const [, cuda = "12"] = /cuda(\d+)/.exec(basename(dirname(path))) ?? [];
  const driver = checkedDriver(Number(cuda));
  const packages = dirname(dirname(dirname(path)));
  const data = CUDA_DATA.map((part) => `${packages}/${part}`).find(exists);
  const flag = `--xla_gpu_cuda_data_dir=${data}`;
  const flags = Deno.env.get("XLA_FLAGS") ?? "";
  if (data && !flags.includes("xla_gpu_cuda_data_dir")) {
    Deno.env.set("XLA_FLAGS", `${flags} ${flag}`.trim());
  }
  // Memory as it is needed, and given back: otherwise three quarters of it from the start.
  return { path, options: { preallocate: false }, driver };
}

function namedPlugin(): string | undefined {
  const named = variable("FACTLAB_PJRT");
  // From the checkout on, as FACTLAB_OUT.
  const path = named && resolve(fileURLToPath(CHECKOUT), named);
  if (path === undefined || exists(path)) return path;
  throw new Error(`Cannot open device gpu: FACTLAB_PJRT must name a file, got "${path}".`);
}

function packagedPlugin(): string | undefined {
  return firstOf([fileURLToPath(GPU_FOLDER)]) ?? firstOf(sitePackages());
}

function firstOf(folders: readonly string[]): string | undefined {
  return folders.flatMap((folder) => PACKAGED.map((part) => `${folder.replace(/\/$/, "")}/${part}`))
    .find(exists);
}

/** Folders in which the active Python finds packages; none where there is no Python to ask. */
function sitePackages(): string[] {
  try {
    const { stdout } = new Deno.Command("python3", {
      args: ["-c", "import sys; print('\\n'.join(sys.path))"],
      stderr: "null",
    }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").filter((path) => path.startsWith("/"));
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The driver's version; refuses a machine on which CUDA would fail, in words that help. */
function checkedDriver(major: number): string {
  const refuse = (why: string) => new Error(`Cannot open device gpu: ${why}`);
  let driver;
  try {
    driver = Deno.dlopen("libcuda.so.1", {
      cuInit: { parameters: ["u32"], result: "i32" },
      cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
      cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
    });
  } catch {
    throw refuse(
      "this machine has no NVIDIA driver (libcuda.so.1). Install one, or use device cpu.",
    );
  }
  const number = (ask: (out: Int32Array<ArrayBuffer>) => number) => {
    const out = new Int32Array(1);
    return ask(out) === 0 ? out[0]! : 0;
  };
  const started = driver.symbols.cuInit(0);
  const version = number(driver.symbols.cuDriverGetVersion);
  const devices = started === 0 ? number(driver.symbols.cuDeviceGetCount) : 0;
  driver.close();
  const said = `${Math.floor(version / 1000)}.${version % 1000 / 10}`;
  if (version < 1000 * major) {
    throw refuse(
      `the NVIDIA driver must be made for CUDA ${major} or newer, got ` +
        `${said}. Update it, or install the plugin ` +
        "for an older CUDA: deno task setup --gpu=12.",
    );
  }
  if (devices > 0) return `CUDA ${said}`;
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES");
  throw refuse(
    "no GPU can be seen" +
      (visible === undefined ? "" : ` with CUDA_VISIBLE_DEVICES="${visible}"`) +
      `. nvidia-smi must list one (cuInit said ${started}).`,
  );
}
