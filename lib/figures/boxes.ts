/**
 * Where the elements of an SVG lie that no browser lays out.
 * Leaves out how large text is: that takes a font (render.ts).
 *
 * @module
 */

/** A rectangle, as browsers tell it. */
export interface Box {
  /** Left edge. */
  x: number;
  /** Upper edge. */
  y: number;
  /** Left edge. */
  left: number;
  /** Upper edge. */
  top: number;
  /** Right edge. */
  right: number;
  /** Lower edge. */
  bottom: number;
  /** From left to right. */
  width: number;
  /** From top to bottom. */
  height: number;
}

/** The part of a page's elements that is needed here. */
export interface Placed {
  /** Its kind. */
  tagName: string;
  /** What holds it. */
  parentElement: Placed | null;
  /** What it holds. */
  children: Iterable<Placed>;
  /** An attribute. */
  getAttribute(name: string): string | null;
  /** Changes an attribute. */
  setAttribute(name: string, value: string): void;
  /** Takes it out of the page. */
  remove(): void;
}

/** The box with this corner and size. */
export function box(left: number, top: number, width: number, height: number): Box {
  return { x: left, y: top, left, top, right: left + width, bottom: top + height, width, height };
}

/** The box around boxes. */
export function around(boxes: readonly Box[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const each of boxes) {
    left = Math.min(left, each.left);
    top = Math.min(top, each.top);
    right = Math.max(right, each.right);
    bottom = Math.max(bottom, each.bottom);
  }
  return boxes.length === 0 ? box(0, 0, 0, 0) : box(left, top, right - left, bottom - top);
}

/** The box that holds an element's box after the element's own moves and turns. */
export function moved(element: Pick<Placed, "getAttribute">, own: Box): Box {
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

const NUMBER = /[-+]?(?:\d*\.)?\d+(?:e[-+]?\d+)?/gi;

/** Numbers that each command of a path takes; its last two are where it ends. */
const taken: Record<string, number> = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7 };

/** A box that holds the path; curves may reach less far. */
function pathBox(path: string): Box {
  const ends: Box[] = [];
  let [x, y] = [0, 0];
  for (const [, command = "", list = ""] of path.matchAll(/([mlhvcsqtaz])([^mlhvcsqtaz]*)/gi)) {
    const kind = command.toLowerCase();
    const relative = command === kind;
    const numbers = [...list.matchAll(NUMBER)].map(Number);
    const count = taken[kind] ?? Infinity;
    for (let at = 0; at + count <= numbers.length; at += count) {
      const own = numbers.slice(at, at + count);
      const [fromX, fromY] = relative ? [x, y] : [0, 0];
      // An arc reaches as far as its ends and both radii.
      const reach = kind === "a" ? 2 * Math.max(...own.slice(0, 2)) : 0;
      const points = kind === "a" ? own.slice(5) : own;
      if (kind === "h") x = fromX + own[0]!;
      else if (kind === "v") y = fromY + own[0]!;
      else {
        for (let i = 0; i + 1 < points.length; i += 2) {
          [x, y] = [fromX + points[i]!, fromY + points[i + 1]!];
          ends.push(box(x - reach, y - reach, 2 * reach, 2 * reach));
        }
      }
      ends.push(box(x, y, 0, 0));
    }
  }
  return around(ends);
}

/** Farther out than this many pixels nothing is told apart, and rasterisers lose count. */
const FARTHEST = 1e6;

/**
 * Takes out of a picture what lies more than its own size outside of it: nobody sees it, and a
 * clipped or translucent element that lies twice as far makes resvg panic (its issue 638).
 */
export function leaveOutFar(picture: Placed): void {
  const { width, height } = ownBox(picture);
  const isFar = (own: Box, element: Placed) => {
    let all = own;
    for (let at: Placed | null = element; at && at !== picture; at = at.parentElement) {
      if (/scale|matrix|skew/.test(at.getAttribute("transform") ?? "")) return false;
      all = moved(at, all);
    }
    return all.right < -width || all.left > 2 * width ||
      all.bottom < -height || all.top > 2 * height;
  };
  for (const element of [...picture.children]) visit(element);

  function visit(element: Placed): void {
    const tag = element.tagName.toLowerCase();
    if (tag === "defs") return; // Clip paths and the like stand for nothing by themselves.
    if (tag === "g" || tag === "svg") return [...element.children].forEach(visit);
    if (isFar(ownBox(element), element)) return element.remove();
    const path = element.getAttribute("d");
    if (path) element.setAttribute("d", clamped(path));
  }
}

function ownBox(element: Placed): Box {
  const path = element.getAttribute("d");
  if (path !== null) return pathBox(path);
  const [x = 0, y = 0, width = 0, height = 0] = ["x", "y", "width", "height"].map((name) =>
    Number(element.getAttribute(name) ?? 0)
  );
  return box(x, y, width, height);
}

function clamped(path: string): string {
  return path.replace(NUMBER, (text) => {
    const number = Number(text);
    return Math.abs(number) > FARTHEST ? String(Math.sign(number) * FARTHEST) : text;
  });
}
