/**
 * Row 12: attention freezing. Attention patterns stay those of the model at some step while
 * everything else trains on: patching by a reference from where the run goes on.
 *
 * @module
 */

import { armsFigure, armsTable } from "./arms.ts";
import { patchedRun, referenceColor, REFERENCES } from "./attention_patching.ts";
import { finalShare } from "./readings.ts";
import { regime } from "./regime.ts";
import { finding, gridOf, type Study } from "./study.ts";

/** From when attention is frozen; frozen at the end there is nothing left to train. */
const FROM = ["initial", "statistics", "plateau", "plateau end"] as const;

const name = (arm: string) => arm === "base" ? "not frozen" : `frozen at: ${arm}`;

/** Attention frozen from some step on. */
export const attentionFreezing: Study = {
  name: "attention-freezing",
  title: "Attention freezing",
  notebook: "02",
  question: "When is attention good enough to be left alone?",
  result:
    "Frozen during the first phase the model stays stuck; frozen after the plateau it loses little.",
  seeds: 3,
  grid: (options) =>
    gridOf(options, {
      base: { run: (seed) => regime(options.scale, { seed }) },
      ...Object.fromEntries(FROM.map((arm) => {
        const reference = REFERENCES[arm]!;
        return [arm, {
          run: (seed: number) => patchedRun(options.scale, { seed, reference, start: reference }),
        }];
      })),
    }),
  claims: [
    {
      id: "frozen-early-stuck",
      row: 12,
      statement: "With attention frozen in the first phase most is never learned.",
      paper: ".78 (5.3 nats, frozen at step 500)",
      quantity: "final loss as a share of L0, frozen in the statistics phase",
      rule: { above: 0.4 },
      measure: (recordOf) => finalShare(recordOf("statistics")),
    },
    {
      id: "frozen-late-fine",
      row: 12,
      statement: "Attention frozen at the plateau's end is good enough.",
      paper: ".011 (.072 nats, frozen at step 4k)",
      quantity: "final loss as a share of L0, frozen at the plateau's end",
      rule: { below: 0.1 },
      measure: (recordOf) => finalShare(recordOf("plateau end")),
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      name,
      color: referenceColor,
      caption: finding(results, "frozen-late-fine", {
        holds: "Frozen at the plateau's end, attention is good enough; frozen earlier, it is not.",
        "does not hold": "Attention that is frozen at the plateau's end is not good enough yet.",
        undecided: "Attention at the plateau's end is good enough in some seeds.",
      }),
    }),
  table: (results) => armsTable(results, { name, caption: "When attention is frozen" }),
};
