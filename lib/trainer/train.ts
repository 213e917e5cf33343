/**
 * A run as its users see it: an async iterable of measurements that needs no notebook, stops on a
 * signal, goes on where it stopped and leaves a record. The loop itself is loop.ts.
 *
 * @module
 */

import { currentData } from "../generator/mod.ts";
import { displaySymbol, stopSignal } from "../display/mod.ts";
import { completion } from "../model/mod.ts";
import { noKnowledge, noKnowledgeOf } from "../probes/mod.ts";
import {
  type DeviceInfo,
  type Engine,
  engineNamed,
  engineOn,
  environment,
  noSummary,
  openSummary,
  openTensorFlow,
} from "../engine/mod.ts";
import { asFolder, variable } from "../environment.ts";
import { answersOf } from "./answer.ts";
import { lacks } from "./attempt.ts";
import { cacheOf } from "./cache.ts";
import { callsOf, type RunCalls } from "./calls.ts";
import {
  checkCheckpoints,
  checkpointSteps,
  missedCheckpoints,
  readCheckpoint,
  saidOf,
} from "./checkpoint.ts";
import type { RunConfiguration, RunInput } from "./configuration.ts";
import { configure, identity } from "./configure.ts";
import { corpusOf } from "./corpus.ts";
import { modelOfRun } from "./model_store.ts";
import { openJournal } from "./journal.ts";
import { knowledgeOf, withoutHead } from "./knowledge_of.ts";
import { checkMemory } from "./limits.ts";
import { loop, type LoopParts } from "./loop.ts";
import { type Measurement, type RunRecord, toLine } from "./record.ts";
import { findRecord, runFolder } from "./record_store.ts";
import { beginning } from "./origin.ts";
import type { Run, TrainOptions } from "./run.ts";
import { withLists } from "./own_lists.ts";
import { withProbes } from "./own_probes.ts";
import { needsBeginning, replayedBy } from "./replayed.ts";
import { scoreOf } from "./score.ts";
import { runView } from "./show.ts";

/**
 * Trains a configuration, goes on with it where it was stopped, or reads the record it already
 * has: the same call, whatever there is.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20 }, { fresh: true });
 * for await (const { step, sets } of run) console.log(step, sets["held-out"].loss);
 * run.dispose();
 * ```
 *
 * @throws {Error} at once for a bad configuration, before any work; while iterating, if another
 * process trains the same run, if its folder cannot be written, or if the loss is not finite.
 */
