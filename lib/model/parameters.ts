/**
 * The table of a model's parameters: name, shape, role and start of each, by the names and layouts
 * of Hugging Face's ArceeForCausalLM (RecurrentGemma's for recurrent blocks): matrices are
 * [out, in], the output layer is the embedding.
 *
 * @module
 */

import { stream } from "../generator/mod.ts";
import type { Shapes } from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { Parameter, Part } from "./mixer.ts";
import { mixerOf } from "./mixers.ts";
import { constant, gaussian } from "./start.ts";

/** Row-major values by parameter name. */
export type Parameters = Record<string, Float32Array>;

/** Token embedding, tied to the output layer. */
export const EMBEDDING = "model.embed_tokens.weight";
/** Gain of the norm before the output layer. */
export const FINAL_NORM = "model.norm.weight";

/** The parameters of a layer that every mixer has around it. */
export function layerPart(
  model: ModelConfiguration,
  layer: number,
): Part<"attentionNorm" | "output" | "mlpNorm" | "up" | "down"> {
  const { width, mlp, layers } = model;
  // What writes to the residual stream begins smaller, the more of it there is.
  const residual = gaussian(1 / Math.sqrt(2 * layers));
  const named = (name: string) => `model.layers.${layer}.${name}.weight`;
  const norm = (name: string): Parameter => ({
    name: named(name),
    shape: [width],
    role: "norm",
    start: constant(1),
  });
  return {
    attentionNorm: norm("input_layernorm"),
    output: { ...mixerOf(model).output(layer), shape: [width, width], start: residual },
    mlpNorm: norm("post_attention_layernorm"),
    up: { name: named("mlp.up_proj"), shape: [mlp, width], role: "mlp", start: gaussian() },
    down: { name: named("mlp.down_proj"), shape: [width, mlp], role: "mlp", start: residual },
  };
}

/**
 * All parameters of a model, in the order of its layers.
 *
 * @example
 * ```ts
 * import { MODELS, parameterTable } from "factlab";
 * for (const { name, shape, role } of parameterTable(MODELS.smoke, 100)) {
 *   console.log(role, name, shape);
 * }
 * ```
 */
export function parameterTable(
  model: ModelConfiguration,
  vocabularySize: number,
): readonly Parameter[] {
  const { width, layers } = model;
  const shape = [vocabularySize, width];
  const block = (layer: number) => {
    const { attentionNorm, output, mlpNorm, up, down } = layerPart(model, layer);
    const mixer = Object.values(mixerOf(model).parameters(model, layer));
    return [attentionNorm, ...mixer, output, mlpNorm, up, down];
  };
  return [
    { name: EMBEDDING, shape, role: "embedding", start: gaussian() },
    ...Array.from({ length: layers }, (_, layer) => block(layer)).flat(),
    { name: FINAL_NORM, shape: [width], role: "norm", start: constant(1) },
  ];
}

/**
 * Shapes of all parameters of a model.
 *
 * @example
 * ```ts
 * import { MODELS, parameterShapes } from "factlab";
 * console.log(Object.entries(parameterShapes(MODELS.laptop, 900)).slice(0, 3));
 * ```
 */
export function parameterShapes(model: ModelConfiguration, vocabularySize: number): Shapes {
  const table = parameterTable(model, vocabularySize);
  return Object.fromEntries(table.map(({ name, shape }) => [name, shape]));
}

/**
 * Seeded initial parameters: normal with standard deviation 0.02, what writes to the residual
 * stream scaled by 1 / sqrt(2 layers), norms one; a mixer's own as its file says. Each parameter has
 * a stream of its own.
 *
 * @example
 * ```ts
 * import { initialParameters, MODELS } from "factlab";
 * console.log(Object.keys(initialParameters(MODELS.smoke, 100, 0)).length);
 * ```
 */
export function initialParameters(
  model: ModelConfiguration,
  vocabularySize: number,
  seed: number,
): Parameters {
  return Object.fromEntries(
    parameterTable(model, vocabularySize).map(({ name, shape, start }) => [
      name,
      start(shape.reduce((a, b) => a * b, 1), stream(seed, "init", name)),
    ]),
  );
}

/**
 * Number of parameters.
 *
 * @example
 * ```ts
 * import { MODELS, parameterCount, parameterShapes } from "factlab";
 * console.log(parameterCount(parameterShapes(MODELS.laptop, 900))); // 0.9M
 * ```
 */
export function parameterCount(shapes: Shapes): number {
  return Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
