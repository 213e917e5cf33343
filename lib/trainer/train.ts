/**
 * The training loop: an async iterable of measurements that needs no notebook, stops on a
 * signal and leaves a record.
 *
 * @module
 */

import {
  batchAt,
  type Corpus,
  createCorpus,
  distributionAt,
  evaluationSets,
  lengthFor,
  pack,
  probabilities,
} from "../generator/mod.ts";
import { stopSignal } from "../display/mod.ts";
import { complete, type CompleteOptions, initialParameters } from "../model/mod.ts";
import { measureAttention, measureKnowledge, noKnowledge, noKnowledgeOf } from "../probes/mod.ts";
import { compile, eager, type Engine, environment, openTensorFlow } from "../tensorflow/mod.ts";
import {
  configure,
  identity,
  measuringSteps,
  type RunConfiguration,
  type RunInput,
} from "./configuration.ts";
import { stepScalars } from "./optimizer.ts";
import {
  findRecord,
  headerLine,
  type Measurement,
  type RecordHeader,
  runFolder,
  type RunRecord,
  toLine,
} from "./record.ts";
import { initialState, type RunProgram, runProgram } from "./step.ts";

/** How to run; none of it changes results beyond rounding. */
export interface TrainOptions {
  /** Ends training after the current step. */
  signal?: AbortSignal;
  /** Train even if there is a record; by default only if FACTLAB_FRESH=1 is set. */
  fresh?: boolean;
  /** Op by op instead of compiled: slow, for tests. */
  eager?: boolean;
}

/** A run: iterate it to train (or to read its record), then ask it. */
export interface Run extends AsyncIterable<Measurement> {
  readonly configuration: RunConfiguration;
  /** Identity of the configuration. */
  readonly hash: string;
  readonly corpus: Corpus;
  /** Floor of knowledge: what a model that knows nobody scores. */
  readonly floor: RecordHeader["floor"];
  /** Where the measurements come from. */
  readonly source: "record" | "training";
  /** Measurements so far. */
  readonly measurements: Measurement[];
  /** Called after every step, for progress. */
  onStep?: (progress: { step: number; steps: number }) => void;
  /** The trained state and its functions; undefined when read from a record. */
  readonly engine: Engine | undefined;
  /** Lets the trained model continue a prompt. */
  complete(prompt: string, options?: CompleteOptions): string;
  /** Frees the engine. */
  dispose(): void;
}

/** Steps between two pauses in which the event loop gets its turn. */
const STEPS_BETWEEN_PAUSES = 4;

/**
 * Trains a configuration, or reads the record it already has.
 *
 * @example
 * ```ts
 * import { train } from "./train.ts";
 * const run = train({ scale: "smoke", steps: 20 }, { fresh: true });
 * for await (const { step, sets } of run) console.log(step, sets["held-out"]!.loss);
 * run.dispose();
 * ```
 *
 * @throws {Error} at once for a bad configuration, before any work.
 */
