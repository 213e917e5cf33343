/**
 * The steps of a run as they are handed to an engine: their batches, made when they are first
 * needed, and the shape that they have on an engine that takes many at once.
 *
 * @module
 */

import type { Corpus, Decision, Row } from "../generator/mod.ts";
import type { RunConfiguration, RunInput } from "./configuration.ts";
import { ADAMW } from "./optimizer.ts";
import type { Replayed } from "./replayed.ts";
import { rowsAt } from "./rows.ts";
import type { StepInput, TrainingStep } from "./step.ts";

/** Gives the inputs of steps `from` to `until`, between which nothing is decided. */
export type Steps = (
  from: number,
  until: number,
  decisions: readonly Decision[],
) => StepInput[];

/**
 * The steps of a run. An engine that takes one step at a time gets each in the shape that fits it
 * best. One that takes `atOnce` gets all of a block in one shape, that of its longest; a block begins
 * at every multiple of `atOnce` and wherever a schedule may decide, so that the shape of a step
 * depends on nothing but the step: not on where a run was cut off, nor on what is measured.
 */
export function stepsOf(
  { configuration, corpus, call, replayed, sampled, atOnce, look }: {
    configuration: RunConfiguration;
    corpus: Corpus;
    call: TrainingStep;
    replayed: Replayed;
    /** Rows of a step that the model samples, where it does; then steps are made one by one. */
    sampled?: (step: number, decisions: readonly Decision[]) => Row[];
    atOnce: number;
    /** The next step after one at which a schedule may decide. */
    look: (step: number) => number;
  },
): Steps {
  const { steps, optimizer, start } = configuration;
  const clock = { steps, start: start?.step, zero: momentsBegin(start) };
  /** Batches of the block at work, by step. */
  const known = new Map<number, Row[]>();

  const rowsOf = (step: number, decisions: readonly Decision[]) => {
    const rows = known.get(step) ?? sampled?.(step, decisions) ??
      rowsAt(configuration, corpus, { replayed, step, decisions });
    known.set(step, rows);
    return rows;
  };
  /** First step of the block of a step, and the first after it. */
  const blockOf = (step: number): [number, number] => {
    let from = Math.max(start?.step ?? 0, step - step % atOnce);
    while (look(from) <= step) from = look(from);
    return [from, Math.min(step - step % atOnce + atOnce, look(step), steps)];
  };
  return (from, until, decisions) => {
    const inputs: StepInput[] = [];
    for (let step = from; step < until;) {
      const [begin, end] = blockOf(step);
      for (const old of known.keys()) if (old < begin) known.delete(old);
      const block = Array.from({ length: end - begin }, (_, i) => rowsOf(begin + i, decisions));
      const shape = call.fitting(block);
      for (; step < Math.min(end, until); step++) {
        const scalars = ADAMW.scalars(optimizer, { ...clock, step });
        inputs.push({ rows: rowsOf(step, decisions), shape, scalars });
      }
    }
    return inputs;
  };
}

/** The step at which a run's moments were zero: they may be kept through several runs. */
function momentsBegin(start: RunInput["start"]): number {
  if (!start) return 0;
  return start.moments === "kept" ? momentsBegin(start.run.start) : start.step;
}
