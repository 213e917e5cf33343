import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
} from "@std/assert";
import { callOf, compile, eager, openTensorFlow, tf } from "../../lib/engine/mod.ts";
import {
  adamw,
  configure,
  FIRST,
  initialState,
  type OptimizerConfiguration,
  SECOND,
  stepScalars,
  trainingStep,
} from "../../lib/trainer/mod.ts";
import { golden, goldenParameters, optimizerGolden, type Trajectory } from "../golden/golden.ts";

await openTensorFlow();

const settings: OptimizerConfiguration = {
  lr: 1e-2,
  floor: 1,
  warmup: 0,
  decay: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  clip: null,
};

function inputsOf(optimizer: OptimizerConfiguration, step: number, steps = 20) {
  const scalars = Object.entries<number>({ ...stepScalars(optimizer, { step, steps }) });
  return Object.fromEntries(scalars.map(([name, value]) => [name, new Float32Array([value])]));
}

/** Trains the golden model and returns the losses and the parameters after the last step. */
function trajectory(clip: number | null, make: typeof compile) {
  const [batch, length] = golden.shape as [number, number];
  const names = Object.keys(golden.shapes);
  const optimizer = { ...settings, clip };
  const model = { ...golden.model, activation: "relu2" } as const;
  const shapes = names.flatMap((name) =>
    ["", FIRST, SECOND].map((prefix) => [prefix + name, golden.shapes[name]!])
  );
  const step = trainingStep({ ...configure({ scale: "smoke" }), model, optimizer }, names, [[
    { rows: batch, length },
  ]]);
  const engine = make({ state: Object.fromEntries(shapes), calls: [step] });
  engine.write(initialState(goldenParameters()));
  const losses = optimizerGolden.plain.losses.map((_, i) => {
    const { tokens, targets } = optimizerGolden.batches[i % 4]!;
    const inputs = {
      tokens: Int32Array.from(tokens),
      targets: Int32Array.from(targets),
      ...inputsOf(optimizer, i),
    };
    return engine.run(step.functions[0]!, [inputs]).read()[0]!.loss![0]!;
  });
  const parameters = engine.read(names);
  engine.dispose();
  return { losses, parameters };
}

for (const [kind, make] of [["compiled", compile], ["eager", eager]] as const) {
  for (const clipping of ["plain", "clipped"] as const) {
    Deno.test(`${kind}, ${clipping}: 20 steps follow PyTorch's AdamW`, () => {
      const expected: Trajectory = optimizerGolden[clipping];
      const { losses, parameters } = trajectory(expected.clip, make);
      losses.forEach((loss, step) => {
        const right = expected.losses[step]!;
        assertAlmostEquals(loss, right, 1e-3 * right, `step ${step}: ${loss}, not ${right}`);
      });
      for (const [name, { norm, sum }] of Object.entries(expected.final)) {
        const values = parameters[name]!;
        assertAlmostEquals(Math.hypot(...values), norm, 2e-3 * norm, `norm of ${name}`);
        const total = values.reduce((a, b) => a + b, 0);
        assertAlmostEquals(total, sum, 0.02 * norm, `sum of ${name}: ${total}, not ${sum}`);
      }
    });
  }
}

Deno.test("the golden trajectories can tell clipping from none", () => {
  const [plain, clipped] = [optimizerGolden.plain.losses, optimizerGolden.clipped.losses];
  assertGreater(Math.abs(plain.at(-1)! - clipped.at(-1)!), 0.01);
});

