// Numbers of any size, number and kind: said right, drawn where they lie, left out where they do not.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  bars,
  curves,
  type CurvesOptions,
  type Figure,
  heatmap,
  scatterFit,
} from "../../lib/figures/mod.ts";

const line = { name: "a", x: [1, 10, 100], y: [1, 0.5, 0.1] };
const axes = { x: { title: "step" }, y: { title: "loss" } };
const log = { x: { title: "step", log: true }, y: { title: "loss", log: true } };

const drawn = (options: Partial<CurvesOptions>) => curves({ lines: [line], ...axes, ...options });
/** Levels and spans; names at the ends of lines, and leaders to them, are in pixels. */
const shapes = (figure: Figure) =>
  (figure.layout.shapes as Record<string, number>[]).filter((shape) => !shape.xsizemode);
const notes = (figure: Figure) =>
  (figure.layout.annotations as { text: string; xshift?: number }[])
    .filter(({ xshift }) => xshift === undefined).map(({ text }) => text);
const rangeOf = (figure: Figure, axis: "xaxis" | "yaxis") =>
  (figure.layout[axis] as { range: [number, number] }).range;

/** Bars of the values. */
const barsOf = (y: (number | null)[], axis: { log?: boolean; range?: [number, number] } = {}) =>
  bars({
    categories: y.map((_, at) => `arm ${at}`),
    series: [{ name: "steps", y }],
    x: { title: "arm" },
    y: { title: "steps", ...axis },
  });

Deno.test("text alternatives say the numbers drawn", () => {
  assertEquals(
    barsOf([350, 120, 100, 1e6, 0.1, 0, -20, 1500.4, null, NaN]).alt,
    "steps by arm: arm 0 350, arm 1 120, arm 2 100, arm 3 1000000, arm 4 0.1, arm 5 0, arm 6 -20, " +
      "arm 7 1500, arm 8 not measured, arm 9 not measured",
  );
  assertEquals(
    drawn({ lines: [{ ...line, y: [350, 5, 100] }] }).alt,
    "loss by step: a goes from 350 to 100",
  );
});

Deno.test("levels outside an axis are left out, with their labels", () => {
  const levels = [-1, 0, 1e-9, 0.05, 0.5, 1, 1e9, NaN, Infinity].map((y) => ({ y, label: `${y}` }));
  const range = [0.05, 1] as const;
  for (const y of [{ title: "loss", range }, { ...log.y, range }]) {
    const one = drawn({ y, levels });
    assertEquals(notes(one), ["0.05", "0.5", "1"]);
    assertEquals(shapes(one).map(({ y0 }) => y0), [0.05, 0.5, 1]);
  }
  // Without a range the axis shows them all, as far as it can.
  assertEquals(notes(drawn({ ...log, levels })), ["1e-9", "0.05", "0.5", "1", "1000000000"]);
});

Deno.test("spans end where the axis ends; those outside are left out, with their labels", () => {
  const spans = [[0, 5], [50, 1e9], [-5, 0], [200, 300], [1, NaN], [-Infinity, 2], [5, 5]]
    .map(([x0 = 0, x1 = 0]) => ({ x0, x1, label: `${x0} to ${x1}` }));
  const one = drawn({ x: { ...log.x, range: [1, 100] }, spans });
  assertEquals(shapes(one).map(({ x0, x1 }) => [x0, x1]), [[1, 5], [50, 100], [1, 2]]);
  assertEquals(notes(one), ["0 to 5", "50 to 1000000000", "-Infinity to 2"]);
  // Without a range, too: what starts at 0 starts where the lines do, and does not move the axis.
  const begun = drawn({ ...log, spans: [{ x0: 0, x1: 10, label: "begun" }] });
  const [from] = rangeOf(begun, "xaxis");
  assertEquals(from, rangeOf(drawn(log), "xaxis")[0]);
  assertEquals(shapes(begun).map(({ x0, x1 }) => [Math.log10(x0!), x1]), [[from, 10]]);
});

Deno.test("a range that no axis has is refused by the axis' name", () => {
  const ranged = (range: unknown, log = false) => () =>
    drawn({ x: { title: "step", log, range: range as [number, number] } });
  const { message } = assertThrows(ranged([0, 100], true), RangeError);
  assertEquals(
    message,
    `Cannot draw axis "step": range must be two numbers, the lower first and above 0, for the axis ` +
      `is logarithmic, got [ 0, 100 ]. Leave it out to see all of the data.`,
  );
  for (const range of [[2, 1], [1, 1], [NaN, 1], [0, Infinity], ["0", "1"], [1, 1 + 1e-12]]) {
    assertThrows(ranged(range), RangeError, 'Cannot draw axis "step"');
  }
  assertEquals(rangeOf(ranged([1, 100], true)(), "xaxis"), [0, 2]);
});

Deno.test("axes hold numbers at the ends of what numbers are", () => {
  for (
    const y of [[1e308, -1e308], [5e-324, 1e-323], [1e-300, 1e300], [3.7, 3.7 + 1e-12], [1e-308]]
  ) {
    for (const each of [axes, log]) {
      const [low, high] = rangeOf(drawn({ ...each, lines: [{ name: "a", x: y, y }] }), "yaxis");
      assert(
        Number.isFinite(low) && Number.isFinite(high) && low < high,
        `${y}: ${low} to ${high}`,
      );
    }
  }
});

