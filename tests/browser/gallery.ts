// The gallery as a reader meets it: wide, on a phone, dark, on paper, by keyboard, offline. Run by
// `deno task test:browser`, which builds it first; pictures are in out/browser/.

import { assert, assertEquals } from "@std/assert";
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { inFolder, notebookOf, runTool } from "../notebook/python.ts";
import { openPage, type PageOptions } from "./chromium.ts";

const FOLDER = `${Deno.cwd()}/out/gallery`;
const PICTURES = "out/browser";
const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
const PHONE = 390;
/** Pixels between the margins of a printed page. */
const A4 = 1040;

const VIEWS: Record<string, PageOptions> = {
  wide: { width: 1200, height: 900 },
  phone: { width: PHONE, height: 800 },
  dark: { width: 1000, height: 900, colorScheme: "dark" },
};

const pages = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".html")).sort();
const isNotebook = (name: string) => /^\d\d_/.test(name);
/** The start page has pictures of figures. */
const START = "index.html";
/** All pages with figures, and one of each other kind. */
const kinds = [START, "claims.html", "factlab-sweep.html"];
const looked = pages.filter((name) => isNotebook(name) || kinds.includes(name));

/** Where the focus is, and whether it can be seen; null on the page itself. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    place: element.tagName + " " + [...document.querySelectorAll("*")].indexOf(element),
    outline: outlineStyle !== "none" && outlineWidth !== "0px",
  };
})()`;

/** Scrolls through the page until every figure is drawn; returns how many there are. */
async function drawFigures(page: Page): Promise<number> {
  const places = page.locator(".figure");
  const count = await places.count();
  for (let i = 0; i < count; i++) {
    await places.nth(i).scrollIntoViewIfNeeded();
    await places.nth(i).locator(".main-svg").first().waitFor({ timeout: 20_000 });
  }
  return count;
}

/** Scrolls to every picture that is shown and waits until it is there; returns how many there are. */
async function loadPictures(page: Page): Promise<number> {
  const pictures = page.locator("img:visible");
  const count = await pictures.count();
  for (let i = 0; i < count; i++) await pictures.nth(i).scrollIntoViewIfNeeded();
  const missing = await page.evaluate<string[]>(`(async () => {
    const shown = [...document.images].filter((image) => image.checkVisibility());
    for (const image of shown) image.loading = "eager";
    await Promise.allSettled(shown.map((image) => image.decode()));
    return shown.filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src);
  })()`);
  assertEquals(missing, []);
  return count;
}

Deno.mkdirSync(PICTURES, { recursive: true });
for (const name of pages) {
  for (const [view, options] of Object.entries(VIEWS)) {
    Deno.test(`${name} ${view}: all figures, no complaint, accessible`, OPTIONS, async () => {
      await using watched = await openPage(options);
      const { page, complaints } = watched;
      const outside: string[] = [];
      page.on("request", (request) => {
        if (!/^(file|data|blob):/.test(request.url())) outside.push(request.url());
      });
      await page.goto(`file://${FOLDER}/${name}`);
      const figures = await drawFigures(page);
      assertEquals(figures > 0, isNotebook(name));
      const pictures = await loadPictures(page);
      if (name === START) assert(pictures > 5, `${pictures} pictures of figures`);
      await page.screenshot({ path: `${PICTURES}/gallery-${name}-${view}.png` });
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert(width <= options.width!, `the page is ${width} pixels wide`);
      await page.addScriptTag({ content: axe.source });
      const { violations } = await page.evaluate<AxeResults>("axe.run({ preload: false })");
      assertEquals(
        violations.map(({ id, nodes }) =>
          `${id}: ${nodes.length} x ${nodes[0]!.html.slice(0, 200)}`
        ),
        [],
      );
      assertEquals(complaints, []);
      assertEquals(outside, []);
    });
  }
}

for (const name of looked) {
  Deno.test(`${name} is reached and read by keyboard`, OPTIONS, async () => {
    await using watched = await openPage(VIEWS.wide);
    const { page } = watched;
    await page.goto(`file://${FOLDER}/${name}`);
    const wanted = await page.locator("a[href]:visible, summary:visible").count();
    const reached = new Set<string>();
    for (let presses = 0; presses < 400; presses++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate<{ place: string; outline: boolean } | null>(FOCUSED);
      if (focus === null || reached.has(focus.place)) break;
      assert(focus.outline, `no outline at ${focus.place}`);
      reached.add(focus.place);
    }
    assert(reached.size >= wanted, `${reached.size} places by Tab, ${wanted} links and summaries`);
    if (isNotebook(name)) {
      await page.locator("summary").first().focus();
      await page.keyboard.press("Enter");
      assert(await page.locator("details[open] pre").first().isVisible());
    }
  });

  Deno.test(`${name} prints with every figure`, OPTIONS, async () => {
    await using watched = await openPage(VIEWS.wide);
    const { page } = watched;
    await page.goto(`file://${FOLDER}/${name}`);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: "print" });
    const figures = await page.locator(".figure").count();
    if (figures > 0) await page.locator(".figure .main-svg").nth(figures - 1).waitFor();
    await page.pdf({ path: `${PICTURES}/gallery-${name}.pdf`, format: "A4" });
    for (const place of await page.locator(".figure").all()) {
      assert(await place.locator("img, .main-svg").first().isVisible());
      const { height } = (await place.boundingBox())!;
      assert(height < A4, `${await place.getAttribute("aria-label")}: ${height} pixels high`);
    }
  });
}

