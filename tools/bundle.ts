/**
 * One archive that runs studies on a bare compute node: Deno, factlab, its lists and records, and the
 * few npm packages that are needed. No network, Node, Python or TensorFlow: what computes there is
 * device gpu, by a PJRT plugin that the node has. Figures are drawn where the records go, not there.
 *
 *     deno task bundle [--study NAME] [--output FILE]
 *
 * @module
 */

import { cpSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SCALES } from "../lib/generator/mod.ts";
import { studyNamed } from "../lib/studies/mod.ts";
import { readResults } from "../lib/study/mod.ts";
import { currentCommit, OUT, readRecord } from "../lib/trainer/mod.ts";
import { command } from "./command.ts";
import { commandLine } from "./command_line.ts";

const USAGE = `deno task bundle [options]

  --study NAME    only the records of this study, this machine's own included; by default all
                  committed ones
  --output FILE   the archive; out/factlab.tar.xz by default`;

/** What is taken as it is. */
const FILES = ["LICENSE", "lib", "data/attributes.json", "data/names", "data/values"]
  .concat([
    "data/subwords.json",
    "data/templates",
    "data/maps",
    "tools/study.ts",
    "tools/device.ts",
  ])
  .concat(["tools/command_line.ts"])
  .concat(["tools/gpu/next.ts", "tools/gpu/pack.ts", "tools/gpu/plan.ts"])
  // What `bench --device gpu` needs.
  .concat(["tools/python.ts", "tools/command.ts", "bench/bench.ts", "bench/batches.ts"])
  .concat(["bench/ours_gpu.ts", "bench/subject.ts", "bench/torch_worker.py"])
  .concat(["bench/variants.ts", "bench/worker.ts"]);

/** npm packages, and what of them no program needs. */
const PACKAGES = ["seedrandom", "zod", "jstat", "fastest-levenshtein", "@huggingface/tokenizers"];
const NEEDLESS = /(\/src|\/doc|\/test|\/build|\/coverage|\/\.[^/]*|\.map|\.cjs|\.[cm]?ts)$/;

/** All of tfjs in one file; its main file asks for six other packages, and they for more. */
const TFJS = "@tensorflow/tfjs";
const TFJS_FILE = "dist/tf.es2017.min.js";

const CANNOT = "Cannot make the bundle";
const TOOLS = "tar with xz is needed where the archive is made and where it is unpacked: " +
  "sudo apt-get install tar xz-utils";

/** Copies a file or a folder with all that is in it, or all but what is needless. */
function copy(from: string, to: string, needless?: RegExp): void {
  Deno.mkdirSync(dirname(to), { recursive: true });
  const filter = (path: string) => !needless?.test(path);
  cpSync(Deno.realPathSync(from), to, { recursive: true, filter });
}

/** The bundle's own deno.json: rooms and packages, everything from this folder. */
function configuration(): string {
  const { imports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const kept = Object.entries<string>(imports)
    .filter(([name, target]) => target.startsWith("./lib/") || PACKAGES.includes(name));
  return JSON.stringify(
    { nodeModulesDir: "manual", lock: false, imports: Object.fromEntries(kept) },
    null,
    2,
  );
}

/** Files of the records that go along, by name: all that are committed, or those of a study. */
function records(study: string | undefined): Map<string, URL | string> {
  if (study === undefined) {
    return new Map(
      [...Deno.readDirSync("data/runs")].map(({ name }) => [name, `data/runs/${name}`]),
    );
  }
  const trials = SCALES.flatMap((scale) => readResults(studyNamed(study), { scale }).trials);
  return new Map(
    trials.flatMap(({ hash }) => {
      const file = readRecord(hash)?.file;
      return file ? [[`${hash}.jsonl`, file]] : [];
    }),
  );
}

/** Lays the bundle out in a folder; returns how many records it has. */
function layOut(folder: string, study: string | undefined): number {
  for (const path of FILES) copy(path, `${folder}/${path}`);
  copy("tools/bundle/factlab", `${folder}/factlab`);
  copy(".cache/bin/deno", `${folder}/deno`);
  for (const name of PACKAGES) {
    copy(`node_modules/${name}`, `${folder}/node_modules/${name}`, NEEDLESS);
  }
  const tfjs = `${folder}/node_modules/${TFJS}`;
  copy(`node_modules/${TFJS}/${TFJS_FILE}`, `${tfjs}/${TFJS_FILE}`);
  Deno.writeTextFileSync(`${tfjs}/package.json`, JSON.stringify({ name: TFJS, main: TFJS_FILE }));
  Deno.writeTextFileSync(`${folder}/deno.json`, configuration());
  Deno.writeTextFileSync(`${folder}/commit`, `${currentCommit() ?? ""}\n`);
  const taken = records(study);
  Deno.mkdirSync(`${folder}/data/runs`);
  for (const [name, file] of taken) Deno.copyFileSync(file, `${folder}/data/runs/${name}`);
  return taken.size;
}

const asked = commandLine({
  usage: USAGE,
  options: { study: "text", output: "text" },
  read(given) {
    if (given.study !== undefined) studyNamed(given.study);
    return given;
  },
});

async function bundle({ study, output }: typeof asked): Promise<void> {
  for (const tool of ["tar", "xz"]) {
    await command(tool, ["--version"], { cannot: CANNOT, hint: TOOLS });
  }
  const archive = resolve(output ?? fileURLToPath(new URL("factlab.tar.xz", OUT)));
  const folder = `${archive}.part`;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  Deno.mkdirSync(folder, { recursive: true });
  try {
    console.log("Packing …");
    const count = layOut(`${folder}/factlab`, study);
    const part = `${folder}/factlab.tar.xz`;
    await command("tar", ["-cJf", part, "--owner=0", "--group=0", "-C", folder, "factlab"], {
      cannot: CANNOT,
      env: { ...Deno.env.toObject(), XZ_OPT: "-1 -T0" },
    });
    Deno.renameSync(part, archive);
    const size = (Deno.statSync(archive).size / 2 ** 20).toFixed(1);
    console.log(
      `${archive}: ${size} MiB, with ${count} records. On the node:\n` +
        "  tar xf factlab.tar.xz && factlab/factlab study NAME --scale paper --device gpu",
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

try {
  await bundle(asked);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
