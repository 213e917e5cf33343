/**
 * What a study is: its arms, what is claimed of them, running it, showing it, the scoreboard, and
 * what it costs. The list of studies is handed to it. Re-exports only.
 *
 * @module
 */
export * from "./arms.ts";
export * from "./associative_memory.ts";
export * from "./claims.ts";
export * from "./cost.ts";
export * from "./memory_record.ts";
export * from "./regime.ts";
export * from "./run.ts";
export * from "./scoreboard.ts";
export * from "./study.ts";
export * from "./trial.ts";
