/**
 * Configuration, parameters, transformer, interventions on attention, generation.
 *
 * @module
 */
export * from "./complete.ts";
export { type ModelConfiguration, MODELS, NORM_EPSILON, ROTARY_BASE } from "./configuration.ts";
export {
  initialParameters,
  parameterCount,
  type Parameters,
  parameterShapes,
  type Shapes,
} from "./parameters.ts";
export * from "./patching.ts";
export * from "./transformer.ts";
