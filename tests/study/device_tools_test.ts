// What people call with a device: study, demo, retraining, the lists and copies of records.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { threePhases } from "../../lib/studies/mod.ts";
import { readResults } from "../../lib/study/mod.ts";
import { fetchPlugin } from "../../tools/plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

async function tool(
  name: string,
  args: string[],
  { allow = ["-A"], ...options }: { cwd?: string; env?: Record<string, string>; allow?: string[] },
) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...allow, "--quiet", "--config", `${ROOT}deno.json`, `${ROOT}tools/${name}`]
      .concat(args),
    cwd: ROOT,
    ...options,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout), errors: text(stderr) };
}

/** Calls a test with a new folder. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("study takes a device, and says what is not known of it", () =>
  inFolder(async (FACTLAB_OUT) => {
    const name = threePhases.name;
    const refused = await tool("study.ts", [name, "--device", "tpu"], {});
    assertEquals(refused.code, 2);
    assertStringIncludes(
      refused.errors,
      "Cannot run a study: --device must be cpu or gpu, got tpu. Leave it out",
    );
    const needless = await tool("study.ts", [name, "--gpus", "1"], {});
    assertStringIncludes(needless.errors, "--gpus is for --engine slurm");
    const env = { FACTLAB_OUT, FACTLAB_FRESH: "0", CUDA_VISIBLE_DEVICES: "" };
    const plan = async (...args: string[]) =>
      (await tool("study.ts", [name, "--scale", "smoke", ...args], { env })).output.split("\n")[0]!;
    assertMatch(await plan(), /1 to train, about \d+ s$/);
    const unknown = "1 to train, on gpu; what that takes is known once a run of this scale was";
    assertStringIncludes(await plan("--device", "gpu"), unknown);
    const many = ["--device", "gpu", "--workers", "2"];
    const { errors } = await tool("study.ts", [name, "--scale", "smoke", ...many], { env });
    assertStringIncludes(errors, "workers must be at most 1 on device gpu");
    const beside = await tool("study.ts", [name, "--scale", "smoke", "--beside", "2"], { env });
    assertStringIncludes(beside.errors, "beside must be 1 on device cpu");
    assertStringIncludes(await plan("--device", "gpu", "--beside", "2"), unknown);
  }));

Deno.test("demo hands its device to the notebook's kernel", () =>
  inFolder(async (cwd) => {
    const allow = ["-RW", "--allow-run"];
    // Python's stand-in writes down how it was called.
    Deno.mkdirSync(`${cwd}/.venv/bin`, { recursive: true });
    Deno.writeTextFileSync(`${cwd}/.venv/bin/python`, `#!/bin/sh\necho "$*" >> calls\n`);
    Deno.chmodSync(`${cwd}/.venv/bin/python`, 0o755);
    for (const name of ["out", "data"]) Deno.mkdirSync(`${cwd}/${name}`);
    const outputs = [{ data: { "text/plain": "three phases" } }];
    const notebook = { cells: [{ metadata: { tags: ["demo"] }, outputs }] };
    Deno.writeTextFileSync(`${cwd}/out/01_phases.ipynb`, JSON.stringify(notebook));
    const refused = await tool("demo.ts", ["--device", "tpu"], { cwd, allow });
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.errors, "Cannot run the demo: --device must be cpu or gpu");
    const seen = [];
    for (const args of [["--device", "gpu"], []]) {
      const { output, errors } = await tool("demo.ts", args, { cwd, allow });
      assertStringIncludes(output, "three phases", errors);
      const [call] = Deno.readTextFileSync(`${cwd}/calls`).split("\n");
      seen.push([...call!.matchAll(/--env (\S+)/g)].map(([, own]) => own));
      Deno.removeSync(`${cwd}/calls`);
    }
    const always = ["FACTLAB_FRESH=1", "FACTLAB_BUDGET=0"];
    assertEquals(seen, [[...always, "FACTLAB_DEVICE=gpu"], always]);
  }));

Deno.test("retraining leaves out what was trained on another device, by name", () =>
  inFolder(async (FACTLAB_OUT) => {
    const env = { FACTLAB_OUT, FACTLAB_DEVICE: "gpu", FACTLAB_PJRT: await fetchPlugin() };
    const { code, output } = await tool("retrain.ts", [], { env });
    assertMatch(output, /Left out on cpu \(XLA\): \d+ records, trained on cpu: [0-9a-f]{12}, /);
    assertStringIncludes(output, "no committed record to train again on cpu (XLA)");
    assertEquals(code, 0);
  }));

Deno.test("records say their device, and what is kept says on which it was trained", () =>
  inFolder(async (folder) => {
    const hash = readResults(threePhases).trials[0]!.hash;
    const own = `${folder}/runs/${hash}`;
    const [head, ...lines] = Deno.readTextFileSync(`${ROOT}data/runs/${hash}.jsonl`).split("\n");
    const header = JSON.parse(head!);
    const device = { name: "NVIDIA H100, 80GB", platform: "cuda" };
    header.environment.device = device;
    Deno.mkdirSync(own, { recursive: true });
    const text = [JSON.stringify(header), ...lines].join("\n");
    Deno.writeTextFileSync(`${own}/record.jsonl`, text);
    const log = [[{ device }, 61.4], [{}, 900]].flatMap(([environment, seconds], i) => {
      const began = `2026-01-0${i + 1}T00:00:00.000Z`;
      return [{ began, from: 0, device: "x", commit: `c${i}`, environment }, {
        began,
        to: 9,
        seconds,
      }];
    });
    Deno.writeTextFileSync(`${own}/log.jsonl`, log.map((line) => JSON.stringify(line)).join("\n"));
    const cwd = `${folder}/checkout`;
    Deno.mkdirSync(`${cwd}/data/runs`, { recursive: true });
    const env = { FACTLAB_OUT: folder };
    const fields = ["--fields", "device,date,commit,seconds"];
    const listed = await tool("runs.ts", [hash, ...fields], { cwd, env });
    assertMatch(listed.output, /NVIDIA H100, 80GB +2026-01-01 +c0 +61/);
    const table = await tool("runs.ts", ["--csv", hash], { cwd, env });
    assertStringIncludes(table.output, '"NVIDIA H100, 80GB",c0,2026-01-01,61,', table.errors);
    // The committed one, of this machine's processor.
    const committed = await tool("runs.ts", [hash, "--fields", "device,seed"], { env });
    assertMatch(committed.output, /cpu +0\n/);
    const kept = await tool("keep.ts", [], { cwd, env, allow: ["-RWE"] });
    assertStringIncludes(kept.output, "copied 1 records", kept.errors);
    // Trained once more since, on cpu, as a base: that is not how the record was made.
    assertEquals(JSON.parse(Deno.readTextFileSync(`${cwd}/data/run_log.jsonl`)), {
      hash,
      began: "2026-01-01T00:00:00.000Z",
      commit: "c0",
      device: "NVIDIA H100, 80GB",
      seconds: 61,
    });
  }));
