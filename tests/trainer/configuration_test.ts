import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { powerLaw, SCALES, uniform } from "../../lib/generator/mod.ts";
import { configure, essence, identity, type RunInput, train } from "../../lib/trainer/mod.ts";
import { defaults } from "../../lib/trainer/defaults.ts";
import { measuringSteps } from "../../lib/trainer/points.ts";
import { stepScalars } from "../../lib/trainer/optimizer.ts";

/** Fails unless a configuration is refused with each of some texts in the error. */
function assertRefused(input: unknown, ...parts: string[]): void {
  for (const part of ["Cannot run: ", ...parts]) {
    assertThrows(() => configure(input as RunInput), Error, part);
  }
}

Deno.test("what is left out comes from the scale", () => {
  for (const scale of SCALES) assertEquals(configure({ scale }), defaults(scale));
  assertEquals(configure(), defaults("laptop"));
  const { model, optimizer, people } = configure({ scale: "paper", model: { layers: 3 } });
  assertEquals([model.layers, model.width, people], [3, 512, 64_000]);
  assertEquals(optimizer, defaults("paper").optimizer);
  assertAlmostEquals(optimizer.lr * optimizer.floor, 1e-7, 1e-15);
});

Deno.test("fields that are undefined count as left out, at every level", () => {
  const input = { people: undefined, model: { width: undefined }, optimizer: undefined };
  assertEquals(configure(input), configure());
});

const WHOLE = [
  "seed",
  "people",
  "names",
  "templates",
  "batch",
  "steps",
  "model.layers",
  "model.width",
  "model.heads",
  "model.mlp",
  "optimizer.warmup",
  "evaluation.people",
  "evaluation.measurements",
  "evaluation.attention",
];
const REAL = [
  "stopBelow",
  "optimizer.lr",
  "optimizer.floor",
  "optimizer.decay",
  "optimizer.beta1",
  "optimizer.beta2",
  "optimizer.clip",
];

/** A configuration with one field set, for example "model.width". */
function withField(field: string, value: unknown): RunInput {
  const [outer, inner] = field.split(".");
  return { [outer!]: inner === undefined ? value : { [inner]: value } };
}

for (const field of [...WHOLE, ...REAL]) {
  Deno.test(`${field} that is negative, NaN, infinite or text is refused by name and value`, () => {
    for (const value of [-1, NaN, Infinity]) {
      assertRefused(withField(field, value), `${field} must`, `got ${value}`);
    }
    assertRefused(withField(field, "12"), `${field} must`, 'got "12"');
  });
}

for (const field of WHOLE) {
  Deno.test(`${field} that is a fraction is refused by name and value`, () => {
    assertRefused(withField(field, 7.5), `${field} must`, "got 7.5");
  });
}

Deno.test("numbers beyond what makes sense are refused", () => {
  const beyond: [string, number][] = [
    ["templates", 21],
    ["templates", 0],
    ["people", 1],
    ["names", 7],
    ["names", 257],
    ["batch", 0],
    ["steps", 0],
    ["stopBelow", 1.5],
    ["optimizer.lr", 0],
    ["optimizer.beta1", 1],
    ["optimizer.beta2", 1],
    ["optimizer.floor", 1.1],
    ["optimizer.clip", 0],
    ["recipe", 0],
  ];
  for (const [field, value] of beyond) {
    assertRefused(withField(field, value), `${field} must`, `got ${value}`);
  }
});

Deno.test("too many and too few names are refused with the bound, the value and the way out", () => {
  assertRefused({ scale: "smoke", names: 33 }, "names must be at most 32", "null", "got 33");
  const run = { people: 2048, evaluation: { people: 128 } };
  const least = "names must be at least 16 for 2048 people and 128 unseen ones";
  assertRefused({ ...run, names: 15 }, least, "fewer people", "got 15");
  assertEquals(configure({ ...run, names: 16 }).names, 16);
  // Where unseen people decide: 16 ^ 3 - 2000 full names are left, half of which may be used.
  const unseen = { people: 2000, evaluation: { people: 1049 } };
  assertRefused({ ...unseen, names: 16 }, "names must be at least 17", "1049 unseen", "got 16");
  assertEquals(configure({ ...unseen, names: 17 }).names, 17);
});

Deno.test("a run begins from, and looks at, runs of its own vocabulary alone", () => {
  for (const field of ["start", "reference"]) {
    const of = (own: number | null, other: number | null) => ({
      names: own,
      [field]: { run: { names: other }, step: 10 },
    });
    assertRefused(of(64, null), `${field}.run.names must be a number`, "got null");
    assertRefused(of(null, 64), `${field}.run.names must be null`, "got 64");
    const another = of(64, 65);
    if (field === "reference") assertEquals(configure(another).names, 64);
    else assertRefused(another, "start.run.names must be 64, for the same people", "got 65");
  }
});

