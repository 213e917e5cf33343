/**
 * Copies the records that studies are made of, and the attention maps of those runs, from this
 * machine's out/ to data/, to be committed; data/run_log.jsonl says when, by which commit, on which
 * device and in how many seconds they were trained.
 *
 *     deno task records:keep [--from FOLDER]
 *
 * With a folder, the records of its packs are taken in first (tools/gpu/pack.ts), each checked.
 *
 * @module
 */

import { PHASES_RUN, STUDIES } from "../lib/studies/mod.ts";
import { readResults, regimeIn, regimeOf } from "../lib/study/mod.ts";
import { configure, deviceOf, identity, OUT, readRecord, writeWhole } from "../lib/trainer/mod.ts";
import { pathToFileURL } from "node:url";
import { commandLine } from "./command_line.ts";
import { takeIn } from "./gpu/pack.ts";
import { committedTrainings, RUN_LOG, trainingOf } from "./runs/log.ts";

const { from } = commandLine({
  usage: `deno task records:keep [--from FOLDER]

Copies the records of studies, and the attention maps of their runs, from out/ to data/, to be
committed; data/run_log.jsonl says when, where and in how many seconds they were trained.

  --from FOLDER   take the records of its packs in first, each checked: see docs/paper_scale.md`,
  options: { from: "text" },
  read: (given) => given,
});
const { taken, known, refused } = from === undefined
  ? { taken: [], known: [], refused: [] }
  : takeIn(from);
for (const why of refused) console.error(why);
if (from !== undefined) {
  console.log(
    `${from}: ${taken.length} records taken in, ${known.length} known, ${refused.length} refused.`,
  );
}

/** The committed records together may have this many bytes. */
const LIMIT = 20e6;

const hashes = new Set([
  // What notebook 01 trains, and is read where nothing may be trained.
  identity(configure(PHASES_RUN)),
  ...STUDIES.flatMap((study) =>
    // Those of the regime that a study is in, and of the one that it moves to; and the paper's.
    [regimeIn(study, "laptop"), regimeOf("laptop"), regimeOf("paper")].flatMap((regime) =>
      readResults(study, { regime }).trials.flatMap(({ hash, record }) => record ? [hash] : [])
    )
  ),
]);
const kept = { runs: 0, maps: 0 };

function keep(kind: keyof typeof kept, from: URL, to: string): void {
  try {
    Deno.statSync(to);
  } catch {
    try {
      const bytes = Deno.readFileSync(from);
      Deno.mkdirSync(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      // Whole or not at all: what is there is never copied again.
      writeWhole(pathToFileURL(to), bytes);
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
/** Whether the record that is kept is the one that was made here. */
function isOwn(hash: string): boolean {
  try {
    const [own, committed] = [new URL(`runs/${hash}/record.jsonl`, OUT), `data/runs/${hash}.jsonl`]
      .map((file) => Deno.readTextFileSync(file));
    return own === committed;
  } catch {
    return false;
  }
}

/** Those without a line: copied now, or by a call that ended before it wrote them. */
const logged = committedTrainings();
const untold = [...hashes].filter((hash) => !logged.has(hash) && isOwn(hash));
const lines = untold.flatMap((hash) => {
  const device = deviceOf(readRecord(hash, "own")?.record.header.environment);
  const training = trainingOf(hash, device);
  return training ? [JSON.stringify(training) + "\n"] : [];
});
if (lines.length > 0) {
  const before = logged.size === 0 ? "" : Deno.readTextFileSync(RUN_LOG);
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  writeWhole(pathToFileURL(RUN_LOG), new TextEncoder().encode(before + gap + lines.join("")));
}
const bytes = [...Deno.readDirSync("data/runs")]
  .reduce((sum, { name }) => sum + Deno.statSync(`data/runs/${name}`).size, 0);
console.log(
  `${hashes.size} runs of studies; copied ${kept.runs} records and ${kept.maps} maps. ` +
    `data/runs has ${(bytes / 1e6).toFixed(1)} MB of at most ${LIMIT / 1e6}.`,
);
if (bytes > LIMIT || refused.length > 0) Deno.exit(1);
