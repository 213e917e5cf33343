/**
 * Exposures: how often a person was seen, by arithmetic (docs/protocol.md, "Exposures").
 *
 * @module
 */

import { type Decision, probabilities } from "../generator/mod.ts";
import {
  type CheckpointOf,
  configure,
  findRecord,
  type Run,
  type RunConfiguration,
} from "../trainer/mod.ts";

/**
 * Biographies of a person that a run, and those it has begun from, have drawn up to its last
 * measurement, on average. Questions are none, nor is what takes a biography's place: replay of picked
 * people, and own text.
 *
 * @example
 * ```ts
 * import { exposuresOf, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(exposuresOf(run, 0));
 * run.dispose();
 * ```
 */
export function exposuresOf(
  { configuration, measurements }: Pick<Run, "configuration" | "measurements">,
  person: number,
): number {
  const last = measurements.at(-1);
  return drawnUpTo(configuration, person, { end: last?.step ?? 0, decisions: last?.decisions });
}

/** Mean count of a person's biographies up to a step, by this run and those it has begun from. */
function drawnUpTo(
  { schedule, people, batch, start, tuning }: RunConfiguration,
  person: number,
  { end, decisions = [] }: { end: number; decisions?: readonly Decision[] },
): number {
  const first = start?.step ?? 0;
  // Replay by pick takes the place of own text as of any other row.
  const plain = (1 - tuning.ownText) * (1 - (tuning.replay?.share ?? 0));
  const rows = batch * (tuning.text === "questions" ? 0 : plain);
  let [begin, decided, seen] = [0, 0, start ? drawnBefore(start, person) : 0];
  for (const phase of schedule) {
    const until = phase.until
      ? decisions[decided++]?.step ?? end
      : begin + (phase.steps ?? Infinity);
    const [from, to] = [Math.max(first, begin), Math.min(end, until)];
    // Who is new in a later run was nobody in an earlier one.
    const likely = probabilities(phase.people, people)[person] ?? 0;
    seen += Math.max(0, to - from) * rows * likely;
    begin = Math.max(begin, to);
  }
  return seen;
}

/** The same of the run that another begins from; what it decided itself is in its record. */
function drawnBefore({ run, step }: CheckpointOf, person: number): number {
  const base = configure(run);
  const decisions = findRecord(base)?.record.measurements
    .findLast((measurement) => measurement.step <= step)?.decisions;
  return drawnUpTo(base, person, { end: step, decisions });
}
