/**
 * All studies: what they ask, what has been run of them, what the rest would cost.
 *
 *     deno task studies [--scale paper]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { formatDuration, table } from "../lib/display/mod.ts";
import { type Scale, SCALES } from "../lib/generator/mod.ts";
import { planStudy, STUDIES } from "../lib/studies/mod.ts";

const { scale } = parseArgs({ args: Deno.args, options: { scale: { type: "string" } } }).values;
if (scale !== undefined && !SCALES.includes(scale as Scale)) {
  console.error(`Cannot list studies: --scale must be one of ${SCALES.join(", ")}, got ${scale}.`);
  Deno.exit(2);
}

console.log(
  table(
    STUDIES.map((study) => {
      const { total, onRecord, toTrain, minutes } = planStudy(study, { scale: scale as Scale });
      return {
        study: study.name,
        notebook: study.notebook,
        rows: [...new Set(study.claims.map(({ row }) => row ?? "new"))].join(", "),
        "on record": `${onRecord} of ${total}`,
        "to train": toTrain === 0 ? "" : `${toTrain}, about ${formatDuration(60 * minutes)}`,
        question: study.question,
      };
    }),
    { caption: "deno task study NAME runs what is missing" },
  ).text,
);
