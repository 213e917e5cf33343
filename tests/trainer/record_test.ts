import { assert, assertEquals, assertThrows } from "@std/assert";
import type { SetKnowledge } from "../../lib/probes/mod.ts";
import { configure, identity } from "../../lib/trainer/mod.ts";
import {
  headerLine,
  type Measurement,
  notFinite,
  parseRecord,
  type RecordHeader,
  recordSchema,
  toLine,
} from "../../lib/trainer/record.ts";

const configuration = configure({ scale: "smoke", people: 40, optimizer: { lr: 0.001_234_567 } });
const header: RecordHeader = {
  hash: identity(configuration),
  configuration,
  floor: { loss: 1.723_456_789, attributes: [1.7, 1.8], accuracy: 0.25, unseen: 1.812_345_678 },
  environment: { cores: 2, deno: "2.9.6" },
};

function measurement(step: number): Measurement {
  const training: SetKnowledge = {
    loss: 1.5,
    accuracy: 0.25,
    confidence: 0.5,
    entropy: 1.25,
    attributes: [[1.25, 0.5], [1.75, 0]],
    positions: [[1.625, 0.25], [1.375, 0.25]],
  };
  return {
    step,
    samples: 8 * step,
    trainingLoss: step === 0 ? null : 2.5,
    sets: { training, "held-out": training, new: training, unseen: training },
  };
}

const TEXT = [headerLine(header), toLine(measurement(0)), toLine(measurement(10))].join("");

/** The record with one line replaced. */
function withLine(line: number, text: string): string {
  return TEXT.split("\n").map((own, i) => i + 1 === line ? text : own).join("\n");
}

function assertBroken(text: string, ...parts: string[]): void {
  for (const part of ["Cannot read abc.jsonl", ...parts]) {
    assertThrows(() => parseRecord(text, "abc.jsonl"), Error, part);
  }
}

Deno.test("a record read back is what was written", () => {
  const record = parseRecord(TEXT);
  assertEquals(record.measurements, [measurement(0), measurement(10)]);
  assertEquals(record.header.hash, header.hash);
  assertEquals(record.header.floor, header.floor);
  assertEquals(record.header.environment, header.environment);
});

Deno.test("the header keeps the configuration in full, so that it can be run and hashed again", () => {
  const { configuration: read } = parseRecord(TEXT).header;
  assertEquals(read, JSON.parse(JSON.stringify(configuration)));
  assertEquals(read.optimizer.lr, 0.001_234_567);
  assertEquals(identity(configure(read)), header.hash);
});

Deno.test("each part of a record is one line", () => {
  for (const line of [headerLine(header), toLine(measurement(5))]) {
    assertEquals(line.indexOf("\n"), line.length - 1);
  }
});

Deno.test("measurements keep five significant digits", () => {
  const line = toLine({ a: 1.234_567_8, b: [0.000_012_345_678], c: { d: -98_765.432 }, e: null });
  assertEquals(JSON.parse(line), { a: 1.2346, b: [0.000_012_346], c: { d: -98_765 }, e: null });
  assertEquals(JSON.parse(toLine({ step: 4000, accuracy: 1 })), { step: 4000, accuracy: 1 });
});

Deno.test("whole numbers, such as steps and samples, are kept exactly", () => {
  assertEquals(JSON.parse(toLine({ step: 123_457, samples: 1_048_576 })), {
    step: 123_457,
    samples: 1_048_576,
  });
});

Deno.test("a record without measurements yet is a record", () => {
  assertEquals(parseRecord(headerLine(header)).measurements, []);
});

Deno.test("an empty file is refused", () => {
  assertBroken("", "must not be empty");
  assertThrows(() => parseRecord("\n"), Error, "Cannot read record");
});

Deno.test("a broken line is refused by its number", () => {
  assertBroken(withLine(2, "{nonsense"), "line 2", "must be JSON");
  assertBroken(withLine(2, ""), "line 2");
});

Deno.test("a last line that was half written is refused, wherever it was cut", () => {
  const last = TEXT.lastIndexOf("\n", TEXT.length - 2) + 1;
  for (let cut = last + 1; cut < TEXT.length - 1; cut += 7) {
    assertBroken(TEXT.slice(0, cut), "line 3", "cut off");
  }
});

Deno.test("a measurement with a missing or wrong field is refused by line and field", () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ step: "10" }, "step"],
    [{ step: 2.5 }, "step"],
    [{ samples: -8 }, "samples"],
    [{ trainingLoss: undefined }, "trainingLoss"],
    [{ sets: { training: { loss: 1 } } }, "sets.training.accuracy"],
    [{ sets: { training: null } }, "sets.training"],
    [{ sets: undefined }, "sets"],
  ];
  for (const [fields, part] of wrong) {
    const line = JSON.stringify({ ...measurement(10), ...fields });
    assertBroken(withLine(3, line), "line 3", "measurement", part);
  }
  for (const line of ["[]", "3", "null"]) assertBroken(withLine(3, line), "line 3");
});

Deno.test("a number that is not finite is not written, and null is not read as one", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const sets = { training: { loss: 1, accuracy: 0, positions: [[1, 0.5], [value, 0.5]] } };
    const place = "sets.training.positions.1.0";
    assertEquals(notFinite({ ...measurement(10), sets }), { place, value });
    assertThrows(() => toLine({ ...measurement(10), sets }), Error, `${place} must be finite`);
  }
  assertEquals(notFinite(measurement(10)), undefined);
  const floor = { ...header.floor, loss: NaN };
  assertThrows(() => headerLine({ ...header, floor }), Error, "floor.loss must be finite, got NaN");
  const sets = { training: { loss: null, accuracy: 0, confidence: 0, entropy: 0 } };
  assertBroken(
    withLine(3, JSON.stringify({ ...measurement(10), sets })),
    "line 3",
    "sets.training.loss",
  );
});

Deno.test("a header with a missing or wrong field is refused by line and field", () => {
  const whole = JSON.parse(headerLine(header));
  for (const field of ["hash", "configuration", "floor", "environment"]) {
    assertBroken(withLine(1, JSON.stringify({ ...whole, [field]: 7 })), "line 1", "header", field);
    assertBroken(withLine(1, JSON.stringify({ ...whole, [field]: undefined })), "line 1", field);
  }
});

Deno.test("a record that begins with a measurement is refused at line 1", () => {
  assertBroken(toLine(measurement(0)), "line 1", "header");
  assert(parseRecord(TEXT).measurements.length === 2);
});

Deno.test("data/records.schema.json is the schema that records are read with", () => {
  const file = new URL("../../data/records.schema.json", import.meta.url);
  // After a change of the schema: deno eval with recordSchema() writes the file again.
  assertEquals(JSON.parse(Deno.readTextFileSync(file)), JSON.parse(JSON.stringify(recordSchema())));
});

Deno.test("every committed record is whole, and its configuration has the hash it is filed under", () => {
  const folder = new URL("../../data/runs/", import.meta.url);
  let count = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    const { header, measurements } = parseRecord(
      Deno.readTextFileSync(new URL(name, folder)),
      name,
    );
    const { configuration } = header;
    assertEquals(`${header.hash}.jsonl`, name);
    if (String(configuration.scale) === "memory") {
      // The toy memory has a configuration of its own (memory_record.ts).
      continue;
    }
    assertEquals(`${identity(configure(configuration))}.jsonl`, name);
    assert(configuration.stopBelow > 0 || measurements.at(-1)!.step === configuration.steps);
    count++;
  }
  assert(count >= 6);
});
