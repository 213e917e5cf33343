// JupyterLab as `deno task lab` starts it, and the few things a person does in it.

import type { Page } from "playwright-core";

/** A server that ends with its scope. */
export interface Lab extends AsyncDisposable {
  /** Address of a notebook in it, whose path is relative to the checkout. */
  address(path: string): string;
  /** What it answers to a question of its REST interface, such as `kernelspecs`. */
  ask(question: string): Promise<unknown>;
}

/** Starts a checkout's JupyterLab; `env` reaches the kernels. Returns when it answers. */
export async function startLab(env: Record<string, string> = {}, checkout = "."): Promise<Lab> {
  const port = freePort();
  const token = crypto.randomUUID();
  const options = ["--no-browser", `--port=${port}`, "--ServerApp.port_retries=0"];
  // A parent that ignores SIGINT would pass that on to the kernels, and stopping would be untested.
  const lab = new Deno.Command("env", {
    args: [
      "--default-signal=INT",
      ...[".venv/bin/python", "-E", "tools/notebook/lab.py"],
      ...[...options, `--IdentityProvider.token=${token}`],
    ],
    cwd: checkout,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const base = `http://127.0.0.1:${port}`;
  await until("JupyterLab answers", 60, async () => {
    const response = await fetch(`${base}/api/status?token=${token}`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok ?? false;
  });
  return {
    address: (path) => `${base}/lab/tree/${path}?token=${token}&reset`,
    ask: async (question) => await (await fetch(`${base}/api/${question}?token=${token}`)).json(),
    async [Symbol.asyncDispose]() {
      await fetch(`${base}/api/shutdown?token=${token}`, {
        method: "POST",
        headers: { authorization: `token ${token}` },
      }).then((response) => response.body?.cancel(), () => {});
      await lab.status;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until something holds; throws with its name after so many seconds. */
export async function until(
  name: string,
  seconds: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain: ${name}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Opens a notebook and waits for its kernel. */
export async function openNotebook(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 60_000 });
  await page.locator("#jp-bottom-panel, .jp-StatusBar-Widget").getByText("| Idle").first()
    .waitFor({ timeout: 60_000 });
}

async function menu(page: Page, bar: string, item: string): Promise<void> {
  await page.click(`.lm-MenuBar-itemLabel:text-is('${bar}')`);
  await page.click(`.lm-Menu-itemLabel:text-is('${item}')`);
}

/** Whether a cell is being run or waits for its turn. */
export async function busy(page: Page): Promise<boolean> {
  const prompts = await page.locator(".jp-InputPrompt").allTextContents();
  return prompts.some((text) => text.includes("*"));
}

/** Run > Run All Cells; returns at once. */
export async function runAll(page: Page): Promise<void> {
  await menu(page, "Run", "Run All Cells");
  await until("the first cell runs", 30, () => busy(page));
}

/** Runs one code cell, counted from 0 among all cells; returns at once. */
export async function runCell(page: Page, index: number): Promise<void> {
  await page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-InputPrompt").click();
  await page.keyboard.press("Control+Enter");
  await until("the cell runs", 30, () => busy(page));
}

/** The button with the black square. */
export async function stop(page: Page): Promise<void> {
  await page.click("jp-button[title*='Interrupt']");
}

/** Ctrl-S, and waits until the file has changed. */
export async function save(page: Page, path: string): Promise<void> {
  const before = Deno.statSync(path).mtime!.getTime();
  await page.keyboard.press("Control+s");
  await until("the notebook is saved", 30, () => {
    if (Deno.statSync(path).mtime!.getTime() <= before) return false;
    try {
      // Jupyter writes a file in place: what is read too early is half of it.
      JSON.parse(Deno.readTextFileSync(path));
      return true;
    } catch {
      return false;
    }
  });
}
