/**
 * What a mixer is: the part of a layer that moves information between positions. One file each, and
 * an entry of mixers.ts.
 *
 * @module
 */

import type { Tensor } from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { At } from "./places.ts";

/** What a parameter is for. */
export type Role =
  | "embedding"
  | "attention query"
  | "attention key"
  | "attention value"
  | "attention output"
  | "mixer"
  | "mlp"
  | "norm";

/** Roles of a mixer's parameters. */
export const MIXER_ROLES: readonly Role[] = [
  "attention query",
  "attention key",
  "attention value",
  "attention output",
  "mixer",
];

/** One parameter of a model. */
export interface Parameter {
  /** Its name in files, Hugging Face's where there is one. */
  name: string;
  /** Its axes; matrices are [out, in]. */
  shape: readonly number[];
  /** What it is for. */
  role: Role;
  /** Its `size` values at the beginning, row by row. */
  start(size: number, random: () => number): Float32Array;
}

/** Whether weight decay shrinks a parameter: matrices, filters and the embedding; no norm, no bias. */
export function decays({ role, shape }: Pick<Parameter, "role" | "shape">): boolean {
  return role !== "norm" && shape.length > 1;
}

/** The parameters of a part of a layer, by a name within it. */
export type Part<Name extends string = string> = Readonly<Record<Name, Parameter>>;

/** Sequences that are mixed. */
export interface Mixing {
  /** Sequences. */
  B: number;
  /** Their length. */
  T: number;
  /** Sees, and may change, what is at a place. */
  at: At;
  /** What the sequences have been so far, where they go on from something. */
  past?: Past;
}

/** Keys and values of positions before those that are given: a key-value cache. */
export interface Past {
  /** Positions so far. */
  readonly length: number;
  /** [B, 1, 1, length + T]: 0, and very negative at positions that nobody sees. */
  readonly hidden: Tensor;
  /** Adds keys or values [B, H, T, D] of a layer to those so far; returns them all. */
  add(layer: number, what: "k" | "v", own: Tensor): Tensor;
}

/** A way of mixing positions. */
export interface Mixer<Name extends string = string> {
  /** What there is to see of it; "pattern" is what patching needs. */
  places: readonly ("q" | "k" | "v" | "scores" | "pattern")[];
  /** Whether sequences can go on from a {@link Past}. */
  goesOn?: true;
  /**
   * The parameters of one layer, but the projection that brings what is mixed back to the residual
   * stream: that one is {@link Mixer.output}.
   */
  parameters(model: ModelConfiguration, layer: number): Part<Name>;
  /** Name and role of the projection [C, C] back to the residual stream. */
  output(layer: number): Pick<Parameter, "name" | "role">;
  /**
   * What of normed x [M, C] needs no positions, by a layer's own parameters: [M, …] each, on the rows
   * of all groups together.
   */
  project(model: ModelConfiguration, x: Tensor, weights: (name: Name) => Tensor): Tensor[];
  /**
   * Of what {@link Mixer.project} gives for some sequences to mixed values z [B T, C]; position t sees
   * none after it.
   */
  mix(
    model: ModelConfiguration,
    mixing: Mixing,
  ): (projected: Tensor[], layer: number, weights: (name: Name) => Tensor) => Tensor;
}
