/**
 * What a written configuration leaves out. A run is named by what it says beyond these tables, and
 * what was written is read with them: they are frozen, whatever the defaults of today are
 * (defaults.ts). A field that is new gets a line here, with what it was before there was a choice.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { PROBES, settingsOff } from "../probes/mod.ts";

/** JSON by name. */
export type Json = Record<string, unknown>;

const EVERY_SCALE = {
  seed: 0,
  names: null,
  lists: null,
  subwords: null,
  updated: null,
  schedule: [{ people: { kind: "groups", groups: [{ from: 0, weight: 1 }] } }],
  order: "shuffled",
  templates: 20,
  sentences: null,
  named: null,
  start: null,
  reference: null,
  rewardModel: null,
  tuning: {
    text: "biographies",
    refuse: null,
    prefer: null,
    compare: false,
    rejected: "made up",
    reinforce: null,
    distill: 0,
    ownText: 0,
    replay: null,
    freeze: "nothing",
    undo: "nothing",
  },
  lengthGroups: 1,
  stopBelow: 0,
  precision: "bf16",
};
const MODEL = { activation: "relu2", mixer: "attention" };
const OPTIMIZER = { floor: 0.01, warmup: 0, decay: 0.1, beta1: 0.9, beta2: 0.95, clip: null };
// What a probe is where it is off is the probe's to say, for ever; attention has been on.
const EVALUATION = { ...settingsOff(PROBES), attention: 20, groups: [], steps: [], probes: {} };

/** By scale, all fields but scale and recipe, which are always written. */
export const OMITTED: Readonly<Record<Scale, Json>> = {
  smoke: {
    ...EVERY_SCALE,
    people: 32,
    model: { ...MODEL, layers: 2, width: 32, heads: 2, mlp: 128 },
    optimizer: { ...OPTIMIZER, lr: 3e-3 },
    batch: 8,
    steps: 60,
    evaluation: { ...EVALUATION, people: 32, measurements: 8, attention: 2 },
  },
  laptop: {
    ...EVERY_SCALE,
    people: 512,
    model: { ...MODEL, layers: 4, width: 128, heads: 4, mlp: 512 },
    optimizer: { ...OPTIMIZER, lr: 1e-3 },
    batch: 16,
    steps: 4000,
    evaluation: { ...EVALUATION, people: 256, measurements: 40 },
  },
  paper: {
    ...EVERY_SCALE,
    people: 65_536,
    model: { ...MODEL, layers: 8, width: 512, heads: 8, mlp: 2048 },
    optimizer: { ...OPTIMIZER, lr: 4e-4 },
    batch: 128,
    steps: 16_000,
    evaluation: { ...EVALUATION, people: 512, measurements: 60 },
  },
};

/** Whether a value is an object of JSON, not a list. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value says beyond a base, field by field. */
export function beyond(value: Json, base: Json): Json {
  const result: Json = {};
  for (const [key, own] of Object.entries(value)) {
    const other = base[key];
    if (canonical(own) === canonical(other)) continue;
    result[key] = isObject(own) && isObject(other) ? beyond(own, other) : own;
  }
  return result;
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      isObject(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );
}

/** The fields of a value by dotted path; lists, and runs that a run begins from, are taken whole. */
export function fieldsOf(value: Json, path = ""): [field: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const field = path + key;
    const isPart = isObject(inner) && !("run" in inner) && Object.keys(inner).length > 0;
    return isPart ? fieldsOf(inner, `${field}.`) : [[field, inner]];
  });
}
