/**
 * Figures as SVG without a browser: Plotly draws into a pretended page (happy-dom), text is measured
 * with the shipped font.
 * Nothing is loaded before the first picture; that one takes about a second, later ones 0.1 s.
 * Leaves out what is drawn (figure.ts), how it looks (theme.ts) and pixels (png.ts).
 *
 * @module
 */

import { createRequire } from "node:module";
import { around, type Box, box, leaveOutFar, moved, type Placed } from "./boxes.ts";
import type { Drawing } from "./drawing.ts";
import { fontFamily, fontFiles } from "./png.ts";
import { thinned } from "./thin.ts";

/**
 * The drawing as an SVG document.
 *
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { renderSvg } from "./render.ts";
 *
 * const svg = await renderSvg({ data: [{ y: [3, 1, 2] }], layout: { width: 300, height: 200 } });
 * assertStringIncludes(svg, "<svg");
 * ```
 */
export async function renderSvg(drawing: Drawing): Promise<string> {
  const picture = queue.then(async () => await (await drawer())(drawing));
  queue = picture.catch(() => {}); // One page serves all: drawings take turns.
  return await picture;
}

/** The file of Plotly for pages, from the smaller of its two packages. */
export function plotlyForPages(): string {
  return require.resolve("plotly.js-dist-min");
}

const require = createRequire(import.meta.url);
let queue: Promise<unknown> = Promise.resolve();
let loaded: Promise<(drawing: Drawing) => Promise<string>> | undefined;

function drawer(): Promise<(drawing: Drawing) => Promise<string>> {
  return loaded ??= load();
}

interface Plotly {
  toImage(drawing: unknown, options: unknown): Promise<string>;
}

async function load(): Promise<(drawing: Drawing) => Promise<string>> {
  const [{ Window }, canvas, source] = await Promise.all([
    import("happy-dom"),
    import("@napi-rs/canvas"),
    Deno.readTextFile(require.resolve("plotly.js-dist")),
  ]);
  for (const file of fontFiles()) canvas.GlobalFonts.registerFromPath(file, fontFamily);
  const window = new Window();
  pretendToDraw(window as unknown as Page, canvas.createCanvas);
  const plotly = evaluatePlotly(source, window as unknown as Page);

  return async ({ data, layout }) => {
    try {
      // Plotly writes into what it draws, so it gets a copy.
      const copy = structuredClone({ data: thinned(data, layout), layout });
      return await plotly.toImage(copy, { format: "svg", imageDataOnly: true });
    } catch (error) {
      throw new Error(
        `Cannot draw figure: its traces and layout must be such as Plotly draws, got "${error}".`,
      );
    } finally {
      window.document.body.replaceChildren(); // What a drawing that failed left behind.
    }
  };
}

const pageNames = [
  ...["document", "navigator", "location", "URL", "DOMParser", "XMLSerializer"],
  ...["Element", "HTMLElement", "SVGElement"],
];

/** Plotly runs with the page's names as arguments, so that the process stays without a `window`. */
function evaluatePlotly(source: string, window: Page): Plotly {
  const scope: Record<string, unknown> = { window, self: window, globalThis: window };
  for (const name of pageNames) scope[name] = window[name];
  for (const name of ["getComputedStyle", "requestAnimationFrame"]) {
    scope[name] = window[name].bind(window);
  }
  const hidden = ["module", "exports", "define", "process"];
  const run = new Function(
    ...Object.keys(scope),
    ...hidden,
    `${source}\n;return window.Plotly ?? self.Plotly ?? Plotly;`,
  );
  return run(...Object.values(scope)) as Plotly;
}

// deno-lint-ignore no-explicit-any -- The page's classes are patched by name.
type Page = Record<string, any>;

interface Drawn extends Placed {
  textContent: string;
  parentElement: Drawn | null;
  children: Iterable<Drawn>;
  style: { fontSize: string; fontWeight: string };
  querySelectorAll(selector: string): Iterable<Drawn>;
}

/**
 * A page that is never drawn knows no sizes; these stand-ins give those Plotly asks for: the boxes
 * of text and of groups of text.
 */
function pretendToDraw(window: Page, createCanvas: typeof import("@napi-rs/canvas").createCanvas) {
  const pen = createCanvas(1, 1).getContext("2d");

  function widthOf(text: Drawn): number {
    const bold = /bold|[6-9]00/.test(inherited(text, "fontWeight")) ? "bold " : "";
    pen.font = `${bold}${fontSizeOf(text)}px "${fontFamily}"`;
    return pen.measureText(text.textContent).width;
  }

  function boxOf(element: Drawn): Box {
    const tag = element.tagName.toLowerCase();
    if (tag === "g") {
      return around([...element.children].map((child) => moved(child, boxOf(child))));
    }
    if (tag !== "text" && tag !== "tspan") return box(0, 0, 0, 0);
    const lines = [...element.querySelectorAll("tspan.line")];
    const size = fontSizeOf(element);
    const width = Math.max(...(lines.length > 0 ? lines : [element]).map(widthOf));
    const anchor = element.getAttribute("text-anchor") ?? "start";
    const left = Number(element.getAttribute("x") ?? 0) - width * (shareBefore[anchor] ?? 0);
    const top = Number(element.getAttribute("y") ?? 0) - 0.93 * size;
    return box(left, top, width, size * (1.17 + 1.3 * Math.max(0, lines.length - 1)));
  }

  window.Element.prototype.getBoundingClientRect = function () {
    return moved(this, boxOf(this));
  };
  window.SVGElement.prototype.getBBox = function () {
    return boxOf(this);
  };
  window.SVGElement.prototype.getComputedTextLength = function () {
    return widthOf(this);
  };

  const serialize = window.XMLSerializer.prototype.serializeToString;
  window.XMLSerializer.prototype.serializeToString = function (picture: Drawn) {
    leaveOutFar(picture);
    return serialize.call(this, picture);
  };

  const canvases = new WeakMap<object, import("@napi-rs/canvas").Canvas>();
  function canvasOf(element: { width: number; height: number }) {
    const canvas = canvases.get(element) ?? createCanvas(element.width, element.height);
    canvases.set(element, canvas);
    return canvas;
  }
  window.HTMLCanvasElement.prototype.getContext = function (kind: "2d") {
    return kind === "2d" ? canvasOf(this).getContext("2d") : null;
  };
  window.HTMLCanvasElement.prototype.toDataURL = function () {
    return canvasOf(this).toDataURL("image/png");
  };
  window.URL.createObjectURL = () => "blob:none";
}

const shareBefore: Record<string, number> = { start: 0, middle: 0.5, end: 1 };

function fontSizeOf(element: Drawn): number {
  return parseFloat(inherited(element, "fontSize")) || 12;
}

function inherited(element: Drawn, property: "fontSize" | "fontWeight"): string {
  for (let at: Drawn | null = element; at !== null; at = at.parentElement) {
    if (at.style?.[property]) return at.style[property];
  }
  return "";
}
