/**
 * Runs of this machine that today's code does not find by a configuration as people write it: made by
 * another recipe, of fields that have changed, or of other lists. Nothing of them is lost.
 *
 * @module
 */

import {
  configure,
  essence,
  identity,
  isRun,
  RECIPE,
  type RunRecord,
} from "../../lib/trainer/mod.ts";
import type { Found } from "./found.ts";

/** Hashes that a line names. */
const NAMED = 6;

/** What there is to say of runs in out/, one line for all of which the same is true. */
export function lostRuns(runs: readonly Found[]): string[] {
  const groups = Map.groupBy(runs.filter(({ own }) => own), whyLost);
  return [...groups].flatMap(([why, lost]) => {
    if (why === undefined) return [];
    const hashes = lost.map(({ hash }) => hash);
    const more = hashes.splice(NAMED).length;
    const named = `${hashes.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    const finished = lost.find(({ fields }) => fields.status === "finished");
    const read = finished ? `; read one with readRecord("${finished.hash}")` : "";
    return `${
      lost.length === 1 ? "1 run was" : `${lost.length} runs were`
    } ${why}${read}: ${named}.`;
  });
}

/** Why a run is not found, and how to go on with it; undefined if it is found. */
function whyLost({ hash, record }: Found): string | undefined {
  if (!isRun(record.header)) return undefined;
  const { configuration } = record.header as RunRecord["header"];
  const { recipe } = configuration;
  try {
    const own = configure(configuration);
    const name = identity(own);
    if (name !== hash) {
      return "made by other code or of other lists: train() knows the same configuration by " +
        "another name, and begins anew";
    }
    if (recipe === RECIPE) return undefined;
    const { recipe: _, ...rest } = essence(own);
    const said = Object.keys(rest).length > 1 ? ", …" : "";
    return `made by recipe ${recipe}, and today's is ${RECIPE}: go on with train({ recipe: ` +
      `${recipe}${said} }), all else as --diff shows it`;
  } catch (error) {
    const why = (error as Error).message.replace(/^Cannot run: |\.$/g, "");
    return `made by ${recipe === undefined ? "other code" : `recipe ${recipe}`}, which today's ` +
      `code does not train (${why})`;
  }
}
