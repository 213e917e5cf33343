/**
 * Hostile figures: random calls of everything that draws, with numbers, texts, sizes and lists that
 * no axis, file or picture has. Whatever comes, there must be a figure whose pictures work, or an
 * error of the house's own.
 *
 *     deno run -A tests/figures/hostile.ts SEED ...
 *
 * draws the figures of these seeds, says each seed before it is drawn, and what failed.
 *
 * @module
 */

import {
  bars,
  curves,
  type Figure,
  figure,
  type FrameOptions,
  heatmap,
  type Layout,
  panels,
  scatterFit,
  type Trace,
} from "../../lib/figures/mod.ts";
import { below, type Random, stream } from "../../lib/generator/random.ts";

const NUMBERS = [
  ...[0, -0, 1, -1, 0.5, 2, 3.7, 10, 100, 1000, 2 ** 53, NaN, Infinity, -Infinity, 1e-9, 1e9],
  ...[1e15, 1e308, -1e308, 1e-308, 5e-324, 1 + 1e-15, 1e6 + 0.25],
];

const TEXTS = [
  "",
  "loss (nats)",
  "<b>bold</b> & <script>alert(1)</script>",
  "\u0000\u001b[31mred\u001b[0m\u0007",
  "half \ud83d letter \udc00",
  "é 日本語 👩‍👩‍👧 עברית \u202e\ufffe\uffff\u200b",
  "two\nlines\r\n\tand\u2028more",
  "$x^2$ %{y} ${z} &lt;br&gt; ]]> --> '\"",
  "word".repeat(40),
  "many words ".repeat(30),
];

/** What may stand where a number is wanted. */
const ODD: unknown[] = [
  null,
  undefined,
  "3",
  "2026-01-01",
  true,
  12n,
  new Date(0),
  new Date(NaN),
  new Map([[1, 2]]),
  new Set(),
  () => 1,
  Symbol("s"),
  [1, [2]],
  { a: { b: NaN } },
  Object.create(null),
  BigInt64Array.of(1n),
  new DataView(new ArrayBuffer(8)),
];

/** One of them. */
function one<T>(items: readonly T[], random: Random): T {
  return items[below(items.length, random)]!;
}

function number(random: Random): number {
  return random() < 0.6 ? (random() - 0.2) * 10 ** below(6, random) : one(NUMBERS, random);
}

const text = (random: Random) => random() < 0.5 ? "a" : one(TEXTS, random);
const maybe = <T>(random: Random, make: () => T) => random() < 0.3 ? make() : undefined;

function list(length: number, random: Random): (number | null)[] {
  const plain = random() < 0.5;
  const numbers = Array.from({ length }, (_, at) => plain ? at : number(random));
  if (random() < 0.05) numbers[0] = one(ODD, random) as number;
  if (random() < 0.02) numbers.pop();
  return random() < 0.2 ? Float32Array.from(numbers.map(Number.isFinite)) as never : numbers;
}

function axis(random: Random) {
  const range = maybe(random, () => random() < 0.7 ? [0.1, 1] : [number(random), number(random)]);
  return { title: text(random), log: random() < 0.4, range: range as [number, number] };
}

function surroundings(random: Random): FrameOptions {
  return {
    title: maybe(random, () => text(random)),
    caption: maybe(random, () => text(random)),
    width: random() < 0.1 ? number(random) : undefined,
    height: random() < 0.1 ? number(random) : undefined,
  };
}

const several = <T>(most: number, random: Random, make: () => T) =>
  Array.from({ length: below(most + 1, random) }, make);

const levels = (random: Random) =>
  several(3, random, () => ({ y: number(random), label: text(random) }));

const spans = (random: Random) =>
  several(3, random, () => ({ x0: number(random), x1: number(random), label: text(random) }));

function points(random: Random) {
  const length = one([0, 1, 2, 5, 40], random);
  return {
    name: text(random),
    x: list(length, random),
    y: list(length, random),
    sd: maybe(random, () => list(length, random)),
    color: maybe(random, () => one(["#ff0000", "red", "", "#12"], random)),
  };
}

