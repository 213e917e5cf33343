/**
 * Runs one study: what has no record is trained, several runs side by side. Ctrl-C loses nothing;
 * run it again and it goes on.
 *
 *     deno task study NAME [--scale laptop] [--seeds 3] [--budget 60] [--workers 2] [--fresh]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Scale, SCALES } from "../lib/generator/mod.ts";
import { claimsTable, runStudy, STUDIES, studyNamed } from "../lib/studies/mod.ts";

const USAGE = `deno task study NAME [options]

  NAME            one of ${STUDIES.map(({ name }) => name).join(", ")}
  --scale NAME    ${SCALES.join(", ")}; laptop by default
  --seeds N       seeds of the headline arms; the study's own number by default
  --budget MIN    minutes it may take; 10 by default, and it says what it needs
  --workers N     runs side by side; one a core by default
  --fresh         train again what has a record`;

function options() {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      scale: { type: "string" },
      seeds: { type: "string" },
      budget: { type: "string" },
      workers: { type: "string" },
      fresh: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  if (positionals.length !== 1) throw new Error(`Cannot run a study: give one name.\n\n${USAGE}`);
  const { scale } = values;
  if (scale !== undefined && !SCALES.includes(scale as Scale)) {
    throw new Error(
      `Cannot run a study: --scale must be one of ${SCALES.join(", ")}, got ${scale}.`,
    );
  }
  return {
    study: studyNamed(positionals[0]!),
    scale: scale as Scale | undefined,
    seeds: whole("seeds", values.seeds),
    workers: whole("workers", values.workers),
    budgetMinutes: whole("budget", values.budget),
    fresh: values.fresh,
  };
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(
    `Cannot run a study: --${name} must be a whole number of at least 1, got ${text}.`,
  );
}

try {
  const { study, ...rest } = options();
  const results = await runStudy(study, rest);
  console.log(`\n${study.table(results).text}\n\n${claimsTable(results).text}`);
  const missing = results.trials.filter(({ record }) => !record).length;
  if (missing > 0) {
    console.log(`\n${missing} of ${results.trials.length} runs have no record yet.`);
    Deno.exit(1);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
