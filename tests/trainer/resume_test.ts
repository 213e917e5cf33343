import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import {
  type Run,
  runFolder,
  type RunInput,
  SECOND,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";
import { checkpointFile, checkpointSteps } from "../../lib/trainer/checkpoint.ts";
import { openTestDevice } from "../engine/device.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/trainer/safetensors.ts";

await openTensorFlow();
await openTestDevice();

/** A tiny run; each test has a seed of its own, so that none meets another's folder. */
function input(seed: number): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    seed: 9000 + seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 40,
    optimizer: { lr: 1e-2 },
    evaluation: { people: 8, measurements: 5, attention: 1, steps: [15, 20] },
  };
}

function folderOf({ configuration }: Run): URL {
  return runFolder(configuration);
}

interface Trained {
  record: string;
  state: Record<string, Float32Array>;
}

/** Trains to the end and hands back what there is then; `stopAt` steps on the way. */
async function trainToEnd(
  configuration: RunInput,
  stops: number[],
  options: TrainOptions = {},
  between: (folder: URL) => void = () => {},
): Promise<Trained> {
  for (const stop of [...stops, Infinity]) {
    const controller = new AbortController();
    const run = train(configuration, { ...options, signal: controller.signal });
    run.onStep = ({ step }) => step >= stop && controller.abort();
    for await (const _ of run);
    const folder = folderOf(run);
    const state = run.engine!.read();
    run.dispose();
    assertEquals(run.finished, stop === Infinity);
    if (stop === Infinity) {
      return { record: Deno.readTextFileSync(new URL("record.jsonl", folder)), state };
    }
    between(folder);
  }
  throw new Error("not reached");
}

/** Calls a test with a configuration, whose folder is gone before and afterwards. */
async function withRun(seed: number, test: (configuration: RunInput) => Promise<void>) {
  const run = train(input(seed), { fresh: true });
  const clean = () => Deno.remove(folderOf(run), { recursive: true }).catch(() => {});
  await clean();
  try {
    await test(input(seed));
  } finally {
    await clean();
  }
}

/** The lines of a record but the first, which tells of machine and versions. */
const measurementsOf = (record: string) => record.split("\n").slice(1);

// At a measuring step, between two, right after the start, twice at the same place.
const STOPS = { tensorflow: [1, 15, 15, 18, 20, 39], eager: [1, 15], xla: [1, 15] };
for (const [number, [engine, stops]] of Object.entries(STOPS).entries()) {
  Deno.test(`${engine}: stopped and resumed equals uninterrupted, bit for bit`, () =>
    withRun(20 + number, async (configuration) => {
      const whole = await trainToEnd(configuration, [], { fresh: true, engine });
      Deno.removeSync(folderOf(train(configuration, { fresh: true })), { recursive: true });
      const pieces = await trainToEnd(configuration, stops, { engine });
      assertEquals(measurementsOf(pieces.record), measurementsOf(whole.record));
      assertEquals(pieces.state, whole.state);
    }));
}

Deno.test("a resume without the second moments differs: the comparison can fail", () =>
  withRun(2, async (configuration) => {
    const whole = await trainToEnd(configuration, [], { fresh: true });
    Deno.removeSync(folderOf(train(configuration, { fresh: true })), { recursive: true });
    const forget = (folder: URL) => {
      const file = checkpointFile(folder, checkpointSteps(folder)[0]!);
      const stored = decodeSafetensors(Deno.readFileSync(file));
      for (const [name, { data }] of Object.entries(stored.tensors)) {
        if (name.startsWith(SECOND)) data.fill(0);
      }
      Deno.writeFileSync(file, encodeSafetensors(stored));
    };
    const forgetful = await trainToEnd(configuration, [18], {}, forget);
    assertNotEquals(forgetful.state, whole.state);
    assertNotEquals(measurementsOf(forgetful.record), measurementsOf(whole.record));
  }));

