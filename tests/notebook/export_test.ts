// The exported page: figures once, pictures as fallback, nothing fetched from anywhere.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, inFolder, runTool } from "./python.ts";

Deno.test("a page holds its figures, their pictures and Plotly, and may connect to nothing", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/page.html`;
    assertEquals(await runTool("export.py", fixture("figure.ipynb"), "--output", path), {
      code: 0,
      stderr: "",
    });
    const page = await Deno.readTextFile(path);
    const shown = page.replace(/<script>[^]*?<\/script>/g, "");
    assertEquals(page.match(/<script\b/g)?.length, 3); // Plotly, the figures, the loop that draws.
    assertEquals(shown.match(/<link\b|@import|<script|\ssrc="(?!data:)/g), null);
    assertStringIncludes(shown, "default-src 'none'");
    assertStringIncludes(shown, `<title>A page with a figure</title>`);
    assertEquals(
      shown.match(/<img alt="a &lt;flat&gt; line" src="data:image\/png;base64,/g)?.length,
      1,
    );
    assertStringIncludes(page, `window.figures = {"0": {"data"`);
    assertStringIncludes(page, "\\u003c/script>");
    assert(!shown.includes("alert(1)"));
  });
});

Deno.test("a page that would fetch something is refused", async () => {
  await inFolder(async (folder) => {
    const cell = {
      cell_type: "markdown",
      id: "a",
      metadata: {},
      source: "![x](https://example.org/x.png)",
    };
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
    await Deno.writeTextFile(`${folder}/x.ipynb`, JSON.stringify(notebook));
    const { code, stderr } = await runTool(
      "export.py",
      `${folder}/x.ipynb`,
      "--output",
      `${folder}/x.html`,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "page must be read offline");
  });
});
