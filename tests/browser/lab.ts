// Notebooks in JupyterLab, in a real browser. Run by `deno task test:browser`; pictures of what
// was seen are in out/browser/.

import { cpSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { openPage } from "./chromium.ts";
import { busy, openNotebook, runAll, runCell, save, startLab, stop, until } from "./jupyter.ts";

const FOLDER = "out/browser";
const OPTIONS = { sanitizeOps: false, sanitizeResources: false };
/** At most two updates a second, and some more for the first and the last. */
const UPDATES = { seconds: 6, most: 15 };

interface Output {
  output_type: string;
  data?: Record<string, unknown>;
  ename?: string;
  text?: string | string[];
}

/** A saved notebook's outputs, cell by cell. */
function outputsOf(path: string): Output[][] {
  const { cells } = JSON.parse(Deno.readTextFileSync(path));
  return cells.map(({ outputs = [] }: { outputs?: Output[] }) => outputs);
}

const PLOTLY = "application/vnd.plotly.v1+json";
const isFigure = ({ data = {} }: Output) => PLOTLY in data;

/** Scrolls to every figure, touches it as a reader would, and counts those that are drawn. */
async function figuresDrawn(page: Page, name: string): Promise<number> {
  const pictures = page.locator(".jp-Notebook .jp-OutputArea-child:has(img, .js-plotly-plot)");
  let drawn = 0;
  for (let i = 0; i < await pictures.count(); i++) {
    const picture = pictures.nth(i);
    await picture.scrollIntoViewIfNeeded();
    await picture.hover();
    await picture.locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: 20_000 });
    await page.screenshot({ path: `${FOLDER}/${name}-${i}.png` });
    drawn++;
  }
  return drawn;
}

/** Counts changes of the second cell's outputs for some seconds and follows their height. */
const watchOutputs = (seconds: number) =>
  `(async () => {
    const area = document.querySelectorAll(".jp-Notebook .jp-Cell")[1]
      .querySelector(".jp-Cell-outputWrapper");
    const heights = [];
    let updates = 0;
    const observer = new MutationObserver(() => updates++);
    observer.observe(area, { childList: true, subtree: true });
    const end = Date.now() + ${seconds * 1000};
    while (Date.now() < end) {
      heights.push(area.getBoundingClientRect().height);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    observer.disconnect();
    return { updates, heights };
  })()`;

function copyNotebooks(): string[] {
  Deno.mkdirSync(FOLDER, { recursive: true });
  const names = [...Deno.readDirSync("notebooks")].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb")).sort();
  for (const name of names) Deno.copyFileSync(`notebooks/${name}`, `${FOLDER}/${name}`);
  // What they read lies beside them.
  for (const folder of ["own_facts", "figures"]) {
    cpSync(`notebooks/${folder}`, `${FOLDER}/${folder}`, { recursive: true });
  }
  return names;
}

function writeNotebook(path: string, ...sources: string[]): void {
  Deno.mkdirSync(FOLDER, { recursive: true });
  const cells = sources.map((source, i) => ({
    id: `cell-${i}`,
    cell_type: "code",
    execution_count: null,
    metadata: {},
    outputs: [],
    source,
  }));
  const metadata = {
    kernelspec: { name: "deno", display_name: "Deno", language: "typescript" },
    language_info: { name: "typescript" },
  };
  Deno.writeTextFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
}

for (const name of copyNotebooks()) {
  Deno.test(
    `${name} runs as a whole at smoke scale, and every figure is drawn`,
    OPTIONS,
    async () => {
      const path = `${FOLDER}/${name}`;
      await using lab = await startLab({ FACTLAB_SCALE: "smoke" });
      await using watched = await openPage();
      const { page, complaints } = watched;
      const committed = outputsOf(path).flat().filter(isFigure).length;
      await openNotebook(page, lab.address(path));
      await runAll(page);
      await until("all cells have run", 400, async () => !(await busy(page)));
      await save(page, path);
      const outputs = outputsOf(path).flat();
      assertEquals(outputs.filter(({ output_type }) => output_type === "error"), []);
      assertEquals(outputs.filter(isFigure).length, committed);
      assertEquals(await figuresDrawn(page, name.replace(".ipynb", "")), committed);
      assertEquals(complaints, []);
    },
  );
}

Deno.test(
  "committed notebooks open unmodified, and a new one is for Deno's kernel",
  OPTIONS,
  async () => {
    await using lab = await startLab();
    await using watched = await openPage();
    const { page } = watched;
    const specs = await lab.ask("kernelspecs") as { default: string };
    assertEquals(specs.default, "deno");
    for (const name of copyNotebooks()) {
      await openNotebook(page, lab.address(`${FOLDER}/${name}`));
      // What Lab changes of its own accord it changes once it knows the kernel.
      await new Promise((go) => setTimeout(go, 4000));
      const tab = page.locator(".lm-TabBar-tab.jp-mod-current", { hasText: name });
      const classes = await tab.first().getAttribute("class");
      assert(!classes!.includes("jp-mod-dirty"), `${name} opens as modified`);
    }
  },
);

