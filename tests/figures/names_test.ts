// Names at the ends of lines or in a legend, numbers of seeds, and how plots share a figure.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { axisOver } from "../../lib/figures/axis.ts";
import { NARROW } from "../../lib/figures/figure.ts";
import { namesAtEnds } from "../../lib/figures/line_ends.ts";
import {
  bars,
  curves,
  curvesPlot,
  type Figure,
  type Layout,
  type Line,
  panels,
} from "../../lib/figures/mod.ts";

const axes = { x: { title: "step" }, y: { title: "share", range: [0, 1] as const } };
const unit = axisOver([], { title: "", range: [0, 1] });
const area = { width: 400, height: 200, x: unit, y: unit };

/** A line that ends at a value. */
const to = (name: string, y: number, own: Partial<Line> = {}): Line => ({
  ...{ name, x: [0, 1], y: [0, y] },
  ...own,
});
const end = (y: number, x = 1) => ({ name: `to ${y}`, color: "#222222", x, y });

const notes = ({ annotations }: Layout) =>
  annotations as { text: string; y: number; yshift: number; font: { color: string } }[];
const caption = ({ layout }: Figure) =>
  notes(layout).at(-1)!.text.replaceAll("<br>", " ").replaceAll("\u00a0", " ");
const domain = ({ layout }: Figure, axis: string) =>
  (layout[axis] as { domain: [number, number] }).domain;

Deno.test("names stand at the ends of their lines in order, none over another, none outside", () => {
  for (const ends of [[0.5, 0.51, 0.1], [1, 1, 1, 1], [0, 0.01, 0.02], [0.3]]) {
    const { annotations, shapes } = namesAtEnds(ends.map((y) => end(y)), area, { width: 600 })!;
    const places = notes({ annotations }).map(({ y, yshift }) => (1 - y) * 200 - yshift);
    assertEquals(places.toSorted((one, other) => one - other), places);
    assert(places.slice(1).every((place, at) => place - places[at]! >= 18), String(places));
    assert(places.every((place) => place >= 0 && place <= 200), String(places));
    assertEquals(
      notes({ annotations }).map(({ text }) => text),
      ends.toSorted((one, other) => other - one).map((y) => `to ${y}`),
    );
    // The leader ends where the name is.
    assertEquals(shapes.map(({ y1 }) => y1), annotations.map(({ yshift }) => yshift));
  }
  const [alone] = notes({ ...namesAtEnds([end(0.3)], area, { width: 600 })! });
  assert(Math.abs(alone!.yshift) < 1e-9);
});

Deno.test("lines that end together, or far from the right, have a legend", () => {
  assertEquals(namesAtEnds(Array.from({ length: 9 }, () => end(1)), area, { width: 600 }), null);
  assertEquals(namesAtEnds([end(0.5, 0.5)], area, { width: 600 }), null);
  const many = Array.from({ length: 12 }, (_, at) => to(`arm ${at}`, 0.5));
  for (const [lines, legend] of [[many, true], [many.slice(0, 3), false]] as const) {
    const { layout } = curves({ ...axes, lines });
    assertEquals(layout.showlegend, legend);
    assertEquals(notes(layout).some(({ text }) => text === "arm 0"), !legend);
  }
});

Deno.test("a name at one plot's lines serves all plots; without one, all names are in a legend", () => {
  const crowd = Array.from({ length: 12 }, (_, at) => to(`arm ${at}`, 1));
  const fan = crowd.map(({ name }, at) => to(name, at / 11));
  const plot = (lines: Line[]) => curvesPlot({ ...axes, title: "one", lines });
  const tall = { arrange: "stacked", height: 900 } as const;
  const both = panels([plot(crowd), plot(fan)], tall);
  assertEquals(both.layout.showlegend, false);
  assertEquals(notes(both.layout).filter(({ text }) => text.startsWith("arm")).length, 12);
  const none = panels([plot(crowd), plot([...fan, to("another", 0.5)]), plot(crowd)], tall);
  const more = panels([plot([...crowd, to("another", 1)]), plot(fan)], tall);
  assertEquals([none.layout.showlegend, more.layout.showlegend], [false, true]);
});