function curvesOptions(random: Random) {
  const line = () => ({
    ...points(random),
    marks: one([undefined, "line", "points", "both"] as const, random),
  });
  return {
    lines: several(3, random, line),
    ...{ x: axis(random), y: axis(random), levels: levels(random), spans: spans(random) },
    ...surroundings(random),
  };
}

const kinds: ((random: Random) => Figure)[] = [
  (random) => curves(curvesOptions(random)),
  (random) => panels(several(3, random, () => curvesOptions(random)), surroundings(random)),
  (random) => {
    const categories = several(6, random, () => text(random));
    const series = several(
      3,
      random,
      () => ({ ...points(random), y: list(categories.length, random) }),
    )
      .map(({ sd, ...rest }) => ({ ...rest, sd: sd && list(categories.length, random) }));
    const options = { x: axis(random), y: axis(random), levels: levels(random) };
    return bars({ categories, series, ...options, ...surroundings(random) });
  },
  (random) => {
    const [x, y] = [0, 1].map(() => ({
      title: text(random),
      labels: several(6, random, () => text(random)),
    }));
    return heatmap({
      x: x!,
      y: y!,
      z: y!.labels.map(() => list(x!.labels.length, random)),
      value: text(random),
      range: maybe(random, () => [number(random), number(random)] as const),
      middle: maybe(random, () => number(random)),
      ...surroundings(random),
    });
  },
  (random) => {
    const at = one([(n: number) => n, (n: number) => 1e300 * n, () => NaN], random);
    const each = () => ({
      ...points(random),
      fit: maybe(random, () => ({ at, label: text(random) })),
    });
    const options = { x: axis(random), y: axis(random), levels: levels(random) };
    return scatterFit({ points: several(3, random, each), ...options, ...surroundings(random) });
  },
  (random) => {
    const type = one(["scatter", "bar", "heatmap", "box", "no such", undefined], random);
    const odd = () => random() < 0.1 ? one(ODD, random) : list(5, random);
    const trace = (): Trace => ({
      ...{ type, x: odd(), y: odd(), mode: one(["lines", "markers", "lines+markers"], random) },
      ...{ z: [odd(), odd()], opacity: 0.5, name: text(random), text: text(random) },
    });
    const ranged = (): Layout => ({
      type: one(["linear", "log", "date", "category", undefined], random),
      range: maybe(random, () => [number(random), number(random)]),
      title: text(random),
    });
    const place = () => ({ x: number(random), y: number(random), text: text(random) });
    const shape = () => ({
      x0: number(random),
      x1: number(random),
      y0: number(random),
      y1: number(random),
    });
    return figure({
      data: several(3, random, trace),
      layout: {
        title: text(random),
        ...{ xaxis: ranged(), yaxis: ranged() },
        annotations: several(2, random, place),
        shapes: several(2, random, () => ({ type: "line", opacity: 0.5, ...shape() })),
        ...(random() < 0.1 ? { width: number(random) } : {}),
      },
      alt: text(random),
    });
  },
];

/** What every refusal begins with. */
export const REFUSAL = "Cannot draw ";

/** Draws the figure of a seed: its SVG, and its picture for one seed in four. */
export async function drawHostile(seed: number): Promise<void> {
  const random = stream(seed, "figures");
  const drawn = one(kinds, random)(random);
  await drawn.svg();
  if (seed % 4 === 0) await drawn.png({ scale: one([1, 1, 1, 2, 0.1, 0, NaN, 1e9], random) });
}

if (import.meta.main) {
  for (const seed of Deno.args.map(Number)) {
    console.log(`seed ${seed}`);
    try {
      await drawHostile(seed);
    } catch (error) {
      const { message, stack } = error as Error;
      if (!message.startsWith(REFUSAL)) console.log(`failed: ${stack}`);
    }
  }
  console.log("done");
}
