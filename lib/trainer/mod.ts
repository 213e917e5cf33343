/**
 * Training loop, AdamW, schedules, run identity and records.
 *
 * @module
 */
export type {
  CheckpointOf,
  EvaluationConfiguration,
  OptimizerConfiguration,
  RunConfiguration,
  RunInput,
} from "./configuration.ts";
export { atScale, configure, essence, identity } from "./configure.ts";
export { defaults, RECIPE } from "./defaults.ts";
export type * from "./asking.ts";
export { answerAbout } from "./answer.ts";
export { attemptsOf } from "./attempt.ts";
export { fieldsOf, type Json } from "./omitted.ts";
export { checkpointSteps } from "./checkpoint.ts";
export { type AboutModel, exportModel, type ExportOptions } from "./export.ts";
export { findModel, MODEL_FOLDERS } from "./model_store.ts";
export { openModel } from "./open_model.ts";
export { type ImportedModel, importModel } from "./import.ts";
export { knowledgeOf } from "./knowledge_of.ts";
export * from "./optimizer.ts";
export { isLocked, Locked, lockFolder, OUT, placeOf, told, writeWhole } from "./files.ts";
export * from "./origin.ts";
export { measuringSteps } from "./points.ts";
export {
  type AnyRecord,
  besideOf,
  deviceOf,
  isRun,
  type Measurement,
  parseRecord,
  type RecordHeader,
  type RecordOf,
  recordSchema,
  type RunRecord,
} from "./record.ts";
export {
  begunIn,
  findRecord,
  latestStep,
  LOCAL,
  readRecord,
  type RecordSource,
  runFolder,
  writeRecord,
} from "./record_store.ts";
export { corpusOf } from "./corpus.ts";
export { callsOf, type RunCalls } from "./calls.ts";
export type { RolloutReading } from "./rollouts.ts";
export { type RowsAt, rowsAt, stepShapes } from "./rows.ts";
export {
  initialState,
  type Losses,
  modelOf,
  runShapes,
  stateShapes,
  type StepInput,
  type TrainingStep,
  trainingStep,
} from "./step.ts";
export type { Run, StepDone, TrainOptions } from "./run.ts";
export { currentCommit, parseLog, type Sitting, sittings } from "./run_log.ts";
export { onModel } from "./on_model.ts";
export * from "./train.ts";
export type { Reinforcement, Replay, Tuning } from "./tuning.ts";
export { loadProbes, probeModules, withProbes } from "./own_probes.ts";
