// A foreign Jupyter on the machine: its kernel of the same name and its folders never win.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { filesIn, foreignMachine } from "./foreign.ts";

const NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  cells: [{
    id: "a",
    cell_type: "code",
    source: `console.log(typeof Deno.jupyter)`,
    metadata: {},
    execution_count: null,
    outputs: [],
  }],
};

async function python(args: string[], env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(".venv/bin/python", {
    args: ["-E", ...args],
    env,
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("a foreign kernel called deno and foreign folders never win", async () => {
  const folder = await Deno.makeTempDir();
  const env = foreignMachine(`${folder}/foreign`);
  const before = filesIn(`${folder}/foreign`);
  const path = `${folder}/a.ipynb`;
  Deno.writeTextFileSync(path, JSON.stringify(NOTEBOOK));

  const name = "from jupyter_client import kernelspec as k; print(k.get_kernel_spec('deno').argv)";
  assertEquals(await python(["-c", name], env), "['false']\n", "the machine is not foreign enough");

  assertStringIncludes(await python(["tools/notebook/run.py", path], env), "1 cells, saved");
  const [cell] = JSON.parse(Deno.readTextFileSync(path)).cells;
  assertEquals(cell.outputs[0].text, ["object\n"]);
  await python(["tools/notebook/export.py", path, "--output", `${folder}/a.html`], env);
  assertStringIncludes(Deno.readTextFileSync(`${folder}/a.html`), "object");
  assertEquals(filesIn(`${folder}/foreign`), before);
  await Deno.remove(folder, { recursive: true });
});
