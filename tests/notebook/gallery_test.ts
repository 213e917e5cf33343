// The static site: what it holds, and that building it never costs anybody a file. How it looks
// and behaves is for tests/browser/gallery.ts.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, inFolder, runTool } from "./python.ts";

const build = (folder: string, ...notebooks: string[]) =>
  runTool("../gallery/build.py", "--output", folder, ...notebooks);

Deno.test("a gallery has a page a notebook, a start page with findings and all claims", async () => {
  await inFolder(async (folder) => {
    const site = `${folder}/site`;
    const notebooks = [...Deno.readDirSync("notebooks")].map(({ name }) => `notebooks/${name}`)
      .filter((path) => path.endsWith(".ipynb"));
    const built = await build(site, ...notebooks.sort());
    assertEquals(built, { code: 0, stderr: "" });
    const names = [...Deno.readDirSync(site)].map(({ name }) => name);
    for (const path of notebooks) {
      assert(names.includes(path.replace(/.*\/(.*)ipynb/, "$1html")), path);
    }
    const start = Deno.readTextFileSync(`${site}/index.html`);
    assertStringIncludes(start, '<a class="card" href="04_hallucination.html#figure-0">');
    const claims = Deno.readTextFileSync("README.md").match(/^\| (\d+|new) \|.+\|$/gm)!;
    assertEquals(start.match(/<td data-column="verdict"/g)!.length, claims.length);
    for (const name of names.filter((name) => name.endsWith(".html"))) {
      const page = Deno.readTextFileSync(`${site}/${name}`);
      assertEquals(page.match(/(?:src|href)="https?:[^"]*\.(?:js|css|png|woff2?)"/g), null);
      assertStringIncludes(page, "default-src 'none'");
      for (const [, file] of page.matchAll(/(?:src|href)="([\w.-]+\.\w+)["#]/g)) {
        assert(names.includes(file!), `${name} asks for ${file}`);
      }
    }
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
