/**
 * Two scales and the paper's own curve points in one picture: what a laptop shows rightly, and what
 * it bends.
 *
 * @module
 */

import { barsPlot, curvesPlot, type Figure, palette, panels, type Plot } from "../figures/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { formerRegime, readResults } from "../study/mod.ts";
import { type Comparison, COMPARISONS, type Series } from "./comparisons.ts";

/** Where ours is off by more than this factor, a caption says so. */
const ALIKE = 1.5;
const BENT = "(off)";

/** What is drawn of a comparison, in the order of the legend; the paper's scale where it has records. */
const SOURCES: readonly { name: string; color: string; scale?: Scale }[] = [
  { name: "the paper", color: palette.dark },
  { name: "laptop", color: palette.blue, scale: "laptop" },
  { name: "the paper's scale, ours", color: palette.vermilion, scale: "paper" },
];

const known = ({ y }: Series) => y.some((value) => value !== null && Number.isFinite(value));

/**
 * What a notebook shows, at both scales where there are records and beside the paper's own curve
 * points: clocks in biographies a person, losses as shares of what knowing nobody scores. The
 * caption says of one number a panel whether it is near the paper's (within a factor of 1.5) or off.
 *
 * @example
 * ```ts
 * import { bothScalesFigure } from "factlab";
 * console.log(bothScalesFigure("04").alt);
 * ```
 *
 * @throws {Error} for a notebook that has no such figure.
 */
export function bothScalesFigure(notebook: string): Figure {
  const comparisons = COMPARISONS[notebook];
  if (!comparisons) {
    throw new Error(
      `Cannot put scales side by side: notebook must be one of ${
        Object.keys(COMPARISONS).join(", ")
      }, got ${notebook}.`,
    );
  }
  const drawn = comparisons.map((comparison) => ({
    comparison,
    lines: SOURCES.map(({ scale, ...source }) => ({
      ...source,
      ...(scale === "laptop" && comparison.study.regime === formerRegime
        ? { name: `${source.name} (former regime)` }
        : {}),
      series: scale
        ? comparison.ours(readResults(comparison.study, { scale, from: "data" }))
        : comparison.paper,
    })).filter(({ series }) => known(series)),
  }));
  const findings = drawn.map(({ comparison, lines }) => told(comparison, lines)).join(" ");
  return panels(drawn.map(({ comparison, lines }) => plotOf(comparison, lines)), {
    arrange: "stacked",
    caption: findings +
      (findings.includes(BENT) ? ` Off: by more than a factor of ${ALIKE}.` : "") +
      " The paper's points are read off its figures.",
  });
}

type Drawn = { name: string; color: string; series: Series };

function plotOf({ title, x, y }: Comparison, lines: readonly Drawn[]): Plot {
  if ("categories" in x) {
    const series = lines.map(({ name, color, series: { y, sd, n } }) => ({
      ...{ name, color, y, sd, n },
    }));
    return barsPlot({ title, categories: x.categories, series, x, y });
  }
  return curvesPlot({
    title,
    lines: lines.map(({ name, color, series: { x, y, sd, n } }) => ({
      ...{ name, color, x, y, sd, n },
      ...(name === "the paper" ? { dash: "dot" as const } : {}),
      marks: x.length > 12 ? "line" as const : "both" as const,
    })),
    x,
    y,
  });
}

/** "Attention to names in the end: laptop 0.6 (off), the paper 0.9." */
function told({ told: { words, of }, paper }: Comparison, lines: readonly Drawn[]): string {
  const aim = of(paper);
  const parts = lines.map(({ name, series }) => {
    const value = of(series);
    if (!Number.isFinite(value)) return `${name} not known yet`;
    const off = series === paper ? 1 : Math.max(value / aim, aim / value);
    return `${name} ${Number(value.toPrecision(2))}${off > ALIKE ? ` ${BENT}` : ""}`;
  });
  return `${words[0]!.toUpperCase()}${words.slice(1)}: ${parts.reverse().join(", ")}.`;
}
