/**
 * What `$display` methods anywhere above are made of: escape, table, MIME bundle, show.
 * Re-exports only.
 *
 * @module
 */

export * from "./bundle.ts";
export * from "./escape.ts";
export * from "./interrupt.ts";
export * from "./live.ts";
export * from "./meant.ts";
export * from "./must.ts";
export * from "./progress.ts";
export * from "./show.ts";
export * from "./sparkline.ts";
export * from "./table.ts";
