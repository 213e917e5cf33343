/**
 * The records on this machine, committed and local: a list, or with `--csv` all measurements as
 * one table for other tools.
 *
 *     deno task records [--csv] [HASH ...]
 *
 * @module
 */

import { commandLine } from "./command_line.ts";
import { deviceOf, OUT, parseRecord, placeOf, type RunRecord } from "../lib/trainer/mod.ts";

const FOLDERS = ["data/runs", placeOf(new URL("runs", OUT))];

/** Files of finished records: data/runs/<hash>.jsonl and out/runs/<hash>/record.jsonl. */
function* recordFiles(): Iterable<string> {
  for (const folder of FOLDERS) {
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(folder)];
    } catch {
      continue;
    }
    for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (!isDirectory && name.endsWith(".jsonl")) yield `${folder}/${name}`;
      else if (isDirectory && exists(`${folder}/${name}/record.jsonl`)) {
        yield `${folder}/${name}/record.jsonl`;
      }
    }
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const COLUMNS = [
  "hash",
  "scale",
  "seed",
  "people",
  "batch",
  "step",
  "samples",
  "trainingLoss",
  "set",
  "loss",
  "accuracy",
  "confidence",
  "entropy",
  "device",
] as const;

/** One row a measurement and evaluation set. */
function rows({ header, measurements }: RunRecord): string[] {
  const { scale, seed, people, batch } = header.configuration;
  return measurements.flatMap(({ step, samples, trainingLoss, sets }) =>
    Object.entries(sets).map(([set, { loss, accuracy, confidence, entropy }]) =>
      [header.hash, scale, seed, people, batch, step, samples, trainingLoss]
        .concat([set, loss, accuracy, confidence, entropy, deviceOf(header.environment)])
        .map(cell)
        .join(",")
    )
  );
}

/** A value for a CSV file: empty for none, quoted where it has to be (RFC 4180). */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const USAGE = `deno task records [--csv] [HASH ...]

The records on this machine: a list, or all measurements as one table for other tools.`;

const { csv, wanted } = commandLine({
  usage: USAGE,
  options: { csv: "flag" },
  names: true,
  read: ({ csv = false }, names) => ({ csv, wanted: names }),
});
if (csv) console.log(COLUMNS.join(","));
const seen = new Set<string>();
let damaged = false;

/** A record; undefined, and said, if the file holds none: the others are listed all the same. */
function readFile(file: string): RunRecord | undefined {
  try {
    return parseRecord(Deno.readTextFileSync(file), file);
  } catch (error) {
    console.error((error as Error).message);
    damaged = true;
    return undefined;
  }
}

for (const file of recordFiles()) {
  const record = readFile(file);
  if (!record) continue;
  const { hash, configuration, environment } = record.header;
  if (seen.has(hash) || (wanted.length > 0 && !wanted.includes(hash))) continue;
  seen.add(hash);
  if (csv) {
    console.log(rows(record).join("\n"));
    continue;
  }
  const { scale, seed, people, batch, steps } = configuration;
  if (people === undefined) {
    // The toy memory of lib/study/associative_memory.ts knows pairs, not people.
    console.log(`${hash}  toy memory, batch ${batch}, seed ${seed}  ${file}`);
    continue;
  }
  const loss = record.measurements.at(-1)?.sets["held-out"]?.loss;
  console.log(
    `${hash}  ${scale}, ${people} people, batch ${batch}, ${steps} steps, seed ${seed}, ` +
      `on ${deviceOf(environment)}: held-out loss ${loss ?? "none"}  ${file}`,
  );
}
const missing = wanted.filter((hash) => !seen.has(hash));
if (missing.length > 0) console.error(`Cannot find a record of ${missing.join(", ")}.`);
if (missing.length > 0 || damaged) Deno.exit(1);
if (seen.size === 0 && !csv) console.log("There is no record yet: `deno task demo` makes one.");
