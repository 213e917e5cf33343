/**
 * The training loop: steps, measurements between them, and a checkpoint from which to go on.
 *
 * @module
 */

import {
  batchAt,
  type Corpus,
  type Decision,
  lengthFor,
  pack,
  preferencesAt,
  questionsAt,
  type Row,
} from "../generator/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { RunConfiguration, RunInput } from "./configuration.ts";
import type { Journal } from "./journal.ts";
import { measurer } from "./measure.ts";
import { stepScalars } from "./optimizer.ts";
import { type OwnText, withOwnText } from "./own_text.ts";
import { measuringSteps } from "./points.ts";
import { type Measurement, notFinite } from "./record.ts";
import type { RunProgram } from "./step.ts";
import type { Run, TrainOptions } from "./train.ts";
import { watcher } from "./watch.ts";

/** Steps between two pauses in which the event loop gets its turn. */
const STEPS_BETWEEN_PAUSES = 4;

/**
 * Trains step by step and yields measurements, from the journal's checkpoint on. However it
 * ends, save by an error, it leaves a checkpoint from which the same line follows again.
 */
export async function* loop({ run, program, engine, signal, journal, how, own, options }: {
  run: Run;
  program: RunProgram;
  engine: Engine;
  signal: AbortSignal;
  journal: Journal;
  how: Checkpoint["engine"];
  own: OwnText | undefined;
  options: TrainOptions;
}): AsyncGenerator<Measurement> {
  const { configuration, corpus, floor } = run;
  const { steps, batch, stopBelow } = configuration;
  const { checkpointSeconds = 60 } = options;
  const points = measuringSteps(configuration);
  const measure = measurer({ configuration, corpus, program, engine, points });
  const begin = configuration.start?.step ?? 0;
  let step = journal.checkpoint?.step ?? begin;
  let losses = journal.checkpoint?.losses ?? { sum: 0, count: 0 };
  // A checkpoint belongs to the moment before the measurement of its step: on going on, the
  // step is measured again. So what a measurement ends is forgotten only with the next step.
  let recordBytes = journal.bytes;
  let isMeasured = false;
  const watch = watcher({ configuration, corpus, program, engine });
  let decisions = journal.checkpoint?.decisions ?? [];
  let savedAt = performance.now();
  let failed = true;
  const save = () => {
    const state = engine.read();
    const bad = Object.keys(state).find((name) => !isFinite(state[name]!));
    if (bad) throw diverged(`${bad} is not finite`, step, configuration);
    journal.save({ step, recordBytes, losses, decisions, engine: how, state });
    savedAt = performance.now();
  };
  try {
    for (;; step++) {
      if (journal.keep.includes(step)) save();
      if (points.includes(step)) {
        const measured: Measurement = {
          step,
          samples: step * batch,
          trainingLoss: losses.count > 0 ? losses.sum / losses.count : null,
          ...measure(step),
          ...(decisions.length > 0 ? { decisions } : {}),
          ...(own && step === begin ? { ownText: own.hash } : {}),
        };
        const bad = notFinite(measured);
        if (bad) throw diverged(`${bad.place} is ${bad.value}`, step, configuration);
        const measurement = journal.append(measured);
        isMeasured = true;
        failed = false;
        yield measurement;
        failed = true;
        if (measurement.sets.training!.loss < stopBelow * floor.loss) break;
      }
      if (step === steps) break;
      if (step % STEPS_BETWEEN_PAUSES === 0) await new Promise((go) => setTimeout(go, 0));
      if (signal.aborted) break;
      if (performance.now() - savedAt > 1e3 * checkpointSeconds) save();
      if (isMeasured) {
        losses = { sum: 0, count: 0 };
        recordBytes = journal.bytes;
        isMeasured = false;
      }
      const decision = watch(step, decisions);
      if (decision) decisions = [...decisions, decision];
      const loss = trainStep({ configuration, corpus, program, engine, own, step, decisions });
      losses = { sum: losses.sum + loss, count: losses.count + 1 };
      run.onStep?.({ step: step + 1, steps });
    }
    failed = false;
  } finally {
    if (!failed) save();
  }
}

/** What a step reads: biographies, questions, or answers in pairs. */
function rowsAt(
  { seed, batch, tuning: { text, refuse, prefer, ownText } }: RunConfiguration,
  corpus: Corpus,
  { own, ...at }: { own: OwnText | undefined; step: number; decisions: readonly Decision[] },
): Row[] {
  if (text === "biographies") {
    const rows = batchAt(corpus, { ...at, batch });
    return own ? withOwnText(rows, own, { seed, step: at.step, share: ownText }) : rows;
  }
  return (prefer === null ? questionsAt : preferencesAt)(corpus, { ...at, batch, refuse });
}

/** The step at which a run's moments were zero: they may be kept through several runs. */
function momentsBegin(start: RunInput["start"]): number {
  if (!start) return 0;
  return start.moments === "kept" ? momentsBegin(start.run.start) : start.step;
}

/** One step on its batch; returns the training loss in nats a token. */
function trainStep({ configuration, corpus, program, engine, own, step, decisions }: {
  configuration: RunConfiguration;
  corpus: Corpus;
  program: RunProgram;
  engine: Engine;
  own: OwnText | undefined;
  step: number;
  decisions: readonly Decision[];
}): number {
  const { steps, optimizer, start } = configuration;
  const rows = rowsAt(configuration, corpus, { own, step, decisions });
  const length = lengthFor(rows, program.stepLengths);
  const { inputs, targets } = pack(rows, length);
  const scalars = Object.entries<number>({
    ...stepScalars(optimizer, { step, steps, start: start?.step, zero: momentsBegin(start) }),
  });
  const outputs = engine.run(`step/${length}`, {
    tokens: inputs,
    targets,
    ...Object.fromEntries(scalars.map(([name, value]) => [name, new Float32Array([value])])),
  });
  const loss = outputs.loss![0]!;
  if (Number.isFinite(loss)) return loss;
  throw diverged(`the loss is ${loss}`, step, configuration);
}

/** Training that has left the finite numbers: nothing of it is written. */
function diverged(what: string, step: number, { optimizer }: RunConfiguration): Error {
  return new Error(
    `Cannot go on training: ${what} at step ${step}. ` +
      `Lower optimizer.lr (${optimizer.lr}) or set optimizer.clip.`,
  );
}

/** Whether all values are finite: in a sum of values times 0 others leave NaN. */
function isFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
