/**
 * The scoreboard of all claims, from the records there are: docs/claims.md, and README's few of them,
 * each between its markers.
 *
 *     deno task claims [--json | --check]
 *
 * @module
 */

import { scoreboard, scoreboardMarkdown } from "../lib/studies/mod.ts";
import { findingsOf } from "../lib/study/mod.ts";
import { writeWhole } from "../lib/trainer/mod.ts";
import { commandLine } from "./command_line.ts";

/** The claims that README shows: what a reader would ask first. */
const FINDINGS = [
  "plateau",
  "knowledge",
  "plateau-exponent",
  "late-attention-no-plateau",
  "circuit-not-patterns",
  "warm-up-best",
  "unseen-loss",
  "verified-when-forgotten",
  "old-falls-first",
  "distillation-keeps",
];
const ROOT = new URL("../", import.meta.url);

const USAGE = `deno task claims [options]

The scoreboard of all claims from the records there are, into docs/claims.md; ten of them into README.

  --json    prints the Score of each claim at either scale (lib/study/scoreboard.ts), writes nothing
  --check   writes nothing, and fails if what is written is not that of the records`;

const { json, check } = commandLine({
  usage: USAGE,
  options: { json: "flag", check: "flag" },
  read(given) {
    if (given.json && given.check) throw new Error("options must be --json or --check, got both");
    return given;
  },
});
const board = scoreboard();
const atPaper = scoreboard(undefined, { scale: "paper" });
if (json) {
  console.log(JSON.stringify([...board, ...atPaper].map(({ score }) => score), null, 2));
  Deno.exit(0);
}

/** "[1 · Three phases of learning facts](../notebooks/01_phases.ipynb)" for "01". */
function heading(notebook: string): string {
  const { name } = [...Deno.readDirSync(new URL("notebooks/", ROOT))]
    .find(({ name }) => name.startsWith(`${notebook}_`) && /^\w+\.ipynb$/.test(name))!;
  const { cells } = JSON.parse(Deno.readTextFileSync(new URL(`notebooks/${name}`, ROOT)));
  const title = [cells[0].source].flat().join("").match(/^# (.+)$/m)![1];
  return `[${title}](../notebooks/${name})`;
}

const written = [
  {
    file: "docs/claims.md",
    markdown: scoreboardMarkdown(board, {
      atPaper,
      heading,
      record: (hash) => `../data/runs/${hash}.jsonl`,
    }),
  },
  { file: "README.md", markdown: findingsOf(board, FINDINGS, { atPaper }) },
];
const MARKERS = /(?<=<!-- claims -->\n)[^]*(?=<!-- \/claims -->)/;
let differs = false;
for (const { file, markdown } of written) {
  const path = new URL(file, ROOT);
  const text = Deno.readTextFileSync(path);
  if (!MARKERS.test(text)) {
    console.error(`Cannot write the scoreboard: ${file} must have its two markers.`);
    Deno.exit(1);
  }
  const updated = text.replace(MARKERS, () => `\n${markdown}\n\n`);
  if (updated === text) continue;
  differs = true;
  if (check) {
    console.error(`The scoreboard of ${file} differs from the records: run \`deno task claims\`.`);
  } else writeWhole(path, new TextEncoder().encode(updated));
}
if (check) {
  if (differs) Deno.exit(1);
  console.log("The scoreboards are those of the records.");
} else console.log(written[0]!.markdown);
