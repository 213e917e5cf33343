/**
 * Many runs at once, on this machine or on a cluster.
 *
 * @module
 */
export type { SweepContext, SweepEngine } from "./engine.ts";
export { type BesideOptions, wavesOf } from "./beside.ts";
export { local } from "./local.ts";
export { placesOn, type WorkerPlace } from "./places.ts";
export { type PlanOptions, planSweep, type SweepRun } from "./plan.ts";
export { slurm } from "./slurm.ts";
export type { SlurmOptions } from "./slurm_jobs.ts";
export * from "./sweep.ts";
export * from "./table.ts";
