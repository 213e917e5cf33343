/**
 * The training loop: from one event to the next, where something is measured, decided, saved or
 * stopped, with all the steps between handed to the engine.
 *
 * @module
 */

import type { Corpus } from "../generator/mod.ts";
import type { Engine } from "../engine/mod.ts";
import { stepsOf } from "./blocks.ts";
import type { RunCalls } from "./calls.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { RunConfiguration } from "./configuration.ts";
import type { Journal } from "./journal.ts";
import { measurer } from "./measure.ts";
import { measuringSteps } from "./points.ts";
import { type Measurement, notFinite } from "./record.ts";
import type { Replayed } from "./replayed.ts";
import { rolloutsOf } from "./rollouts.ts";
import type { StepDone } from "./run.ts";
import type { Losses } from "./step.ts";
import { watcher } from "./watch.ts";

/** Steps between two pauses in which the event loop gets its turn. */
const STEPS_BETWEEN_PAUSES = 4;

/** What the loop works with. */
export interface LoopParts {
  /** What is run. */
  configuration: RunConfiguration;
  /** Its people and texts. */
  corpus: Corpus;
  /** No-knowledge loss, for runs that stop below a share of it. */
  floor: { loss: number };
  /** What the engine is asked. */
  calls: RunCalls;
  /** Holds the state. */
  engine: Engine;
  /** Where measurements and checkpoints go. */
  journal: Journal;
  /** How steps are computed, for checkpoints. */
  how: Checkpoint["engine"];
  /** What is replayed of what its base run knew. */
  replayed: Replayed;
  /** Ends training after the steps at work. */
  signal: AbortSignal;
  /** Seconds between two checkpoints. */
  checkpointSeconds: number;
  /** Called after every step, with what is told of it. */
  onStep: (done: Omit<StepDone, "steps">) => void;
}

/**
 * Trains and yields measurements, from the journal's checkpoint on. However it ends, save by an
 * error, it leaves a checkpoint from which the same line follows again.
 */
export async function* loop(parts: LoopParts): AsyncGenerator<Measurement> {
  const { configuration, corpus, floor, calls, engine, journal, how, replayed, signal } = parts;
  const { steps: last, batch, stopBelow } = configuration;
  const points = measuringSteps(configuration);
  const measure = measurer({ configuration, calls, engine, points });
  const begin = configuration.start?.step ?? 0;
  /** Steps that have been handed to the engine, which may still be at work on them. */
  let step = journal.checkpoint?.step ?? begin;
  /** Steps whose losses are known. */
  let done = step;
  const atWork: Losses[] = [];
  let losses = journal.checkpoint?.losses ?? { sum: 0, count: 0 };
  // A checkpoint belongs to the moment before the measurement of its step: on going on, the
  // step is measured again. So what a measurement ends is forgotten only with the next step.
  let recordBytes = journal.bytes;
  let isMeasured = false;
  const watch = watcher({ configuration, corpus, calls, engine });
  const { answering } = calls;
  const rollouts = answering &&
    rolloutsOf(configuration, corpus, { answering, engine, state: journal.checkpoint?.rollouts });
  const atOnce = rollouts ? 1 : calls.step.atOnce(engine);
  const stepsAt = stepsOf({
    ...{ configuration, corpus, replayed, atOnce },
    call: calls.step,
    sampled: rollouts?.rows,
    look: watch.next,
  });
  let decisions = journal.checkpoint?.decisions ?? [];
  let savedAt = performance.now();
  let pausedAt = -Infinity;
  let failed = true;
  const clock = stopwatch();
  /** Takes losses in until no more than some of what was handed over is at work. */
  const settle = async (left = 0) => {
    while (atWork.length > left) {
      const pending = atWork.shift()!;
      clock.start();
      await pending.ready();
      const read = pending.read();
      clock.stop();
      for (const loss of read) {
        if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`, done, configuration);
        losses = { sum: losses.sum + loss, count: losses.count + 1 };
        parts.onStep({ step: ++done, loss, seconds: clock.seconds });
      }
    }
  };
  const save = async () => {
    await settle();
    const state = engine.read();
    const bad = Object.keys(state).find((name) => !isFinite(state[name]!));
    if (bad) throw diverged(`${bad} is not finite`, step, configuration);
    const answered = rollouts ? { rollouts: rollouts.state() } : {};
    journal.save({ step, recordBytes, losses, decisions, ...answered, engine: how, state });
    savedAt = performance.now();
  };
  try {
    for (;;) {
      if (journal.keep.includes(step)) await save();
      if (points.includes(step)) {
        await settle();
        const answered = rollouts?.reading();
        await engine.prepare(calls.probes.flatMap(([, probe]) => probe.calls));
        const measured: Measurement = {
          step,
          samples: step * batch,
          trainingLoss: losses.count > 0 ? losses.sum / losses.count : null,
          ...measure(step),
          ...(decisions.length > 0 ? { decisions } : {}),
          ...(answered ? { rollouts: answered } : {}),
          ...(step === begin ? toldOf(replayed) : {}),
        };
        const bad = notFinite(measured);
        if (bad) throw diverged(`${bad.place} is ${bad.value}`, step, configuration);
        const measurement = journal.append(measured);
        isMeasured = true;
        failed = false;
        yield measurement;
        failed = true;
        if (measurement.sets.training.loss < stopBelow * floor.loss) break;
      }
      if (step === last) break;
      if (step - pausedAt >= STEPS_BETWEEN_PAUSES) {
        await new Promise((go) => setTimeout(go, 0));
        pausedAt = step;
      }
      if (signal.aborted) break;
      if (performance.now() - savedAt > 1e3 * parts.checkpointSeconds) await save();
      if (isMeasured) {
        losses = { sum: 0, count: 0 };
        rollouts?.forget();
        recordBytes = journal.bytes;
        isMeasured = false;
      }
      const decision = watch.decide(step, decisions);
      if (decision) decisions = [...decisions, decision];
      const events = [...points, ...journal.keep, watch.next(step), last];
      const full = step - step % atOnce + atOnce;
      const until = Math.min(full, ...events.filter((event) => event > step));
      clock.start();
      const inputs = stepsAt(step, until, decisions);
      clock.stop();
      await engine.prepare([calls.step.needs(inputs)]);
      clock.start();
      atWork.push(calls.step.run(engine, inputs));
      clock.stop();
      step = until;
      // Where many steps are one call, the next one is made while the device works.
      await settle(atOnce > 1 ? 1 : 0);
    }
    failed = false;
  } finally {
    if (!failed) await save();
  }
}

/** What a record tells of what is replayed. */
function toldOf({ text, people }: Replayed): Pick<Measurement, "ownText" | "replayed"> {
  return { ...text && { ownText: text.hash }, ...people && { replayed: [...people] } };
}

/** Counts the seconds between its starts and stops. */
function stopwatch(): { start(): void; stop(): void; readonly seconds: number } {
  let [seconds, startedAt] = [0, 0];
  return {
    start: () => void (startedAt = performance.now()),
    stop: () => void (seconds += (performance.now() - startedAt) / 1e3),
    get seconds() {
      return seconds;
    },
  };
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
