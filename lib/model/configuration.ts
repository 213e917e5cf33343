/**
 * What a model is: sizes, activation, mixer. Defaults come from the scale.
 *
 * @module
 */

import { z } from "zod";
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
  /** What mixes positions: softmax attention, or the recurrent block of Hawk (recurrent.ts). */
  mixer: "attention" | "recurrent";
}

/** Schema of a {@link ModelConfiguration}. */
export const modelSchema: z.ZodType<ModelConfiguration> = z.strictObject({
  layers: z.int().min(1).max(64),
  width: z.int().min(4).max(8192),
  heads: z.int().min(1).max(128),
  mlp: z.int().min(4).max(65536),
  activation: z.enum(["relu2", "gelu"]),
  mixer: z.enum(["attention", "recurrent"]),
}).superRefine(({ width, heads }, context) => {
  if (width % (2 * heads) !== 0) {
    context.addIssue({
      code: "custom",
      path: ["width"],
      message: `must be a multiple of 2 x heads (${2 * heads})`,
    });
  }
});

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
