// Notebooks are type-checked as they stand, and errors are told by cell.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkCells, extractCells } from "../../tools/notebook/cells.ts";
import { fixture, inFolder } from "./python.ts";

const here = (name: string) => new URL(`../../${fixture(name)}`, import.meta.url).pathname;

Deno.test("an error of type is told by notebook, cell and line", async () => {
  const mistyped = here("mistyped.ipynb");
  const { ok, report } = await checkCells("check", [here("order.ipynb"), mistyped]);
  assert(!ok);
  assertStringIncludes(report, "Type 'number' is not assignable to type 'string'");
  assertStringIncludes(report, `${mistyped}, cell 3, line 2:7`);
  assert(!report.includes(".cells-"));
});

Deno.test("cells share one module, may await, and import by name", async () => {
  assertEquals(await checkCells("check", [here("order.ipynb")]), { ok: true, report: "" });
  assertEquals(await checkCells("lint", [here("order.ipynb")]), { ok: true, report: "" });
});

Deno.test("imports of files are meant from the notebook's folder", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.ipynb`;
    const cells = [{
      cell_type: "code",
      source: [`import { a } from "./a.ts";\n`, `await import("../b.ts");`],
    }];
    await Deno.writeTextFile(path, JSON.stringify({ cells }));
    const { source, lineOf } = await extractCells(path);
    assertStringIncludes(source, `from "file://${folder}/a.ts"`);
    assertStringIncludes(source, `/b.ts");\n`);
    assertEquals([lineOf(2), lineOf(9)], [{ cell: 1, line: 2 }, undefined]);
    await Deno.writeTextFile(path, "{}");
    await assertRejects(() => extractCells(path));
  });
});
