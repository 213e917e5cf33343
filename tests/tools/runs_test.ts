// `deno task runs`: what is on this machine is asked, compared, drawn and handed on.

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { configure, identity, parseRecord, RECIPE, type RunInput } from "../../lib/trainer/mod.ts";
import { RECIPES } from "../../lib/trainer/defaults.ts";
import { headerLine } from "../../lib/trainer/record.ts";
import { condition, fieldNamed } from "../../tools/runs/fields.ts";

const ROOT = new URL("../../", import.meta.url);
/** Committed runs of 640 people and of 512. */
const [HASH, OTHER] = ["8b3ede0671a0", "13729e21cc54"];

async function runs(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-RWE", "--allow-ffi", "--allow-sys", "--quiet", "tools/runs.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout), errors: text(stderr) };
}

const recordText = (hash: string) =>
  Deno.readTextFileSync(new URL(`data/runs/${hash}.jsonl`, ROOT));

/** Rows of a CSV without quoted cells, by column. */
function cells(csv: string): Record<string, string>[] {
  const [head, ...rows] = csv.trim().split("\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head!.map((name, i) => [name, row[i]!])));
}

/** Puts a run into a folder: a header with a configuration, and as many measurements as are given. */
function put(out: string, input: RunInput, { name = "record.jsonl", lines = [] as string[] } = {}) {
  const [head] = recordText(HASH).split("\n");
  const configuration = configure(input);
  const hash = identity(configuration);
  Deno.mkdirSync(`${out}/runs/${hash}`, { recursive: true });
  const header = headerLine({ ...JSON.parse(head!), hash, configuration });
  Deno.writeTextFileSync(
    `${out}/runs/${hash}/${name}`,
    header + lines.join("\n"),
  );
  return hash;
}

Deno.test("a list is filtered, sorted and has the fields that are asked for", async () => {
  const asked = ["--where", "people=640", "--where", "loss>0.3", "--sort=-loss"];
  const { code, output } = await runs([...asked, "--fields", "people,lr,loss"]);
  assertEquals(code, 0);
  const [caption, head, , ...rows] = output.trim().split("\n").map((line) => line.split(/  +/));
  assertMatch(caption!.join(" "), /^\d+ of \d+ runs$/);
  assertEquals(head, ["hash", "people", "optimizer.lr", "loss"]);
  assertEquals(rows.length, Number(/^\d+/.exec(output)));
  const losses = rows.map((row) => Number(row[3]));
  assert(losses.length > 1 && losses.every((loss, i) => i === 0 || loss <= losses[i - 1]!));
  for (const row of rows) assertEquals(row[1], "640");
  assert((await runs([HASH.slice(0, 6)])).output.includes(HASH));
});

Deno.test("--csv is one row a measurement and set, with what differs and how it was trained", async () => {
  const { measurements } = parseRecord(recordText(HASH));
  const { code, output } = await runs(["--csv", HASH, OTHER]);
  assertEquals(code, 0);
  // Names of arms have commas and are quoted.
  const all = cells(output.replaceAll(/"[^"]*"/g, "quoted"));
  const rows = all.filter(({ hash }) => hash === HASH);
  assertEquals(rows.length, 4 * measurements.length);
  const last = rows.at(-1)!;
  const { step, sets } = measurements.at(-1)!;
  assertEquals([last.step, last.set, last.people], [String(step), "unseen", "640"]);
  assertEquals(Number(last.loss), sets.unseen.loss);
  assertEquals([last.steps, last["evaluation.people"], last.device], ["4800", "256", "cpu"]);
  // In both alike, and so no column.
  assertEquals(last["optimizer.lr"], undefined);
  for (const column of ["arm", "commit", "date", "seconds"]) assert(column in last, column);
});

Deno.test("two runs are told apart, and drawn in one figure", async () => {
  const { output } = await runs(["--diff", HASH, OTHER]);
  assertMatch(output, /^people +640 +512$/m);
  assertMatch(output, /^arm +.*: base/m);
  assert(!/^optimizer.lr/m.test(output), "the same rate");
  const folder = Deno.makeTempDirSync();
  const asked = ["--overlay", HASH, OTHER, "--sets", "held-out,unseen", "--output"];
  const drawn = await runs([...asked, `${folder}/two.json`]);
  assertEquals(drawn.code, 0, drawn.errors);
  const { data } = JSON.parse(Deno.readTextFileSync(`${folder}/two.json`));
  assertEquals(data.length, 2 * 2 * 2);
  assertStringIncludes(data[0].name, `${HASH} (people 640`);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("what is asked wrongly is refused with what was meant", async () => {
  const names = ["people", "optimizer.lr", "memory.tuning.lr", "evaluation.steps", "steps"];
  assertEquals(["lr", "steps", "people"].map((name) => fieldNamed(name, names)), [
    ...["optimizer.lr", "steps", "people"],
  ]);
  const refused: [() => unknown, string][] = [
    [() => fieldNamed("poeple", names), "got poeple (did you mean people?)"],
    [() => fieldNamed("epochs", names), "a field must be one of people, optimizer.lr"],
    [() => fieldNamed("a", ["b.a", "c.a"]), "got a (is it b.a or c.a?)"],
    [() => condition("people", names), "--where must be a field, one of"],
    [() => condition("lrr=3", names), "got lrr (did you mean lr?)"],
  ];
  for (const [ask, why] of refused) assertThrows(ask, Error, why);
  for (
    const args of [["--diff", HASH], ["000000000000"], ["--overlay", HASH, "--sets", "group 1"]]
  ) {
    const { code, errors } = await runs(args);
    assertEquals(code, 2, errors);
    assertMatch(errors, /^Cannot .* must be .*, got (1|0{12}|group 1)\./);
    assert(!/\n +at /.test(errors), errors);
  }
});

Deno.test("what lies in out/ is named: stopped runs, those of other recipes, and what is no run", async () => {
  const out = Deno.makeTempDirSync({ prefix: "two words " });
  const [, first] = recordText(HASH).split("\n");
  const smoke = { scale: "smoke", seed: 9800 } as const;
  const stopped = put(out, smoke, { name: "record.part.jsonl", lines: [first!, '{"st'] });
  const recipe = RECIPES.find((other) => other !== RECIPE)!;
  const other = put(out, { ...smoke, recipe }, { lines: [first!] });
  // A recipe that nobody knows any more.
  const old = "abcdefabcdef";
  Deno.mkdirSync(`${out}/runs/${old}`);
  const text = recordText(HASH).replaceAll(/"recipe":\d+/g, `"recipe":0`).replace(HASH, old);
  Deno.writeTextFileSync(`${out}/runs/${old}/record.jsonl`, text);
  Deno.mkdirSync(`${out}/runs/empty`);
  const { code, output, errors } = await runs(["--fields", "status"], { FACTLAB_OUT: out });
  assertEquals(code, 1);
  assertMatch(output, new RegExp(`^${stopped} +stopped at 0 of 60$`, "m"));
  assertMatch(output, new RegExp(`^${other} +finished$`, "m"));
  assertStringIncludes(
    output,
    `1 run was made by recipe ${recipe}, and today's is ${RECIPE}: go on with train({ recipe: ${recipe}`,
  );
  assertStringIncludes(output, `read one with readRecord("${other}")`);
  assertMatch(
    output,
    /1 run was made by recipe 0, which today's code does not train .*abcdefabcdef/,
  );
  assertStringIncludes(errors, "empty: it has no record of a run.");
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
