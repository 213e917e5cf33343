/**
 * The engine for accelerators: StableHLO through PJRT, called over Deno's FFI.
 *
 * @module
 */
export { openXla } from "./device.ts";
export { xla } from "./engine.ts";
