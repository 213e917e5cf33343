// A headless Chromium that remembers what went wrong on its pages.

import { type Browser, chromium, type Page } from "playwright-core";

/** Where Debian puts it; `CHROMIUM` names another. */
const PROGRAM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** A page with the complaints it has made so far. */
export interface WatchedPage extends AsyncDisposable {
  page: Page;
  /** Errors of the console, exceptions and failed requests, as text. */
  complaints: string[];
}

/** What a page is opened with. */
export interface PageOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

/** Opens a page of a browser of its own, which closes with it. */
export async function openPage(
  { width = 1300, height = 1000, colorScheme = "light" }: PageOptions = {},
): Promise<WatchedPage> {
  const browser: Browser = await chromium.launch({
    executablePath: PROGRAM,
    args: Deno.uid() === 0 ? ["--no-sandbox"] : [],
  });
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    // What a page that is left had still asked for is given up.
    if (request.failure()?.errorText === "net::ERR_ABORTED") return;
    complaints.push(`request failed: ${request.url()}`);
  });
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() };
}
