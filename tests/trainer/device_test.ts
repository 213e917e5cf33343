// Everything that is trained and measured, on a device: the same as on TensorFlow up to rounding.

import { assert, assertEquals } from "@std/assert";
import { type Engine, ENGINES, openTensorFlow } from "../../lib/engine/mod.ts";
import {
  beginning,
  callsOf,
  configure,
  corpusOf,
  runFolder,
  type RunInput,
} from "../../lib/trainer/mod.ts";
import { stepsOf } from "../../lib/trainer/blocks.ts";
import { measurer } from "../../lib/trainer/measure.ts";
import { replayedBy } from "../../lib/trainer/replayed.ts";
import { openTestDevice } from "../engine/device.ts";

await openTensorFlow();
await openTestDevice();

const STEPS = 20;

const base: RunInput = {
  scale: "smoke",
  steps: STEPS,
  precision: "fp32",
  seed: 61,
  people: 16,
  optimizer: { lr: 3e-4 },
  evaluation: { people: 8, measurements: 2, attention: 1 },
};
/** A layer, where what is told apart is not in the layers: compiling takes most of the time. */
const shallow: RunInput = { ...base, model: { layers: 1 } };
const start = { run: { ...shallow, seed: 62 }, step: 0 };
const tuned = (tuning: RunInput["tuning"], more: RunInput = {}): RunInput => ({
  ...shallow,
  start,
  tuning,
  ...more,
});

const SMALL = { layers: 1, width: 16, mlp: 32 };

/** Runs of every kind. */
const KINDS: Record<string, RunInput> = {
  plain: base,
  "GELU with clipping and flow": {
    ...base,
    model: { activation: "gelu" },
    optimizer: { lr: 3e-4, clip: 0.5 },
    evaluation: { ...base.evaluation, flow: 16 },
  },
  Hawk: { ...base, model: { layers: 1, mixer: "recurrent" } },
  patched: { ...base, reference: { run: { ...base, seed: 62 }, step: 0 } },
  "frozen attention": tuned({ freeze: "attention" }),
  distilled: tuned({ distill: 1 }),
  questions: tuned({ text: "questions", refuse: 8 }),
  preferred: tuned({ text: "questions", refuse: 8, prefer: 0.1 }),
  // 256 texts are written word by word: by a smaller model.
  "own text": tuned({ ownText: 0.5 }, {
    model: SMALL,
    start: { run: { ...base, model: SMALL, seed: 62 }, step: 0 },
  }),
  "the least known replayed": tuned({ replay: { share: 0.5, people: 8, pick: "least known" } }, {
    start: { run: { ...shallow, steps: 10 }, step: 0 },
  }),
  "in groups of similar length": { ...base, lengthGroups: 3 },
  "patched, in groups": { ...shallow, reference: start, lengthGroups: 2 },
};

/** Trains on an engine; returns what can be compared. */
function trained(input: RunInput, kind: string, precision: "fp32" | "bf16" = "fp32") {
  const configuration = configure(input);
  const corpus = corpusOf(configuration);
  const calls = callsOf(configuration, corpus);
  const engine: Engine = ENGINES[kind]!.build(calls.program, { precision });
  const before = beginning(configuration, corpus, engine);
  engine.write(before);
  const folder = runFolder(configuration);
  Deno.mkdirSync(folder, { recursive: true });
  const replayed = replayedBy(configuration, { engine, calls, corpus });
  // Each engine writes its own.
  Deno.removeSync(folder, { recursive: true });
  const look = () => Infinity;
  // In the same shapes on either engine.
  const stepsAt = stepsOf({ configuration, corpus, call: calls.step, replayed, atOnce: 16, look });
  const losses = [[0, 16], [16, STEPS]].flatMap(([from, until]) =>
    calls.step.run(engine, stepsAt(from!, until!, [])).read()
  );
  const after = engine.read();
  const readings = measurer({ configuration, calls, engine, points: [0, STEPS] })(STEPS);
  engine.dispose();
  return { losses, before, after, readings, replayed };
}

/** All numbers in a value, with where they stand. */
function numbersOf(value: unknown, place = ""): [string, number][] {
  if (typeof value === "number") return [[place, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, own]) => numbersOf(own, `${place}/${key}`));
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
const minus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - b[i]!);

for (const [kind, input] of Object.entries(KINDS)) {
  Deno.test(`${kind}: ${STEPS} steps and all readings are TensorFlow's up to rounding`, () => {
    const [expected, got] = ["tensorflow", "xla"].map((own) => trained(input, own));
    assertEquals(got!.replayed, expected!.replayed);
    got!.losses.forEach((loss, i) => {
      const other = expected!.losses[i]!;
      assert(Math.abs(loss - other) <= 1e-5 * other, `step ${i}: ${loss}, not ${other}`);
    });
    // Adam blows the rounding of tiny gradients up, so not number by number.
    for (const [name, value] of Object.entries(expected!.after)) {
      const change = norm(minus(value, expected!.before[name] ?? new Float32Array(value.length)));
      const apart = norm(minus(value, got!.after[name]!));
      assert(apart <= 1e-4 * change, `${name}: ${apart} apart after a change of ${change}`);
    }
    const [numbers, others] = [expected!, got!].map(({ readings }) => numbersOf(readings));
    assert(numbers!.length > 20);
    assertEquals(others!.map(([place]) => place), numbers!.map(([place]) => place));
    numbers!.forEach(([place, value], i) => {
      const apart = Math.abs(others![i]![1] - value);
      assert(apart <= 1e-3 * Math.max(0.01, Math.abs(value)), `${place}: ${apart} from ${value}`);
    });
  });
}

Deno.test("bfloat16 products differ from TensorFlow's by no more than they do from float32's", () => {
  const run = (kind: string, precision: "fp32" | "bf16") => trained(base, kind, precision).losses;
  const [full, half, ours] = [run("xla", "fp32"), run("tensorflow", "bf16"), run("xla", "bf16")];
  const apart = (a: number[], b: number[]) =>
    Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
  assert(apart(ours, full) > 0, "these are float32's");
  assert(
    apart(ours, half) <= 1.5 * apart(half, full),
    `${apart(ours, half)} of ${apart(half, full)}`,
  );
});
