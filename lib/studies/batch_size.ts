/**
 * Row 8: batch size at fixed data. Is the plateau a matter of steps or of samples?
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { plateauEnd } from "../readings/mod.ts";
import {
  armsFigure,
  armsTable,
  finding,
  formerRegime,
  isFormer,
  type Study,
} from "../study/mod.ts";
import { plateauRun } from "./regime.ts";
import { listed } from "./words.ts";

/** Batch sizes, and those from one to another of which the claim is: the paper's are below 128. */
const BATCHES: Record<Scale, { all: readonly number[]; alike: readonly [number, number] }> = {
  smoke: { all: [4, 8, 16], alike: [4, 16] },
  laptop: { all: [8, 16, 32, 64], alike: [8, 32] },
  paper: { all: [32, 64, 128, 256, 512], alike: [32, 128] },
};

/** Batch sizes of the former regime. */
const FORMER = [4, 8, 16, 32];

/** Batch sizes at the same number of biographies. */
export const batchSize: Study = {
  name: "batch-size",
  title: "Batch size at fixed data",
  notebook: "01",
  question: "Is the plateau limited by steps or by samples?",
  result: "By samples: below batch 128 its end in samples hardly depends on the batch size.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const { alike: [from, to], all: present } = BATCHES[regime.scale];
    const all = isFormer(regime) ? FORMER : present;
    const arms = all.map((batch) => ({
      name: `batch ${batch}`,
      batch,
      run: (seed: number) =>
        isFormer(regime) ? plateauRun(regime, { seed, batch }) : regime.run({
          seed,
          batch,
          steps: Math.round(regime.base.steps * regime.base.batch / batch),
          stopBelow: 0.9,
          evaluation: { measurements: 40, attention: 0, flow: 0, verified: 0 },
        }),
    }));
    const alike = arms.filter(({ batch }) => batch >= from && batch <= to);
    const batches = `batch ${listed(alike.map(({ batch }) => batch))}`;
    return {
      arms,
      claims: [
        {
          id: "samples-not-steps",
          row: 8,
          statement: `The plateau ends after equally many samples with ${batches}.`,
          paper: "1.09 (batch 32 to 128: 441k to 482k)",
          quantity: "samples to .95 L0, largest over smallest",
          rule: { below: 1.25 },
          n: 3,
          ratio: true,
          measure: (recordOf) => {
            const samples = alike.map((arm) => plateauEnd(recordOf(arm)) * arm.batch);
            return Math.max(...samples) / Math.min(...samples);
          },
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          overSamples: true,
          ordered: true,
          caption: finding(results, "samples-not-steps", {
            holds: `With ${batches} the plateau ends after about as many biographies.`,
            "does not hold": `With ${batches} the plateau does not end after as many biographies.`,
            undecided: `Undecided whether with ${batches} it ends after as many biographies.`,
          }) + " Runs end below .9 L0.",
        }),
      table: (results) =>
        armsTable(results, {
          caption: isFormer(regime)
            ? "Batch size, constant learning rate, stopped below .9 L0"
            : "Batch size, as many biographies in all, stopped below .9 L0",
        }),
    };
  },
};
