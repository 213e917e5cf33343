/**
 * factlab: how language models learn, hallucinate and forget facts. The public face; re-exports
 * only.
 *
 * @module
 */
export * from "./studies/mod.ts";
export * from "./figures/mod.ts";
export * from "./sweep/mod.ts";
export * from "./trainer/mod.ts";
export * from "./probes/mod.ts";
export * from "./model/mod.ts";
export * from "./generator/mod.ts";
export * from "./tensorflow/mod.ts";
export * from "./display/mod.ts";
