/**
 * What functions are written in, the trace that they become, and what runs it.
 *
 * @module
 */
export { adam, FIRST, SECOND } from "./adam.ts";
export {
  type Beside,
  type Branching,
  type Call,
  callOf,
  type DType,
  type Engine,
  type EngineOptions,
  type HasFunctions,
  mapValues,
  type Outputs,
  type Precision,
  type Program,
  type PureFunction,
  type Result,
  type Shapes,
  type Spec,
  type Tensors,
  type UpdateRule,
  type Updates,
  type Values,
} from "./contract.ts";
export { eager } from "./eager.ts";
export { type Device, type EngineKind, engineNamed, engineOn, ENGINES } from "./engines.ts";
export { availableCores, hasNativeBf16, memoryGiB } from "./machine.ts";
export * from "./ops.ts";
export * from "./tensorflow/mod.ts";
export * from "./xla/mod.ts";
export { loadTfjs, type Tensor, tf } from "./tfjs.ts";
export { type Edge, type Operation, printTrace, type ResultSpec, type Trace } from "./operation.ts";
export { stackTrace } from "./stack.ts";
export { trace, type TraceOptions } from "./trace.ts";
