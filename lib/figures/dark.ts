/**
 * Figures on dark paper: for each colour that would be hard to see there, one that is not.
 * A figure carries its colours' twins, so that whatever shows it needs to know of none.
 * Leaves out when paper is dark: pages decide that.
 *
 * @module
 */

import type { Drawing } from "./drawing.ts";
import { RAMPS } from "./ramp.ts";
import { divergingScale, faded, ink, palette, phaseFills, sequentialScale } from "./theme.ts";

/** What dark paper is, and what is written on it. */
export const darkInk = { text: "#e8e8e8", faint: "#b5bac0", grid: "#3b4147", paper: "#16181a" };

/** The same order on dark paper: little is near the paper, much is far from it. */
const scaleTwins: Record<string, string> = Object.fromEntries([
  ...twins(sequentialScale, ["#22282e", "#1f5f96", "#4f97cf", "#cfe6f7"]),
  ...twins(divergingScale, [
    ...["#cfe6f7", "#4f97cf", "#1f5f96", "#26292d"],
    ...["#8a4512", "#d3752f", "#f8d3b4"],
  ]),
]);

function twins(scale: readonly [number, string][], dark: readonly string[]): [string, string][] {
  return scale.map(([, color], at) => [color, dark[at]!]);
}

const TWINS: Readonly<Record<string, string>> = {
  [ink.text]: darkInk.text,
  [ink.faint]: darkInk.faint,
  [ink.grid]: darkInk.grid,
  [ink.paper]: darkInk.paper,
  [ink.veil]: "rgba(22,24,26,0.85)",
  ...Object.fromEntries(
    Object.values(phaseFills).map((fill) => [fill, fill.replace("0,0,0", "255,255,255")]),
  ),
  [palette.dark]: "#c9ced3",
  [palette.blue]: "#56a0d8",
  [palette.wine]: "#a78bfa",
  ...scaleTwins,
  ...Object.fromEntries(
    Object.values(RAMPS).flat().map(({ light, dark }) => [light, dark]),
  ),
};

/**
 * The colour that stands for this one on dark paper: another one, or itself.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { onDark } from "./dark.ts";
 *
 * assertEquals(onDark("#ffffff"), "#16181a");
 * assertEquals(onDark("rgba(0,114,178,0.18)"), "rgba(86,160,216,0.18)");
 * assertEquals(onDark("tomato"), "tomato");
 * ```
 */
export function onDark(color: string): string {
  const twin = TWINS[color];
  if (twin !== undefined) return twin;
  const [, red, green, blue, opacity] = /^rgba\((\d+),(\d+),(\d+),([\d.]+)\)$/.exec(color) ?? [];
  if (opacity === undefined) return color;
  const solid = "#" +
    [red, green, blue].map((part) => Number(part).toString(16).padStart(2, "0")).join("");
  return TWINS[solid] === undefined ? color : faded(TWINS[solid], Number(opacity));
}

/**
 * The colours of a drawing that have another form on dark paper, each with that form.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { darkTwins } from "./dark.ts";
 *
 * const data = [{ line: { color: "#0072b2" } }, { line: { color: "tomato" } }];
 * assertEquals(darkTwins({ data, layout: {} }), { "#0072b2": "#56a0d8" });
 * ```
 */
export function darkTwins({ data, layout }: Drawing): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (value: unknown): void => {
    if (typeof value === "object" && value !== null) return Object.values(value).forEach(visit);
    if (typeof value !== "string" || !/^(#|rgba)/.test(value)) return;
    const twin = onDark(value);
    if (twin !== value) found[value] = twin;
  };
  visit(data);
  visit(layout);
  return found;
}
