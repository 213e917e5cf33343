/**
 * Configuration, parameters, transformer, interventions on attention, generation.
 *
 * @module
 */
export * from "./complete.ts";
export { type ModelConfiguration, MODELS, NORM_EPSILON, ROTARY_BASE } from "./configuration.ts";
export {
  decays,
  type Mixer,
  MIXER_ROLES,
  type Mixing,
  type Parameter,
  type Part,
  type Past,
  type Role,
} from "./mixer.ts";
export { mixerOf, MIXERS } from "./mixers.ts";
export {
  initialParameters,
  parameterCount,
  type Parameters,
  parameterShapes,
  parameterTable,
} from "./parameters.ts";
export * from "./patching.ts";
export { type At, type Edit, inTurn, type Place } from "./places.ts";
export * from "./sampling.ts";
export { modelSchema } from "./schema.ts";
export * from "./transformer.ts";
