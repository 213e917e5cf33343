/**
 * Training loop, AdamW, schedules, run identity and records.
 *
 * @module
 */
export {
  atScale,
  type CheckpointOf,
  configure,
  essence,
  identity,
  type OptimizerConfiguration,
  type RunConfiguration,
  type RunInput,
} from "./configuration.ts";
export { defaults, RECIPE } from "./defaults.ts";
export { checkpointSteps } from "./checkpoint.ts";
export { exportModel, type ImportedModel, importModel } from "./export.ts";
export * from "./optimizer.ts";
export { OUT, placeOf } from "./files.ts";
export * from "./origin.ts";
export { measuringSteps } from "./points.ts";
export {
  findRecord,
  latestStep,
  type Measurement,
  parseRecord,
  readRecord,
  type RecordHeader,
  recordSchema,
  type RecordSource,
  runFolder,
  type RunRecord,
  writeRecord,
} from "./record.ts";
export {
  branches,
  initialState,
  type RunProgram,
  runProgram,
  runShapes,
  stateShapes,
  stepFunction,
} from "./step.ts";
export * from "./train.ts";
export type { Tuning } from "./tuning.ts";
