/**
 * How a run looks to a person: what it is, how it has gone so far, where its files are.
 *
 * @module
 */

import { sparkline, table, type TextAndHtml } from "../display/mod.ts";
import { essence } from "./configure.ts";
import { placeOf } from "./files.ts";
import { fieldsOf } from "./omitted.ts";
import { runFolder } from "./record_store.ts";
import type { Run } from "./run.ts";

/** A run as a table: what its scale does not imply, its curves over measurements, its files. */
export function runView(run: Run): TextAndHtml {
  const { hash, configuration, source, measurements } = run;
  const { recipe: _, ...written } = essence(configuration);
  const last = measurements.at(-1);
  const curve = (quantity: "loss" | "accuracy", unit = "") => {
    const values = measurements.map(({ sets }) => sets["held-out"][quantity]);
    const [from, to] = [values[0]!, values.at(-1)!].map((value) => Number(value.toPrecision(3)));
    return { field: `${quantity}, held-out`, value: `${from} ${sparkline(values)} ${to}${unit}` };
  };
  const rows = [
    ...flat(written),
    { field: "steps", value: String(configuration.steps) },
    { field: "source", value: source === "record" ? "read from its record" : "trained here" },
    ...(last
      ? [
        { field: "measured at step", value: String(last.step) },
        curve("loss", " nats a value"),
        curve("accuracy"),
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
function flat(value: object): { field: string; value: string }[] {
  return fieldsOf({ ...value }).map(([field, inner]) => {
    const text = typeof inner === "string" ? inner : JSON.stringify(inner);
    return { field, value: text.length > 120 ? `${text.slice(0, 120)}…` : text };
  });
}