Deno.test("an unknown field is refused by its full name, at the top and nested", () => {
  assertRefused({ epochs: 3 }, "epochs is not a field");
  assertRefused({ model: { depth: 3 } }, "model.depth is not a field");
  assertRefused({ optimizer: { momentum: 0.9 } }, "optimizer.momentum is not a field");
  const schedule = [{ people: uniform(), step: 4 }];
  assertRefused({ schedule }, "schedule.0.step is not a field");
});

Deno.test("an unknown field is told with the one that was meant, here or elsewhere", () => {
  assertRefused({ sede: 3 }, "sede is not a field (did you mean seed?)");
  assertRefused({ lr: 3 }, "lr is not a field (did you mean optimizer.lr?)");
  assertRefused({ model: { widht: 3 } }, "model.widht is not a field (did you mean model.width?)");
  assertRefused({ modle: {} }, "modle is not a field (did you mean model?)");
  assertRefused({ scale: "laptpo" }, "scale must be one of", "(did you mean laptop?)");
});

Deno.test("what is wrong with a run that a run begins from is told as it would be told alone", () => {
  const start = { run: { people: 1 }, step: 1 };
  assertRefused({ start }, "start.run: people must be at least 2, got 1.");
});

Deno.test("an unknown choice is refused by name and value", () => {
  assertRefused({ scale: "huge" }, "scale", "smoke, laptop, paper", 'got "huge"');
  assertRefused({ scale: 3 }, "scale", "got 3");
  assertRefused({ order: "random" }, "order must", 'got "random"');
  assertRefused({ precision: "fp16" }, "precision must", 'got "fp16"');
  assertRefused({ model: { activation: "relu" } }, "model.activation must", 'got "relu"');
  // What every object has is no choice.
  assertRefused({ model: { mixer: "constructor" } }, "model.mixer must", 'got "constructor"');
  assertThrows(() => train({}, { engine: "toString" }), Error, "engine must be one of");
  assertThrows(() => train({}, { checkpointSeconds: NaN }), Error, "checkpointSeconds must be 0");
});

Deno.test("a width that is no multiple of twice the heads is refused with both", () => {
  assertRefused({ model: { width: 36, heads: 4 } }, "model.width", "(8)", "got 36");
  assertEquals(configure({ model: { width: 40, heads: 4 } }).model.width, 40);
});

Deno.test("a refused width is told once", () => {
  const refused = () => configure({ model: { width: 36, heads: 4 } });
  const { message } = assertThrows(refused, Error) as Error;
  assertEquals(message.split("got 36").length - 1, 1);
});

Deno.test("a part that is no object is refused by name and value", () => {
  assertRefused({ model: 5 }, "model", "got 5");
  assertRefused({ optimizer: null }, "optimizer", "got null");
  assertRefused({ evaluation: true }, "evaluation", "got true");
});

Deno.test("a phase that can never begin is refused", () => {
  assertRefused({ schedule: [{ people: uniform() }, { people: powerLaw(1) }] }, "schedule.0.steps");
});

Deno.test("all bad fields are named in one error", () => {
  assertRefused(
    { batch: -2, model: { heads: 0.5 } },
    "batch must",
    "got -2",
    "model.heads must",
    "got 0.5",
  );
});

Deno.test("a bad field inside a list is named with its place", () => {
  assertRefused({ evaluation: { steps: [10, -5] } }, "evaluation.steps.1 must", "got -5");
});

Deno.test("the identity is 12 hexadecimal digits", () => {
  assert(/^[0-9a-f]{12}$/.test(identity(configure())));
});

Deno.test("the identity does not depend on the order of fields", () => {
  const a = configure({ people: 64, batch: 4, optimizer: { lr: 0.01, decay: 0 } });
  const b = configure({ optimizer: { decay: 0, lr: 0.01 }, batch: 4, people: 64 });
  assertEquals(identity(a), identity(b));
  const backwards = Object.fromEntries(Object.entries(a).reverse()) as unknown as typeof a;
  assertEquals(identity(backwards), identity(a));
});

Deno.test("the identity does not change when defaults are spelled out or read back from JSON", () => {
  for (const scale of SCALES) {
    const own = identity(configure({ scale, people: 100 }));
    assertEquals(identity(configure({ ...defaults(scale), people: 100 })), own);
    const read = JSON.parse(JSON.stringify(configure({ scale, people: 100 })));
    assertEquals(identity(configure(read)), own);
  }
});

Deno.test("each scientific field changes the identity, and no two of them alike", () => {
  const changes: RunInput[] = [
    {},
    { scale: "smoke" },
    { scale: "paper" },
    { seed: 1 },
    { people: 513 },
    { names: 64 },
    { names: 65 },
    { schedule: [{ people: powerLaw(1) }] },
    { schedule: [{ people: powerLaw(1.1) }] },
    { schedule: [{ steps: 10, people: powerLaw(1) }, { people: uniform() }] },
    { order: "fixed" },
    { templates: 5 },
    { batch: 17 },
    { steps: 4001 },
    { stopBelow: 0.9 },
    { precision: "fp32" },
    { model: { layers: 5 } },
    { model: { width: 136 } },
    { model: { heads: 2 } },
    { model: { mlp: 513 } },
    { model: { activation: "gelu" } },
    { optimizer: { lr: 0.002 } },
    { optimizer: { floor: 1 } },
    { optimizer: { warmup: 5 } },
    { optimizer: { decay: 0 } },
    { optimizer: { beta1: 0.8 } },
    { optimizer: { beta2: 0.99 } },
    { optimizer: { clip: 1 } },
    { evaluation: { people: 100 } },
    { evaluation: { measurements: 50 } },
    { evaluation: { attention: 5 } },
    { evaluation: { steps: [77] } },
  ];
  const identities = changes.map((change) => identity(configure(change)));
  assertEquals(new Set(identities).size, changes.length);
});

