/**
 * One file per experiment of the paper: its runs, its analysis, its figures.
 *
 * @module
 */
export * from "./phases.ts";
export * from "./regime.ts";
