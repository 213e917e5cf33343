/**
 * How step time and memory grow: against batch, length, width and the number of people, beside
 * this machine's own limit for matrix products, measured in the same run; and memory over 5,000
 * steps. Writes bench/results/scaling.json and the figure in bench/scaling.png.
 *
 * @module
 */

import { table } from "../lib/display/mod.ts";
import { curvesPlot, panels } from "../lib/figures/mod.ts";
import { batchAt } from "../lib/generator/mod.ts";
import { median } from "../lib/readings/mod.ts";
import { initialParameters, MODELS, parameterCount, parameterShapes } from "../lib/model/mod.ts";
import {
  availableCores,
  callOf,
  compile,
  environment,
  openTensorFlow,
  tf,
} from "../lib/engine/mod.ts";
import {
  callsOf,
  configure,
  corpusOf,
  initialState,
  stateShapes,
  stepScalars,
  trainingStep,
} from "../lib/trainer/mod.ts";
import { commandLine } from "../tools/command_line.ts";

commandLine({
  usage: `deno task bench:scaling

Step time against batch, length, width and people; memory over 5,000 steps. Writes
bench/results/scaling.json and bench/scaling.png.`,
});
await openTensorFlow();
const BASE = { layers: 4, width: 128, heads: 4, vocabulary: 768, batch: 16, length: 104 };
const STEPS = 25;
const { optimizer } = configure();

const scalars = (step: number) => stepScalars(optimizer, { step, steps: 1e4 });

/** Median milliseconds of a training step, and the share of it that products would take alone. */
function measure(shape: typeof BASE) {
  const { vocabulary, batch, length, width, layers, heads } = shape;
  const model = { ...MODELS.laptop, layers, width, heads, mlp: 4 * width };
  const shapes = parameterShapes(model, vocabulary);
  const training = trainingStep({ model, optimizer }, Object.keys(shapes), [[
    { rows: batch, length },
  ]]);
  const program = { state: stateShapes(shapes), calls: [training] };
  const engine = compile(program, { precision: "bf16" });
  engine.write(initialState(initialParameters(model, vocabulary, 0)));
  const rows = Array.from({ length: batch }, (_, row) => ({
    tokens: Array.from({ length: length + 1 }, (_, i) => 1 + (row + i) % (vocabulary - 1)),
  }));
  const ms: number[] = [];
  for (let step = 0; step < STEPS + 5; step++) {
    const start = performance.now();
    training.run(engine, [{ rows, scalars: scalars(step) }]).read();
    if (step >= 5) ms.push(performance.now() - start);
  }
  engine.dispose();
  // Forward and backward, two operations a weight each way and twice back; attention's two
  // products over all pairs of positions.
  const weights = parameterCount(shapes);
  const operations = 6 * batch * length * (weights + 2 * layers * length * width);
  return { ...shape, weights, ms: median(ms), gigaflops: operations / median(ms) / 1e6 };
}

/** Most operations a second that products of matrices reach here, all cores, bfloat16. */
function productLimit(): number {
  const [parts, side] = [availableCores(), 768];
  const products = callOf({
    inputs: {},
    run: (state) => ({
      outputs: {
        sum: tf.addN(Array.from({ length: parts }, (_, i) => {
          let y = state[`x${i}`]!;
          for (let n = 0; n < 8; n++) y = tf.matMul(y as never, state[`x${i}`] as never);
          return tf.sum(y);
        })),
      },
    }),
  });
  const shapes = Array.from({ length: parts }, (_, i) => [`x${i}`, [side, side]]);
  const program = { state: Object.fromEntries(shapes), calls: [products] };
  const engine = compile(program, { precision: "bf16" });
  const ms: number[] = [];
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    products.run(engine, {});
    ms.push(performance.now() - start);
  }
  engine.dispose();
  return parts * 8 * 2 * side ** 3 / median(ms) / 1e6;
}

