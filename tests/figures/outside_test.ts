// What lies outside an axis or a picture: left out or clipped, and never the end of the process.

import { assert, assertRejects, assertStringIncludes } from "@std/assert";
import { curves, figure, type Layout, type Trace } from "../../lib/figures/mod.ts";
import { pngOf } from "../../lib/figures/png.ts";

const axis = { range: [0, 1], zeroline: false };
const unit = { xaxis: axis, yaxis: axis };
const far = [1e3, -1e4, 1e5];

/** The picture of traces on axes from 0 to 1. */
const drawn = async (data: Trace[], layout: Layout = {}) => {
  const svg = await figure({ data, layout: { ...unit, ...layout }, alt: "" }).svg();
  return { svg, png: (await pngOf(svg)).toBase64() };
};

Deno.test("a picture of things far outside is the picture without them", async () => {
  const line = { type: "line", x0: 1e3, x1: 1e4, y0: 0, y1: 1 };
  const outside: [Trace, Layout?][] = [
    [{ x: far, y: far, mode: "markers", opacity: 0.5 }],
    [{ x: far, y: far, mode: "markers", marker: { opacity: 0.5 } }],
    [{ x: [50, 60], y: [0.2, 1e300], mode: "lines", error_y: { array: [1, 1e9] } }],
    [{ x: [], y: [] }, { shapes: [line] }],
    [{ x: [], y: [] }, { shapes: [{ ...line, x0: 0, x1: 1, y0: 1e9, y1: 1e9 }] }],
    [{ x: far, y: [1, 2, 3], width: 1, type: "bar", marker: { opacity: 0.5 } }],
  ];
  for (const [trace, layout] of outside) {
    const { png } = await drawn([{ ...trace, showlegend: false }], layout);
    const { png: empty } = await drawn([{ ...trace, x: [-1], y: [null], showlegend: false }]);
    assert(png === empty, Deno.inspect(trace));
  }
});

Deno.test("what reaches into a picture from far away is still drawn", async () => {
  const blue = "#0000ff";
  const bar = [{ x: [0.5], y: [1e300], width: [0.2], type: "bar", marker: { color: blue } }];
  const { svg, png } = await drawn(bar);
  const { png: short } = await drawn([{ ...bar[0], y: [1] }]);
  assert(png === short);
  assertStringIncludes(svg, "V-1000000");
  const line = { type: "line", x0: 0, x1: 1, y0: -10, y1: 10, line: { color: blue } };
  assertStringIncludes((await drawn([{ x: [], y: [] }], { shapes: [line] })).svg, "0, 0, 255");
});

Deno.test("all of the data outside a range leaves an empty plot", async () => {
  const range = [0, 1] as const;
  const png = await curves({
    lines: [{ name: "a", x: [1, 10, 100], y: [3, 100, -1e6], sd: [1, 2, 3] }],
    x: { title: "step", range },
    y: { title: "loss", range },
  }).png();
  assert(png.length > 0);
});

Deno.test("a size that no picture has is refused, and so is an SVG that resvg cannot draw", async () => {
  const small = figure({ data: [], layout: { width: 100, height: 50 }, alt: "" });
  for (const scale of [0, NaN, -1, Infinity, 1e-3, 500]) {
    const error = await assertRejects(() => small.png({ scale }), RangeError);
    assertStringIncludes(error.message, "Cannot draw picture: scale must be above 0 and at most 1");
    assertStringIncludes(error.message, `got ${scale}`);
  }
  assert((await small.png({ scale: 20 })).length > 0);
  // The native build of resvg ends the process here.
  const panics = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">
    <g opacity="0.5" transform="translate(0,99)"><rect width="1" height="1"/></g></svg>`;
  for (const svg of [panics, "<svg", ""]) {
    await assertRejects(() => pngOf(svg), Error, "Cannot draw picture: ");
  }
});
