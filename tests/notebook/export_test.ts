// The exported page: figures once, pictures as fallback, nothing fetched from anywhere.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, inFolder, notebookOf, runTool } from "./python.ts";

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
    const text = notebookOf(
      { cell_type: "markdown", source: "# First" },
      { cell_type: "markdown", source: "![x](https://example.org/x.png)" },
    );
    await Deno.writeTextFile(`${folder}/x.ipynb`, text);
    const { code, stderr } = await runTool(
      "export.py",
      `${folder}/x.ipynb`,
      "--output",
      `${folder}/x.html`,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "x.ipynb: cell 2: picture must be in the notebook's folder");
    assertEquals(stderr.trim().split("\n").length, 1);
  });
});

Deno.test("pictures and figures of other libraries are in the page", async () => {
  await inFolder(async (folder) => {
    const [picture, drawing] = [btoa("a picture"), "<svg></svg>"];
    await Deno.writeTextFile(`${folder}/a drawing.svg`, drawing);
    const shows = (data: unknown) => ({ output_type: "display_data", metadata: {}, data });
    const text = notebookOf(
      {
        cell_type: "markdown",
        source: "![a](attachment:a.png) ![b](a%20drawing.svg)",
        attachments: { "a.png": { "image/png": picture } },
      },
      {
        cell_type: "code",
        source: "show();",
        outputs: [
          shows({ "application/vnd.plotly.v1+json": { data: [] }, "text/plain": "a line" }),
          shows({ "image/gif": picture, "text/plain": "moves" }),
          shows({ "application/json": { told: 1 } }),
          shows({}),
        ],
      },
    );
    await Deno.writeTextFile(`${folder}/x.ipynb`, text);
    const path = `${folder}/x.html`;
    const outcome = await runTool("export.py", `${folder}/x.ipynb`, "--output", path);
    assertEquals(outcome, { code: 0, stderr: "" });
    const page = await Deno.readTextFile(path);
    const images = [...page.matchAll(/<img alt="(\w+)" src="(data:image[^"]*)"/g)];
    assertEquals(images.map(([, alt, source]) => [alt, source]), [
      ["a", `data:image/png;base64,${picture}`],
      ["b", `data:image/svg+xml;base64,${btoa(drawing)}`],
      ["moves", `data:image/gif;base64,${picture}`],
    ]);
    assertStringIncludes(page, `data-figure="0" role="img">a line</div>`);
    assertStringIncludes(page, `window.figures = {"0": {"data": [], "wide": {}, "narrow": {}}}`);
    assertStringIncludes(page, `"told": 1`);
  });
});