Deno.test(
  "the attention viewer shows the head that is picked, and words under the pointer",
  OPTIONS,
  async () => {
    await using watched = await openPage(VIEWS.wide);
    const { page, complaints } = watched;
    await page.goto(`file://${FOLDER}/01_phases.html`);
    const viewer = page.locator('.figure[aria-label^="Attention of"]');
    await viewer.scrollIntoViewIfNeeded();
    const weights = () =>
      page.evaluate<string>(
        `document.querySelector('[aria-label^="Attention of"] .js-plotly-plot').data[0].z.bdata`,
      );
    await page.locator("select").waitFor();
    const before = await weights();
    await page.locator("select").focus();
    await page.keyboard.press("Home");
    assertEquals(await page.locator("select").inputValue(), "layer 1, head 1");
    assert(await weights() !== before, "the same weights");
    await viewer.locator(".nsewdrag").hover();
    const words = await viewer.locator(".hoverlayer .hovertext").textContent();
    assert(/^\S+ looks at \S+: \d+ %$/.test(words!), words!);
    assertEquals(complaints, []);
  },
);

Deno.test("figures of other libraries are drawn, at any width, on paper too", OPTIONS, async () => {
  const data = [{ type: "bar", x: ["a", "b"], y: [3, 1] }];
  const buttons = [["linear", "lin"], ["log", "log"]].map(([type, label]) => ({
    label,
    method: "relayout",
    args: [{ "yaxis.type": type }],
  }));
  const layout = { width: 1400, paper_bgcolor: "#ffffff", updatemenus: [{ buttons }] };
  const figures = [{ data, layout }, { data }].map((figure) => ({
    output_type: "display_data",
    metadata: {},
    data: { "application/vnd.plotly.v1+json": figure, "text/plain": "bars" },
  }));
  await inFolder(async (folder) => {
    const cell = { cell_type: "code", source: "show();", outputs: figures };
    await Deno.writeTextFile(`${folder}/other.ipynb`, notebookOf(cell));
    const site = `${folder}/site`;
    const built = ["--output", site, `${folder}/other.ipynb`];
    assertEquals((await runTool("../gallery/build.py", ...built)).code, 0);
    for (const options of Object.values(VIEWS)) {
      await using watched = await openPage(options);
      const { page, complaints } = watched;
      await page.goto(`file://${site}/other.html`);
      assertEquals(await drawFigures(page), 2);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert(width <= options.width!, `the page is ${width} pixels wide`);
      // Its ink is not ours, so its paper stays.
      const paper = page.locator(".main-svg").first();
      assert(/background: (white|rgb\(255, 255, 255\))/.test((await paper.getAttribute("style"))!));
      await page.locator("select").selectOption("log");
      const drawn = "document.querySelector('.js-plotly-plot')._fullLayout.yaxis.type";
      assertEquals(await page.evaluate(drawn), "log");
      assertEquals(complaints, []);
    }
    await using watched = await openPage({ width: 1200, height: 100 });
    await watched.page.goto(`file://${site}/other.html`);
    await watched.page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await watched.page.locator(".figure .main-svg").nth(3).waitFor({ state: "attached" });
  });
});

Deno.test("without scripts every figure is a picture with words", OPTIONS, () => {
  for (const name of pages) {
    const text = Deno.readTextFileSync(`${FOLDER}/${name}`);
    for (
      const [, picture, alt] of text.matchAll(
        /<img src="([^"]+)" (?:loading="lazy" )?alt="([^"]*)"/g,
      )
    ) {
      assert(Deno.statSync(`${FOLDER}/${picture}`).size > 1000, picture);
      assert(alt!.length > 20, `${picture} has no words`);
    }
  }
});

Deno.test("the whole site has less than 15 MB", OPTIONS, () => {
  const sizes = [...Deno.readDirSync(FOLDER)].map(({ name }) =>
    Deno.statSync(`${FOLDER}/${name}`).size
  );
  assert(sizes.reduce((a, b) => a + b) < 15e6);
});