export function train(input: RunInput, options: TrainOptions = {}): Run {
  const configuration = configure(withLists(withProbes(input, options.probes), options.lists));
  const hash = identity(configuration);
  const kind = options.engine ? engineNamed(options.engine) : engineOn(options.device);
  if (options.beside && kind.device !== "gpu") {
    throw new Error(
      `Cannot run side by side: beside must be left out on device ${kind.device}, got a program of ` +
        `${options.beside.runs} runs. Pass device: "gpu", or use sweep, which runs processes side by side.`,
    );
  }
  const data = currentData(configuration);
  checkCheckpoints(configuration, options);
  const everywhere = variable("FACTLAB_FRESH");
  const attempt = everywhere === "0" ? undefined : attemptName(options.fresh ?? everywhere === "1");
  const record = () =>
    attempt === undefined
      ? findRecord(configuration)
      : recordOfAttempt(configuration, { attempt, keep: options.checkpoints });
  let found = record();
  const corpus = corpusOf(configuration);
  // What an accelerator has is known once it is open.
  if (kind.device === "cpu") checkFits();
  const { population, unseen } = corpus;
  const floor = { ...noKnowledge(population), unseen: noKnowledgeOf(unseen, population) };
  const measurements: Measurement[] = [];
  let about = found?.record.header.environment;
  let trained: { engine: Engine; calls: RunCalls; step: number } | undefined;
  let finished = false;
  let resumedAt: number | undefined;

  /** Takes a record that has come about meanwhile; a model of fewer steps than it has is none of it. */
  function takeIn(known: typeof found): void {
    if (!known) return;
    found = known;
    about = known.record.header.environment;
    if (trained && trained.step !== known.record.measurements.at(-1)?.step) run.dispose();
  }

  function checkFits(): void {
    const where = kind.device === "cpu" ? "this machine" : `device ${kind.device}`;
    const places = options.beside?.runs ?? 1;
    const share = places === 1 ? where : `a place of ${places} (option beside) on ${where}`;
    checkMemory(configuration, corpus, { total: kind.memory() / places, where: share });
  }

  /** A model that becomes the run's once it has its state; without it, it is let go. */
  async function build() {
    await kind.open({ cores: options.cores });
    if (kind.device !== "cpu") checkFits();
    run.dispose();
    const calls = callsOf(configuration, corpus, options.probes);
    const { precision } = configuration;
    const engine = kind.build(calls.program, { precision, beside: options.beside });
    const model = {
      ...{ engine, calls, step: configuration.start?.step ?? 0 },
      [Symbol.dispose]: (): void => void (trained === model || engine.dispose()),
    };
    return model;
  }

  /** Takes measurements in, as a caller and TensorBoard see them: all of the run, in order. */
  async function collector(): Promise<(measurement: Measurement) => Measurement> {
    measurements.length = 0;
    let summary = noSummary;
    if (options.tensorboard) {
      await openTensorFlow({ cores: options.cores });
      summary = openSummary(new URL(`${hash}/`, asFolder(options.tensorboard)));
    }
    return (measurement) => {
      measurements.push(measurement);
      summary.scalars(measurement.step, curvesOf(measurement));
      return measurement;
    };
  }

  function warnOfMissed(done: number): void {
    const asked = options.checkpoints ?? [];
    const missed = missedCheckpoints(runFolder(configuration), { hash, asked, done });
    if (missed) console.warn(missed);
  }

  async function* iterate(): AsyncGenerator<Measurement> {
    // Another process may have trained it meanwhile.
    if (!finished && !found) takeIn(record());
    if (finished || found) {
      const known = found?.record.measurements ?? [...measurements];
      warnOfMissed(known.at(-1)?.step ?? 0);
      const collect = await collector();
      for (const measurement of known) yield collect(measurement);
      finished = true;
      return;
    }
    using model = await build();
    const { engine, calls } = model;
    const known = kind.about();
    const device = known.device as DeviceInfo | undefined;
    const how = {
      kind: kind.kind,
      products: engine.precision,
      branches: engine.branches(configuration.batch, calls.step.lengths[0]!),
      ...(device ? { device: device.name } : {}),
      // Places of a program of several runs: its bits are not those of a run alone.
      ...(options.beside ? { beside: options.beside.runs } : {}),
    };
    about = { ...known, data, engine: how };
    const header = { hash, configuration, floor, environment: about };
    using journal = openJournal(header, {
      shapes: calls.program.state,
      checkpoints: options.checkpoints,
      attempt,
      device: device?.name ?? kind.device,
    });
    using stop = stopSignal();
    const { checkpoint } = journal;
    if (checkpoint && toLine(checkpoint.engine) !== toLine(how)) {
      throw new Error(
        `Cannot go on with run ${hash}: it was begun ${saidOf(checkpoint.engine)}, got ` +
          `${saidOf(how)}. Go on in the same way (option device, or FACTLAB_DEVICE, and option ` +
          "beside), or pass fresh: true to begin anew.",
      );
    }
    const [first] = journal.measurements;
    if (!checkpoint || needsBeginning(configuration, first)) {
      engine.write(beginning(configuration, corpus, engine));
    }
    const replayed = replayedBy(configuration, { engine, calls, corpus, first });
    if (checkpoint) engine.write(checkpoint.state);
    model.step = checkpoint?.step ?? model.step;
    run.dispose(); // Of another that was loaded meanwhile.
    trained = model;
    resumedAt = checkpoint?.step;
    if (checkpoint) warnOfMissed(checkpoint.step);
    const collect = await collector();
    for (const measurement of journal.measurements) yield collect(measurement);
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const { steps } = configuration;
    const { checkpointSeconds = 60 } = options;
    const parts = { configuration, corpus, floor, calls, engine, journal, how, replayed, signal };
    const onStep: LoopParts["onStep"] = (done) => {
      model.step = done.step;
      run.onStep?.({ ...done, steps });
    };
    for await (const measurement of loop({ ...parts, checkpointSeconds, onStep })) {
      yield collect(measurement);
    }
    if (signal.aborted) return;
    journal.finish();
    finished = true;
  }

  const run: Run = {
    configuration,
    hash,
    corpus,
    floor,
    get source() {
      return found ? "record" : "training";
    },
    measurements,
    get environment() {
      return about ?? environment();
    },
    get finished() {
      return finished;
    },
    get step() {
      return trained?.step;
    },
    get resumedAt() {
      return resumedAt;
    },
    get engine() {
      return trained?.engine;
    },
    async load(from) {
      if (trained) return trained.engine;
      const folder = runFolder(configuration);
      const last = (found?.record.measurements ?? measurements).at(-1)?.step;
      const step = from ? undefined : checkpointSteps(folder).find((step) => step === last);
      // Of a patched model the folder has no reference.
      const kept = step === undefined && !configuration.reference
        ? modelOfRun({ hash, step: last }, from)
        : undefined;
      if (step === undefined && !kept) {
        const why = last === undefined
          ? "it has no record, and there is no model of it"
          : `records hold no parameters, and there is no checkpoint of step ${last} on this machine, ` +
            "nor a model";
        throw new Error(
          `Cannot load the model of run ${hash}: ${why} in data/models or out/models. ` +
            `Train it${last === undefined ? "" : " with { fresh: true }"}.`,
        );
      }
      using model = await build();
      if (run.engine) return run.engine; // Meanwhile.
      const shapes = model.calls.program.state;
      model.engine.write(kept?.parameters ?? readCheckpoint(folder, step!, { hash, shapes }).state);
      model.step = kept?.step ?? step!;
      trained = model;
      return model.engine;
    },
    complete: (prompt, completeOptions) => run.completion(prompt, completeOptions).text,
    completion(prompt, completeOptions) {
      if (!trained) {
        throw new Error(
          "Cannot complete: there is no model yet. Iterate the run to train it, or " +
            "await run.load() if it was read from its record.",
        );
      }
      const model = {
        engine: trained.engine,
        tokenizer: corpus.tokenizer,
        next: trained.calls.next,
      };
      return completion(model, prompt, completeOptions);
    },
    score: (text) => scoreOf(run, text),
    cache: (text) => cacheOf(run, text),
    ablate: (head) => knowledgeOf(run, withoutHead(configuration.model, head)),
    answer: (person, asked) => answersOf(run, person, asked),
    dispose() {
      trained?.engine.dispose();
      trained = undefined;
    },
    [Symbol.asyncIterator]: iterate,
    [displaySymbol]: () => runView(run)[displaySymbol](),
  };
  return run;
}

