/**
 * Hostile input for sweeps: the book of jobs, what Slurm's commands print, lines of workers. What
 * cannot be read says nothing; no reader ever throws.
 *
 * @module
 */

import { below, type Random } from "../../lib/generator/random.ts";
import { parseLine } from "../../lib/sweep/engine.ts";
import {
  parseAccount,
  parseControl,
  parseJob,
  parseQueue,
  refusalOf,
} from "../../lib/sweep/slurm_commands.ts";
import { parseJobs } from "../../lib/sweep/slurm_jobs.ts";
import type { Target } from "./fuzz.ts";

const VALID = [
  '{"hash":"0123456789ab","id":"123_4","attempt":"again","log":"/out/slurm/a/4.log"}',
  "123",
  "123;cluster",
  "Submitted batch job 123",
  "123_4 RUNNING",
  "123_5 COMPLETED",
  "123_[6-9] PENDING",
  "123_4|CANCELLED by 1000|0:15",
  "123_5|FAILED|1:0",
  "JobId=123 JobState=TIMEOUT Reason=None ExitCode=0:0",
  "sbatch: error: Batch job submission failed: Invalid job array specification",
  '{"run":"0123456789ab","step":12}',
  '{"run":"0123456789ab","step":12,"end":"held"}',
  '{"run":"0123456789ab","step":12,"end":"failed","why":"Cannot write \\"x\\": {}"}',
];

/** Characters that mean something in these texts, or in JSON, shells and terminals. */
const ODD = ["\0", "\r", "\t", " ", "|", ";", "_", ":", "=", "{", "}", '"', "\\", "9", "-", "é"];

/** Valid lines, cut, repeated, glued together and strewn with odd characters. */
function make(random: Random): Uint8Array {
  const some = <T>(items: readonly T[]): T => items[below(items.length, random)]!;
  const lines = Array.from({ length: below(8, random) }, () => {
    let line = some(VALID);
    for (let n = below(4, random); n > 0; n--) {
      const at = below(line.length + 1, random);
      const kind = below(4, random);
      if (kind === 0) line = line.slice(0, at);
      if (kind === 1) line = line.slice(at) + line.slice(0, at);
      if (kind === 2) {
        line = line.slice(0, at) + some(ODD).repeat(1 + below(40, random)) + line.slice(at);
      }
      if (kind === 3) line += some(VALID);
    }
    return line;
  });
  const bytes = new TextEncoder().encode(lines.join(some(["\n", "\n", "\r\n", "\n\n"])));
  // Bytes that are no UTF-8 as well.
  if (random() < 0.2) {
    bytes.fill(255, below(bytes.length + 1, random), below(bytes.length + 1, random));
  }
  return bytes;
}

function makesSense(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`accepted, but ${what}`);
}

const ID = /^\d+_\d+$/;

/** What sweeps read of jobs and workers. */
export const jobs: Target = {
  name: "job files, Slurm's words and workers' lines",
  refusal: "none is expected",
  make,
  read(input) {
    const text = new TextDecoder().decode(input);
    for (const [hash, job] of parseJobs(text)) {
      makesSense(hash === job.hash && ID.test(job.id), "a job has no number");
      makesSense(typeof job.log === "string", "a job has no log");
    }
    for (const id of parseQueue(text).keys()) makesSense(ID.test(id), "a job has no number");
    for (const [id, fate] of parseAccount(text)) {
      makesSense(ID.test(id) && fate !== "forgotten", "nothing is known of a job");
    }
    const shown = parseControl(text);
    makesSense(typeof shown !== "object" || shown.state !== "", "an end has no name");
    makesSense(/^\d*$/.test(parseJob(text) ?? ""), "a job's number is none");
    makesSense(refusalOf(text).why.length < 400, "a refusal is long");
    for (const line of text.split("\n")) {
      const told = parseLine(line);
      makesSense(!told || Number.isSafeInteger(told.step), "a step is no whole number");
    }
  },
};