const limit = productLimit();
const sweep = <K extends keyof typeof BASE>(key: K, values: number[]) =>
  values.map((value) => ({
    along: key as string,
    value,
    ...measure({ ...BASE, ...(key === "width" ? { heads: value / 32 } : {}), [key]: value }),
  }));
const points = [
  ...sweep("batch", [4, 8, 16, 32, 64]),
  ...sweep("length", [32, 64, 128, 256]),
  ...sweep("width", [64, 128, 256, 512]),
];
console.log(
  table(
    points.map(({ along, value, weights, ms, gigaflops }) => ({
      along,
      value,
      weights,
      "ms a step": ms.toFixed(1),
      "GFLOP/s": gigaflops.toFixed(0),
      "of the products' limit": (gigaflops / limit).toFixed(2),
    })),
    { caption: `products of matrices reach ${limit.toFixed(0)} GFLOP/s here (bf16)` },
  ).text,
);

/** Resident memory in MiB. */
const resident = () => Deno.memoryUsage().rss / 2 ** 20;

/** Whole training steps, data included, for several N; the last one for 5,000 steps. */
function overPeople() {
  return [512, 2048, 8192].map((people, i, all) => {
    const configuration = configure({ people, batch: 8, steps: 6000 });
    const corpus = corpusOf(configuration);
    const calls = callsOf(configuration, corpus);
    const engine = compile(calls.program, { precision: "bf16" });
    const vocabulary = corpus.tokenizer.vocabularySize;
    engine.write(initialState(initialParameters(configuration.model, vocabulary, 0)));
    const [step, data, memory]: [number[], number[], [number, number][]] = [[], [], []];
    const steps = i === all.length - 1 ? 5000 : 60;
    for (let s = 0; s < steps; s++) {
      const start = performance.now();
      const rows = batchAt(corpus, { step: s, batch: 8 });
      const made = performance.now();
      calls.step.run(engine, [{ rows, scalars: scalars(s) }]).read();
      step.push(performance.now() - made);
      data.push(made - start);
      if (s % 100 === 0) memory.push([s, Math.round(resident())]);
    }
    engine.dispose();
    return { people, ms: median(step), dataMs: median(data), memory };
  });
}

const people = overPeople();
console.log(
  table(people.map(({ people, ms, dataMs }) => ({
    people,
    "ms a step": ms.toFixed(1),
    "ms for its data": dataMs.toFixed(2),
    "share of data": (dataMs / ms).toFixed(3),
  }))).text,
);
const { memory } = people.at(-1)!;
const settled = memory.filter(([step]) => step >= 500).map(([, mib]) => mib);
console.log(
  `memory over 5,000 steps: ${settled[0]} MiB at step 500, ${settled.at(-1)} MiB at the end`,
);

const result = { machine: environment(), limit, points, people };
Deno.mkdirSync("bench/results", { recursive: true });
Deno.writeTextFileSync("bench/results/scaling.json", JSON.stringify(result, null, 2) + "\n");
const along = (key: string) => points.filter((point) => point.along === key);
const curve = (key: string) =>
  curvesPlot({
    title: key,
    lines: [{
      name: "step",
      x: along(key).map(({ value }) => value),
      y: along(key).map(({ ms }) => ms),
      meaning: "training",
    }],
    x: { title: key, log: true },
    y: { title: "ms a step", log: true },
  });
const figure = panels([
  curve("batch"),
  curve("length"),
  curve("width"),
  curvesPlot({
    title: "memory over 5,000 steps",
    lines: [{
      name: "resident memory",
      x: memory.map(([step]) => step),
      y: memory.map(([, mib]) => mib),
      meaning: "heldOut",
    }],
    x: { title: "training step" },
    y: { title: "MiB", range: [0, 1.3 * Math.max(...memory.map(([, mib]) => mib))] },
  }),
], {
  arrange: "beside",
  width: 1240,
  caption: "Step time of the laptop model as one size changes (the others: batch 16, length 104, " +
    "width 128), and memory of a run with 8192 people.",
});
await figure.save("bench/scaling.png");
