/**
 * Rows as a table: aligned plain text for a terminal, HTML for a notebook, light or dark.
 * Leaves out sorting, paging and nested cells: give it the rows you want read.
 *
 * @module
 */

import { type TextAndHtml, textAndHtml } from "./bundle.ts";
import { escapeHtml, oneLine } from "./escape.ts";

/** One column: which entry of a row it shows, under which title, and how. */
export interface Column {
  /** The entry of the row. */
  key: string;
  /** The heading; the key by default. */
  title?: string;
  /** How a cell reads; by default {@link formatCell}. */
  format?: (value: unknown) => string;
}

/** What a table needs beside its rows. */
export interface TableOptions {
  /** Columns in order, as keys or in full; by default every key in order of appearance. */
  columns?: readonly (string | Column)[];
  /** A line above the table that says what is counted, and in which unit. */
  caption?: string;
}

/**
 * How a cell reads by default: whole numbers in full, others with four significant digits, a dash
 * for what is missing.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatCell } from "factlab/display";
 *
 * assertEquals([512, 3.14159, 1e-5, null].map(formatCell), ["512", "3.142", "0.00001", "–"]);
 * ```
 */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value === "number") {
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  }
  const text = typeof value === "object" && !Array.isArray(value);
  return oneLine(text ? Deno.inspect(value) : String(value));
}

/**
 * A table of the rows. Columns of numbers are aligned to the right.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { table } from "factlab";
 *
 * const people = table([{ name: "Ann", loss: 0.5 }, { name: "Lee", loss: 12 }]);
 * assertEquals(people.text, "name  loss\n────  ────\nAnn    0.5\nLee     12");
 * ```
 */
export function table(
  rows: readonly Readonly<Record<string, unknown>>[],
  options: TableOptions = {},
): TextAndHtml {
  const keys = options.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = keys.map((key) => layOut(rows, typeof key === "string" ? { key } : key));
  return textAndHtml(
    plain(columns, rows.length, options.caption),
    html(columns, rows.length, options.caption),
  );
}

interface LaidOut {
  title: string;
  cells: string[];
  right: boolean;
}

function layOut(rows: readonly Readonly<Record<string, unknown>>[], column: Column): LaidOut {
  const values = rows.map((row) => row[column.key]);
  const present = values.filter((value) => value !== null && value !== undefined);
  return {
    title: oneLine(column.title ?? column.key),
    cells: values.map((value) => oneLine(String((column.format ?? formatCell)(value)))),
    right: present.length > 0 && present.every((value) => /number|bigint/.test(typeof value)),
  };
}

function plain(columns: LaidOut[], count: number, caption?: string): string {
  const padded = columns.map(({ title, cells, right }) => {
    const width = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(title));
    const pad = (text: string) => {
      const gap = " ".repeat(width - widthOf(text));
      return right ? gap + text : text + gap;
    };
    return [pad(title), "─".repeat(width), ...cells.map(pad)];
  });
  const lines = Array.from(
    { length: count + 2 },
    (_, line) => padded.map((column) => column[line]).join("  ").trimEnd(),
  );
  return [...(caption ? [oneLine(caption)] : []), ...lines].join("\n");
}

function widthOf(text: string): number {
  return [...text].length;
}

function html(columns: LaidOut[], count: number, caption?: string): string {
  const cell = (tag: "th" | "td", text: string, right: boolean) =>
    `<${tag} style="padding:2px 10px;text-align:${right ? "right" : "left"}">${
      escapeHtml(text)
    }</${tag}>`;
  const row = (cells: string) =>
    `<tr style="border-bottom:1px solid rgba(128,128,128,.4)">${cells}</tr>`;
  const head = row(columns.map(({ title, right }) => cell("th", title, right)).join(""));
  const body = Array.from(
    { length: count },
    (_, line) =>
      row(columns.map(({ cells, right }) => cell("td", cells[line] ?? "", right)).join("")),
  );
  const above = caption
    ? `<caption style="text-align:left;padding:2px 10px">${escapeHtml(oneLine(caption))}</caption>`
    : "";
  return `<table style="border-collapse:collapse">${above}<thead>${head}</thead>` +
    `<tbody>${body.join("")}</tbody></table>`;
}
