// The notebook runner loses no output, keeps the last state, and fails when a notebook does.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Cell,
  codeCells,
  fixture,
  inFolder,
  notebookOf,
  type Output,
  runTool,
} from "./python.ts";

/** An output in one word and its text: what a reader of the notebook sees. */
function seen({ output_type, text, data }: Output): string {
  return `${output_type}: ${(text ?? data?.["text/plain"] ?? []).join("")}`;
}

Deno.test("a cell that throws fails the run, is named, and leaves no file behind", async () => {
  await inFolder(async (folder) => {
    const { code, stderr } = await runTool(
      "run.py",
      fixture("fails.ipynb"),
      "--output",
      `${folder}/out.ipynb`,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "fails.ipynb: Cell 2 of 3 failed: Error: meant to fail");
    assertStringIncludes(stderr, `    throw new Error("meant to fail");`);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("25 cells of mixed output come back complete and in order", async () => {
  await inFolder(async (folder) => {
    const { code, stderr } = await runTool(
      "run.py",
      fixture("order.ipynb"),
      "--output",
      `${folder}/out.ipynb`,
    );
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const cells = await codeCells(`${folder}/out.ipynb`);
    assertEquals(
      cells.map((cell) => cell.execution_count),
      Array.from({ length: 25 }, (_, at) => at + 1),
    );
    for (const { execution_count: n, outputs } of cells) {
      const [log, display, value] = [
        `log ${n}\n`,
        `display_data: display ${n}`,
        `execute_result: "value ${n}"`,
      ];
      const expected = [
        [`stream: a ${n}\nb ${n}\nc ${n}\n`],
        [`stream: cell ${n}\n`],
        [value],
        [display],
        [`stream: ${log}`, display, value],
      ][n % 5];
      assertEquals(outputs.map(seen), expected);
    }
  });
});

Deno.test("outputs are kept in their last state, plain, and the same from run to run", async () => {
  await inFolder(async (folder) => {
    const paths = [`${folder}/one.ipynb`, `${folder}/two.ipynb`];
    for (const path of paths) {
      const options = ["--output", path, "--env", "FACTLAB_TEST=a=b"];
      assertEquals((await runTool("run.py", fixture("outputs.ipynb"), ...options)).code, 0);
    }
    const [one, two] = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
    assertEquals(one, two);
    assert(!one?.includes(`"transient":`) && !one?.includes("iopub.status"));

    const [streams, display, update, place, allowed, after] = await codeCells(
      `${folder}/one.ipynb`,
    );
    assertEquals(streams?.outputs.map(seen), ["stream: red\n", "stream: warned\n"]);
    assertEquals(display?.outputs.map(seen), ["display_data: from a later cell"]);
    assertEquals(update?.outputs, []);
    assertEquals(place?.outputs.map(seen), ["stream: fixtures a=b\n"]);
    assertEquals(allowed?.outputs.map(({ ename }) => ename), ["TypeError"]);
    assertEquals(after?.outputs.map(seen), ["stream: after the allowed error\n"]);
  });
});

Deno.test("a cell that takes too long is stopped", async () => {
  const { code, stderr } = await runTool("run.py", fixture("endless.ipynb"), "--timeout", "1");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cell 1 of 1 failed: no end after 1 s");
});

Deno.test("a notebook that is ended from outside leaves no kernel behind", () =>
  inFolder(async (folder) => {
    const source = `await Deno.writeTextFile("pid", String(Deno.pid));
      while (true) await new Promise((resolve) => setTimeout(resolve, 20));`;
    await Deno.writeTextFile(`${folder}/a.ipynb`, notebookOf({ cell_type: "code", source }));
    const child = new Deno.Command(".venv/bin/python", {
      args: ["-E", "tools/notebook/run.py", `${folder}/a.ipynb`, "--timeout", "60"],
      ...{ cwd: new URL("../../", import.meta.url), stderr: "null", stdout: "null" },
    }).spawn();
    const read = (path: string) => Deno.readTextFile(path).catch(() => "");
    let kernel = "";
    while (kernel === "") {
      await new Promise((go) => setTimeout(go, 50));
      kernel = await read(`${folder}/pid`);
    }
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 143);
    assert(!(await read(`/proc/${kernel}/cmdline`)).includes("--kernel"), `${kernel} goes on`);
  }));

Deno.test("odd notebooks are mended and run", async () => {
  await inFolder(async (folder) => {
    const code = (source: string, id: string, outputs: unknown[] = []) => ({
      cell_type: "code",
      source,
      id,
      outputs,
    });
    const path = `${folder}/odd.ipynb`;
    const text = notebookOf(
      { cell_type: "markdown", source: "A half: \ud83d", id: "no id!" },
      code("const a = 1;\r\nconsole.log(a);", "cell-1", [{ output_type: "stream", text: "old" }]),
      code(`console.log(prompt("Name?"), confirm("Sure?")); alert("Hi");`, "same"),
      code(`console.log("\ud83d" === "\\ufffd", "\\ud83d");`, "same"),
      code(
        `await Deno.jupyter.display({ "text/plain": 5 }, { raw: true });
         await Deno.jupyter.broadcast("stream", { text: "nameless" });
         console.log("kept");`,
        "last",
      ),
    );
    await Deno.writeTextFile(path, "\ufeff" + text);
    assertEquals(await runTool("run.py", path), { code: 0, stderr: "" });
    const { cells } = JSON.parse(await Deno.readTextFile(path)) as { cells: Cell[] };
    assertEquals(cells.map(({ id }) => id), ["cell-2", "cell-1", "same", "cell-4", "last"]);
    assertEquals(cells[0]!.source, ["A half: \ufffd"]);
    assertEquals(cells[1]!.source, ["const a = 1;\n", "console.log(a);"]);
    const outputs = cells.slice(1).map((cell) => cell.outputs!.map(seen));
    assertEquals(outputs.slice(0, 3), [
      ["stream: 1\n"],
      ["stream: null false\n"],
      ["stream: true \ufffd\n"],
    ]);
    const [untold, kept] = outputs[3]!;
    assertStringIncludes(untold!, 'got {"data": {"text/plain": 5}');
    assertStringIncludes(untold!, `got {"text": "nameless"}`);
    assertEquals(kept, "stream: kept\n");
  });
});

Deno.test("a place that cannot be written is refused before the notebook runs", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    for (const place of [folder, `${folder}/file/out.ipynb`]) {
      const { code, stderr } = await runTool("run.py", fixture("fails.ipynb"), "--output", place);
      assertEquals(code, 1);
      assertStringIncludes(stderr, `${place} must be a file that can be written`);
    }
  });
});

