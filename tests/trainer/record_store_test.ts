// Records where they lie: found by name, refused where they are damaged or of other data.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { configure, identity, OUT, type RunInput } from "../../lib/trainer/mod.ts";
import { findRecord, runFolder } from "../../lib/trainer/record_store.ts";
import { withCopiedData } from "../generator/copied_data.ts";
import { headerLine } from "../../lib/trainer/record.ts";

const input: RunInput = { scale: "smoke", people: 16, seed: 8101, steps: 3 };

/** Calls a test with the text of a record of that run, and what was warned of. */
function withRecord(text: string, test: (warnings: string[]) => void): void {
  const folder = runFolder(configure(input));
  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text) => warnings.push(String(text));
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(new URL("record.jsonl", folder), text);
  try {
    test(warnings);
  } finally {
    console.warn = warn;
    Deno.removeSync(folder, { recursive: true });
  }
}

const configuration = configure(input);
const headerOf = (hash: string) =>
  headerLine({
    hash,
    configuration,
    floor: { loss: 3, attributes: [3], accuracy: 0.1, unseen: 3 },
    environment: {},
  });

Deno.test("a whole record is found", () =>
  withRecord(headerOf(identity(configuration)), (warnings) => {
    assertEquals(findRecord(configuration)?.record.header.hash, identity(configuration));
    assertEquals(warnings, []);
  }));

for (
  const [what, text, why] of [
    ["a damaged record", headerOf(identity(configuration)) + '{"step":', "line 2 must be JSON"],
    [
      "a record with a number that is none",
      headerOf(identity(configuration)).replace(
        '"loss":3',
        '"loss":null',
      ),
      "line 1 is not a header: floor.loss",
    ],
    ["a record of another run", headerOf("0123456789ab"), "got 0123456789ab"],
  ] as const
) {
  Deno.test(`${what} is named once and does not count`, () =>
    withRecord(text, (warnings) => {
      assertEquals(findRecord(configuration), undefined);
      assertEquals(findRecord(configuration), undefined);
      assertEquals(warnings.length, 1);
      assertStringIncludes(warnings[0]!, `${identity(configuration)}/record.jsonl`);
      assertStringIncludes(warnings[0]!, why);
    }));
}

/** Runs a script in a checkout with other lists, whose runs are kept with this one's. */
function withOtherLists(change: (folder: URL) => void, script: string): string {
  let said = "";
  withCopiedData((data) => {
    change(data);
    const root = Deno.makeTempDirSync();
    const here = fileURLToPath(new URL("../../", import.meta.url));
    for (const part of ["lib", "deno.json", "deno.lock", "node_modules", "tests"]) {
      Deno.symlinkSync(`${here}${part}`, `${root}/${part}`);
    }
    Deno.symlinkSync(fileURLToPath(data), `${root}/data`);
    Deno.writeTextFileSync(`${root}/script.ts`, script);
    try {
      const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "script.ts"],
        cwd: root,
        env: { FACTLAB_OUT: fileURLToPath(OUT), NO_COLOR: "1" },
      }).outputSync();
      said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  });
  return said;
}

Deno.test("a record and a base of other lists are not taken, and it is said why", () => {
  const hash = identity(configuration);
  withRecord(headerOf(hash), () => {
    const folder = runFolder(configuration);
    Deno.writeTextFileSync(new URL("checkpoint-00000003.safetensors", folder), "");
    const script = `
      import { configure, findRecord, identity, parametersOf } from "./lib/trainer/mod.ts";
      const run = ${JSON.stringify(input)};
      console.log("identity", identity(configure(run)));
      console.log("found", findRecord(configure(run)) !== undefined);
      try { parametersOf({ run, step: 3 }, 64); } catch (error) { console.log(error.message); }
    `;
    const same = withOtherLists(() => {}, script);
    assertStringIncludes(same, `identity ${hash}`);
    assertStringIncludes(same, "found true");
    const other = withOtherLists((folder) => {
      const file = new URL("values/cities.txt", folder);
      Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace(/^.*/, "Elsewhere"));
    }, script);
    assert(!other.includes(`identity ${hash}`), other);
    assertStringIncludes(other, "found false");
    const why = "The lists in data/ are not those that smoke records were made of";
    assertEquals(other.split(why).length - 1, 2, other);
    assertStringIncludes(other, "its checkpoint of step 3 is not on this machine");
  });
});
