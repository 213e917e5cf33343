/**
 * Run records: JSON lines. The first holds the configuration, its hash and the environment,
 * each further line one measurement. Measurements carry no time or host.
 *
 * @module
 */

import { z } from "zod";
import { must, problemsOf } from "../display/mod.ts";
import { type Decision, SCALES } from "../generator/mod.ts";
import { type ProbeReadings, PROBES, readingSchemas, type Sets } from "../probes/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { essence } from "./configure.ts";
import type { RolloutReading } from "./rollouts.ts";

/** The first line of a record: of a run, or of what else is recorded in the same form. */
export interface RecordHeader<Configuration = RunConfiguration> {
  /** Identity of the run. */
  hash: string;
  /** The complete configuration. */
  configuration: Configuration;
  /** No-knowledge loss and accuracy of the population, and the loss floor of unseen people. */
  floor: { loss: number; attributes: number[]; accuracy: number; unseen: number };
  /** Versions, processor, threads, engine. */
  environment: Record<string, unknown>;
}

/** Everything measured after a number of steps: what the probes read, and where training stands. */
export interface Measurement extends Omit<ProbeReadings, "sets"> {
  /** Training steps done. */
  step: number;
  /** Biographies seen. */
  samples: number;
  /** Mean training loss in nats a token since the measurement before; null at step 0. */
  trainingLoss: number | null;
  /** Knowledge by evaluation set. */
  sets: Sets;
  /** What an adaptive schedule has decided so far. */
  decisions?: Decision[];
  /** What came of the model's own answers since the measurement before, where it learns from them. */
  rollouts?: RolloutReading;
  /** Hash of the text that the model wrote for its own replay, where a run begins. */
  ownText?: string;
  /** Old people whom it has picked to replay, where a run begins. */
  replayed?: number[];
}

/** A record as read from a file, of a kind of configuration and of measurements. */
export interface RecordOf<Configuration, Line> {
  /** What was run. */
  header: RecordHeader<Configuration>;
  /** What came of it, in the order of steps. */
  measurements: Line[];
}

/** The record of a run. */
export type RunRecord = RecordOf<RunConfiguration, Measurement>;

/** What all records have; the scale of their configuration tells their kinds apart. */
export type AnyRecord = RecordOf<{ scale: string }, { step: number }>;

const standing = {
  step: z.int().nonnegative().describe("training steps done"),
  samples: z.int().nonnegative().describe(
    "steps times the run's batch: biographies seen, if all were of this run",
  ),
  trainingLoss: z.number().nullable().describe("mean nats a token since the line before"),
};
const happened = {
  decisions: z.array(z.looseObject({ step: z.int(), event: z.string() })).optional()
    .describe("what an adaptive schedule has decided so far"),
  rollouts: z.looseObject({
    answers: z.int().nonnegative(),
    right: z.number(),
    refused: z.number(),
    wrong: z.number(),
    reward: z.number().optional(),
    divergence: z.number().optional().describe("nats an answer, from the model the run began with"),
  }).optional().describe("the model's own answers since the line before, as shares"),
  ownText: z.string().optional().describe("hash of what the model wrote for its own replay"),
  replayed: z.array(z.int().nonnegative()).optional()
    .describe("old people who are picked to be replayed"),
};
const readings = Object.fromEntries(
  Object.entries(readingSchemas(PROBES))
    .map(([name, reading]) => [name, name === "sets" ? reading : reading.optional()]),
);
const measurement = z.looseObject({ ...standing, ...readings, ...happened })
  .describe("every further line: a measurement");

/** Names that are taken in a measurement, besides those of probes. */
export const RESERVED: readonly string[] = Object.keys({ ...standing, ...happened });

const header = z.looseObject({
  hash: z.string().describe("identity of the run"),
  configuration: z.looseObject({ scale: z.string() }).describe("complete run configuration"),
  floor: z.looseObject({
    loss: z.number().describe("no-knowledge loss L0, nats a value"),
    accuracy: z.number().describe("no-knowledge accuracy A0"),
  }),
  environment: z.looseObject({}).describe("versions, CPU, threads, engine"),
}).describe("first line of a record");

