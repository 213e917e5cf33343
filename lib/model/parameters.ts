/**
 * Parameters by the names and layouts of Hugging Face's ArceeForCausalLM (RecurrentGemma's for
 * recurrent blocks): matrices are [out, in], the output layer is the embedding.
 *
 * @module
 */

import { stream } from "../generator/mod.ts";
import { normal } from "../generator/random.ts";
import type { ModelConfiguration } from "./configuration.ts";
import { recurrentNames, recurrentShapes, recurrentStart } from "./recurrent.ts";

/** Row-major values by parameter name. */
export type Parameters = Record<string, Float32Array>;

/** Shapes by parameter name. */
export type Shapes = Record<string, readonly number[]>;

/** The parameter names of one layer. */
export function layerNames(layer: number) {
  const at = (name: string) => `model.layers.${layer}.${name}.weight`;
  return {
    attentionNorm: at("input_layernorm"),
    query: at("self_attn.q_proj"),
    key: at("self_attn.k_proj"),
    value: at("self_attn.v_proj"),
    attentionOutput: at("self_attn.o_proj"),
    mlpNorm: at("post_attention_layernorm"),
    up: at("mlp.up_proj"),
    down: at("mlp.down_proj"),
  } as const;
}

/** Token embedding, tied to the output layer. */
export const EMBEDDING = "model.embed_tokens.weight";
/** Gain of the norm before the output layer. */
export const FINAL_NORM = "model.norm.weight";

/**
 * Shapes of all parameters of a model.
 *
 * @example
 * ```ts
 * import { MODELS } from "./configuration.ts";
 * import { parameterShapes } from "./parameters.ts";
 * console.log(Object.entries(parameterShapes(MODELS.laptop, 900)).slice(0, 3));
 * ```
 */
export function parameterShapes(
  model: ModelConfiguration,
  vocabularySize: number,
): Shapes {
  const { layers, width, mlp } = model;
  const shapes: Shapes = { [EMBEDDING]: [vocabularySize, width] };
  for (let layer = 0; layer < layers; layer++) {
    const names = layerNames(layer);
    shapes[names.attentionNorm] = [width];
    if (model.mixer === "attention") {
      for (const name of [names.query, names.key, names.value]) shapes[name] = [width, width];
    } else {
      Object.assign(shapes, recurrentShapes(model, layer));
    }
    shapes[mixerOutput(model, layer)] = [width, width];
    shapes[names.mlpNorm] = [width];
    shapes[names.up] = [mlp, width];
    shapes[names.down] = [width, mlp];
  }
  shapes[FINAL_NORM] = [width];
  return shapes;
}

/** Name of the projection that brings what a layer has mixed back to the residual stream. */
export function mixerOutput({ mixer }: ModelConfiguration, layer: number): string {
  return mixer === "attention" ? layerNames(layer).attentionOutput : recurrentNames(layer).output;
}

/**
 * Seeded initial parameters: normal with standard deviation 0.02, what writes to the residual
 * stream scaled by 1 / sqrt(2 layers), norms one; a recurrent block's memories, gates and filters
 * as recurrent.ts says. Each parameter has a stream of its own.
 *
 * @example
 * ```ts
 * import { MODELS } from "./configuration.ts";
 * import { initialParameters } from "./parameters.ts";
 * console.log(Object.keys(initialParameters(MODELS.smoke, 100, 0)).length);
 * ```
 */
export function initialParameters(
  model: ModelConfiguration,
  vocabularySize: number,
  seed: number,
): Parameters {
  const residual = 1 / Math.sqrt(2 * model.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(model, vocabularySize)).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const own = recurrentStart(name, shape, seed);
      if (own) return [name, own];
      if (shape.length === 1) return [name, new Float32Array(size).fill(1)];
      const scale = 0.02 * (/(o|down)_proj|linear_out/.test(name) ? residual : 1);
      return [name, normal(size, stream(seed, "init", name)).map((value) => value * scale)];
    }),
  );
}

/**
 * Number of parameters.
 *
 * @example
 * ```ts
 * import { MODELS } from "./configuration.ts";
 * import { parameterCount, parameterShapes } from "./parameters.ts";
 * console.log(parameterCount(parameterShapes(MODELS.laptop, 900))); // 0.9M
 * ```
 */
export function parameterCount(shapes: Shapes): number {
  return Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
