/**
 * Many runs at once, on this machine.
 *
 * @module
 */
export { planSweep, type SweepRun } from "./plan.ts";
export * from "./sweep.ts";
export * from "./table.ts";
