/**
 * Several runs in one figure: loss and accuracy of evaluation sets over steps, named by what differs.
 *
 * @module
 */

import { curvesPlot, type Figure, panels, plainColors } from "../../lib/figures/mod.ts";
import type { Knowledge } from "../../lib/probes/mod.ts";
import type { Measurement } from "../../lib/trainer/mod.ts";
import { differing, textOf } from "./fields.ts";
import type { Found } from "./found.ts";

/** Dashes by which sets of one run are told apart. */
const DASHES = ["solid", "dash", "dot", "dashdot"] as const;
/** What tells how a run went, not what it is. */
const OUTCOMES = new Set(["hash", "arm", "step", "loss", "accuracy", "device", "date", "commit"])
  .union(new Set(["seconds", "status"]));
/** A name in the legend is no longer than that. */
const LONGEST = 60;

/**
 * The figure of some runs.
 *
 * @throws {Error} if a run has no such set, or has measured nothing.
 */
export function overlay(runs: readonly Found[], sets: readonly string[]): Figure {
  const fields = differing(runs)
    .filter((field) => !OUTCOMES.has(field) && !field.startsWith("evaluation."));
  const lines = (quantity: "loss" | "accuracy") =>
    runs.flatMap(({ hash, record, fields: own }, i) => {
      const measured = (record.measurements as unknown as Measurement[])
        .filter(({ step }) => step > 0);
      const differs = fields.map((field) => `${field} ${textOf(own[field]) || "none"}`).join(", ");
      const name = differs.length > LONGEST ? `${differs.slice(0, LONGEST)}…` : differs;
      return sets.map((set, k) => {
        const values = measured.map((measurement) => {
          const knowledge: Partial<Record<string, Knowledge>> = { ...measurement.sets };
          const at = knowledge[set]?.[quantity];
          if (at !== undefined) return at;
          const names = Object.keys(knowledge).join(", ") || "none";
          throw new Error(`--sets must be of ${names} in run ${hash}, got ${set}`);
        });
        if (values.length === 0) {
          throw new Error(`run ${hash} must have been measured, and was not`);
        }
        return {
          name: `${hash}${name && ` (${name})`}${sets.length > 1 ? `, ${set}` : ""}`,
          x: measured.map(({ step }) => step),
          y: values,
          color: plainColors[i % plainColors.length]!,
          dash: DASHES[k % DASHES.length]!,
        };
      });
    });
  const x = { title: "training step", log: true };
  return panels([
    curvesPlot({ title: "attribute loss", lines: lines("loss"), x, y: { title: "nats a value" } }),
    curvesPlot({
      title: "attribute accuracy",
      lines: lines("accuracy"),
      x,
      y: { title: "share of values", range: [0, 1] },
    }),
  ], { arrange: "stacked", caption: `${runs.length} runs, ${sets.join(" and ")}.` });
}
