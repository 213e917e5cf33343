/**
 * All studies: what they ask, what has been run of them, what the rest would cost.
 *
 *     deno task studies
 *
 * @module
 */

import { formatDuration, table } from "../lib/display/mod.ts";
import { planStudy, STUDIES } from "../lib/studies/mod.ts";

console.log(
  table(
    STUDIES.map((study) => {
      const { runs, onRecord, toTrain, minutes } = planStudy(study);
      return {
        study: study.name,
        notebook: study.notebook,
        rows: [...new Set(study.claims.map(({ row }) => row ?? "new"))].join(", "),
        "on record": `${onRecord} of ${runs.length}`,
        "to train": toTrain === 0 ? "" : `${toTrain}, about ${formatDuration(60 * minutes)}`,
        question: study.question,
      };
    }),
    { caption: "deno task study NAME runs what is missing" },
  ).text,
);
