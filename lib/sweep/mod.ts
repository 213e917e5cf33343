/**
 * Many runs at once, on this machine.
 *
 * @module
 */
export * from "./sweep.ts";
