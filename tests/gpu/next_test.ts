// What comes next of the paper's scale, at smoke scale on XLA's plugin for processors: planned,
// trained for some minutes, packed, and taken in elsewhere.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { stepsOf } from "../../tools/gpu/plan.ts";
import { fetchPlugin } from "../../tools/plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a tool in a folder of its own, on the plugin. */
async function tool(name: string, args: string[], FACTLAB_OUT: string) {
  const env = { FACTLAB_OUT, FACTLAB_DEVICE: "gpu", FACTLAB_PJRT: await fetchPlugin() };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", `${ROOT}deno.json`]
      .concat(`${ROOT}tools/${name}`, args),
    env: { ...env, NO_COLOR: "1", CUDA_VISIBLE_DEVICES: "" },
    cwd: ROOT,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout), errors: text(stderr) };
}

const packsIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".gz"));
const linesOf = (pack: string) =>
  new TextDecoder().decode(gunzipSync(Deno.readFileSync(pack))).trim().split("\n");

Deno.test("the plan of the paper's scale has every run once, its first steps seed 0 alone", () => {
  const steps = stepsOf("paper");
  assertEquals(steps.slice(0, 5).map(({ runs }) => runs.size), [2, 4, 4, 6, 5]);
  for (const { runs } of steps.slice(0, 5)) {
    for (const { seed, scale } of runs.values()) assertEquals([seed, scale], [0, "paper"]);
  }
  const all = steps.flatMap(({ runs }) => [...runs.keys()]);
  assertEquals(new Set(all).size, all.length);
  const [references, tuned] = [steps[2]!, steps[3]!].map(({ runs }) => [...runs.values()]);
  assertEquals(references!.map(({ reference }) => reference!.step), [500, 1000, 4000, 16_000]);
  assertEquals(tuned!.map(({ people }) => people - 64_000), [1000, 4000, 16_000, 4000, 4000, 4000]);
});