Deno.test("half a character from a kernel does not keep a notebook from being saved", async () => {
  await inFolder(async (folder) => {
    const program = `import json, pathlib, sys
sys.path.insert(0, "tools/notebook")
from notebook_file import write_whole
write_whole(pathlib.Path(sys.argv[1]), json.dumps(["\\ud83d ü"], ensure_ascii=False))`;
    const path = `${folder}/a.json`;
    await new Deno.Command(".venv/bin/python", { args: ["-c", program, path] }).output();
    assertEquals(JSON.parse(await Deno.readTextFile(path)), ["\ud83d ü"]);
  });
});

Deno.test("broken notebook files are refused with one line", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/broken.ipynb`;
    const broken = {
      "must be JSON": "{",
      "nbformat must be 4, got 3": `{"nbformat": 3, "worksheets": []}`,
      "nbformat must be 4, got null": "[]",
      "must have cells": `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}`,
      "cell 1 must be an object": `{"nbformat": 4, "metadata": {}, "cells": [7]}`,
      "not valid in format 4.5: cell 1: 'metadata' is a required property":
        `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}`,
    };
    for (const [reason, text] of Object.entries(broken)) {
      await Deno.writeTextFile(path, text);
      const { code, stderr } = await runTool("run.py", path);
      assertStringIncludes(stderr, reason);
      assertEquals([code, stderr.trim().split("\n").length], [2, 1]);
      assertEquals(await Deno.readTextFile(path), text);
    }
    assertEquals((await runTool("run.py", `${folder}/missing.ipynb`)).code, 2);
  });
});

Deno.test("hostile notebook files are read or refused in one line", async () => {
  const { success, stdout } = await new Deno.Command(".venv/bin/python", {
    args: ["-E", "tests/notebook/fuzz.py", "400"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const printed = new TextDecoder().decode(stdout);
  assertStringIncludes(printed, "400 inputs, 0 failures");
  assert(success);
});

Deno.test("the stop button ends training, the kernel lives, the same cell goes on", async () => {
  const { success, stdout, stderr } = await new Deno.Command(".venv/bin/python", {
    args: ["-E", "tests/notebook/stop.py"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertStringIncludes(printed, "stopped, alive, resumed");
  assert(success);
});

Deno.test("a notebook that is edited while it runs keeps the edit", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/own.ipynb`;
    const source = `await Deno.writeTextFile(${JSON.stringify(path)}, "edited"); 1 + 1`;
    await Deno.writeTextFile(path, notebookOf({ cell_type: "code", source }));
    const { code, stderr } = await runTool("run.py", path);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "it was changed while it ran, and stays as it is");
    assertEquals(await Deno.readTextFile(path), "edited");
    assertStringIncludes(await Deno.readTextFile(`${folder}/own.ran.ipynb`), '"2"');
  });
});
