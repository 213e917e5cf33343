// What the plots promise: room for every text, colours by meaning, ranges, gaps, panels that line up.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { axisOver } from "../../lib/figures/axis.ts";
import { levelMarks, spanMarks } from "../../lib/figures/marks.ts";
import {
  bars,
  curves,
  curvesPlot,
  type Figure,
  heatmap,
  meanings,
  panels,
  scatterFit,
} from "../../lib/figures/mod.ts";
import { NARROW } from "../../lib/figures/figure.ts";
import { textWidth, wrap } from "../../lib/figures/theme.ts";

const axes = { x: { title: "step", log: true }, y: { title: "loss (nats a value)" } };
const falling = {
  name: "training",
  meaning: "training" as const,
  x: [10, 100, 1000],
  y: [4, 4, 1],
};

interface Note {
  text: string;
  xref: string;
  yref: string;
  x: number;
  yshift: number;
}

const notes = (figure: Figure) => figure.layout.annotations as Note[];
const axis = (figure: Figure, name: string) =>
  figure.layout[name] as { domain: [number, number]; range: [number, number]; anchor: string };

Deno.test("a caption makes the figure higher, not the plot lower", () => {
  const heights = ["", "short", "long ".repeat(60)].map((caption) => {
    const { layout } = curves({ ...axes, lines: [falling], caption });
    const [low, high] = (layout.yaxis as { domain: [number, number] }).domain;
    return {
      height: Number(layout.height),
      plot: Math.round((high - low) * Number(layout.height)),
    };
  });
  assertEquals(new Set(heights.map(({ plot }) => plot)).size, 1);
  assert(heights.every(({ height }, at) => at === 0 || height > (heights[at - 1]?.height ?? 0)));
});

Deno.test("lines of wrapped text fit, and no word is lost", () => {
  const text = "The loss stays at the level of a model that knows nobody before facts are learnt.";
  const lines = wrap(text, 200, 14);
  assertEquals(lines.join(" "), text);
  assert(lines.every((line) => textWidth(line, 14) <= 200));
  assertEquals(wrap("", 200, 14), []);
});

Deno.test("a level's label keeps clear of the curve and of other labels", () => {
  const x = axisOver([], { title: "", range: [0, 1] });
  const area = { width: 400, height: 300, x, y: x };
  const curve: [number, number][] = [[0, 300], [200, 140], [400, 140]]; // Hugs the level on the right.
  const { annotations } = levelMarks(
    [{ y: 0.5, label: "no-knowledge loss" }, { y: 0.52, label: "another level" }],
    area,
    [curve],
  );
  const [one, other] = annotations.map((note) => note as unknown as Note & { yanchor: string });
  assert(one && other);
  assert(one.x * 400 + textWidth("no-knowledge loss", 14) < 200 || one.yanchor === "top");
  assert(one.yanchor !== other.yanchor || Math.abs(one.x - other.x) * 400 > 80);
});

Deno.test("labels of narrow phases take further rows rather than each other's place", () => {
  const x = axisOver([], { title: "", range: [0, 10] });
  const span = (x0: number) => ({ x0, x1: x0 + 1, label: "a phase with a name" });
  const wide = spanMarks([span(0), span(8)], { width: 700, x });
  const narrow = spanMarks([span(0), span(1), span(2)], { width: 200, x });
  assert(narrow.room > wide.room);
  assertEquals(new Set(narrow.annotations.map((note) => note.yshift)).size, 3);
  assertEquals(spanMarks([], { width: 200, x }).room, 0);
});

Deno.test("curves: colour by meaning, bands that stay positive on log axes, gaps that stay gaps", () => {
  const { data, layout } = curves({
    ...axes,
    y: { ...axes.y, log: true },
    lines: [{ ...falling, y: [4, null, 1], sd: [1, 1, 2] }, {
      ...falling,
      name: "other",
      meaning: undefined,
    }],
  });
  const [band, line, other] = data as { y: number[]; line: { color: string }; fill?: string }[];
  assertEquals(band?.fill, "toself");
  assertEquals(band?.y.length, 4);
  assert(band?.y.every((y) => y > 0));
  assertEquals(line?.y, [4, null as unknown as number, 1]);
  assertEquals(line?.line.color, meanings.training);
  assert(other?.line.color !== meanings.training);
  assertEquals(layout.showlegend, false);
});

