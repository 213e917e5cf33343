// A run's name depends on what it is, never on what is left out today when one is written.

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { SCALES } from "../../lib/generator/mod.ts";
import { configure, essence, identity, RECIPE } from "../../lib/trainer/mod.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("runs that say nothing but their scale have the names they always had", () => {
  const names = { smoke: "4e378f1790da", laptop: "2878e782f612", paper: "c7a5fbfd4568" };
  for (const scale of SCALES) {
    assertEquals(identity(configure({ scale, recipe: 1 })), names[scale]);
  }
});

Deno.test("what is written gives the run back", () => {
  const base = configure({ scale: "smoke", batch: 4, optimizer: { lr: 0.01 } });
  const tuned = configure({ scale: "smoke", start: { run: base, step: 60 }, steps: 70 });
  for (const run of [base, tuned]) {
    assertEquals(configure(essence(run)), run);
    assertEquals(essence(run).recipe, RECIPE);
  }
  assertEquals(tuned.start!.run, essence(base));
});

/** Renames every committed record in a checkout whose defaults have been edited. */
const SCRIPT = `
  import { configure, identity } from "./lib/trainer/mod.ts";
  const changed = configure();
  console.log(changed.batch, changed.optimizer.lr, changed.evaluation.flow, changed.evaluation.people);
  let count = 0;
  for (const { name } of Deno.readDirSync("data/runs")) {
    const [line] = Deno.readTextFileSync("data/runs/" + name).split("\\n");
    const { hash, configuration, essence } = JSON.parse(line);
    if (configuration.scale === "memory") continue;
    count++;
    for (const written of [configuration, essence]) {
      if (identity(configure(written)) !== hash) console.log("another name:", hash);
    }
  }
  console.log(count, "records");
`;

Deno.test("other defaults change no record's name, nor that of a run it begins from", async () => {
  const root = Deno.makeTempDirSync();
  try {
    await new Deno.Command("cp", { args: ["-r", `${ROOT}lib`, root] }).output();
    for (const part of ["data", "deno.json", "deno.lock", "node_modules", "tests"]) {
      Deno.symlinkSync(`${ROOT}${part}`, `${root}/${part}`);
    }
    const file = `${root}/lib/trainer/defaults.ts`;
    const edits: [RegExp, string][] = [
      [/(laptop: .*)batch: 16(.*)lr: 7e-4/, "$1batch: 24$2lr: 2e-3"],
      [/people: 256, (.*)flow: 16/, "people: 99, $1flow: 3"],
      [/beta2: 0.95/, "beta2: 0.99"],
      [/templates: 20/, "templates: 5"],
    ];
    const before = Deno.readTextFileSync(file);
    const after = edits.reduce((text, [from, to]) => {
      assert(from.test(text), `${from} is not in defaults.ts`);
      return text.replace(from, to);
    }, before);
    Deno.writeTextFileSync(file, after);
    Deno.writeTextFileSync(`${root}/script.ts`, SCRIPT);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-RE", "--quiet", "--no-check", "script.ts"],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const [defaults, ...rest] = said!.trim().split("\n");
    assertEquals(defaults, "24 0.002 3 99", errors);
    const committed = [...Deno.readDirSync(`${ROOT}data/runs`)].filter(({ name }) => {
      const [header] = Deno.readTextFileSync(`${ROOT}data/runs/${name}`).split("\n");
      return JSON.parse(header!).configuration.scale !== "memory";
    });
    assert(committed.length > 300);
    assertEquals(rest, [`${committed.length} records`], errors);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
