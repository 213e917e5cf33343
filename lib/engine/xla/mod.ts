/**
 * The engine for accelerators: StableHLO through PJRT, called over Deno's FFI.
 *
 * @module
 */
export type { DeviceInfo } from "./client.ts";
export { deviceInfo, deviceMemory, openXla } from "./device.ts";
export { sideBySide } from "./beside.ts";
export { xla } from "./engine.ts";