export function train(input: RunInput, options: TrainOptions = {}): Run {
  const configuration = configure(input);
  const hash = identity(configuration);
  const fresh = options.fresh ?? Deno.env.get("FACTLAB_FRESH") === "1";
  const found = fresh ? undefined : findRecord(configuration);
  const corpus = corpusOf(configuration);
  checkMemory(configuration, corpus);
  const { population, unseen } = corpus;
  const floor = { ...noKnowledge(population), unseen: noKnowledgeOf(unseen, population) };
  const measurements: Measurement[] = [];
  let trained: { engine: Engine; program: RunProgram } | undefined;

  async function* iterate(): AsyncGenerator<Measurement> {
    measurements.length = 0;
    if (found) {
      for (const measurement of found.record.measurements) {
        measurements.push(measurement);
        yield measurement;
      }
      return;
    }
    await openTensorFlow();
    trained?.engine.dispose();
    const program = runProgram(configuration, corpus);
    const engine = options.eager
      ? eager(program.program)
      : compile(program.program, { precision: configuration.precision });
    trained = { engine, program };
    const vocabulary = corpus.tokenizer.vocabularySize;
    engine.write(
      initialState(initialParameters(configuration.model, vocabulary, configuration.seed)),
    );
    const header = {
      hash,
      configuration,
      floor,
      environment: {
        ...environment(),
        engine: options.eager ? "eager" : "compiled",
        products: engine.precision,
      },
    };
    const record = await openRecord(header);
    try {
      const signal = options.signal ?? stopSignal();
      const parts = { run, program, engine, signal };
      for await (const measurement of loop(parts)) {
        record.append(toLine(measurement));
        measurements.push(JSON.parse(toLine(measurement)));
        yield measurements.at(-1)!;
      }
      if (!signal.aborted) record.finish();
    } finally {
      record.close();
    }
  }

  const run: Run = {
    configuration,
    hash,
    corpus,
    floor,
    source: found ? "record" : "training",
    measurements,
    get engine() {
      return trained?.engine;
    },
    complete(prompt, completeOptions) {
      if (!trained) {
        throw new Error(
          "Cannot complete: this run was read from its record, which holds no parameters. " +
            "Train it with { fresh: true }.",
        );
      }
      const model = {
        engine: trained.engine,
        tokenizer: corpus.tokenizer,
        length: trained.program.attention.length,
      };
      return complete(model, prompt, completeOptions);
    },
    dispose() {
      trained?.engine.dispose();
      trained = undefined;
    },
    [Symbol.asyncIterator]: iterate,
  };
  return run;
}

/** The corpus a configuration names. */
export function corpusOf(configuration: RunConfiguration): Corpus {
  const { scale, seed, people, schedule, order, templates, evaluation } = configuration;
  for (const { people: distribution } of schedule) probabilities(distribution, people);
  return createCorpus({
    scale,
    seed,
    people,
    schedule,
    order,
    templates,
    evaluate: evaluation.people,
  });
}

async function* loop({ run, program, engine, signal }: {
  run: Run;
  program: RunProgram;
  engine: Engine;
  signal: AbortSignal;
}): AsyncGenerator<Measurement> {
  const { configuration, corpus, floor } = run;
  const { steps, batch, optimizer, stopBelow } = configuration;
  const points = measuringSteps(configuration);
  const measure = measurer(configuration, corpus, program, engine, points);
  let losses: number[] = [];
  let next = 0;
  for (let step = 0;; step++) {
    if (step === points[next] || step === steps) {
      const measurement: Measurement = {
        step,
        samples: step * batch,
        trainingLoss: losses.length > 0 ? losses.reduce((a, b) => a + b, 0) / losses.length : null,
        ...measure(step),
      };
      next++;
      losses = [];
      yield measurement;
      if (measurement.sets.training!.loss < stopBelow * floor.loss) return;
    }
    if (step === steps) return;
    if (step % STEPS_BETWEEN_PAUSES === 0) await new Promise((resume) => setTimeout(resume, 0));
    if (signal.aborted) return;
    const biographies = batchAt(corpus, { step, batch });
    const length = lengthFor(biographies, program.stepLengths);
    const { inputs, targets } = pack(biographies, length);
    const { loss } = engine.run(`step/${length}`, {
      tokens: inputs,
      targets,
      ...scalarInputs(stepScalars(optimizer, { step, steps })),
    });
    losses.push(loss![0]!);
    if (!Number.isFinite(loss![0])) {
      throw new Error(
        `Cannot go on training: the loss is ${loss![0]} at step ${step}. ` +
          `Lower optimizer.lr (${optimizer.lr}) or set optimizer.clip.`,
      );
    }
    run.onStep?.({ step: step + 1, steps });
  }
}

