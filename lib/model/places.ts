/**
 * Places in the network that can be looked at and changed, by the names of TransformerLens.
 *
 * Axes: B batch, T time, C width, H heads, D = C / H head width, M = B x T rows.
 *
 * @module
 */

import type { Tensor } from "../engine/mod.ts";

/** A named place, with the shape of what is there. */
export type Place =
  /** [M, C] the residual stream that enters a layer. */
  | "resid_pre"
  /** [B, H, T, D] queries, turned by their position and scaled. */
  | "q"
  /** [B, H, T, D] keys, turned by their position. */
  | "k"
  /** [B, H, T, D] values. */
  | "v"
  /** [B, H, T, T] attention scores, query by key; what may not be seen is very negative. */
  | "scores"
  /** [B, H, T, T] attention probabilities, query by key. */
  | "pattern"
  /** [M, C] what attention or recurrence has mixed, head by head, before the output projection. */
  | "z"
  /** [M, C] what attention or recurrence adds to the residual stream. */
  | "attn_out"
  /** [M, C] what the MLP adds to the residual stream. */
  | "mlp_out";

/**
 * Sees what is at a place and may put something else there. This one mechanism captures
 * (remember the tensor), patches (return another one), ablates and freezes. In the last layer,
 * attn_out and mlp_out have only those rows that leave it.
 *
 * A model that is given several tensors of tokens passes the places within its mixer (q, k, v,
 * scores, pattern) once for each of them: `group` counts them, from 0. All other places are passed
 * once, with the rows of all groups, and 0.
 */
export type Edit = (place: Place, layer: number, value: Tensor, group: number) => Tensor | void;

/** What is at a place of a layer, after whoever wanted to has changed it. */
export type At = (place: Place, layer: number, value: Tensor) => Tensor;

/** Several edits one after the other: each sees what the one before has put there. */
export function inTurn(...edits: readonly (Edit | undefined)[]): Edit {
  return (place, layer, value, group) =>
    edits.reduce((now, edit) => edit?.(place, layer, now, group) ?? now, value);
}
