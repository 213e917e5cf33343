/**
 * The part of a run configuration that says what a model is.
 *
 * @module
 */

import { z } from "zod";
import type { ModelConfiguration } from "./configuration.ts";
import { MIXERS } from "./mixers.ts";

/** Schema of a {@link ModelConfiguration}. */
export const modelSchema: z.ZodType<ModelConfiguration> = z.strictObject({
  layers: z.int().min(1).max(64),
  width: z.int().min(4).max(8192),
  heads: z.int().min(1).max(128),
  mlp: z.int().min(4).max(65536),
  activation: z.enum(["relu2", "gelu"]),
  mixer: z.string().refine(
    (name) => Object.hasOwn(MIXERS, name),
    { error: () => `must be one of ${Object.keys(MIXERS).join(", ")}` },
  ),
}).superRefine(({ width, heads }, context) => {
  if (width % (2 * heads) !== 0) {
    context.addIssue({
      code: "custom",
      path: ["width"],
      message: `must be a multiple of 2 x heads (${2 * heads})`,
    });
  }
});