/** One update of a matrix [2, 2] and a norm [2]. */
function updateOf(optimizer: OptimizerConfiguration, gradients: Record<string, number[]>) {
  const shapes = { matrix: [2, 2], norm: [2] };
  const all = Object.entries(shapes).flatMap(([name, shape]) =>
    ["", FIRST, SECOND].map((prefix) => [prefix + name, shape])
  );
  const scalar = { shape: [], dtype: "float32" } as const;
  const update = callOf({
    inputs: { lr: scalar, correction1: scalar, correction2: scalar },
    run: (state, { lr, correction1, correction2 }) =>
      adamw(
        state,
        { matrix: tf.tensor(gradients.matrix!, [2, 2]), norm: tf.tensor(gradients.norm!) },
        { lr: lr!, correction1: correction1!, correction2: correction2! },
        optimizer,
        (name) => name === "matrix",
      ),
  });
  const engine = eager({ state: Object.fromEntries(all), calls: [update] });
  engine.write(
    initialState({ matrix: new Float32Array(4).fill(2), norm: new Float32Array(2).fill(2) }),
  );
  update.run(engine, inputsOf(optimizer, 0));
  const result = engine.read();
  engine.dispose();
  return result;
}

Deno.test("the first step moves each parameter by lr against its gradient's sign", () => {
  const gradients = { matrix: [1, -1, 100, -0.01], norm: [0.5, -3] };
  const { matrix, norm } = updateOf({ ...settings, decay: 0 }, gradients);
  [1.99, 2.01, 1.99, 2.01].forEach((value, i) => assertAlmostEquals(matrix![i]!, value, 1e-5));
  [1.99, 2.01].forEach((value, i) => assertAlmostEquals(norm![i]!, value, 1e-5));
});

Deno.test("decay shrinks matrices by lr x decay and leaves norms alone", () => {
  const still = { matrix: [0, 0, 0, 0], norm: [0, 0] };
  const { matrix, norm } = updateOf({ ...settings, decay: 0.5 }, still);
  for (const value of matrix!) assertAlmostEquals(value, 2 * (1 - 0.01 * 0.5), 1e-6);
  assertEquals([...norm!], [2, 2]);
});

Deno.test("clipping bounds the norm of all gradients together", () => {
  const gradients = { matrix: [30, 0, 40, 0], norm: [0, 120] };
  const state = updateOf({ ...settings, clip: 1.3 }, gradients);
  const clipped = [...state[FIRST + "matrix"]!, ...state[FIRST + "norm"]!].map((m) => m / 0.1);
  assertAlmostEquals(Math.hypot(...clipped), 1.3, 1e-4);
  assertAlmostEquals(clipped[5]! / clipped[0]!, 4, 1e-4);
});

Deno.test("clipping leaves smaller gradients alone", () => {
  const gradients = { matrix: [0.3, 0, 0.4, 0], norm: [0, 0] };
  const state = updateOf({ ...settings, clip: 1 }, gradients);
  assertAlmostEquals(state[FIRST + "matrix"]![2]!, 0.04, 1e-6);
});

Deno.test("the learning rate warms up, peaks, and ends at the floor", () => {
  const optimizer = { ...settings, warmup: 10, floor: 0.1 };
  const rates = Array.from(
    { length: 111 },
    (_, step) => stepScalars(optimizer, { step, steps: 110 }).lr,
  );
  assertAlmostEquals(rates[0]!, 1e-3, 1e-9);
  assertAlmostEquals(rates[9]!, 1e-2, 1e-9);
  assertAlmostEquals(rates[10]!, 1e-2, 1e-9);
  assertAlmostEquals(rates[60]!, 1e-2 * 0.55, 1e-9);
  assertAlmostEquals(rates[110]!, 1e-3, 1e-9);
  for (let step = 11; step <= 110; step++) assertLessOrEqual(rates[step]!, rates[step - 1]!);
  assert(rates.every((rate) => rate > 0));
});

Deno.test("a floor of 1 keeps the learning rate constant", () => {
  for (const step of [0, 7, 19]) {
    assertAlmostEquals(stepScalars(settings, { step, steps: 20 }).lr, 1e-2, 1e-12);
  }
});

Deno.test("the corrections undo the moments' start at zero", () => {
  const { correction1, correction2 } = stepScalars(settings, { step: 0, steps: 20 });
  assertAlmostEquals(correction1 * 0.1, 1, 1e-9);
  assertAlmostEquals(correction2 * 0.05, 1, 1e-9);
  const late = stepScalars(settings, { step: 9999, steps: 10_000 });
  assertAlmostEquals(late.correction1, 1, 1e-9);
});