/**
 * JSON Schema of a record's lines, which data/records.schema.json holds.
 *
 * @example
 * ```ts
 * import { recordSchema } from "factlab";
 * console.log(recordSchema().title);
 * ```
 */
export function recordSchema(): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A line of a factlab run record",
    anyOf: [header, measurement].map((line) => {
      const { $schema: _, ...schema } = z.toJSONSchema(line);
      return schema;
    }),
  };
}

/** The first number of a value that JSON cannot hold, with its place; undefined if there is none. */
export function notFinite(
  value: unknown,
  place = "",
): { place: string; value: number } | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { place, value };
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = notFinite(inner, place === "" ? key : `${place}.${key}`);
    if (found) return found;
  }
  return undefined;
}

/** A line of JSON, exact; `digits` rounds what is not whole. JSON would make null of what is not finite. */
function exactLine(value: unknown, digits?: number): string {
  const bad = notFinite(value);
  if (bad) {
    throw new Error(`Cannot write a record: ${bad.place} must be finite, got ${bad.value}.`);
  }
  const rounded = (_: string, inner: unknown) =>
    typeof inner === "number" && !Number.isInteger(inner)
      ? Number(inner.toPrecision(digits))
      : inner;
  return JSON.stringify(value, digits === undefined ? undefined : rounded) + "\n";
}

/**
 * One measurement of a record: whole numbers as they are, others to five significant digits.
 *
 * @throws {Error} that names what is not finite: nobody could read it.
 */
export function toLine(value: unknown): string {
  return exactLine(value, 5);
}

/** The header line of a record, exact: what was run can be made and hashed again from it. */
export function headerLine(header: AnyRecord["header"]): string {
  const { hash, configuration, floor, environment } = header;
  const written = isRun(header) ? { essence: essence(configuration as RunConfiguration) } : {};
  return exactLine({ hash, ...written, configuration, floor, environment });
}

/**
 * What an environment, of a record's header or of a sitting, says that was trained on: "cpu", or an
 * accelerator by its name; XLA's plugin for processors is "cpu (XLA)".
 */
export function deviceOf({ device }: Record<string, unknown> = {}): string {
  if (device === undefined) return "cpu";
  const { name, platform } = device as { name: string; platform?: string };
  return platform === "cpu" ? `${name} (XLA)` : name;
}

/**
 * How many runs the program had places for in which an environment, of a record's header or of a
 * sitting, says that was trained: 1 alone.
 */
export function besideOf({ engine }: Record<string, unknown> = {}): number {
  return (engine as { beside?: number } | undefined)?.beside ?? 1;
}

/** Whether a header is of a run, by its scale. */
export function isRun({ configuration }: AnyRecord["header"]): boolean {
  return (SCALES as readonly string[]).includes(configuration.scale);
}

/**
 * Reads a record.
 *
 * @example
 * ```ts
 * import { readRecord } from "factlab";
 * import { parseRecord } from "factlab/trainer";
 * const text = Deno.readTextFileSync(readRecord("13729e21cc54")!.file);
 * console.log(parseRecord(text).measurements.length);
 * ```
 *
 * @throws {Error} that names the line for anything that is not a whole, valid record.
 */
export function parseRecord<R extends AnyRecord = RunRecord>(text: string, name = "record"): R {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const parsed = lines.map((line, i) => {
    const bad = (why: string) => new Error(`Cannot read ${name}: line ${i + 1} ${why}.`);
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw bad("must be JSON; is the file cut off?");
    }
    const result = (i === 0 ? header : measurement).safeParse(json, { error: must });
    if (result.success) return json;
    const [problem] = problemsOf(result.error.issues, json);
    throw bad(`is not a ${i === 0 ? "header" : "measurement"}: ${problem}`);
  });
  if (parsed.length === 0) throw new Error(`Cannot read ${name}: it must not be empty.`);
  return { header: parsed[0], measurements: parsed.slice(1) } as R;
}
