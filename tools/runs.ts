/**
 * All runs on this machine, with their records: as a list, two of them compared, some in one figure,
 * or as a table for other tools.
 *
 *     deno task runs [HASH ...] [--where FIELD=VALUE] [--sort FIELD] [--fields A,B]
 *     deno task runs --diff HASH HASH
 *     deno task runs --overlay HASH HASH [--sets held-out,unseen] [--output FILE.png]
 *     deno task runs --csv
 *
 * @module
 */

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { table } from "../lib/display/mod.ts";
import { isRun, type Measurement, OUT } from "../lib/trainer/mod.ts";
import { commandLine } from "./command_line.ts";
import { armsByHash } from "./runs/arms.ts";
import { condition, differing, fieldNamed, namesOf, sorted, textOf } from "./runs/fields.ts";
import { findRuns, type Found } from "./runs/found.ts";
import { lostRuns } from "./runs/lost.ts";
import { overlay } from "./runs/overlay.ts";

const USAGE = `deno task runs [HASH ...] [options]

All runs on this machine, committed, finished and unfinished; or those whose hashes begin so.

  --where FIELD=VALUE   only these; also !=, <, <=, >, >=; may be given again
  --sort FIELD          in this order; --sort=-FIELD the other way round
  --fields A,B          these columns
  --diff                two runs, and the fields in which they differ
  --overlay             loss and accuracy of the runs in one figure
  --sets A,B            its evaluation sets; held-out by default
  --output FILE         .html, .png or .svg; out/overlay.html by default
  --csv                 one row a measurement and evaluation set, with every field that differs

Fields are those of the configuration by dotted path, or by the last part alone (lr, warmup), and
hash, arm, step, loss, accuracy (of held-out sentences), device, date, commit, seconds, status.`;

/** Columns of a list. */
const COLUMNS = ["scale", "people", "batch", "steps", "seed", "lr", "loss", "accuracy", "device"]
  .concat(["date", "status"]);
/** Columns that a table for other tools has in any case, and those of its rows. */
const ALWAYS = ["hash", "scale", "seed", "people", "batch"];
const KNOWLEDGE = ["loss", "accuracy", "confidence", "entropy"] as const;
const ROW = ["step", "samples", "trainingLoss", "set", ...KNOWLEDGE];

/** A value in a comparison is no longer than that. */
const LONGEST = 60;

const { all, bad, runs, fields, ...what } = commandLine({
  usage: USAGE,
  names: true,
  options: {
    where: "texts",
    sort: "text",
    fields: "text",
    diff: "flag",
    overlay: "flag",
    sets: "text",
    output: "text",
    csv: "flag",
  },
  read(given, hashes) {
    const { runs: all, bad } = findRuns();
    const { csv, diff } = given;
    const columns = given.fields?.split(",") ?? COLUMNS;
    const asksArms = [given.sort ?? "", ...columns, ...given.where ?? []]
      .some((text) => /^-?arm\b/.test(text));
    if (asksArms || csv || diff) addArms(all);
    const names = namesOf(all);
    let runs = hashes.length === 0 ? all : hashes.flatMap((hash) => begunBy(hash, all));
    for (const text of given.where ?? []) runs = runs.filter(condition(text, names));
    if (given.sort) runs = sorted(runs, given.sort, names);
    if (diff && runs.length !== 2) {
      throw new Error(`--diff must be given two runs, got ${runs.length}`);
    }
    const output = given.output ?? fileURLToPath(new URL("overlay.html", OUT));
    const fields = all.length === 0 ? [] : columns.map((name) => fieldNamed(name, names));
    return {
      ...given,
      all,
      bad,
      runs,
      fields,
      output: resolve(output),
      sets: given.sets?.split(","),
    };
  },
});

/** The arms that a run is of are known by making all studies: only where they are asked for. */
function addArms(all: readonly Found[]): void {
  const arms = armsByHash();
  for (const { hash, fields } of all) fields.arm = arms.get(hash)?.join("; ");
}

function begunBy(hash: string, all: readonly Found[]): Found[] {
  const found = all.filter((run) => run.hash.startsWith(hash));
  if (found.length > 0) return found;
  throw new Error(`a HASH must be that of a run here, or its beginning, got ${hash}`);
}

/** The rows of a table for other tools, of one run. */
function rows({ record, fields }: Found, columns: readonly string[]): string[] {
  const own = columns.map((name) => fields[name]);
  if (!isRun(record.header)) return [];
  return (record.measurements as unknown as Measurement[]).flatMap((measurement) =>
    Object.entries(measurement.sets).map(([set, knowledge]) => {
      const { step, samples, trainingLoss } = measurement;
      const known = KNOWLEDGE.map((quantity) => knowledge[quantity]);
      return [...own, step, samples, trainingLoss, set, ...known].map(cell).join(",");
    })
  );
}

/** A value for a CSV file: empty for none, quoted where it has to be (RFC 4180). */
function cell(value: unknown): string {
  const text = value === null ? "" : textOf(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

if (what.csv) {
  const ends = new Set<string>([...ROW, "status"]);
  const differ = differing(runs).filter((name) => !ends.has(name) && !ALWAYS.includes(name));
  const told = ["arm", "device", "commit", "date", "seconds"];
  const columns = [...ALWAYS, ...differ.filter((name) => !told.includes(name)), ...told];
  console.log([...columns, ...ROW].join(","));
  for (const run of runs) for (const row of rows(run, columns)) console.log(row);
} else if (what.diff) {
  const [one, other] = runs as [Found, Found];
  const told = ({ fields: own }: Found, name: string) => {
    const text = textOf(own[name]) || "–";
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  };
  console.log(
    table(
      differing(runs).filter((name) => name !== "hash").map((name) => ({
        field: name,
        [one.hash]: told(one, name),
        [other.hash]: told(other, name),
      })),
    ).text,
  );
} else if (what.overlay) {
  try {
    await overlay(runs, what.sets ?? ["held-out"]).save(what.output);
  } catch (error) {
    console.error(`Cannot draw: ${(error as Error).message}.`);
    Deno.exit(2);
  }
  console.log(`${what.output}: ${runs.length} runs.`);
} else if (all.length === 0) {
  console.log("There is no run yet: `deno task demo` makes one.");
} else {
  const shown = runs.map(({ fields: own }) => ({
    hash: own.hash,
    ...Object.fromEntries(fields.map((name) => [name, own[name]])),
  }));
  console.log(table(shown, { caption: `${runs.length} of ${all.length} runs` }).text);
  for (const line of lostRuns(runs)) console.log(`\n${line}`);
}
for (const line of bad) console.error(line);
if (bad.length > 0) Deno.exit(1);
