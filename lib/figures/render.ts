// Static pictures of figures without a browser: Plotly draws SVG into a pretended page (happy-dom),
// text is measured with the shipped font, resvg turns SVG into PNG.
// Nothing is loaded before the first picture; that one takes about a second, later ones 0.1 s.
// Leaves out what is drawn (figure.ts) and how it looks (theme.ts).

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Layout, Trace } from "./figure.ts";

/** What is drawn: traces and a layout with width and height in pixels. */
export interface Drawing {
  /** Plotly traces. */
  readonly data: readonly Trace[];
  /** Plotly layout. */
  readonly layout: Layout;
}

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

/**
 * The drawing as PNG bytes, `scale` pixels for each of its own.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { renderPng } from "./render.ts";
 *
 * const png = await renderPng({ data: [{ y: [3, 1] }], layout: { width: 300, height: 200 } });
 * assertEquals([...png.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * ```
 */
export async function renderPng(
  drawing: Drawing,
  options: { scale?: number } = {},
): Promise<Uint8Array> {
  const svg = await renderSvg(drawing);
  const { Resvg } = await import("@resvg/resvg-js");
  const picture = new Resvg(svg, {
    imageRendering: 1, // Cells of a heatmap keep sharp edges.
    fitTo: { mode: "zoom", value: options.scale ?? 1 },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: fontFamily },
  });
  return picture.render().asPng();
}

/** The source of Plotly for a page, from the smaller of its two packages. */
export async function plotlyForPages(): Promise<string> {
  return await Deno.readTextFile(require.resolve("plotly.js-dist-min"));
}

const require = createRequire(import.meta.url);
const fontFamily = "DejaVu Sans";
let queue: Promise<unknown> = Promise.resolve();
let loaded: Promise<(drawing: Drawing) => Promise<string>> | undefined;

function drawer(): Promise<(drawing: Drawing) => Promise<string>> {
  return loaded ??= load();
}

/** With no font at all, resvg would leave out every letter without a word. */
function fontFiles(): string[] {
  const folder = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => join(folder, name));
}

interface Plotly {
  newPlot(place: unknown, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  toImage(place: unknown, options: unknown): Promise<string>;
  purge(place: unknown): void;
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
  const { document } = window;

  return async ({ data, layout }) => {
    const place = document.createElement("div");
    document.body.appendChild(place);
    try {
      // Plotly writes into what it draws, so it gets a copy.
      const copy = JSON.parse(JSON.stringify({ data, layout }));
      await plotly.newPlot(place, copy.data, copy.layout, { staticPlot: true });
      const { width, height } = layout;
      const svg = await plotly.toImage(place, {
        format: "svg",
        imageDataOnly: true,
        width,
        height,
      });
      plotly.purge(place);
      return svg;
    } finally {
      place.remove();
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

interface Drawn {
  tagName: string;
  textContent: string;
  parentElement: Drawn | null;
  children: Iterable<Drawn>;
  style: { fontSize: string; fontWeight: string };
  getAttribute(name: string): string | null;
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

interface Box {
  x: number;
  y: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
  width: number;
  height: number;
}

const shareBefore: Record<string, number> = { start: 0, middle: 0.5, end: 1 };

function box(left: number, top: number, width: number, height: number): Box {
  return { x: left, y: top, left, top, right: left + width, bottom: top + height, width, height };
}

function around(boxes: Box[]): Box {
  if (boxes.length === 0) return box(0, 0, 0, 0);
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  return box(left, top, right - left, bottom - top);
}

/** The box that holds an element's box after the element's own moves and turns. */
function moved(element: Drawn, own: Box): Box {
  const steps = [...(element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g)];
  if (steps.length === 0) return own;
  const corners = [own.left, own.right].flatMap((x) => [own.top, own.bottom].map((y) => [x, y]));
  const ends = corners.map(([x = 0, y = 0]) => {
    for (const [, name, list = ""] of steps.toReversed()) { // The last step is the first done.
      const [one = 0, two = 0, three = 0] = list.split(/[\s,]+/).map(Number);
      if (name === "translate") [x, y] = [x + one, y + two];
      if (name !== "rotate") continue;
      const [cos, sin] = [Math.cos(one * Math.PI / 180), Math.sin(one * Math.PI / 180)];
      [x, y] = [
        two + cos * (x - two) - sin * (y - three),
        three + sin * (x - two) + cos * (y - three),
      ];
    }
    return box(x, y, 0, 0);
  });
  return around(ends);
}

function fontSizeOf(element: Drawn): number {
  return parseFloat(inherited(element, "fontSize")) || 12;
}

function inherited(element: Drawn, property: "fontSize" | "fontWeight"): string {
  for (let at: Drawn | null = element; at !== null; at = at.parentElement) {
    if (at.style?.[property]) return at.style[property];
  }
  return "";
}