Deno.test("curves without any value still are a figure", () => {
  const empty = curves({ ...axes, lines: [{ name: "training", x: [], y: [] }] });
  assertStringIncludes(empty.alt, "training has no values");
  assert(axis(empty, "xaxis").range.every(Number.isFinite));
});

Deno.test("names from data stay text", async () => {
  const name = "<script>alert(1)</script>";
  const svg = await curves({
    title: name,
    x: { title: name },
    y: { title: name },
    lines: [
      { name: `${name} too`, x: [1, 2], y: [1, 2] },
      { name: `${name} as well`, x: [1, 2], y: [2, 1], marks: "points" },
    ],
    levels: [{ y: 1, label: name }],
    spans: [{ x0: 1, x1: 2, label: name }],
    caption: name,
  }).svg();
  assert(!svg.includes("<script"));
  const places = ["title", "x", "y", "legend", "the other", "level", "span", "caption"];
  assertEquals(svg.split("&#60;script&#62;alert(1)").length - 1, places.length);
});

Deno.test("panels: own axes and marks each, one legend entry a name, stacked plots line up", () => {
  const one = {
    ...axes,
    title: "one",
    lines: [falling],
    spans: [{ x0: 10, x1: 100, label: "flat" }],
  };
  const small = { ...one, title: "two", y: { title: "share", range: [0, 0.001] as const } };
  const stacked = panels([one, small], { title: "Both", arrange: "stacked" });
  assertEquals(axis(stacked, "xaxis").domain, axis(stacked, "xaxis2").domain);
  assert(axis(stacked, "yaxis").domain[0] > axis(stacked, "yaxis2").domain[1]);
  assertEquals(stacked.data.map(({ xaxis, showlegend }) => [xaxis, showlegend]), [["x", true], [
    "x2",
    false,
  ]]);
  assertEquals(
    notes(stacked).map(({ text, xref }) => [text, xref]),
    [
      ...[["flat", "x domain"], ["training", "x"], ["<b>one</b>", "paper"]],
      ...[["flat", "x2 domain"], ["<b>two</b>", "paper"]], // Its line ends outside.
    ],
  );
  const beside = panels([one, small]);
  assert(axis(beside, "xaxis").domain[1] < axis(beside, "xaxis2").domain[0]);
});

Deno.test("in the legend the names of one plot stand together, in the order they were given", () => {
  const named = (...names: string[]) => ({
    ...axes,
    lines: names.map((name) => ({ ...falling, name })),
  });
  const { data } = panels([named("b", "a"), named("d", "c")]);
  const shown = data.filter(({ showlegend }) => showlegend)
    .toSorted((one, other) => Number(one.legendrank) - Number(other.legendrank));
  assertEquals(shown.map(({ name }) => name), ["b", "a", "d", "c"]);
});

Deno.test("fitted laws share the colour of their points and run between the outermost ones", () => {
  const points = { name: "runs", x: [100, 1000], y: [5, 50] };
  const { data, alt } = scatterFit({
    ...axes,
    points: [{ ...points, fit: { at: (n) => n / 20, label: "N / 20" } }],
  });
  const [law, runs] = data as { x: number[]; y: number[]; line: { color: string }; mode: string }[];
  assertEquals([law?.x.at(0), law?.x.at(-1), law?.y.at(-1)], [100, 1000, 50]);
  assertEquals(law?.line.color, runs?.line.color);
  assertEquals(runs?.mode, "markers");
  assertStringIncludes(alt, "runs from 5 to 50, N / 20 goes from 5 to 50");
});

Deno.test("bars start at zero; grids write a number into each cell that has one", () => {
  const arms = bars({
    categories: ["a", "b"],
    series: [{ name: "old", y: [3, null] }],
    x: { title: "arm" },
    y: { title: "loss (nats)" },
  });
  assertEquals(axis(arms, "yaxis").range[0], 0);
  assertStringIncludes(arms.alt, "b not measured");
  const grid = heatmap({
    x: { title: "a", labels: ["1", "2"] },
    y: { title: "b", labels: ["3"] },
    z: [[12.34, null]],
    value: "steps",
  });
  assertEquals(grid.data[0]?.text, [["12.3", ""]]);
});

Deno.test("a plot that stands alone gives the figure its title", () => {
  const alone = panels([curvesPlot({ ...axes, title: "uniform", lines: [falling] })]);
  assertEquals((alone.layout.title as { text: string }).text, "uniform");
  assertStringIncludes(alone.alt, "uniform: ");
});

