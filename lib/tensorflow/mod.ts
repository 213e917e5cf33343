/**
 * The only room that knows tfjs-node: loading it, compiling functions to a graph, raw ops.
 *
 * @module
 */
export type { AdamUpdates } from "./adam.ts";
export { compile } from "./compile.ts";
export { eager } from "./eager.ts";
export type {
  Engine,
  Precision,
  Program,
  PureFunction,
  Result,
  Spec,
  Tensors,
  Values,
} from "./engine.ts";
export {
  environment,
  openTensorFlow,
  type ProcessSettings,
  processSettings,
  type Tensor,
  tf,
} from "./load.ts";
export { availableCores, hasNativeBf16, memoryGiB } from "./machine.ts";
export * from "./ops.ts";
export { noSummary, openSummary, type Summary } from "./summary.ts";