/** The name of an attempt to train from the start: the given one, or one that nobody else has. */
function attemptName(fresh: boolean | string): string | undefined {
  return fresh === true ? crypto.randomUUID() : fresh || undefined;
}

/** The record that an attempt has made, if all the checkpoints that it was to keep are there. */
function recordOfAttempt(
  configuration: RunConfiguration,
  { attempt, keep = [] }: { attempt: string; keep?: number[] },
): ReturnType<typeof findRecord> {
  const found = findRecord(configuration, { attempt });
  const upTo = found?.record.measurements.at(-1)?.step ?? 0;
  const asked = { keep, from: configuration.start?.step, upTo };
  return lacks(runFolder(configuration), asked) ? undefined : found;
}

/** What TensorBoard shows of a measurement. */
function curvesOf({ trainingLoss, sets }: Measurement): Record<string, number> {
  const curves = Object.entries(sets).flatMap(([set, { loss, accuracy }]) => [
    [`loss/${set}`, loss],
    [`accuracy/${set}`, accuracy],
  ]);
  if (trainingLoss !== null) curves.push(["loss/tokens", trainingLoss]);
  return Object.fromEntries(curves);
}

/** The record of a run, as analyses take it. */
export function recordOf(run: Run): RunRecord {
  const { hash, configuration, floor, environment, measurements } = run;
  return { header: { hash, configuration, floor, environment }, measurements };
}
