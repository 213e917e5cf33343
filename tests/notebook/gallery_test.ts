// The static site: what it holds, and that building it never costs anybody a file. How it looks
// and behaves is for tests/browser/gallery.ts.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, inFolder, notebookOf, runTool } from "./python.ts";

const build = (folder: string, ...notebooks: string[]) =>
  runTool("../gallery/build.py", "--output", folder, ...notebooks);

const read = Deno.readTextFileSync;
const listed = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** What `deno task gallery` writes, into another folder. */
async function buildSite(folder: string): Promise<void> {
  const { tasks } = JSON.parse(read("deno.json"));
  const command = tasks.gallery.command.replace("deno task setup && ", "")
    .replace("deno doc", `${Deno.execPath()} doc`).replaceAll("out/", `${folder}/`);
  const { code, stderr } = await new Deno.Command("sh", { args: ["-c", command] }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
}

/** Relative links of a page, as they are written. */
const linksOf = (page: string) =>
  [...page.matchAll(/\s(?:src|href)="(?!https?:|data:|mailto:)([^"]+)"/g)].map(([, link]) => link!);

Deno.test("the site has findings, notebooks, documents, reference and records, and links that lead there", async () => {
  await inFolder(async (folder) => {
    await buildSite(folder);
    const site = `${folder}/gallery`;
    const names = listed(site).filter((name) => name.endsWith(".html"));
    const pages = new Map(names.map((name) => [name, read(`${site}/${name}`)]));
    const page = (name: string) => pages.get(name)!;

    const made = ["notebooks", "docs"].flatMap(listed).filter((name) => /\.(ipynb|md)$/.test(name));
    for (const name of [...made, "README.md", "LOG.md"]) {
      assert(pages.has(name.replace(/\.\w+$/, ".html")), name);
    }

    // A finding is a claim of README's board, with a figure of a notebook and a line of a scoreboard.
    const board = read("README.md").match(/<!-- claims -->([^]*)<!-- \/claims -->/)![1]!;
    const claims = [...board.matchAll(/^\| (?:🟢|🔴|🟡|⚪)/gm)];
    const start = page("index.html");
    assertEquals(start.match(/<h3>/g)!.length, claims.length);
    assertEquals(start.match(/<i class="mark \w+">/g)!.length, claims.length);
    const findings = start.match(/<article class="finding">.*?<\/article>/gs)!;
    for (const finding of findings) {
      assert(/<figure id="figure-\d+" class="figure"/.test(finding), finding);
      assert(/href="\d\d_\w+\.html#figure-\d+"/.test(finding), finding);
    }

    // From board to figure to record.
    const scores = read("docs/claims.md").match(/^\| [^|]+ \| (\d+|new) \|.+\|$/gm)!;
    const lines = page("claims.html").match(/<tr id="[^"]+">.*?<\/tr>/gs)!;
    assertEquals(lines.length, scores.length);
    for (const line of lines.filter((line) => !line.includes("not run"))) {
      assert(/href="records\.html#[0-9a-f]{12}"/.test(line), line);
    }
    // A claim in other words than a notebook was run with has no figure until it is run again.
    const drawn = lines.filter((line) =>
      /data-column="claim"><a href="\d\d_\w+\.html#figure-\d+">/.test(line)
    );
    assert(drawn.length > 0.9 * lines.length, `${drawn.length} of ${lines.length} have a figure`);
    assert(page("01_phases.html").includes('<a href="records.html#287f5d59c423">'));

    for (const [name, text] of pages) {
      assertStringIncludes(text, "default-src 'none'");
      assert(!text.includes("<th></th>"), `${name} has a heading without words`);
      assertEquals(text.match(/(?:src|href)="https?:[^"]*\.(?:js|css|png|woff2?)"/g), null);
      assert(!text.includes(Deno.cwd()), `${name} names a folder of this machine`);
      for (const link of linksOf(text)) {
        const [file, place] = link.split("#") as [string, string | undefined];
        const target = file === "" ? name : decodeURIComponent(file);
        assert(Deno.statSync(`${site}/${target}`).isFile, `${name} asks for ${link}`);
        if (place === undefined || place === "") continue;
        const there = ` id="${decodeURIComponent(place).replaceAll("&amp;", "&")}"`;
        assert(page(target).includes(there), `${name}: ${link} leads nowhere`);
      }
    }
  });
});

Deno.test("the reference has every name of every entry point, as it is written", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/room`);
    await Deno.writeTextFile(
      `${folder}/mod.ts`,
      `/** The face.\n * @module */\nexport { grow, type Leaf } from "./room/mod.ts";\n`,
    );
    await Deno.writeTextFile(
      `${folder}/room/mod.ts`,
      `/** A room of \`leaves\`. @module */

/** A leaf. */
export interface Leaf {
  /** Its width: a \`}\` in words ends nothing. */
  width: number;
}
/**
 * Grows leaves. More of it.
 *
 * @example
 * \`\`\`ts
 * import { grow } from "factlab";
 * \`\`\`
 *
 * @throws {RangeError} for none, see {@link Leaf}.
 */
export function grow(
  leaf: Leaf,
  { by = 1 }: { by?: number } = {},
): Leaf {
  return { width: leaf.width + by };
}
export type Side =
  | "left"
  | "right";
export const WIDE: Readonly<Record<string, Leaf>> = { a: { width: 9 } };
`,
    );
    const entries = [`${folder}/mod.ts`, `${folder}/room/mod.ts`];
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--json", "--quiet", ...entries],
    }).output();
    await Deno.writeFile(`${folder}/reference.json`, stdout);
    const site = `${folder}/site`;
    assertEquals(await build(site, `${folder}/reference.json`), { code: 0, stderr: "" });
    const text = read(`${site}/factlab-room.html`);
    const declared = [...text.matchAll(/class="declared"><code>(.*?)<\/code>/gs)]
      .map(([, code]) => code!.replaceAll(/<[^>]+>/g, "").replaceAll("&quot;", '"').trim());
    assertEquals(declared, [
      "export function grow(\n  leaf: Leaf,\n  { by = 1 }: { by?: number } = {},\n): Leaf",
      "export const WIDE: Readonly&lt;Record&lt;string, Leaf&gt;&gt;",
      "export interface Leaf {\n  /** Its width: a \`}\` in words ends nothing. */\n  width: number;\n}",
      'export type Side =\n  | "left"\n  | "right";',
    ]);
    assertStringIncludes(text, `<a href="factlab-room.html#Leaf">Leaf</a>`);
    assert(
      /<b>Throws<\/b> <code>RangeError<\/code> for none, see <a href="factlab-room.html#Leaf">/
        .test(text),
    );
    const all = read(`${site}/factlab.html`);
    assertStringIncludes(all, "<td>Grows leaves</td>");
    assert(/WIDE<\/code><\/a><\/td><td> <span class="source">\(of its room alone\)/.test(all));
  });
});

const PLOTLY = "application/vnd.plotly.v1+json";
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>`;

const markdown = (source: string, attachments?: unknown) => ({
  cell_type: "markdown",
  source,
  ...(attachments ? { attachments } : {}),
});
const shows = (data: unknown) => ({
  cell_type: "code",
  source: "show();",
  outputs: [{ output_type: "display_data", metadata: {}, data }],
});

Deno.test("pictures of other people's notebooks are in their pages", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/pictures`);
    await Deno.writeTextFile(`${folder}/pictures/a drawing.svg`, SVG);
    await Deno.writeFile(`${folder}/local.PNG`, Uint8Array.fromBase64(PNG));
    const text = notebookOf(
      markdown(
        "# Pictures\r\n\r\nAttached: ![a](attachment:my%20own.png)\r\n\r\n" +
          "![b](pictures/a%20drawing.svg) <img alt='c' src='local.PNG'>",
        { "my own.png": { "image/png": PNG } },
      ),
      shows({ "text/html": "<p><img alt='d' src='local.PNG'></p>", "text/plain": "d" }),
      shows({ "image/png": PNG, "text/plain": "<Figure of 1 axis>" }),
      shows({ "image/svg+xml": [SVG.slice(0, 9), SVG.slice(9)], "text/html": "<script></script>" }),
      shows({ "image/jpeg": PNG }),
    );
    await Deno.writeTextFile(`${folder}/pictures.ipynb`, text);
    const site = `${folder}/site`;
    assertEquals(await build(site, `${folder}/pictures.ipynb`), { code: 0, stderr: "" });
    const page = Deno.readTextFileSync(`${site}/pictures.html`);
    const embedded = [...page.matchAll(/<img[^>]* src="data:(image\/\S+);base64,([^"]+)"/g)];
    assertEquals(embedded.map(([, kind, text]) => [kind, text]), [
      ["image/png", PNG],
      ["image/svg+xml", btoa(SVG)],
      ["image/png", PNG],
      ["image/png", PNG],
    ]);
    const beside = [...page.matchAll(/<img src="(pictures-\d\.\w+)" alt="([^"]*)"/g)];
    assertEquals(beside.map(([, file, alt]) => [file, alt]), [
      ["pictures-0.png", "&lt;Figure of 1 axis&gt;"],
      ["pictures-1.svg", "Figure"],
      ["pictures-2.jpg", "Figure"],
    ]);
    assertEquals(Deno.readFileSync(`${site}/pictures-0.png`).toBase64(), PNG);
    assertEquals(Deno.readTextFileSync(`${site}/pictures-1.svg`), SVG);
    const start = Deno.readTextFileSync(`${site}/index.html`);
    assertEquals(start.match(/<a class="card" href="pictures.html#figure-\d"><img/g)!.length, 3);
    assertStringIncludes(start, `<p>Attached: <img`);
  });
});

Deno.test("figures of other libraries are drawn, and no output is left out", async () => {
  await inFolder(async (folder) => {
    const layout = {
      title: { text: "Bars & more" },
      annotations: [{ text: "without a place" }, { yref: "paper", y: 0, text: "n <b>&lt; 3</b>" }],
    };
    const cells = [
      shows({ [PLOTLY]: { data: [{ y: [1, "NOT"] }], layout }, "text/plain": "Figure({\n})" }),
      shows({ [PLOTLY]: { data: [{ y: [2] }] }, "text/plain": "a line" }),
      shows({ [PLOTLY]: { data: [{ type: "choropleth" }] }, "image/png": PNG }),
      shows({ "text/markdown": "**told**" }),
      shows({ "application/json": { a: 1 }, "text/plain": "Object" }),
      shows({}),
      {
        cell_type: "code",
        source: "fail();",
        outputs: [
          { output_type: "error", ename: "E", evalue: "v", traceback: ["\u001b[31mE: v\u001b[0m"] },
          { output_type: "stream", name: "stdout", text: "a half: \ud83d" },
        ],
      },
      { cell_type: "raw", source: "as <it> is" },
    ];
    // Python writes NaN, which JSON has not, and some editors a byte-order mark.
    const text = "\ufeff" + notebookOf(...cells).replace('"NOT"', "NaN");
    await Deno.writeTextFile(`${folder}/other.ipynb`, text);
    const site = `${folder}/site`;
    assertEquals(await build(site, `${folder}/other.ipynb`), { code: 0, stderr: "" });
    const page = Deno.readTextFileSync(`${site}/other.html`);
    const { title, annotations } = layout;
    assertEquals(JSON.parse(page.match(/id="figures">(.*)<\/script>/)![1]!), [
      { data: [{ y: [1, null] }], wide: { title, annotations }, narrow: { title, annotations } },
      { data: [{ y: [2] }], wide: {}, narrow: {} },
    ]);
    const places = [...page.matchAll(/<figure [^>]*class="(\w+)".*?>(<img|<p>[^<]*)/g)];
    assertEquals(places.map(([, kind, content]) => [kind, content]), [
      ["figure", "<p>Bars &amp; more"],
      ["figure", "<p>a line"],
      ["picture", "<img"],
    ]);
    const told = [...page.matchAll(/<(?:pre|div) class="output"[^>]*>(.*?)<\/(?:pre|div)>/gs)];
    assertEquals(told.map(([, content]) => content!.trim()), [
      "<p><strong>told</strong></p>",
      "{\n  &quot;a&quot;: 1\n}",
      "E: v",
      "a half: \ufffd",
      "as &lt;it&gt; is",
    ]);
    const start = Deno.readTextFileSync(`${site}/index.html`);
    assertStringIncludes(
      start,
      `href="other.html#figure-0"><span class="heading">other</span><span>n &lt; 3</span>`,
    );
  });
});

Deno.test("every notebook has a page of its own, whatever their names", async () => {
  await inFolder(async (folder) => {
    const names = ["one/intro", "two/intro", "two/INTRO", "two/index", "two/a #1%", "two/Größe"];
    for (const part of ["one", "two"]) await Deno.mkdir(`${folder}/${part}`);
    const links = names.map((name) => `[${name}](../${encodeURIComponent(name)}.ipynb#x)`);
    for (const name of names) {
      const text = notebookOf(markdown(`# In ${name}`), markdown(links.join(" ")));
      await Deno.writeTextFile(`${folder}/${name}.ipynb`, text);
    }
    const site = `${folder}/site`;
    const notebooks = names.map((name) => `${folder}/${name}.ipynb`);
    assertEquals(await build(site, ...notebooks), { code: 0, stderr: "" });
    const pages = ["intro", "two-intro", "INTRO-2", "two-index", "a-1", "Größe"];
    const written = [...Deno.readDirSync(site)].map(({ name }) => name.toLowerCase());
    assertEquals(new Set(written).size, written.length);
    for (const [at, page] of pages.entries()) {
      const text = Deno.readTextFileSync(`${site}/${page}.html`);
      assertStringIncludes(text, `<title>In ${names[at]}</title>`);
      for (const other of pages) assertStringIncludes(text, `href="${other}.html#x"`);
    }

    const twice = await build(site, notebooks[0]!, `${folder}/two/../one/intro.ipynb`);
    assertEquals(twice.code, 1);
    assertStringIncludes(twice.stderr, "files must be different ones, got");
  });
});

Deno.test("what a page cannot show offline is refused by notebook and cell", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/scan.tif`, "");
    await Deno.writeTextFile(`${folder}/outside.png`, "");
    await Deno.mkdir(`${folder}/book`);
    await Deno.symlink(`${folder}/outside.png`, `${folder}/book/link.png`);
    const refused = {
      "picture must be in the notebook's folder, got https://example.org/x.png.": markdown(
        "![x](https://example.org/x.png)",
      ),
      "picture must be in the notebook's folder, got //example.org/x.png.": markdown(
        "<img src='//example.org/x.png'>",
      ),
      "picture must be in the notebook's folder, got ../outside.png.": markdown(
        "![x](../outside.png)",
      ),
      "picture must be in the notebook's folder, got link.png.": markdown("![x](link.png)"),
      "picture none.png must be readable: No such file": markdown("![x](none.png)"),
      "picture must end in .svg, .png, .jpg, .jpeg, .webp, .gif, got scan.tif.": markdown(
        "![x](scan.tif)",
      ),
      "picture must be attached, got attachment:x.png.": markdown("![x](attachment:x.png)"),
      "<iframe> must be read offline, got src='https://example.org'.": markdown(
        "<iframe src='https://example.org'></iframe>",
      ),
      "<script> must be read offline, got src='https://example.org/x.js'.": shows({
        "text/html": "<div></div><script src='https://example.org/x.js'></script>",
      }),
      "style must be read offline, got url(https://example.org/x.png.": markdown(
        "<p style='background: url(https://example.org/x.png)'>x</p>",
      ),
      "got application/vnd.vegalite.v5+json. Show it as image/png": shows({
        "application/vnd.vegalite.v5+json": {},
        "text/plain": "<VegaLite>",
      }),
      [`got ${PLOTLY} with a map from a host (scattergeo).`]: shows({
        [PLOTLY]: { data: [{ type: "scattergeo" }] },
        "text/plain": "a map",
      }),
      [`got ${PLOTLY} with no list of traces.`]: shows({ [PLOTLY]: { data: 3 } }),
      "image/png must be base64, got '%%%'.": shows({ "image/png": "%%%" }),
    };
    const paths = Object.values(refused).map((cell, at) => {
      const path = `${folder}/book/${at}.ipynb`;
      Deno.writeTextFileSync(path, notebookOf(markdown("# First"), cell));
      return path;
    });
    const { stdout } = await new Deno.Command(".venv/bin/python", {
      args: ["tests/notebook/refused.py", ...paths],
    }).output();
    const told = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(told.length, paths.length);
    for (const [at, why] of Object.keys(refused).entries()) {
      assert(told[at]!.startsWith(`${paths[at]}, cell 2: `), told[at]);
      assertStringIncludes(told[at]!, why);
    }

    const { code, stderr } = await build(`${folder}/site`, paths[0]!);
    assertEquals([code, stderr.trim()], [1, `Cannot build the gallery: ${told[0]}`]);
    assert(![...Deno.readDirSync(folder)].some(({ name }) => name.startsWith("site")));
  });
});

Deno.test("a gallery takes the place of a gallery, and of nothing else", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/mine.txt`, "mine");
    const refused = await build(folder, fixture("figure.ipynb"));
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "must be an empty folder or a gallery");
    assertEquals(Deno.readTextFileSync(`${folder}/mine.txt`), "mine");

    const site = `${folder}/site`;
    for (const _ of [1, 2]) assertEquals((await build(site, fixture("figure.ipynb"))).code, 0);
    const before = [...Deno.readDirSync(site)].map(({ name }) => name).sort();
    assert((await build(site, `${folder}/none.ipynb`)).code !== 0);
    assertEquals([...Deno.readDirSync(site)].map(({ name }) => name).sort(), before);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "mine.txt",
      "site",
    ]);
  });
});
