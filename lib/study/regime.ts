/**
 * The regime of a study: the run that all its arms are changes of.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";
import { configure, type RunConfiguration, type RunInput } from "../trainer/mod.ts";

/** What an arm may change of its regime's run. */
export type Changes = Omit<RunInput, "scale" | "recipe">;

/** A run, and what it is with changes. */
export interface Regime {
  /** The scale it is of, for what a study says scale by scale. */
  readonly scale: Scale;
  /** The run as it is, complete, with seed 0. */
  readonly base: RunConfiguration;
  /** The run with changes, for `train`. */
  run(changes?: Changes): RunInput;
}

/**
 * The regime of a scale: what the scale stands for where nothing is said (lib/trainer/defaults.ts).
 * The same one every time.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * const { base, run } = regimeOf("laptop");
 * console.log(base.people, run({ seed: 1, optimizer: { decay: 1 } }));
 * ```
 */
export const regimeOf: (scale: Scale) => Regime = once((scale: Scale) => regime({ scale }));

/**
 * The regime that the committed records of some studies were made in, until each of these is run
 * again: at laptop scale 512 people, names of the scale's own, recipe 1.
 */
export const formerRegime: (scale: Scale) => Regime = once((scale: Scale) =>
  scale === "laptop" ? regime(FORMER) : regimeOf(scale)
);

/** Whether a regime is the former one: what a study then did differently ends with its last record. */
export function isFormer(regime: Regime): boolean {
  return regime === formerRegime("laptop");
}

const FORMER = {
  scale: "laptop",
  recipe: 1,
  batch: 8,
  evaluation: { people: 128, measurements: 30, attention: 10, flow: 16 },
} as const satisfies RunInput;

const PARTS = ["model", "tuning", "optimizer", "evaluation"] as const;

/** The regime of a run: what that says of the optimiser, say, stays where changes say nothing. */
function regime(own: RunInput & { scale: Scale }): Regime {
  return {
    scale: own.scale,
    base: configure(own),
    run(changes = {}) {
      const run: RunInput = { ...own, ...changes };
      for (const part of PARTS) {
        if (own[part] && changes[part]) run[part] = { ...own[part], ...changes[part] };
      }
      return run;
    },
  };
}

/** A function of the regime that makes its value once: arms are known by identity. */
export function perRegime<T>(make: (regime: Regime) => T): (regime: Regime) => T {
  return once(make);
}

function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}
