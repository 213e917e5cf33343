/**
 * The one look of all figures: sizes, fonts, what each colour means, and room taken by text.
 * Leaves out every figure's own content.
 *
 * @module
 */

/** Pixels of a figure, wider with two plots a row; a caption below it comes on top of the height. */
export const size = { width: 760, twice: 828, height: 420 } as const;

/** Pixels of a figure on a phone. */
export const narrowWidth = 360;

/** The font; its first name is shipped, so static pictures and pages measure text alike. */
export const fontFamily = "DejaVu Sans, Verdana, sans-serif";

/** Font sizes in pixels. At half size, as on a phone, the smallest is still read. */
export const fontSizes = { title: 18, base: 15, note: 14, caption: 14 } as const;

/** Height of a line of text in units of its font size, as Plotly sets it. */
export const lineHeight = 1.3;

/**
 * Pixels that a title needs above it: Plotly hangs one line from its place, more it stands on it.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { titleDrop } from "factlab/figures";
 *
 * assertEquals([titleDrop(1, 20), titleDrop(2, 20)], [0, 17]);
 * ```
 */
export function titleDrop(lines: number, fontSize: number): number {
  return lines > 1 ? 0.85 * fontSize : 0;
}

/**
 * Colours by name, told apart by colour-blind readers too (after Okabe and Ito), and two greys. All
 * have a contrast of 3 to white paper.
 */
export const palette = {
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#009e73",
  purple: "#cc79a7",
  orange: "#c28100",
  sky: "#2a96c6",
  wine: "#882255",
  dark: "#444444",
  grey: "#7f7f7f",
} as const;

/** What a curve stands for. The same colour means the same thing in every figure. */
export type Meaning =
  | "training"
  | "heldOut"
  | "unseen"
  | "old"
  | "new"
  | "control"
  | "noKnowledge";

/** Colours by meaning. */
export const meanings: Readonly<Record<Meaning, string>> = {
  training: palette.blue, // Seen people, training templates.
  heldOut: palette.green, // Seen people, held-out templates.
  unseen: palette.vermilion, // People never trained on.
  old: palette.blue, // Before fine-tuning.
  new: palette.purple, // Brought by fine-tuning.
  control: palette.grey, // The arm a result is held against.
  noKnowledge: palette.dark, // What a model that knows nobody would reach.
};

/** Colours of curves without a meaning of their own, in order. */
export const plainColors: readonly string[] = [
  palette.blue,
  palette.vermilion,
  palette.green,
  palette.purple,
  palette.orange,
  palette.sky,
  palette.wine,
  palette.dark,
];

/** Ink and fills that are not curves. */
export const ink = {
  text: "#222222",
  faint: "#555555",
  grid: "#e6e6e6",
  paper: "#ffffff",
  veil: "rgba(255,255,255,0.85)",
} as const;

/** What every figure's layout starts from; its own entries come on top. */
export const baseLayout = {
  width: size.width,
  height: size.height,
  font: { family: fontFamily, size: fontSizes.base, color: ink.text },
  paper_bgcolor: ink.paper,
  plot_bgcolor: ink.paper,
  separators: ".\u2009", // 12 000: a thin space between thousands.
  colorway: plainColors,
} as const;

/** Fills of phases along the x axis: those to look at, and others. */
export const phaseFills = { strong: "rgba(0,0,0,0.07)", faint: "rgba(0,0,0,0.025)" } as const;

/** Opacity of the band of seeds around a curve. */
export const bandOpacity = 0.18;

/** Colours from low to high values; the middle is passed quickly, so that numbers stay readable. */
export const sequentialScale: readonly [number, string][] = [
  [0, "#f3f6fa"],
  [0.55, "#8fc0e0"],
  [0.7, "#2f78b4"],
  [1, "#0a3a6b"],
];

/** Colours from below to above a middle that means "no change". */
export const divergingScale: readonly [number, string][] = [
  [0, "#0a4f86"],
  [0.15, "#2f78b4"],
  [0.23, "#8fc0e0"],
  [0.5, "#f7f7f7"],
  [0.77, "#f2b182"],
  [0.85, "#c25a12"],
  [1, "#8a3800"],
];

/** The colour `#rrggbb` with this opacity. */
export function faded(color: string, opacity: number): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${opacity})`;
}

/**
 * Text that Plotly shows letter by letter: its markup is not for data.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plotlyText } from "factlab/figures";
 *
 * assertEquals(plotlyText("<b>Ann & Lee"), "&lt;b&gt;Ann &amp; Lee");
 * ```
 */
export function plotlyText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** About how many pixels a line of text takes, rather too many than too few. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const letter of text) {
    width += widths.find(([letters]) => letters.test(letter))?.[1] ?? 0.64;
  }
  return width * fontSize;
}

/** Pixels of the widest of the texts; 0 for none. */
export function widest(texts: Iterable<string>, fontSize: number): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, textWidth(text, fontSize));
  return width;
}

/** Widths of letters in units of the font size. */
const widths: readonly [RegExp, number][] = [
  [/\u200b/, 0],
  [/[ijl|'.,: \u00a0]/, 0.34],
  [/[tfrI()[\];!-]/, 0.42],
  [/[sczkvxy]/, 0.59],
  [/[A-Z]/, 0.77],
  [/[mwMW@%—]/, 0.98],
];

/**
 * The text in lines that fit a width in pixels; a longer word keeps a line to itself.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrap } from "./theme.ts";
 *
 * assertEquals(wrap("loss of unseen people", 90, 14), ["loss of", "unseen", "people"]);
 * ```
 */
export function wrap(text: string, width: number, fontSize: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[ \n\t]+/).filter((word) => word !== "")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, fontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
