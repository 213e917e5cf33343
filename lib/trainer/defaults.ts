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
export const RECIPE = 1;

/** What a scale stands for when a field is left out. */
export function defaults(scale: Scale): RunConfiguration {
  const sizes = {
    smoke: { people: 32, batch: 8, steps: 60, lr: 3e-3, evaluate: 32, measurements: 8 },
    laptop: { people: 512, batch: 16, steps: 4000, lr: 1e-3, evaluate: 256, measurements: 40 },
    paper: { people: 65_536, batch: 128, steps: 16_000, lr: 4e-4, evaluate: 512, measurements: 60 },
  }[scale];
  return {
    scale,
    seed: 0,
    people: sizes.people,
    schedule: [{ people: uniform() }],
    order: "shuffled",
    templates: 20,
    model: MODELS[scale],
    start: null,
    reference: null,
    tuning: PLAIN,
    optimizer: {
      lr: sizes.lr,
      floor: 0.01,
      warmup: 0,
      decay: 0.1,
      beta1: 0.9,
      beta2: 0.95,
      clip: null,
    },
    batch: sizes.batch,
    steps: sizes.steps,
    stopBelow: 0,
    evaluation: {
      people: sizes.evaluate,
      measurements: sizes.measurements,
      ...settingsOff(PROBES) as ProbeSettings,
      attention: scale === "smoke" ? 2 : 20,
      groups: [],
      steps: [],
      probes: {},
    },
    precision: "bf16",
    recipe: RECIPE,
  };
}
