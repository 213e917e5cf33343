/**
 * Knowledge, plateau and attention of a model.
 *
 * @module
 */
export * from "./answers.ts";
export * from "./attention.ts";
export * from "./floor.ts";
export * from "./gradient_flow.ts";
export * from "./knowledge.ts";
export * from "./plateau.ts";
export * from "./uncertainty.ts";
