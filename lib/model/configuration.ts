/**
 * What a model is: sizes, activation, mixer. Defaults come from the scale.
 *
 * @module
 */

import type { Scale } from "../generator/mod.ts";

/** Sizes and kinds of a model. */
export interface ModelConfiguration {
  /** Transformer blocks. */
  layers: number;
  /** Width C of the residual stream. */
  width: number;
  /** Heads H; the head width is C / H. */
  heads: number;
  /** Width of the MLP's hidden layer. */
  mlp: number;
  /** relu2: squared ReLU; gelu: its tanh form. */
  activation: "relu2" | "gelu";
  /** What mixes positions: "attention", "recurrent" (Hawk's block), or another of mixers.ts. */
  mixer: string;
}

/** The model of each scale. */
export const MODELS: Record<Scale, ModelConfiguration> = {
  smoke: { layers: 2, width: 32, heads: 2, mlp: 128, activation: "relu2", mixer: "attention" },
  laptop: { layers: 4, width: 128, heads: 4, mlp: 512, activation: "relu2", mixer: "attention" },
  paper: { layers: 8, width: 512, heads: 8, mlp: 2048, activation: "relu2", mixer: "attention" },
};

/** Added to the mean square in RMSNorm. */
export const NORM_EPSILON = 1e-5;
/** Base of the rotary frequencies. */
export const ROTARY_BASE = 10_000;
