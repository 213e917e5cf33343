/**
 * What a run is where a person says nothing. It may change: what was written is read with
 * omitted.ts, and no run's name depends on this.
 *
 * @module
 */

import { type Scale, uniform } from "../generator/mod.ts";
import { MODELS } from "../model/mod.ts";
import { PROBES, type ProbeSettings, settingsOff } from "../probes/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { PLAIN } from "./tuning.ts";

/** Raised whenever a change of code alters results, so that old records are not mistaken. */
export const RECIPE = 2;

/** Those that runs can be trained by: that of today, and that of records which studies still read. */
export const RECIPES: readonly number[] = [1, RECIPE];

/** What a scale stands for when a field is left out. */
export function defaults(scale: Scale): RunConfiguration {
  const sizes = {
    smoke: { people: 32, names: null, batch: 8, lengthGroups: 1, steps: 60, lr: 3e-3 },
    // The cheapest run with a plateau that is plain to see (LOG.md, 2026-11-26).
    laptop: { people: 1024, names: 112, batch: 16, lengthGroups: 2, steps: 5000, lr: 7e-4 },
    // The paper's, number by number (docs/paper_scale.md); its cosine ends at 1e-7.
    paper: { people: 64_000, names: null, batch: 128, lengthGroups: 2, steps: 16_000, lr: 4e-4 },
  }[scale];
  const floor = { smoke: 0.01, laptop: 0.01, paper: 2.5e-4 }[scale];
  const evaluation = {
    smoke: { people: 32, measurements: 8, attention: 2 },
    laptop: { people: 256, measurements: 32, attention: 16, flow: 16, verified: 32 },
    paper: { people: 4096, measurements: 60, attention: 30, flow: 64, verified: 64 },
  }[scale];
  return {
    scale,
    seed: 0,
    people: sizes.people,
    names: sizes.names,
    lists: null,
    subwords: null,
    updated: null,
    schedule: [{ people: uniform() }],
    order: "shuffled",
    templates: 20,
    sentences: null,
    named: null,
    model: MODELS[scale],
    start: null,
    reference: null,
    rewardModel: null,
    tuning: PLAIN,
    optimizer: {
      lr: sizes.lr,
      floor,
      warmup: 0,
      decay: 0.1,
      beta1: 0.9,
      beta2: 0.95,
      clip: null,
    },
    batch: sizes.batch,
    lengthGroups: sizes.lengthGroups,
    steps: sizes.steps,
    stopBelow: 0,
    evaluation: {
      ...settingsOff(PROBES) as ProbeSettings,
      ...evaluation,
      groups: [],
      steps: [],
      probes: {},
    },
    precision: "bf16",
    recipe: RECIPE,
  };
}
