/**
 * Attempts: a run that is trained from the start whatever there is does so under a name, so that
 * whoever comes after a stop, on this machine or another, goes on with it instead of beginning
 * anew once more. The name lies beside the record, as what is measured has no part in it.
 *
 * @module
 */

import { checkpointSteps } from "./checkpoint.ts";
import { writeWhole } from "./files.ts";

/** Beside record.part.jsonl and record.jsonl. */
const BEGUN = "record.part.attempt";
const FINISHED = "record.attempt";

/** Names of the attempts that have begun the run in a folder and that have made its record. */
export function attemptsOf(folder: URL): { begun?: string; finished?: string } {
  return { begun: read(new URL(BEGUN, folder)), finished: read(new URL(FINISHED, folder)) };
}

function read(file: URL): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

/** Notes that the journal in a folder has been begun anew. */
export function beginAttempt(folder: URL, name: string): void {
  writeWhole(new URL(BEGUN, folder), new TextEncoder().encode(name));
}

/** Notes that the journal has become the record; to be called after it has. */
export function finishAttempt(folder: URL): void {
  for (
    const move of [
      () => Deno.renameSync(new URL(BEGUN, folder), new URL(FINISHED, folder)),
      // A record that nobody begun anew is no attempt's.
      () => Deno.removeSync(new URL(FINISHED, folder)),
    ]
  ) {
    try {
      return move();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Whether a checkpoint that was to be kept is missing, of those after `from` and up to a step. */
export function lacks(
  folder: URL,
  { keep, from = 0, upTo }: { keep: readonly number[]; from?: number; upTo: number },
): boolean {
  const steps = checkpointSteps(folder);
  return keep.some((step) => step > from && step <= upTo && !steps.includes(step));
}
