/**
 * TensorFlow for tfjs-node: the library out of Google's wheel, tfjs-node's link to it, and the addon
 * compiled against it; where there is no such wheel, tfjs-node's own older one.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { command, SetupError } from "./command.ts";
import { pip } from "./python.ts";

const TENSORFLOW = "2.21.0";
const TFJS = "node_modules/@tensorflow/tfjs-node";
const PLATFORM = `${Deno.build.os}-${Deno.build.arch}`;
const LIBRARY = `.cache/tensorflow-${TENSORFLOW}`;

/** One step of the set-up: `done` is cheap, `run` may be interrupted at any instant. */
export interface Step {
  name: string;
  done: () => boolean;
  /** Throws if this machine lacks what `run` needs: asked before the first step is run. */
  needs?: () => Promise<unknown>;
  run: () => Promise<unknown> | void;
}

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
  done: () => existsSync(`${LIBRARY}/include/tensorflow/c/c_api.h`),
  async run() {
    const part = `${LIBRARY}.part`;
    await Deno.remove(part, { recursive: true }).catch(() => {});
    Deno.mkdirSync(part, { recursive: true });
    // Any CPython tag will do: none of the wheel's Python code is run.
    const tag = "--python-version 3.11 --implementation cp --abi cp311 " +
      "--platform manylinux_2_27_x86_64 --only-binary=:all: --no-deps";
    await pip(".venv", [
      ...`download --no-cache-dir -d ${part} ${tag}`.split(" "),
      `tensorflow-cpu==${TENSORFLOW}`,
    ], { show: true });
    const wheel = [...Deno.readDirSync(part)].find((file) => file.name.endsWith(".whl"));
    if (!wheel) throw new SetupError("Cannot set up: the TensorFlow wheel was not downloaded.");
    await command(".venv/bin/python", ["-E", "-c", UNPACK, `${part}/${wheel.name}`, part]);
    await Deno.remove(LIBRARY, { recursive: true }).catch(() => {});
    Deno.renameSync(`${part}/tensorflow`, LIBRARY);
    Deno.removeSync(part, { recursive: true });
  },
};

/** Where the addon looks for TensorFlow; the link is relative, so that it moves with the checkout. */
const LINK = `${TFJS}/deps/lib`;
const link: Step = {
  name: "tfjs-node's link to TensorFlow",
  done: () =>
    existsSync(LINK) && existsSync(LIBRARY) &&
    Deno.realPathSync(LINK) === Deno.realPathSync(LIBRARY),
  async run() {
    Deno.mkdirSync(`${TFJS}/deps`, { recursive: true });
    await Deno.remove(LINK, { recursive: true }).catch(() => {});
    const from = Deno.realPathSync(`${TFJS}/deps`);
    Deno.symlinkSync(relative(from, `${Deno.realPathSync(".")}/${LIBRARY}`), LINK);
  },
};

const COMPILER_HINT = "A C++ compiler is needed: sudo apt-get install g++";
const ADDON = `${TFJS}/lib/napi-v8/tfjs_binding.node`;
const compiled: Step = {
  name: "tfjs-node's addon",
  done: () => existsSync(ADDON),
  needs: () => command("g++", ["--version"], { hint: COMPILER_HINT }),
  async run() {
    Deno.mkdirSync(`${TFJS}/lib/napi-v8`, { recursive: true });
    await command("g++", [
      ..."-O2 -std=c++17 -fPIC -shared -DNAPI_VERSION=8 -DNODE_GYP_MODULE_NAME=tfjs_binding".split(
        " ",
      ),
      ...["node_modules/node-api-headers/include", TFJS, `${LIBRARY}/include`].map((d) => `-I${d}`),
      `${TFJS}/binding/tfjs_backend.cc`,
      `${TFJS}/binding/tfjs_binding.cc`,
      "-o",
      `${ADDON}.part`,
      `-L${LINK}`,
      "-l:libtensorflow_cc.so.2",
      "-l:libtensorflow_framework.so.2",
      "-Wl,-rpath,$ORIGIN/../../deps/lib",
    ], { hint: COMPILER_HINT });
    Deno.renameSync(`${ADDON}.part`, ADDON);
  },
};

/** tfjs-node's own install script: an older TensorFlow, for platforms without a wheel. */
const prebuilt: Step = {
  name: "tfjs-node's prebuilt addon",
  done: () => existsSync(ADDON),
  async run() {
    let last = "";
    for (
      const [program, ...args] of [
        ["npm", "rebuild", "--prefix", TFJS, "@tensorflow/tfjs-node"],
        ["node", `${TFJS}/scripts/install.js`],
      ] as const
    ) {
      try {
        await command(program, [...args]);
      } catch (error) {
        last = (error as Error).message; // What counts is whether the addon is there.
      }
    }
    if (existsSync(ADDON)) return;
    throw new SetupError(
      `Cannot set up: there is no TensorFlow wheel that factlab can use on ${PLATFORM}, and ` +
        `tfjs-node's prebuilt download did not work either. ${last}`,
    );
  },
};

/** What this platform needs, in order. */
export const tensorflow: readonly Step[] = PLATFORM === "linux-x86_64"
  ? [library, link, compiled]
  : [prebuilt];
