/**
 * All studies: what they ask, what has been run of them, what the rest would cost; and what a run
 * and all runs of a scale take, by arithmetic.
 *
 *     deno task studies [--scale paper] [--next]
 *
 * @module
 */

import { formatDuration, table } from "../lib/display/mod.ts";
import { SCALES } from "../lib/generator/mod.ts";
import { STUDIES } from "../lib/studies/mod.ts";
import {
  costOf,
  experimentOf,
  isMemory,
  planStudy,
  regimeIn,
  regimeOf,
  seedsAt,
  type Study,
  trialsOf,
} from "../lib/study/mod.ts";
import { configure, identity } from "../lib/trainer/mod.ts";
import { choice, commandLine } from "./command_line.ts";

const USAGE = `deno task studies [options]

All studies: what they ask, what is on record, what the rest costs, and what a run takes.

  --scale NAME   ${SCALES.join(", ")}; laptop by default
  --next         in the regime that the scale stands for, to which some studies still move`;

const { scale, next } = commandLine({
  usage: USAGE,
  options: { scale: "text", next: "flag" },
  read: (given) => ({
    scale: choice("--scale", given.scale, SCALES) ?? "laptop",
    next: given.next ?? false,
  }),
});
const regimeOfStudy = (study: Study) => next ? regimeOf(scale) : regimeIn(study, scale);

console.log(
  table(
    STUDIES.map((study) => {
      const { total, onRecord, toTrain, minutes } = planStudy(study, {
        regime: regimeOfStudy(study),
      });
      return {
        study: study.name,
        notebook: study.notebook,
        rows: [
          ...new Set(
            experimentOf(study, regimeOfStudy(study)).claims.map(({ row }) => row ?? "new"),
          ),
        ].join(
          ", ",
        ),
        "on record": `${onRecord} of ${total}`,
        "to train": toTrain === 0
          ? ""
          : `${toTrain}${minutes >= 0 ? `, about ${formatDuration(60 * minutes)}` : ""}`,
        question: study.question,
      };
    }),
    { caption: "deno task study NAME runs what is missing" },
  ).text,
);

const HOUR = 3600;
const run = configure({ scale });
const { tokens, padded, parameters, vocabularySize, operations, seconds } = costOf(run);
console.log(
  `\nOne run of scale ${scale}: ${run.people} people, ${run.steps} steps of ${run.batch} ` +
    `biographies of ${tokens.toFixed(0)} tokens (${padded.toFixed(0)} with padding); ` +
    `${(parameters / 1e6).toFixed(1)}M parameters (vocabulary ${vocabularySize}); ` +
    `${operations.toExponential(1)} operations, about ${
      formatDuration(seconds / 2)
    } on two cores.\n`,
);

/** A run with the first notebook that needs it. */
interface Planned {
  notebook: string;
  /** Seconds on one core; if `ends`, with all its steps. */
  seconds: number;
  /** Whether it ends with its plateau, sooner than its steps. */
  ends: boolean;
}

/** Every run of all studies once. */
const runs = new Map<string, Planned>();
for (const study of STUDIES) {
  const { notebook } = study;
  const { arms } = experimentOf(study, regimeOfStudy(study));
  for (const { run } of trialsOf(arms, scale === "smoke" ? 1 : seedsAt(study, scale))) {
    if (isMemory(run)) continue;
    const configuration = configure(run);
    const hash = identity(configuration);
    if (runs.has(hash)) continue;
    const { seconds } = costOf(configuration);
    runs.set(hash, { notebook, seconds, ends: configuration.stopBelow > 0 });
  }
}
const hoursOf = (own: readonly Planned[]) =>
  Number((own.reduce((sum, { seconds }) => sum + seconds, 0) / HOUR).toPrecision(2));
const all = [...runs.values()];
const notebooks = Map.groupBy(all, ({ notebook }) => notebook);
console.log(
  table(
    [...notebooks, ["all", all] as const].map(([notebook, own]) => ({
      notebook,
      runs: own.length,
      "core-hours": hoursOf(own),
      "of these at most": hoursOf(own.filter(({ ends }) => ends)),
    })),
    {
      caption: "All runs of all studies, each once; the toy memory aside. At most: runs that end " +
        "with their plateau",
    },
  ).text,
);