Deno.test("a bar without a spread has no whisker, not one of no length", async () => {
  const svgOf = (sd: (number | null)[]) =>
    bars({
      categories: ["a", "b"],
      series: [{ name: "old", y: [3, 2], sd }],
      x: { title: "arm" },
      y: { title: "loss (nats)" },
    }).svg();
  const whiskers = (svg: string) => svg.match(/class="yerror"/g)?.length ?? 0;
  assertEquals(whiskers(await svgOf([0.5, null])), 1);
  assertEquals(whiskers(await svgOf([0.5, 0.5])), 2);
});

Deno.test("a figure comes for a phone as well: as wide as that, plots below each other", async () => {
  const plot = (title: string) => curvesPlot({ ...axes, title, lines: [falling] });
  const bundle = await panels([plot("uniform"), plot("power law")]).bundle();
  const { layout } = bundle[NARROW] as { layout: Record<string, unknown> };
  const domain = (axis: string) => (layout[axis] as { domain: [number, number] }).domain;
  assertEquals(layout.width, 360);
  assertEquals(domain("xaxis"), domain("xaxis2"));
  assert(domain("yaxis")[0] > domain("yaxis2")[1]);
});

Deno.test("on a phone a plot that is to be high keeps half of it below a long legend", async () => {
  const lines = Array.from(
    { length: 12 },
    (_, at) => ({ ...falling, name: `a curve of some words, ${at}` }),
  );
  const bundle = await curves({ ...axes, lines, height: 480 }).bundle();
  const { layout } = bundle[NARROW] as {
    layout: { height: number; yaxis: { domain: [number, number] } };
  };
  const [low, high] = layout.yaxis.domain;
  assert((high - low) * layout.height > 239, `${(high - low) * layout.height} pixels`);
});

Deno.test("on a phone a grid's labels stand upright rather than over each other", async () => {
  const labels = ["statistics", "plateau", "plateau end", "final"];
  const grid = heatmap({
    x: { title: "reference", labels },
    y: { title: "start", labels },
    z: labels.map(() => [1, 2, 3, 4]),
    value: "nats",
  });
  const narrow = (await grid.bundle())[NARROW] as { layout: { xaxis: { tickangle: number } } };
  assertEquals(narrow.layout.xaxis.tickangle, -90);
  assertEquals((grid.layout.xaxis as { tickangle: number }).tickangle, 0);
});

Deno.test("a figure whose texts would leave its plots no room is larger than was asked for", async () => {
  const words = "one long word after another ".repeat(40);
  const labels = ["a label as long as a line of text ".repeat(3), "short"];
  const lines = Array.from({ length: 60 }, (_, at) => ({ ...falling, name: `curve number ${at}` }));
  const grid = { title: words, labels };
  const large = [
    curves({ ...axes, title: words, lines: [falling] }),
    curves({ ...axes, lines, x: { title: words }, width: 100, height: 100 }),
    heatmap({ x: grid, y: grid, z: [[1, 2], [3, 4]], value: words, width: 360 }),
    panels(Array.from({ length: 12 }, () => curvesPlot({ ...axes, lines: [falling] }))),
    panels([]),
  ];
  for (const one of large) {
    const narrow = (await one.bundle())[NARROW] as { layout: Record<string, unknown> } | undefined;
    for (const layout of narrow ? [one.layout, narrow.layout] : [one.layout]) {
      const axesOf = (side: string) => Object.keys(layout).filter((key) => key.startsWith(side));
      const pixels = (name: string, side: "width" | "height") => {
        const [from, to] = (layout[name] as { domain: [number, number] }).domain;
        return (to - from) * Number(layout[side]);
      };
      assert(axesOf("xaxis").every((name) => pixels(name, "width") >= 39));
      assert(axesOf("yaxis").every((name) => pixels(name, "height") >= 39));
    }
  }
});

Deno.test("a size that no figure has is refused", () => {
  const sized = (options: { width?: number; height?: number }) => () =>
    curves({ ...axes, lines: [falling], ...options });
  for (const pixels of [0, NaN, -1, 99, 1e5]) {
    assertThrows(
      sized({ width: pixels }),
      RangeError,
      "width must be from 100 to 10000 pixels, got",
    );
    assertThrows(sized({ height: pixels }), RangeError, "height must be from 100 to 10000 pixels");
  }
  assertEquals(sized({ width: 500, height: 300 })().layout.width, 500);
});
