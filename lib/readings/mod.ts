/**
 * Numbers from records: curves and their ends, phases, floors, exposures, attention, certainty,
 * statistics over seeds. Re-exports only.
 *
 * @module
 */
export * from "./attention.ts";
export * from "./exposures.ts";
export * from "./floors.ts";
export * from "./forgetting.ts";
export * from "./names.ts";
export * from "./phases.ts";
export * from "./ranks.ts";
export * from "./readings.ts";
export * from "./statistics.ts";
export * from "./uncertainty.ts";
