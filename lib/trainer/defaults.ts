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

/** Those that runs can be trained by: that of today, and the next one, which studies move to. */
export const RECIPES: readonly number[] = [RECIPE, 2];

/** What a scale stands for when a field is left out. */
export function defaults(scale: Scale): RunConfiguration {
  const sizes = {
    smoke: { people: 32, batch: 8, steps: 60, lr: 3e-3 },
    // The cheapest run in which all three phases show (LOG.md, 2026-11-25).
    laptop: { people: 512, batch: 8, steps: 4000, lr: 1e-3 },
    paper: { people: 65_536, batch: 128, steps: 16_000, lr: 4e-4 },
  }[scale];
  const evaluation = {
    smoke: { people: 32, measurements: 8, attention: 2 },
    laptop: { people: 128, measurements: 30, attention: 10, flow: 16 },
    paper: { people: 512, measurements: 60, attention: 20 },
  }[scale];
  return {
    scale,
    seed: 0,
    people: sizes.people,
    names: null,
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
    lengthGroups: 1,
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
