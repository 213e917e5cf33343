// Colours are seen on light and on dark paper, and an order is seen as one: contrast as WCAG 2 has it.

import { assert, assertEquals } from "@std/assert";
import { darkInk, onDark } from "../../lib/figures/dark.ts";
import { curves, figure, meanings, orderedColors, plainColors } from "../../lib/figures/mod.ts";
import { RAMPS } from "../../lib/figures/ramp.ts";
import { divergingScale, ink, sequentialScale } from "../../lib/figures/theme.ts";

/** Relative luminance of `#rrggbb`. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].toSorted((a, b) => b - a) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

Deno.test("the measure of contrast is WCAG's: black on white 21, the grey of its examples 4.5", () => {
  assertEquals(Math.round(contrast("#000000", "#ffffff")), 21);
  assert(Math.abs(contrast("#767676", "#ffffff") - 4.54) < 0.01);
});

Deno.test("every step of every ramp and every curve's colour has contrast 3 on both papers", () => {
  const ramps = Object.values(RAMPS).flat().map(({ light }) => light);
  for (const color of [...ramps, ...plainColors, ...Object.values(meanings)]) {
    const [light, dark] = [contrast(color, ink.paper), contrast(onDark(color), darkInk.paper)];
    assert(light >= 3, `${color}: ${light.toFixed(2)} on light paper`);
    assert(dark >= 3, `${color}, ${onDark(color)}: ${dark.toFixed(2)} on dark paper`);
  }
  for (const part of ["text", "faint"] as const) {
    assert(contrast(ink[part], ink.paper) >= 7 && contrast(darkInk[part], darkInk.paper) >= 7);
  }
});

Deno.test("along a ramp colours go away from the paper, light or dark, in even steps", () => {
  for (const ramp of ["cool", "warm"] as const) {
    for (const count of [2, 4, 6, 9]) {
      const colors = orderedColors(count, ramp);
      assertEquals(new Set(colors).size, count);
      const light = colors.map((color) => contrast(color, ink.paper));
      const dark = colors.map((color) => contrast(onDark(color), darkInk.paper));
      for (const own of [light, dark]) {
        assertEquals(own.toSorted((a, b) => a - b), own);
        const steps = own.slice(1).map((to, at) => to / own[at]!);
        assert(Math.max(...steps) < 1.7 * Math.min(...steps), `${ramp} ${count}: ${steps}`);
      }
    }
  }
});

Deno.test("grids go from near the paper to far from it on dark paper too", () => {
  for (const scale of [sequentialScale, divergingScale.slice(3)]) {
    const dark = scale.map(([, color]) => contrast(onDark(color), darkInk.paper));
    assertEquals(dark.toSorted((a, b) => a - b), dark);
  }
});

Deno.test("a figure carries the twins of the colours it has, and of no others", () => {
  const axes = { x: { title: "step" }, y: { title: "loss" } };
  const line = { name: "a", meaning: "training" as const, x: [1, 2], y: [1, 2], sd: [1, 1] };
  const { dark } = curves({ ...axes, lines: [line] }).layout.meta as {
    dark: Record<string, string>;
  };
  assertEquals(dark["#ffffff"], darkInk.paper);
  assertEquals(dark[meanings.training], "#56a0d8");
  assertEquals(dark["rgba(0,114,178,0.18)"], "rgba(86,160,216,0.18)");
  assertEquals(dark[orderedColors(1)[0]!], undefined);
  const own = figure({ data: [], layout: { meta: { mine: 1 } }, alt: "" }).layout.meta;
  assertEquals((own as { mine: number }).mine, 1);
});