function scalarInputs<K extends string>(scalars: Record<K, number>): Record<K, Float32Array> {
  return Object.fromEntries(
    Object.entries<number>(scalars).map(([name, value]) => [name, new Float32Array([value])]),
  ) as Record<K, Float32Array>;
}

/** People whose attention is read. */
const ATTENTION_PEOPLE = 128;

/** What a measurement holds, as a function of the step. */
function measurer(
  configuration: RunConfiguration,
  corpus: Corpus,
  program: RunProgram,
  engine: Engine,
  points: number[],
): (step: number) => Pick<Measurement, "sets" | "attention"> {
  const { model, evaluation } = configuration;
  const sets = evaluationSets(corpus);
  const evaluator = { engine, shape: program.evaluation, lengths: program.evaluationLengths };
  const reader = { engine, model, ...program.attention };
  const known = sets[0]!.biographies;
  const readable = known.length - known.length % reader.sequences;
  const people = known.slice(0, Math.min(ATTENTION_PEOPLE, readable));
  const stride = Math.max(1, Math.ceil(points.length / Math.max(1, evaluation.attention)));
  const isWatched = (step: number) =>
    evaluation.attention > 0 && people.length > 0 &&
    (points.indexOf(step) % stride === 0 || step === configuration.steps);
  const decile = decileOf(configuration);
  return (step) => ({
    sets: measureKnowledge(sets, evaluator, decile),
    ...(isWatched(step) ? { attention: measureAttention(people, reader) } : {}),
  });
}

/** A person's tenth by frequency in the last phase, where people are not equally likely. */
function decileOf(
  { schedule, people }: RunConfiguration,
): ((person: number) => number) | undefined {
  const likely = probabilities(distributionAt(schedule, Infinity), people);
  if (likely.every((p) => p === likely[0])) return undefined;
  const order = Array.from(likely, (_, i) => i).sort((a, b) => likely[b]! - likely[a]! || a - b);
  const rank = new Map(order.map((person, i) => [person, i]));
  return (person) => Math.floor(10 * rank.get(person)! / people);
}

/** Refuses a batch that cannot fit into this machine's memory. */
function checkMemory({ model, batch }: RunConfiguration, { tokenizer, writer }: Corpus): void {
  const tokens = batch * writer.length.max;
  const perToken = 3 * tokenizer.vocabularySize + model.layers * (16 * model.width + 3 * model.mlp);
  const scores = 4 * model.layers * model.heads * batch * writer.length.max ** 2;
  const needed = 4 * (tokens * perToken + scores) / 2 ** 30;
  const total = memoryGiB();
  if (needed <= total) return;
  throw new Error(
    `Cannot run: batch: a step needs about ${needed.toFixed(0)} GiB and this machine has ` +
      `${total.toFixed(0)} GiB, got batch ${batch} with ${model.layers} layers of width ` +
      `${model.width}. Use a smaller batch.`,
  );
}

function memoryGiB(): number {
  try {
    const [, kB] = /MemTotal:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/meminfo")) ?? [];
    return kB ? Number(kB) / 2 ** 20 : Infinity;
  } catch {
    return Infinity;
  }
}

/** A record being written; it takes its final name only when the run is finished. */
async function openRecord(header: RecordHeader) {
  const folder = runFolder(header.configuration);
  await Deno.mkdir(folder, { recursive: true });
  const part = new URL("record.part.jsonl", folder);
  const file = Deno.openSync(part, { create: true, write: true, truncate: true });
  const encoder = new TextEncoder();
  const append = (line: string) => {
    let bytes = encoder.encode(line);
    while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
  };
  append(headerLine(header));
  return {
    append,
    finish() {
      file.syncSync();
      Deno.renameSync(part, new URL("record.jsonl", folder));
    },
    close: () => file.close(),
  };
}

/** The record of a finished run, as analyses take it. */
export function recordOf(run: Run): RunRecord {
  const { hash, configuration, floor, measurements } = run;
  return { header: { hash, configuration, floor, environment: environment() }, measurements };
}