Deno.test(
  "a tab that was closed and opened again finds its run: stop, and run the cell again",
  OPTIONS,
  async () => {
    const path = `${FOLDER}/closed.ipynb`;
    writeNotebook(
      path,
      `import { train, watch } from "factlab";
const run = train({ scale: "smoke", seed: 9300, people: 16, steps: 60000,
  evaluation: { people: 8, measurements: 20, attention: 0 } }, { fresh: true });`,
      `await watch(run);`,
    );
    await using lab = await startLab();
    const bar = (page: Page) => page.locator(".jp-OutputArea-output", { hasText: "steps/s" });
    const step = async (page: Page) => Number(/(\d+)\/60000/.exec(await bar(page).innerText())![1]);
    let seen = 0;
    {
      await using watched = await openPage();
      const { page } = watched;
      await openNotebook(page, lab.address(path));
      await runAll(page);
      await bar(page).waitFor({ timeout: 60_000 });
      await until("some steps", 60, async () => (seen = await step(page)) > 50);
    }
    await using watched = await openPage();
    const { page } = watched;
    await page.goto(lab.address(path));
    await page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 60_000 });
    // The kernel answers to nobody while the cell runs; the stop button reaches it all the same.
    await new Promise((go) => setTimeout(go, 3000));
    await page.screenshot({ path: `${FOLDER}/reopened-busy.png` });
    await stop(page);
    await page.locator("#jp-bottom-panel, .jp-StatusBar-Widget").getByText("| Idle").first()
      .waitFor({ timeout: 60_000 });
    await runCell(page, 1);
    await bar(page).waitFor({ timeout: 60_000 });
    await until("training goes on", 60, async () => await step(page) > seen);
    await page.screenshot({ path: `${FOLDER}/reopened-training.png` });
    await stop(page);
    await until("the stopped cell ends", 20, async () => !(await busy(page)));
  },
);

Deno.test(
  "training is shown live, stops at the button, goes on, and stays in the file",
  OPTIONS,
  async () => {
    const path = `${FOLDER}/train.ipynb`;
    writeNotebook(
      path,
      `import { train, watch } from "factlab";
const run = train({ scale: "smoke", seed: 9200, people: 16, steps: 60000,
  evaluation: { people: 8, measurements: 600, attention: 0 } }, { fresh: true });`,
      `await watch(run);`,
      `console.log("finished:", run.finished);`,
    );
    await using lab = await startLab();
    await using watched = await openPage();
    const { page, complaints } = watched;
    await openNotebook(page, lab.address(path));
    await runAll(page);
    const bar = page.locator(".jp-OutputArea-output", { hasText: "steps/s" });
    await bar.waitFor({ timeout: 60_000 });
    const told = await bar.innerText();
    assert(/\d+ %.*\/60000.*steps\/s.*left/s.test(told), told);

    const output = page.locator(".jp-Notebook .jp-Cell").nth(1);
    await output.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").first()
      .waitFor({ timeout: 60_000 });
    const { updates, heights } = await page.evaluate<{ updates: number; heights: number[] }>(
      watchOutputs(UPDATES.seconds),
    );
    assert(updates > 2 && updates <= UPDATES.most * 2, `${updates} changes of two displays`);
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    assert(low > 0.9 * high, `the cell's height jumps between ${low} and ${high}`);
    assert(await bar.innerText() !== told, "the bar stands still");
    await page.screenshot({ path: `${FOLDER}/training.png` });

    const step = async () => Number(/(\d+)\/60000/.exec(await bar.innerText())![1]);
    const ended = async () => {
      const seen = await step();
      await stop(page);
      await until("the stopped cell ends", 20, async () => !(await busy(page)));
      assert((await output.innerText()).includes("stopped: run this again to go on"));
      return seen;
    };
    const first = await ended();
    const below = page.locator(".jp-OutputArea-output", { hasText: "finished:" });
    assert((await below.innerText()).includes("false"));
    await runCell(page, 1);
    await bar.waitFor();
    assert(await step() >= first, "training began anew");
    await until("training goes on", 30, async () => await step() > first + 100);
    await ended();

    await save(page, path);
    const cell = outputsOf(path)[1]!;
    assertEquals(cell.map(isFigure), [false, true], "one bar and one figure");
    assert(Deno.statSync(path).size < 300_000, `${Deno.statSync(path).size} bytes`);
    await openNotebook(page, lab.address(path));
    assertEquals(await figuresDrawn(page, "reopened"), 1);
    assertEquals(complaints, []);
  },
);
