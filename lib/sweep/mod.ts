/**
 * Many runs at once, on this machine.
 *
 * @module
 */
export { type PlanOptions, planSweep, type SweepRun } from "./plan.ts";
export * from "./sweep.ts";
export * from "./table.ts";
