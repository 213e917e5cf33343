/**
 * The engine on TensorFlow's library: loading tfjs-node, one graph a program.
 *
 * @module
 */
export { branches, compile } from "./compile.ts";
export { environment, openTensorFlow, type ProcessSettings } from "./load.ts";
export { noSummary, openSummary, type Summary } from "./summary.ts";
