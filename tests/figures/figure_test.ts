// A figure as a value: plain JSON, forms for notebooks, files, pictures with text in them.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { bundleOf, displaySymbol } from "../../lib/display/mod.ts";
import { figure } from "../../lib/figures/mod.ts";

const hostile = `<script>alert(1)</script>`;

/** Width and height that a PNG says of itself. */
function pngSize(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

Deno.test("typed arrays, gaps and string titles become plain JSON with a size", () => {
  const { data, layout } = figure({
    data: [{ x: Int32Array.of(1, 2), y: Float32Array.of(0.1, NaN), z: [undefined, 1 / 3] }],
    layout: { title: "Loss" },
    alt: "a",
  });
  assertEquals(data, [{ x: [1, 2], y: [0.1, null], z: [null, 0.33333] }]);
  assertEquals([layout.width, layout.height, layout.title], [760, 420, { text: "Loss" }]);
});

Deno.test("the bundle holds figure, picture and reading, and no HTML to outrank the picture", async () => {
  const line = figure({ data: [{ y: [1, 2] }], alt: "rises\nfrom 1 to 2" });
  const bundle = await line.bundle();
  assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assertEquals(bundle["text/plain"], "rises from 1 to 2");
  assertEquals(await line[displaySymbol](), bundle);
  const png = Uint8Array.fromBase64(String(bundle["image/png"]));
  assertEquals(pngSize(png), [760, 420]);
  assertEquals(pngSize(await line.png({ scale: 2 })), [1520, 840]);
  assertEquals(Object.keys(await bundleOf(line, { frame: true })), ["image/svg+xml", "text/plain"]);
});

Deno.test("pictures hold their text, letter by letter", async () => {
  const titled = (title: string) => figure({ data: [{ y: [1, 2] }], layout: { title }, alt: "" });
  const [silent, spoken] = [await titled("").png(), await titled("Loss of facts").png()];
  assert(spoken.length > silent.length + 500);
  const named = figure({ data: [{ y: [1], name: "&lt;b&gt;", showlegend: true }], alt: "" });
  assertStringIncludes(await named.svg(), "&#60;b&#62;");
});

Deno.test("a heatmap is drawn too, and drawings asked for at once do not mix", async () => {
  const square = figure({ data: [{ type: "heatmap", z: [[1, 2], [3, 4]] }], alt: "" });
  const [one, other, again] = await Promise.all([
    square.svg(),
    figure({ data: [{ y: [1] }], alt: "" }).svg(),
    square.svg(),
  ]);
  assertStringIncludes(one, "data:image/png");
  assert(!other.includes("data:image/png"));
  assertEquals(one.length, again.length);
});

Deno.test("save writes what the ending names; the page asks no host for anything", async () => {
  const folder = await Deno.makeTempDir();
  const line = figure({ data: [{ y: [1, 2], name: hostile }], alt: hostile });
  try {
    for (const form of ["png", "svg", "json", "html"]) await line.save(`${folder}/line.${form}`);
    await assertRejects(() => line.save(`${folder}/line.gif`));
    assertEquals(pngSize(await Deno.readFile(`${folder}/line.png`)), [1520, 840]);
    assert(!(await Deno.readTextFile(`${folder}/line.svg`)).includes("<script"));
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/line.json`)).data, line.data);
    const page = await Deno.readTextFile(`${folder}/line.html`);
    assertStringIncludes(page, "&lt;script&gt;alert(1)");
    assert(!page.includes(hostile));
    assertEquals(
      [...page.matchAll(/<(?:script|img)[^>]*\ssrc="([^"]*)|<link|@import/g)]
        .map(([, source]) => source),
      ["plotly.min.js"],
    );
    // Another page is small: both load the one Plotly that lies there.
    await line.save(`${folder}/another.html`);
    assert((await Deno.stat(`${folder}/another.html`)).size < 10_000);
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(files.filter((name) => name.endsWith(".js")), ["plotly.min.js"]);
    assert((await Deno.stat(`${folder}/plotly.min.js`)).size > 1_000_000);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a process that drew a picture ends by itself", async () => {
  const code = `import { renderSvg } from "./lib/figures/render.ts";
    console.log((await renderSvg({ data: [], layout: { width: 9, height: 9 } })).slice(0, 4));`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    cwd: new URL("../../", import.meta.url),
    signal: AbortSignal.timeout(20_000),
  }).output();
  assert(success);
  assertEquals(new TextDecoder().decode(stdout), "<svg\n");
});

Deno.test("a study's largest figure weighs little in a notebook: all forms under 120 kB", async () => {
  const { replayStudy } = await import("../../lib/studies/mod.ts");
  const { readResults } = await import("../../lib/study/mod.ts");
  const results = readResults(replayStudy);
  const bundle = await results.experiment.figure(results).bundle();
  const sizes = Object.values(bundle).map((form) => JSON.stringify(form).length);
  assert(sizes.reduce((sum, size) => sum + size, 0) < 120_000, sizes.join(", "));
});
