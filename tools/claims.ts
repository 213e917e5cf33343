/**
 * The scoreboard of all claims, from the records there are; written to README between its
 * markers.
 *
 *     deno task claims [--json | --check]
 *
 * `--json` prints the `Score` of each claim (lib/study/scoreboard.ts) and writes nothing: what was
 * measured, its interval, p, seeds, verdict and records; `--check` fails if README's table is not that of the records.
 *
 * @module
 */

import { scoreboard, scoreboardMarkdown } from "../lib/studies/mod.ts";

const README = new URL("../README.md", import.meta.url);
const MARKERS = /(?<=<!-- claims -->\n)[^]*(?=<!-- \/claims -->)/;

const known = ["--json", "--check"];
const unknown = Deno.args.filter((arg) => !known.includes(arg));
if (unknown.length > 0) {
  console.error(
    `Cannot list claims: options must be ${known.join(" or ")}, got ${unknown.join(" ")}.`,
  );
  Deno.exit(2);
}
if (Deno.args.includes("--json")) {
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
if (Deno.args.includes("--check")) {
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
