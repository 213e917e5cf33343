// Notebooks are type-checked as they stand, and errors are told by cell.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkCells, extractCells } from "../../tools/notebook/cells.ts";
import { fixture, inFolder, notebookOf } from "./python.ts";

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

Deno.test("a notebook with a byte-order mark and Windows lines is read as any other", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a #1%20.ipynb`;
    const source = "const a: number = 1;\r\nconst b: string = a;";
    await Deno.writeTextFile(path, "\ufeff" + notebookOf({ cell_type: "code", source }));
    assertEquals((await extractCells(path)).source, source.replace("\r", "") + "\n");
    const { report } = await checkCells("check", [path]);
    assertStringIncludes(report, `${path}, cell 1, line 2:7`);
  });
});

Deno.test("a file that is no notebook is refused with one line", async () => {
  await inFolder(async (folder) => {
    const broken = {
      "must be JSON in UTF-8": "{",
      "must have cells": "{}",
      "cell 2 must have a source": `{"cells": [{"source": ""}, {}]}`,
    };
    const path = `${folder}/broken.ipynb`;
    for (const [reason, text] of Object.entries(broken)) {
      await Deno.writeTextFile(path, text);
      await assertRejects(
        () => extractCells(path),
        Error,
        `Cannot read notebook ${path}: ${reason}`,
      );
    }
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-RWE", "tools/notebook/cells.ts", "check", `${folder}/none.ipynb`],
    }).output();
    const told = new TextDecoder().decode(stderr);
    assertStringIncludes(told, "Cannot read notebook");
    assertEquals([code, told.trim().split("\n").length], [1, 1]);
  });
});

Deno.test("committed notebooks stay under 1 MB, each output that is JSON on one line", async () => {
  for await (const { name } of Deno.readDir("notebooks")) {
    if (!name.endsWith(".ipynb")) continue;
    const text = await Deno.readTextFile(`notebooks/${name}`);
    const size = new TextEncoder().encode(text).length;
    assert(size < 1e6, `${name} has ${size} bytes`);
    const drawn = text.split("\n").filter((line) =>
      line.includes("application/vnd.plotly.v1+json")
    );
    assert(drawn.length > 0, name);
    for (const line of drawn) assert(/\+json": \{".*\},?$/.test(line), line.slice(0, 99));
  }
});
