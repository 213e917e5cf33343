/**
 * What device gpu needs on NVIDIA's cards: XLA's PJRT plugin and CUDA's libraries, each pinned, from
 * the package registry into a folder laid out like Python's site-packages, where the engine looks
 * for plugins. Only `deno task setup --gpu` asks for it.
 *
 * @module
 */

import { command, SetupError } from "./command.ts";
import { pip } from "./python.ts";

/** Versions of CUDA that there are plugins for. */
export type Cuda = "12" | "13";

/** What is installed for each: the oldest driver that it runs with, and what it takes. */
export const CUDAS: Record<Cuda, { driver: number; size: string }> = {
  13: { driver: 580, size: "2.0 GB download, 3.0 GB on disk" },
  12: { driver: 525, size: "3.0 GB download, 4.4 GB on disk" },
};

/** Where it is installed. */
export const GPU_FOLDER = ".cache/gpu";
/** The packages that are in the folder; written last. */
const MARK = ".factlab";

/** Packages for a version of CUDA. */
export function requirementsOf(cuda: Cuda): string {
  return `tools/gpu/cuda${cuda}.txt`;
}

/** The version that `--gpu` or `--gpu=VERSION` asks for; undefined if no argument does. */
export function askedFor(args: readonly string[]): Cuda | "any" | undefined {
  const [asked, ...more] = args;
  if (asked === undefined) return undefined;
  const cuda = /^--gpu(?:=(.*))?$/.exec(asked);
  const version = cuda?.[1] ?? "any";
  if (cuda && more.length === 0 && (version === "any" || Object.hasOwn(CUDAS, version))) {
    return version as Cuda | "any";
  }
  throw new SetupError(
    `Cannot set up: options must be none, --gpu, or --gpu=${
      Object.keys(CUDAS).join(" or --gpu=")
    }` +
      `, got ${args.join(" ")}.`,
  );
}

/**
 * The newest version of CUDA that this machine's driver is good for. A machine without a driver, as
 * a cluster's login node, gets the newest one there is, and is told so.
 *
 * @throws {SetupError} if the driver is too old for any.
 */
export async function cudaOfDriver(program = "nvidia-smi"): Promise<{ cuda: Cuda; says: string }> {
  const driver = await driverVersion(program);
  const versions = (Object.keys(CUDAS) as Cuda[]).sort().reverse();
  const newest = versions[0]!;
  if (driver === undefined) {
    return {
      cuda: newest,
      says: `no NVIDIA driver answers here (${program}): taking CUDA ${newest}, for drivers from ` +
        `${CUDAS[newest].driver} on. Where the GPU is, it may be older: deno task setup --gpu=12`,
    };
  }
  const cuda = versions.find((version) => CUDAS[version].driver <= parseInt(driver));
  if (cuda) return { cuda, says: `NVIDIA driver ${driver}: taking CUDA ${cuda}` };
  throw new SetupError(
    `Cannot set up: the NVIDIA driver must be ${
      CUDAS[12].driver
    } or newer, got ${driver}. Update ` +
      "it; for a newer one on another machine, name its CUDA: deno task setup --gpu=13.",
  );
}

/** The driver's version; undefined where there is none, or no GPU that it drives. */
async function driverVersion(program: string): Promise<string | undefined> {
  try {
    const said = await command(program, ["--query-gpu=driver_version", "--format=csv,noheader"]);
    return /^\d+(\.\d+)+$/m.exec(said)?.[0];
  } catch (error) {
    if (error instanceof SetupError) return undefined;
    throw error;
  }
}

/** Whether a folder has all packages of a requirements file as it is today. */
export function isInstalled(requirements: string, folder: string = GPU_FOLDER): boolean {
  try {
    return Deno.readTextFileSync(`${folder}/${MARK}`) === Deno.readTextFileSync(requirements);
  } catch {
    return false;
  }
}

/**
 * Installs the packages of a requirements file, and them alone, in place of what the folder has. All
 * is made beside it, temporary files included: the system's own place for them is often too small.
 *
 * @throws {SetupError} with what pip said, if it fails; the folder is then as it was.
 */
export async function installPackages(
  requirements: string,
  folder: string = GPU_FOLDER,
): Promise<void> {
  const part = `${folder}.part`;
  await Deno.remove(part, { recursive: true }).catch(() => {});
  Deno.mkdirSync(`${part}/tmp`, { recursive: true });
  const options = "--no-cache-dir --no-deps --no-compile --only-binary=:all:".split(" ");
  await pip(".venv", ["install", ...options, "--target", `${part}/site`, "-r", requirements], {
    show: true,
    env: { TMPDIR: Deno.realPathSync(`${part}/tmp`) },
  });
  Deno.copyFileSync(requirements, `${part}/site/${MARK}`);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  Deno.renameSync(`${part}/site`, folder);
  Deno.removeSync(part, { recursive: true });
}
