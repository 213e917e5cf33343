/**
 * Colours that stand for an order: each step is darker than the one before, as the eye sees it, and
 * every step is told from the paper. On dark paper they go from dark to light.
 * Leaves out colours that stand for kinds (theme.ts) and how pages come to be dark (dark.ts).
 *
 * @module
 */

/** From the first to the last of an order, in Oklch: lightness, chroma, hue in degrees. */
interface Way {
  light: readonly [number, number];
  dark: readonly [number, number];
  chroma: number;
  hue: readonly [number, number];
}

/** Two ways, for two orders in one figure. */
const WAYS = {
  cool: { light: [0.65, 0.27], dark: [0.52, 0.93], chroma: 0.13, hue: [180, 292] },
  warm: { light: [0.665, 0.27], dark: [0.52, 0.93], chroma: 0.14, hue: [75, 10] },
} as const satisfies Record<Ramp, Way>;

/** Which of the ramps: a second order in a figure takes the warm one. */
export type Ramp = "cool" | "warm";

/** Stops of a ramp; each number of curves takes some of them, so that each has a twin on dark. */
const STOPS = 25;

/**
 * The colours of `count` curves that stand for growing values of one quantity.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { orderedColors } from "factlab";
 *
 * const [least, , most] = orderedColors(3);
 * assertEquals([least, most], [orderedColors(2)[0], orderedColors(1)[0]]);
 * ```
 */
export function orderedColors(count: number, ramp: Ramp = "cool"): string[] {
  return Array.from({ length: count }, (_, index) => {
    const share = count > 1 ? index / (count - 1) : 1;
    return RAMPS[ramp][Math.round(share * (STOPS - 1))]!.light;
  });
}

/** Every stop of every ramp, as it is on light paper and on dark. */
export const RAMPS: Readonly<Record<Ramp, readonly { light: string; dark: string }[]>> = {
  cool: stopsOf(WAYS.cool),
  warm: stopsOf(WAYS.warm),
};

function stopsOf({ light, dark, chroma, hue }: Way) {
  return Array.from({ length: STOPS }, (_, stop) => {
    const at = ([from, to]: readonly [number, number]) => from + (to - from) * stop / (STOPS - 1);
    return { light: hex(at(light), chroma, at(hue)), dark: hex(at(dark), chroma, at(hue)) };
  });
}

/** A colour of Oklch as `#rrggbb`, as colourful as a screen shows it (Ottosson 2020). */
function hex(lightness: number, chroma: number, hue: number): string {
  const [a, b] = [Math.cos, Math.sin].map((part) => chroma * part(hue * Math.PI / 180)) as [
    number,
    number,
  ];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const shown = linear.every((part) => part >= -1e-4 && part <= 1 + 1e-4);
  if (!shown && chroma > 0) return hex(lightness, Math.max(0, chroma - 0.004), hue);
  return "#" +
    linear.map((part) =>
      Math.round(255 * encoded(Math.min(1, Math.max(0, part)))).toString(16).padStart(2, "0")
    ).join("");
}

/** What a screen is sent for this share of its light. */
function encoded(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}
