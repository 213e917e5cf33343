import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseRecord } from "../../lib/trainer/mod.ts";

const ROOT = new URL("../../", import.meta.url);
const HASH = "8b3ede0671a0";

async function records(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-RE", "--quiet", "tools/records.ts", ...args],
    cwd: ROOT,
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout), errors: text(stderr) };
}

Deno.test("records --csv is one row a measurement and evaluation set", async () => {
  const file = new URL(`data/runs/${HASH}.jsonl`, ROOT);
  const { measurements } = parseRecord(Deno.readTextFileSync(file));
  const { code, output } = await records(["--csv", HASH]);
  assertEquals(code, 0);
  const [head, ...rows] = output.trim().split("\n").map((line) => line.split(","));
  assertEquals(rows.length, 4 * measurements.length);
  const last = Object.fromEntries(head!.map((name, i) => [name, rows.at(-1)![i]]));
  const { step, sets } = measurements.at(-1)!;
  assertEquals([last.hash, last.step, last.set], [HASH, String(step), "unseen"]);
  assertEquals(Number(last.loss), sets.unseen.loss);
});

Deno.test("records lists runs, and refuses what it does not know", async () => {
  assertStringIncludes((await records([HASH])).output, `${HASH}  laptop, 640 people`);
  const option = await records(["--cvs"]);
  assertEquals(option.code, 2);
  assertStringIncludes(option.errors, "--cvs is not an option (did you mean --csv?)");
  const hash = await records(["000000000000"]);
  assertEquals(hash.code, 1);
  assertStringIncludes(hash.errors, "Cannot find a record of 000000000000");
});

Deno.test("FACTLAB_OUT names another folder for what this machine makes", async () => {
  const out = Deno.makeTempDirSync({ prefix: "two words " });
  const text = Deno.readTextFileSync(new URL(`data/runs/${HASH}.jsonl`, ROOT));
  const own = "abcdefabcdef";
  Deno.mkdirSync(`${out}/runs/${own}`, { recursive: true });
  Deno.writeTextFileSync(`${out}/runs/${own}/record.jsonl`, text.replace(HASH, own));
  assertEquals((await records([own])).code, 1);
  const { output } = await records([own], { FACTLAB_OUT: out });
  assertStringIncludes(output, `${out}/runs/${own}/record.jsonl`);
  Deno.removeSync(out, { recursive: true });
});

Deno.test("a relative FACTLAB_OUT begins at the checkout, wherever a program runs", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `console.log((await import("../lib/trainer/mod.ts")).OUT.href)`],
    cwd: new URL("notebooks/", ROOT),
    env: { FACTLAB_OUT: "out/elsewhere" },
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), new URL("out/elsewhere/", ROOT).href);
});

Deno.test("a damaged record is named, and the others are listed all the same", async () => {
  const out = Deno.makeTempDirSync();
  const text = Deno.readTextFileSync(new URL(`data/runs/${HASH}.jsonl`, ROOT));
  for (const [own, content] of [["aaaaaaaaaaaa", text.slice(0, -9)], ["bbbbbbbbbbbb", text]]) {
    Deno.mkdirSync(`${out}/runs/${own}`, { recursive: true });
    Deno.writeTextFileSync(`${out}/runs/${own}/record.jsonl`, content!.replace(HASH, own!));
  }
  const { code, output, errors } = await records([], { FACTLAB_OUT: out });
  Deno.removeSync(out, { recursive: true });
  assertEquals(code, 1);
  assertStringIncludes(errors, "aaaaaaaaaaaa/record.jsonl: line");
  assertStringIncludes(output, "bbbbbbbbbbbb  laptop");
});
