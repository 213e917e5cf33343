/**
 * The kinds of model that rows 9 and 10 compare, each at a learning rate of its own: a rate that
 * suits one may hold another back. Which one does is tried by rate_tuning.ts.
 *
 * @module
 */

import type { ModelConfiguration } from "../model/mod.ts";
import { type Arm, isFormer, type Regime } from "../study/mod.ts";
import type { RunInput } from "../trainer/mod.ts";

/** The kinds, in the order in which they are shown. */
export const KINDS = ["attention", "recurrent", "large"] as const;

/** A kind of model. */
export type Kind = typeof KINDS[number];

/** The paper's larger models: 163M and 400M with its vocabulary. */
const PAPER_163M = { layers: 12, heads: 16, width: 896, mlp: 3584 };
export const PAPER_400M = { layers: 12, heads: 12, width: 1536, mlp: 6144 };

/** Four times the parameters: twice the width and heads, or the paper's next model. */
function largerModel({ scale, base }: Regime): Partial<ModelConfiguration> {
  const { width, heads, mlp } = base.model;
  return scale === "paper" ? PAPER_163M : { width: 2 * width, heads: 2 * heads, mlp: 2 * mlp };
}

/** What a kind changes of the regime's model; undefined for none. */
export function modelOf(regime: Regime, kind: Kind): Partial<ModelConfiguration> | undefined {
  if (kind === "attention") return undefined;
  return kind === "recurrent" ? { mixer: "recurrent" } : largerModel(regime);
}

/** Multiples of the regime's peak rate, to be chosen on pilot seeds (rate_tuning.ts); 1 until then. */
const CHOSEN: Readonly<Record<Kind, number>> = { attention: 1, recurrent: 1, large: 1 };

/** The multiple of the regime's peak rate that a kind is trained at; at paper scale the paper's. */
export function chosenRate(regime: Regime, kind: Kind): number {
  return regime.scale !== "laptop" || isFormer(regime) ? 1 : CHOSEN[kind];
}

/**
 * A run of a kind, at a multiple of the regime's rate; by default the chosen one.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * import { kindRun } from "./kinds.ts";
 * console.log(kindRun(regimeOf("laptop"), "recurrent", { seed: 0 }).model); // Hawk's mixer
 * ```
 */
export function kindRun(
  regime: Regime,
  kind: Kind,
  { seed, rate = chosenRate(regime, kind) }: { seed: number; rate?: number },
): RunInput {
  const model = modelOf(regime, kind);
  return regime.run({
    seed,
    ...(model ? { model } : {}),
    ...(rate === 1 ? {} : { optimizer: { lr: rate * regime.base.optimizer.lr } }),
  });
}

/** The arm of a kind at its chosen rate. */
export function kindArm(regime: Regime, kind: Kind): Arm {
  return {
    name: kind === "attention" ? "base" : kind,
    run: (seed) => kindRun(regime, kind, { seed }),
  };
}