Deno.test("half a line at the end of the record, or lines after the checkpoint, are cut back", () =>
  withRun(3, async (configuration) => {
    const whole = await trainToEnd(configuration, [], { fresh: true });
    Deno.removeSync(folderOf(train(configuration, { fresh: true })), { recursive: true });
    const tear = (folder: URL) =>
      Deno.writeTextFileSync(new URL("record.part.jsonl", folder), '{"step":20}\n{"step":2', {
        append: true,
      });
    const pieces = await trainToEnd(configuration, [18], {}, tear);
    assertEquals(measurementsOf(pieces.record), measurementsOf(whole.record));
  }));

/** Calls a test with what is warned while it runs. */
async function withWarnings(test: (warnings: string[]) => Promise<void>): Promise<void> {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (...words) => void warnings.push(words.join(" "));
  try {
    await test(warnings);
  } finally {
    console.warn = warn;
  }
}

Deno.test("a damaged newest checkpoint is told of, and the one before it used", () =>
  withRun(4, (configuration) =>
    withWarnings(async (warnings) => {
      const whole = await trainToEnd(configuration, [], { fresh: true });
      Deno.removeSync(folderOf(train(configuration, { fresh: true })), { recursive: true });
      let stops = 0;
      const damage = (folder: URL) => {
        if (++stops < 2) return;
        const [newest] = checkpointSteps(folder);
        Deno.truncateSync(checkpointFile(folder, newest!).pathname, 5000);
      };
      const pieces = await trainToEnd(configuration, [11, 22], {}, damage);
      assertEquals(measurementsOf(pieces.record), measurementsOf(whole.record));
      assert(warnings.some((text) => text.includes("00000022") && text.includes("one before")));
    })));

Deno.test("two checkpoints are kept, and those that were asked for", () =>
  withRun(5, async (configuration) => {
    const options = { fresh: true, checkpoints: [0, 5, 20], checkpointSeconds: 0 };
    await trainToEnd(configuration, [], options);
    const run = train(configuration);
    assertEquals(checkpointSteps(folderOf(run)), [40, 39, 20, 5, 0]);
    assertEquals(run.source, "record");
  }));

Deno.test("the model of a finished run can be loaded and asked", () =>
  withRun(6, async (configuration) => {
    const { state } = await trainToEnd(configuration, [], { fresh: true });
    const run = train(configuration);
    for await (const _ of run);
    assertThrows(() => run.complete("I"), Error, "await run.load()");
    assertEquals((await run.load()).read(), state);
    run.complete("I", { maxTokens: 1 });
    run.dispose();
    for (const step of checkpointSteps(folderOf(run))) {
      Deno.removeSync(checkpointFile(folderOf(run), step));
    }
    await assertRejects(() => run.load(), Error, "no checkpoint of step 40 on this machine");
  }));

Deno.test("a run begun in one way is not gone on with in another", () =>
  withRun(7, async (configuration) => {
    const controller = new AbortController();
    const run = train(configuration, { signal: controller.signal });
    run.onStep = ({ step }) => step === 3 && controller.abort();
    for await (const _ of run);
    run.dispose();
    const other = train(configuration, { engine: "eager" });
    await assertRejects(
      () => trainToEnd(configuration, [], { engine: "eager" }),
      Error,
      "fresh: true",
    );
    other.dispose();
  }));

Deno.test("checkpoints of another run, of another model or of no run are refused", () =>
  withRun(8, (configuration) =>
    withWarnings(async (warnings) => {
      const spoil = (folder: URL) => {
        const file = checkpointFile(folder, checkpointSteps(folder)[0]!);
        const stored = decodeSafetensors(Deno.readFileSync(file));
        stored.metadata.hash = '"000000000000"';
        Deno.writeFileSync(file, encodeSafetensors(stored));
      };
      await trainToEnd(configuration, [4], {}, spoil);
      assert(warnings.some((text) => text.includes("got 000000000000")));
    })));

Deno.test("a second process on the same run is refused with the first's number", () =>
  withRun(9, async (configuration) => {
    const first = train(configuration);
    const iterator = first[Symbol.asyncIterator]();
    await iterator.next();
    // A lock belongs to an open file: a second one of the same process is refused too.
    const second = train(configuration);
    const error = await assertRejects(
      async () => {
        for await (const _ of second);
      },
      Error,
      `process ${Deno.pid}`,
    ) as Error;
    assert(/since \d{4}-\d\d-\d\dT/.test(error.message));
    // It has no model, not one of zeros.
    assertEquals([second.engine, second.step], [undefined, undefined]);
    await iterator.return!();
    first.dispose();
  }));