Deno.test("a phone's form decides for itself, with the same names", async () => {
  const lines = [0, 0.5, 1].map((y) => to(`ends at ${y}`, y));
  const one = curves({ ...axes, lines });
  const { layout } = (await one.bundle())[NARROW] as { layout: Layout };
  for (const own of [one.layout, layout]) {
    assertEquals(own.showlegend, false);
    assertEquals(notes(own).filter(({ text }) => text.startsWith("ends")).length, 3);
  }
});

Deno.test("a line that is called as its plot is not named again", () => {
  const { layout, data } = curves({ ...axes, title: "loss", lines: [to("loss", 1)] });
  assertEquals([layout.showlegend, notes(layout).length, data[0]!.name], [false, 0, "loss"]);
});

Deno.test("a caption says the seeds once, names say others, one seed is dotted or hollow", () => {
  const alike = curves({ ...axes, lines: [to("a", 0.1, { n: 3 }), to("b", 0.9, { n: 3 })] });
  assertEquals(caption(alike), "Mean over n = 3 seeds.");
  const lines = [to("a", 0.1, { n: 3 }), to("b", 0.5, { n: 1 }), to("c", 0.9, { n: 5 })];
  assertEquals(
    caption(curves({ ...axes, lines: [to("a", 1, { n: 3, sd: [0, 1] })] })),
    "Mean and standard deviation over n = 3 seeds.",
  );
  const mixed = curves({ ...axes, lines: [...lines, to("d", 0.3, { n: 5 })] });
  assertStringIncludes(
    caption(mixed),
    "over n = 5 seeds where nothing else is said; dotted: n = 1.",
  );
  assertEquals(
    mixed.data.map(({ name }) => String(name).replaceAll("\u00a0", " ")),
    ["a, n = 3", "b, n = 1", "c", "d"],
  );
  const dashes = mixed.data.map(({ line }) => (line as { dash: string }).dash);
  assertEquals(dashes, ["solid", "dot", "solid", "solid"]);
  assertEquals(
    caption(curves({ ...axes, lines: [to("a", 1, { n: 1 })] })),
    "Dotted: one seed (n = 1).",
  );
});

Deno.test("points and bars of one seed are hollow, each by itself", () => {
  const points = curves({ ...axes, lines: [to("a", 1, { n: [3, 1], marks: "both" })] });
  const fills = (points.data[0]!.marker as { color: string[] }).color;
  assert(fills[0] !== "#ffffff" && fills[1] === "#ffffff");
  const grouped = bars({
    categories: ["a", "b"],
    series: [{ name: "old", y: [1, 2], n: [1, 3] }],
    ...{ x: { title: "arm" }, y: { title: "loss" } },
  });
  const own = grouped.data[0]!.marker as { color: string[]; line: { color: string } };
  assertEquals(own.color, ["#ffffff", own.line.color]);
  for (const one of [points, grouped]) {
    assertEquals(caption(one), "Mean over n = 3 seeds; hollow: n = 1.");
  }
});

Deno.test("of more than two plots two stand in a row, and an odd one has a row", () => {
  const plots = Array.from({ length: 4 }, () => curvesPlot({ ...axes, lines: [to("a", 1)] }));
  const four = panels(plots, { arrange: "stacked" });
  const [left, right] = [domain(four, "xaxis"), domain(four, "xaxis2")];
  assert(left[1] < right[0]);
  assertEquals([domain(four, "xaxis3"), domain(four, "xaxis4")], [left, right]);
  assertEquals(domain(four, "yaxis"), domain(four, "yaxis2"));
  const three = panels(plots.slice(1), { arrange: "stacked" });
  assertEquals(domain(three, "xaxis3"), [domain(three, "xaxis")[0], domain(three, "xaxis2")[1]]);
  const two = panels(plots.slice(2), { arrange: "stacked" });
  assertEquals(domain(two, "xaxis"), domain(two, "xaxis2"));
});