Deno.test("a base and what begins from it are trained, packed, and taken in elsewhere", async (t) => {
  const folder = Deno.makeTempDirSync();
  const [here, there, results] = ["here", "there", "results"].map((name) => `${folder}/${name}`);
  const next = (out: string, ...args: string[]) =>
    tool("gpu/next.ts", ["20", results!, "--scale", "smoke", ...args], out);

  await t.step("what would be done is said, and nothing done", async () => {
    const { code, said } = await next(here!, "--dry");
    assertEquals(code, 0);
    assertStringIncludes(
      said,
      "1. three phases, everything measured (rows 1, 4, 14, 15, 23): 0 of 2",
    );
    assertMatch(
      said,
      /next of \d+ units: base [0-9a-f]{12} and what begins from it, 6 runs, nobody/,
    );
    assertEquals(packsIn(results!), []);
  });

  await t.step("the first unit leaves its records", async () => {
    const { code, said, errors } = await next(here!, "--units", "1");
    assertEquals(code, 0, said + errors);
    assertStringIncludes(said, "patching (row 11): 2 of 2 on record");
    const [pack, ...more] = packsIn(results!);
    assertEquals(more, []);
    assertEquals(linesOf(`${results}/${pack}`).length, 6);
  });

  await t.step(
    "elsewhere they count as records; a base is trained again for its checkpoints",
    async () => {
      // What is compiled depends on no run.
      Deno.mkdirSync(there!, { recursive: true });
      Deno.symlinkSync(`${here}/programs`, `${there}/programs`);
      const { code, said, errors } = await next(there!, "--dry");
      assertEquals(code, 0, errors);
      assertStringIncludes(said, "6 records taken in");
      // One that begins from the base is missing again.
      const [pack] = packsIn(results!);
      const lines = linesOf(`${results}/${pack}`);
      const lost = lines.findIndex((line) =>
        JSON.parse(JSON.parse(line).record.split("\n")[0]).configuration.reference
      );
      const { hash } = JSON.parse(lines[lost]!);
      Deno.removeSync(`${there}/runs/${hash}`, { recursive: true });
      Deno.writeFileSync(
        `${results}/${pack}`,
        gzipSync(lines.toSpliced(lost, 1).map((line) => line + "\n").join("")),
      );
      // The two runs of the second step come first, which need no base.
      const again = await next(there!, "--units", "3");
      assertEquals(again.code, 0, again.said + again.errors);
      assertMatch(again.said, /trained again for its checkpoints: [0-9a-f]{12}, as in its record/);
      const packs = packsIn(results!).filter((name) => name !== pack);
      const trained = packs.flatMap((name) => linesOf(`${results}/${name}`));
      const [, second] = stepsOf("smoke");
      assertEquals(trained.map((line) => JSON.parse(line).hash), [...second!.runs.keys(), hash]);
    },
  );

  await t.step("what is kept is checked, and what is refused is told by name", async () => {
    const [pack] = packsIn(results!);
    const [line] = linesOf(`${results}/${pack}`);
    const own = JSON.parse(line!);
    const bad = `${folder}/bad`;
    Deno.mkdirSync(bad);
    const lines = own.record.trim().split("\n");
    const changed = own.record.replace(/"seed":\d+/g, '"seed":7');
    const packed = [
      own,
      { ...own, record: changed },
      { ...own, record: lines.slice(0, -1).join("\n") },
      { ...own, log: "" },
      { ...own, log: own.log.replaceAll('"platform":"cpu"', '"platform":"cuda"') },
      { ...own, record: own.record.replace(/"loss":[\d.]+(?=[^\n]*\n$)/, '"loss":0.5') },
    ];
    Deno.writeFileSync(
      `${bad}/records-x.jsonl.gz`,
      gzipSync(packed.map((one) => JSON.stringify(one) + "\n").join("")),
    );
    Deno.writeTextFileSync(`${bad}/records-y.jsonl.gz`, "no pack");
    const { code, said, errors } = await tool("keep.ts", ["--from", bad], `${folder}/kept`);
    assertEquals(code, 1);
    assertStringIncludes(said, `${bad}: 1 records taken in, 0 known, 6 refused.`);
    for (
      const why of [
        `line 2 of records-x.jsonl.gz: run ${own.hash} must have a configuration of that name`,
        `line 3 of records-x.jsonl.gz: run ${own.hash} must end at step`,
        `line 4 of records-x.jsonl.gz: run ${own.hash} must name versions and a commit`,
        `line 5 of records-x.jsonl.gz: run ${own.hash} must have a log of cpu (XLA)`,
        `line 6 of records-x.jsonl.gz: run ${own.hash} must have no other record`,
        "Cannot take in records-y.jsonl.gz: it must be a pack of records",
      ]
    ) assertStringIncludes(errors, why);
    const kept = `${folder}/kept/runs/${own.hash}`;
    assert(Deno.statSync(`${kept}/record.jsonl`).isFile);
    assertEquals(Deno.readTextFileSync(`${kept}/log.jsonl`), own.log);
    // Cut off before the record, it is taken in again; what was logged before stays, and once.
    Deno.removeSync(`${kept}/record.jsonl`);
    Deno.writeTextFileSync(`${kept}/log.jsonl`, "earlier\n" + own.log);
    await tool("keep.ts", ["--from", bad], `${folder}/kept`);
    assert(Deno.statSync(`${kept}/record.jsonl`).isFile);
    assertEquals(Deno.readTextFileSync(`${kept}/log.jsonl`), "earlier\n" + own.log);
  });
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("minutes, folder, scale and units are refused by name before any work", async () => {
  const out = Deno.makeTempDirSync();
  const refused = async (args: string[], why: string) => {
    const { code, errors } = await tool("gpu/next.ts", args, out);
    assertEquals(code, 2);
    assertStringIncludes(errors, why);
  };
  await refused(["none", out], "MINUTES must be a number above 0, got none");
  await refused(["9"], "it takes MINUTES and a FOLDER, got 9");
  await refused(["9", out, "--scale", "laptop"], "--scale must be one of paper, smoke, got laptop");
  await refused(["9", out, "--units", "0"], "--units must be a whole number of at least 1, got 0");
  Deno.removeSync(out, { recursive: true });
});
