/**
 * Copies the records that studies are made of, and the attention maps of those runs, from this
 * machine's out/ to data/, to be committed.
 *
 *     deno task records:keep
 *
 * @module
 */

import { readResults, STUDIES } from "../lib/studies/mod.ts";
import { OUT } from "../lib/trainer/mod.ts";

/** The committed records together may have this many bytes. */
const LIMIT = 15e6;

const hashes = new Set(
  STUDIES.flatMap((study) =>
    readResults(study).trials.flatMap(({ hash, record }) => record ? [hash] : [])
  ),
);
const kept = { runs: 0, maps: 0 };

function keep(kind: keyof typeof kept, from: URL, to: string): void {
  try {
    Deno.statSync(to);
  } catch {
    try {
      Deno.mkdirSync(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      Deno.copyFileSync(from, to);
      kept[kind]++;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

for (const hash of hashes) {
  keep("runs", new URL(`runs/${hash}/record.jsonl`, OUT), `data/runs/${hash}.jsonl`);
  keep("maps", new URL(`maps/${hash}.json`, OUT), `data/maps/${hash}.json`);
}
const bytes = [...Deno.readDirSync("data/runs")]
  .reduce((sum, { name }) => sum + Deno.statSync(`data/runs/${name}`).size, 0);
console.log(
  `${hashes.size} runs of studies; copied ${kept.runs} records and ${kept.maps} maps. ` +
    `data/runs has ${(bytes / 1e6).toFixed(1)} MB of at most ${LIMIT / 1e6}.`,
);
if (bytes > LIMIT) Deno.exit(1);
