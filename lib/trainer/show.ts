/**
 * How a run looks to a person: what it is, how it stands, where its files are.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { essence } from "./configuration.ts";
import { placeOf } from "./files.ts";
import { runFolder } from "./record.ts";
import type { Run } from "./train.ts";

/** A run as a table: what its scale does not imply, where it stands, its files. */
export function runView(run: Run): TextAndHtml {
  const { hash, configuration, source, measurements } = run;
  const { recipe: _, ...written } = essence(configuration);
  const last = measurements.at(-1);
  const rows = [
    ...flat(written),
    { field: "steps", value: String(configuration.steps) },
    { field: "source", value: source === "record" ? "read from its record" : "trained here" },
    ...(last
      ? [
        { field: "measured at step", value: String(last.step) },
        { field: "accuracy, held-out", value: last.sets["held-out"]!.accuracy.toFixed(3) },
      ]
      : []),
    {
      field: "files",
      value: `${placeOf(runFolder(configuration))}, or data/runs/${hash}.jsonl if committed`,
    },
  ];
  return table([...new Map(rows.map((row) => [row.field, row])).values()], {
    caption: `run ${hash}`,
  });
}

/** Nested fields as rows; lists and what a run begins from as JSON. */
function flat(value: object, prefix = ""): { field: string; value: string }[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = prefix + key;
    const isPart = typeof inner === "object" && inner !== null && !Array.isArray(inner) &&
      !("run" in inner);
    if (isPart) return flat(inner, `${field}.`);
    const text = typeof inner === "string" ? inner : JSON.stringify(inner);
    return [{ field, value: text.length > 120 ? `${text.slice(0, 120)}…` : text }];
  });
}
