/**
 * The scoreboard of all claims, from the records there are; written to README between its
 * markers.
 *
 *     deno task claims [--json | --check]
 *
 * @module
 */

import { scoreboard, scoreboardMarkdown } from "../lib/studies/mod.ts";
import { commandLine } from "./command_line.ts";

const README = new URL("../README.md", import.meta.url);
const MARKERS = /(?<=<!-- claims -->\n)[^]*(?=<!-- \/claims -->)/;

const USAGE = `deno task claims [options]

The scoreboard of all claims from the records there are, into README.

  --json    prints the Score of each claim (lib/study/scoreboard.ts) and writes nothing
  --check   writes nothing, and fails if README's table is not that of the records`;

const { json, check } = commandLine({
  usage: USAGE,
  options: { json: "flag", check: "flag" },
  read(given) {
    if (given.json && given.check) throw new Error("options must be --json or --check, got both");
    return given;
  },
});
if (json) {
  console.log(JSON.stringify(scoreboard().map(({ score }) => score), null, 2));
  Deno.exit(0);
}
const markdown = scoreboardMarkdown();
const text = Deno.readTextFileSync(README);
if (!MARKERS.test(text)) {
  console.error("Cannot write the scoreboard: README.md must have its two markers.");
  Deno.exit(1);
}
const updated = text.replace(MARKERS, () => `\n${markdown}\n\n`);
if (check) {
  if (updated === text) {
    console.log("README's scoreboard is that of the records.");
  } else {
    console.error("README's scoreboard differs from the records: run `deno task claims`.");
    Deno.exit(1);
  }
} else {
  if (updated !== text) Deno.writeTextFileSync(README, updated);
  console.log(markdown);
}
