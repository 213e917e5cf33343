/**
 * People, templates, tokenizer, biographies, distributions over people, batches.
 *
 * @module
 */
export * from "./batches.ts";
export * from "./biography.ts";
export * from "./data_digest.ts";
export * from "./distribution.ts";
export * from "./groups.ts";
export * from "./lists.ts";
export * from "./namesakes.ts";
export * from "./population.ts";
export * from "./questions.ts";
export * from "./random.ts";
export { scheduleSchema } from "./schedule_schema.ts";
export { SUBWORDS, subwordsDigest } from "./subwords.ts";
export * from "./tokenizer.ts";