Deno.test("a run whose last checkpoint is damaged has no model, however often it is loaded", () =>
  withRun(12, async (configuration) => {
    await trainToEnd(configuration, []);
    const run = train(configuration);
    for await (const _ of run);
    Deno.writeFileSync(checkpointFile(folderOf(run), 40), new Uint8Array(1000));
    for (const _ of [1, 2]) {
      await assertRejects(() => run.load(), Error, "checkpoint-00000040");
      assertEquals(run.engine, undefined);
    }
    assertThrows(() => run.complete("James"), Error, "there is no model yet");
  }));

Deno.test("a lock that a dead process left behind keeps nobody out", () =>
  withRun(10, async (configuration) => {
    const folder = folderOf(train(configuration));
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(new URL("lock", folder), '{"pid":1,"since":"2020"}');
    await trainToEnd(configuration, []);
  }));

Deno.test("a folder that is removed while training ends the run with an error", () =>
  withRun(11, async (configuration) => {
    const run = train(configuration);
    run.onStep = ({ step }) => step === 12 && Deno.removeSync(folderOf(run), { recursive: true });
    await assertRejects(
      async () => {
        for await (const _ of run);
      },
      Error,
      "the folder was removed",
    );
    run.dispose();
  }));

Deno.test("a fresh run that was stopped goes on when it is iterated again", () =>
  withRun(12, async (configuration) => {
    const controller = new AbortController();
    const run = train(configuration, { fresh: true, signal: controller.signal });
    run.onStep = ({ step }) => step === 17 && controller.abort();
    for await (const _ of run);
    assertEquals([run.finished, run.resumedAt], [false, undefined]);
    for await (const _ of run);
    assertEquals(run.resumedAt, 17);
    run.dispose();
  }));

Deno.test("groups of similar length: resumed equals uninterrupted, bit for bit", () =>
  withRun(13, async (plain) => {
    const configuration = { ...plain, lengthGroups: 2 };
    const folder = folderOf(train(configuration, { fresh: true }));
    const clean = () => Deno.remove(folder, { recursive: true }).catch(() => {});
    await clean();
    const whole = await trainToEnd(configuration, [], { fresh: true });
    await clean();
    const pieces = await trainToEnd(configuration, [1, 15, 18, 39]);
    assertEquals(measurementsOf(pieces.record), measurementsOf(whole.record));
    assertEquals(pieces.state, whole.state);
    await clean();
  }));

Deno.test("checkpoints that nobody can go on from are set aside, and keep no new one out", () =>
  withRun(11, (configuration) =>
    withWarnings(async () => {
      const whole = await trainToEnd(configuration, [], { fresh: true, checkpointSeconds: 0 });
      const folder = folderOf(train(configuration));
      assertEquals(checkpointSteps(folder), [40, 39]);
      Deno.removeSync(new URL("record.jsonl", folder));
      const between = () => assertEquals(checkpointSteps(folder)[0]! < 39, true);
      const again = await trainToEnd(configuration, [11, 22], { checkpointSeconds: 0 }, between);
      assertEquals(measurementsOf(again.record), measurementsOf(whole.record));
      const aside = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".unusable"));
      assertEquals(aside.length, 2);
    })));

Deno.test("a record that another process has made meanwhile is read", () =>
  withRun(12, async (configuration) => {
    const controller = new AbortController();
    const stopped = train(configuration, { signal: controller.signal });
    stopped.onStep = ({ step }) => step >= 7 && controller.abort();
    for await (const _ of stopped);
    assert(stopped.step! < 40);
    const { record } = await trainToEnd(configuration, []);
    for await (const _ of stopped);
    assertEquals([stopped.source, stopped.measurements.at(-1)!.step], ["record", 40]);
    assertEquals(stopped.environment, JSON.parse(record.split("\n")[0]!).environment);
    // The model was of an earlier step.
    assertEquals([stopped.engine, stopped.step], [undefined, undefined]);
    await stopped.load();
    assertEquals(stopped.step, 40);
    stopped.dispose();
  }));
