/**
 * Row 8: batch size at fixed data. Is the plateau a matter of steps or of samples?
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { armsFigure, armsTable } from "./arms.ts";
import { plateauEnd } from "./readings.ts";
import { plateauRun } from "./regime.ts";
import { finding, gridOf, type Study } from "./study.ts";

const BATCHES: Record<Scale, readonly number[]> = {
  smoke: [4, 8, 16],
  laptop: [4, 8, 16, 32],
  paper: [32, 64, 128, 256, 512],
};

/** Batch sizes at the same number of biographies. */
export const batchSize: Study = {
  name: "batch-size",
  title: "Batch size at fixed data",
  notebook: "01",
  question: "Is the plateau limited by steps or by samples?",
  result: "By samples: below batch 128 its end in samples hardly depends on the batch size.",
  seeds: 3,
  grid: (options) =>
    gridOf(
      options,
      Object.fromEntries(BATCHES[options.scale].map((batch) => [`batch ${batch}`, {
        run: (seed: number) => plateauRun(options.scale, { seed, batch }),
      }])),
    ),
  claims: [
    {
      id: "samples-not-steps",
      row: 8,
      statement: "The plateau ends after equally many samples with batch 8, 16 and 32.",
      paper: "1.09 (batch 32 to 128: 441k to 482k)",
      quantity: "samples to .95 L0, largest over smallest",
      rule: { below: 1.25 },
      measure: (recordOf) => {
        const samples = [8, 16, 32].map((batch) => plateauEnd(recordOf(`batch ${batch}`)) * batch);
        return Math.max(...samples) / Math.min(...samples);
      },
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      overSamples: true,
      caption: finding(results, "samples-not-steps", {
        holds: "Whatever the batch, the plateau ends after about as many biographies.",
        "does not hold":
          "How many biographies it takes until the plateau ends depends on the batch.",
        undecided:
          "In some seeds the plateau ends after about as many biographies whatever the batch.",
      }) + " Runs end below .9 L0.",
    }),
  table: (results) =>
    armsTable(results, { caption: "Batch size, constant learning rate, stopped below .9 L0" }),
};
