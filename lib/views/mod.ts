/**
 * What a person looks at: a run while it trains, its phases, its model and what that says of people,
 * its certainty, its attention. Re-exports only.
 *
 * @module
 */
export * from "./attention_map.ts";
export * from "./attention_view.ts";
export * from "./help.ts";
export * from "./inspect.ts";
export { phasesFigure, phaseSpans, phasesTable, plateauSpan } from "./phases.ts";
export * from "./uncertainty.ts";
export * from "./watch.ts";
