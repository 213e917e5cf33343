// What a run leaves is whole whichever way it came: trained, gone on with, read, trained again.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkpointSteps } from "../../lib/trainer/checkpoint.ts";
import {
  configure,
  runFolder,
  type RunInput,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";

function input(seed: number): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    seed: 9700 + seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 40,
    evaluation: { people: 8, measurements: 5, attention: 0 },
  };
}

/** Calls a test with an input whose folder is gone before and afterwards, and a folder for curves. */
async function withRun(
  seed: number,
  test: (input: RunInput, place: { folder: URL; curves: URL; warnings: string[] }) => Promise<void>,
): Promise<void> {
  const folder = runFolder(configure(input(seed)));
  const curves = new URL(`file://${Deno.makeTempDirSync()}/with space`);
  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text) => warnings.push(String(text));
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  try {
    await test(input(seed), { folder, curves, warnings });
  } finally {
    console.warn = warn;
    Deno.removeSync(new URL(".", curves), { recursive: true });
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Trains up to a step, or to the end. */
async function trainTo(run: RunInput, options: TrainOptions = {}, stop = Infinity) {
  const controller = new AbortController();
  const own = train(run, { engine: "eager", ...options, signal: controller.signal });
  own.onStep = ({ step }) => step >= stop && controller.abort();
  const steps: number[] = [];
  for await (const { step } of own) steps.push(step);
  own.dispose();
  return { steps, source: own.source };
}

/** Steps of one curve in the event files of a folder, in the order of files and events. */
function stepsOfCurve(folder: URL, tag: string): number[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort().flatMap((name) => {
    const bytes = Deno.readFileSync(new URL(`${folder.href}/${name}`));
    const view = new DataView(bytes.buffer);
    const steps: number[] = [];
    // TFRecord: 8 bytes of length, 4 of checksum, an Event message, 4 of checksum.
    for (let at = 0; at < bytes.length;) {
      const length = Number(view.getBigUint64(at, true));
      const event = bytes.subarray(at + 12, at + 12 + length);
      if (new TextDecoder("latin1").decode(event).includes(tag)) steps.push(stepOf(event));
      at += 12 + length + 4;
    }
    return steps;
  });
}

/** Field 2 of an Event, a varint after the double of field 1; 0 if it is left out. */
function stepOf(event: Uint8Array): number {
  if (event[9] !== 0x10) return 0;
  let step = 0;
  for (let i = 10, shift = 0;; i++, shift += 7) {
    step += (event[i]! & 127) << shift;
    if (event[i]! < 128) return step;
  }
}

Deno.test("TensorBoard is given the whole run, once, however the run came", () =>
  withRun(1, async (run, { folder, curves }) => {
    const options = { tensorboard: curves };
    const events = new URL(`${curves.href}/${folder.pathname.split("/").at(-2)}`);
    const all = () => stepsOfCurve(events, "loss/held-out");
    await trainTo(run, {}, 20); // Begun without curves, gone on with them.
    const { steps } = await trainTo(run, options);
    assertEquals(all(), steps);
    assertEquals(steps.at(-1), 40);
    const read = await trainTo(run, options);
    assertEquals(read.source, "record");
    assertEquals(all(), steps);
    await trainTo(run, { ...options, fresh: true });
    assertEquals(all(), steps);
    Deno.removeSync(curves, { recursive: true }); // As a person clears away old curves.
    await trainTo(run, options);
    assertEquals(all(), steps);
  }));

Deno.test("two runs have two folders of curves in the same place", () =>
  withRun(2, async (run, { curves }) => {
    await trainTo(run, { tensorboard: curves });
    const other = { ...run, steps: 39 };
    await trainTo(other, { tensorboard: curves });
    Deno.removeSync(runFolder(configure(other)), { recursive: true });
    const folders = [...Deno.readDirSync(curves)].map(({ name }) => name);
    assertEquals(folders.length, 2);
    const ends = folders.map((name) =>
      stepsOfCurve(new URL(`${curves.href}/${name}`), "loss/held-out").at(-1)
    );
    assertEquals(ends.sort(), [39, 40]);
  }));

Deno.test("checkpoints once asked for are kept when the run goes on, and made when it is repeated", () =>
  withRun(3, async (run, { folder, warnings }) => {
    const often = { checkpointSeconds: 0 };
    await trainTo(run, { ...often, checkpoints: [5, 10, 30] }, 20);
    await trainTo(run, often);
    assertEquals(checkpointSteps(folder), [40, 39, 30, 10, 5]);
    await trainTo(run, { fresh: true, checkpoints: [7] });
    assertEquals(checkpointSteps(folder), [40, 30, 10, 7, 5]);
    assertEquals(warnings, []);
  }));

Deno.test("a checkpoint that can no longer be made is told of, with the way out", () =>
  withRun(4, async (run, { warnings }) => {
    await trainTo(run, {}, 20);
    await trainTo(run, { checkpoints: [10, 30] }); // At step 20 already: 30 is to come.
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, "no checkpoint of step 10 on this machine");
    assertStringIncludes(warnings[0]!, "fresh: true");
    await trainTo(run, { checkpoints: [10, 30] });
    assertEquals(warnings.length, 2);
    assertStringIncludes(warnings[1]!, "no checkpoint of step 10 on");
  }));

Deno.test("a checkpoint of a step that is never made is refused", () => {
  for (const step of [41, -1, 5.5, NaN]) {
    assertThrows(
      () => train(input(5), { checkpoints: [10, step] }),
      Error,
      `checkpoints must be whole steps from 0 to 40, got ${step}`,
    );
  }
});

Deno.test("a damaged record is kept aside when its run is trained again", () =>
  withRun(6, async (run, { folder, warnings }) => {
    await trainTo(run, {});
    const record = new URL("record.jsonl", folder);
    const whole = Deno.readTextFileSync(record);
    Deno.writeTextFileSync(record, whole.slice(0, -20));
    const { source } = await trainTo(run, {});
    assertEquals(source, "training");
    assert(warnings.some((text) => text.includes("must be JSON")), warnings.join());
    assertEquals(Deno.readTextFileSync(record), whole);
    assertEquals(
      Deno.readTextFileSync(new URL("record.damaged.jsonl", folder)),
      whole.slice(0, -20),
    );
  }));