Deno.test("values that are none, and lists that do not match, are refused by their place", () => {
  const refuses = (x: unknown, y: unknown, what: string) =>
    assertThrows(
      () => drawn({ lines: [line, { name: "b", x: x as [], y: y as [] }] }),
      Error,
      what,
    );
  refuses([1, 2], ["3", 4], 'curves: lines[1].y[0] must be a number or null, got "3"');
  refuses(BigInt64Array.of(1n), [4], "curves: lines[1].x[0] must be a number or null, got 1n");
  refuses([new Date(0)], [4], "got 1970-01-01T00:00:00.000Z");
  refuses([1, 2, 3], [1, 2], "curves: lines[1].y must hold 3 values, got 2");
  const grid = { title: "a", labels: ["1", "2"] };
  const gridOf = (z: number[][]) => () => heatmap({ x: grid, y: grid, z, value: "v" });
  assertThrows(gridOf([[1, 2]]), Error, "z must have a row for each of the 2 labels of y, got 1");
  assertThrows(gridOf([[1, 2], [1]]), Error, "heatmap: z[1] must hold 2 values, got 1");
  const coloured = (options: { range?: [number, number]; middle?: number }) => () =>
    heatmap({ x: grid, y: grid, z: [[1, 2], [3, 4]], value: "v", ...options });
  assertThrows(coloured({ range: [2, 1] }), RangeError, 'Cannot draw axis "v": range must be');
  assertThrows(coloured({ middle: NaN }), RangeError, "middle must be a number, got NaN");
  assertEquals(coloured({ range: [1, 2], middle: 1 })().data[0]!.zmin, 0);
});

Deno.test("on a log axis bars stand on a power of ten well below the lowest", async () => {
  const low = (y: number[]) => rangeOf(barsOf(y, { log: true }), "yaxis")[0];
  assert(low([100, 1000]) < 1 && low([100, 1000]) > 0.5);
  assert(low([350, 1000]) < 2 && low([350, 1000]) > 1.5);
  assert((await barsOf([0, -1, NaN, 5], { log: true }).png()).length > 0);
});

Deno.test("a law is drawn between the points that a log axis has", () => {
  const fit = { at: (n: number) => n, label: "n" };
  const fitted = (x: number[]) =>
    scatterFit({ points: [{ name: "runs", x, y: x, fit }], ...axes }).data
      .find(({ name }) => name === "n")!.x as number[];
  assertEquals([fitted([0, 10, 100]).at(0), fitted([-5, 10, 100]).at(-1)], [10, 100]);
  assertEquals(fitted([0, NaN]), []);
});

Deno.test("as much data as there is makes a figure", () => {
  const count = 150_000;
  const x = Float64Array.from({ length: count }, (_, at) => at + 1);
  const y = x.map((at) => at * 7919 % 1009);
  for (const marks of ["line", "points"] as const) {
    const levels = [{ y: 500, label: "half" }];
    const { alt, data } = drawn({ lines: [{ name: "a", x, y, sd: y, marks }], levels });
    assertEquals((data.at(-1)!.x as number[]).length, count);
    assertStringIncludes(alt, marks === "points" ? "from 0 to 1010" : "from 856 to");
  }
});

Deno.test("a grid of very many cells has colours but no numbers, and labels that fit", async () => {
  const gridOf = (count: number) => {
    const labels = Array.from({ length: count }, (_, at) => String(at));
    const z = labels.map((_, row) => labels.map((_, column) => row * column));
    return heatmap({ x: { title: "x", labels }, y: { title: "y", labels }, z, value: "v" });
  };
  const [large, small] = [gridOf(400), gridOf(4)];
  assertEquals(large.alt, "v: from 0 at 0, 0 to 159000 at 399, 399");
  assertEquals([large.data[0]!.text, large.data[0]!.xgap], [undefined, undefined]);
  assertEquals([(small.data[0]!.text as string[][])[3]![3], small.data[0]!.xgap], ["9.00", 2]);
  const ticks = (figure: Figure) => (figure.layout.xaxis as { tickvals: number[] }).tickvals;
  assert(ticks(large).length < 60 && ticks(large)[1]! > 1);
  assertEquals(ticks(small), [0, 1, 2, 3]);
  assert((await large.png()).length > 0);
});

Deno.test("of very many points a picture draws those that are seen, the figure keeps all", async () => {
  const x = Array.from({ length: 20_000 }, (_, at) => 1 + at % 100 / 1000);
  const y = x.map((_, at) => at === 7 ? 9 : at === 8 ? NaN : 1);
  const sd = y.map((_, at) => at === 7 ? 1 : 0.1);
  for (const marks of ["points", "both"] as const) {
    const one = drawn({ lines: [{ name: "a", x, y, sd, marks }] });
    assertEquals((one.data[0]!.x as number[]).length, x.length);
    const svg = await one.svg();
    const count = svg.match(/class="point"/g)!.length;
    assert(count > 100 && count < 300, `${marks}: ${count}`);
    assertEquals(svg.includes('class="js-line"'), marks === "both");
  }
  // The one point far from the others is there, with its bar, where it would be by itself.
  const points = { name: "a", x, y, sd, marks: "points" as const };
  const all = drawn({ lines: [points] });
  const alone = drawn({
    lines: [{ ...points, x: [x[7]!], y: [9], sd: [1] }],
    x: { title: "step", range: rangeOf(all, "xaxis") },
    y: { title: "loss", range: rangeOf(all, "yaxis") },
  });
  for (const mark of [/class="point" transform="[^"]*"/, /class="yerror" d="[^"]*"/]) {
    assertStringIncludes(await all.svg(), (await alone.svg()).match(mark)![0]);
  }
});