Deno.test("the essence is what a person would have to write, and gives the run back", () => {
  const input: RunInput = { scale: "smoke", people: 100, optimizer: { lr: 0.004 } };
  const run = configure(input);
  const short = essence(run);
  assertEquals(short, { ...input, recipe: run.recipe });
  assertEquals(configure(short), run);
});

Deno.test("measuring steps begin with 0, end with the last step, and rise", () => {
  for (const steps of [1, 2, 9, 10, 11, 60, 777, 4000, 100_000]) {
    const points = measuringSteps(configure({ steps }));
    assertEquals([points[0], points.at(-1)], [0, steps]);
    points.forEach((point, i) => {
      assert(Number.isInteger(point));
      if (i > 0) assert(point > points[i - 1]!);
    });
  }
});

Deno.test("measuring steps are about as many as wanted, and never many more", () => {
  for (const measurements of [2, 10, 60]) {
    for (const steps of [4000, 100_000]) {
      const { length } = measuringSteps(configure({ steps, evaluation: { measurements } }));
      assert(length >= 0.9 * measurements && length <= measurements + 1, `${length}`);
    }
  }
});

Deno.test("measuring steps are even in log step", () => {
  const points = measuringSteps(configure({ steps: 40_000, evaluation: { measurements: 40 } }));
  const ratios = points.slice(2).map((point, i) => point / points[i + 1]!);
  const even = (40_000 / 10) ** (1 / 38);
  for (const ratio of ratios) assertAlmostEquals(ratio, even, 0.12);
});

Deno.test("measuring steps include those a study asks for, once, and none after the end", () => {
  const asked = [3, 123, 4000, 9999, 123];
  const points = measuringSteps(configure({ steps: 4000, evaluation: { steps: asked } }));
  for (const step of [3, 123, 4000]) assert(points.includes(step));
  assertEquals(new Set(points).size, points.length);
  assertEquals(points.at(-1), 4000);
});

// The optimiser's schedule by hand; more of it is in optimizer_test.ts, which needs TensorFlow.

const OPTIMIZER = { ...defaults("laptop").optimizer, lr: 0.01, floor: 0.1, warmup: 0 };

Deno.test("the learning rate falls from the peak to the floor on a cosine", () => {
  const lr = (step: number) => stepScalars(OPTIMIZER, { step, steps: 100 }).lr;
  assertAlmostEquals(lr(0), 0.01, 1e-12);
  // A quarter of the way: floor + (1 - floor) (1 + cos 45°) / 2.
  assertAlmostEquals(lr(25), 0.01 * (0.1 + 0.9 * (1 + Math.SQRT1_2) / 2), 1e-12);
  assertAlmostEquals(lr(50), 0.01 * 0.55, 1e-12);
  assertAlmostEquals(lr(100), 0.001, 1e-12);
  assert(lr(99) > lr(100) && lr(99) < 0.00101);
});

Deno.test("a warm-up longer than what the run makes itself is refused, one as long is not", () => {
  const warm = (warmup: number) => ({ scale: "smoke", steps: 60, optimizer: { warmup } } as const);
  assertRefused(warm(61), "optimizer.warmup must be at most the 60 steps of the run, got 61");
  assertEquals(configure(warm(60)).optimizer.warmup, 60);
  const start = { run: { scale: "smoke", steps: 60 }, step: 50 } as const;
  assertRefused({ ...warm(11), start }, "optimizer.warmup must be at most the 10 steps", "step 50");
  assertEquals(configure({ ...warm(10), start }).optimizer.warmup, 10);
});

Deno.test("bias corrections undo the moments' start at zero", () => {
  // beta1 = 0.9, beta2 = 0.95: after one step 1/0.1 and 1/0.05, after two 1/0.19 and 1/0.0975.
  const at = (step: number) => stepScalars(OPTIMIZER, { step, steps: 100 });
  assertAlmostEquals(at(0).correction1, 10, 1e-9);
  assertAlmostEquals(at(0).correction2, 20, 1e-9);
  assertAlmostEquals(at(1).correction1, 1 / 0.19, 1e-9);
  assertAlmostEquals(at(1).correction2, 1 / 0.0975, 1e-9);
  assertAlmostEquals(at(5000).correction2, 1, 1e-9);
  assertNotEquals(at(3).correction1, at(3).correction2);
});
