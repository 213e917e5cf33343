// A step of several groups of similar length is the same step: what is minimised does not change.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { fittingShape, rowsIn, tokensOf } from "../../lib/generator/mod.ts";
import { initialParameters } from "../../lib/model/mod.ts";
import {
  branches,
  compile,
  eager,
  type EngineOptions,
  openTensorFlow,
} from "../../lib/engine/mod.ts";
import {
  callsOf,
  configure,
  corpusOf,
  FIRST,
  identity,
  rowsAt,
  type RunInput,
  stepScalars,
  stepShapes,
} from "../../lib/trainer/mod.ts";

import { spread } from "../../lib/trainer/spread.ts";

await openTensorFlow();

const base: RunInput = { scale: "smoke", precision: "fp32", optimizer: { lr: 1e-3 } };
const start = { run: base, step: 1 };
const STEPS = 3;

/** Losses of three steps, the gradients of the first and the parameters after the last. */
function trained(
  input: RunInput,
  options: EngineOptions = {},
  make: typeof compile | typeof eager = compile,
) {
  const configuration = configure({ ...base, ...input });
  const corpus = corpusOf(configuration);
  const { program, step } = callsOf(configuration, corpus);
  const { model, optimizer } = configuration;
  const inputs = Array.from({ length: STEPS }, (_, i) => ({
    rows: rowsAt(configuration, corpus, { step: i }),
    scalars: stepScalars(optimizer, { step: i, steps: 100 }),
  }));
  // A step has more functions than three batches need.
  const engine = make({ state: program.state, calls: [step.needs(inputs)] }, options);
  const vocabulary = corpus.tokenizer.vocabularySize;
  // Larger than at the start, so that everything matters; a second model is another one.
  const [own, other] = [0, 1].map((seed) => initialParameters(model, vocabulary, seed));
  engine.write(Object.fromEntries(
    Object.entries(program.state).map(([name, shape]) => {
      const isSecond = name.startsWith("reference.");
      const values = (isSecond ? other! : own!)[name.replace("reference.", "")];
      const zeros = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, values && shape.length > 1 ? values.map((v) => 4 * v) : values ?? zeros];
    }),
  ));
  let gradients: Record<string, Float32Array> = {};
  const names = Object.keys(own!);
  const losses = inputs.map((input, i) => {
    const [loss] = step.run(engine, [input]).read();
    if (i === 0) {
      const moments = names.map((name) => FIRST + name).filter((name) => name in program.state);
      gradients = engine.read(moments);
    }
    return loss!;
  });
  const parameters = engine.read(names);
  engine.dispose();
  return { losses, gradients, parameters };
}

/** Holds one training against another, relative to its own size. */
function assertSame(found: ReturnType<typeof trained>, right: ReturnType<typeof trained>): void {
  found.losses.forEach((loss, i) =>
    assertAlmostEquals(loss, right.losses[i]!, 1e-5 * right.losses[i]!, `loss of step ${i}`)
  );
  const norm = (values: Float32Array) => Math.hypot(...values);
  for (const [part, within] of [["gradients", 1e-5], ["parameters", 1e-4]] as const) {
    for (const [name, values] of Object.entries(right[part])) {
      const distance = norm(values.map((value, i) => value - found[part][name]![i]!));
      assert(distance <= within * norm(values), `${part} ${name}: ${distance / norm(values)}`);
    }
  }
}

const asked = { ...base, tuning: { text: "questions", refuse: 16 } } as const;
const kinds: Record<string, RunInput> = {
  likelihood: {},
  "self-distillation": { start, tuning: { distill: 2 } },
  questions: asked,
  preference: { start, tuning: { ...asked.tuning, prefer: 0.3 } },
  patching: { reference: start },
  "Hawk's block": { model: { mixer: "recurrent" } },
};
for (const [kind, input] of Object.entries(kinds)) {
  Deno.test(`${kind}: groups change neither losses, gradients nor steps`, () => {
    const whole = trained(input);
    assert(whole.losses.every((loss) => loss > 0.1), String(whole.losses));
    assertSame(trained({ ...input, lengthGroups: 2 }), whole);
    assertSame(trained({ ...input, lengthGroups: 3 }, { branches: () => 1 }), whole);
  });
}

Deno.test("groups run op by op, and with several branches a group", () => {
  const whole = trained({});
  assertSame(trained({ lengthGroups: 2 }, {}, eager), whole);
  assertSame(trained({ lengthGroups: 2 }, { branches: () => 5 }), whole);
  assertSame(trained({ lengthGroups: 4 }, { branches: () => 2 }), whole);
});

Deno.test("other rows would be seen", () => {
  const [whole, other] = [trained({}), trained({ seed: 1, lengthGroups: 2 })];
  assertThrows(() => assertSame(other, whole), Error, "loss of step 0");
});

Deno.test("shapes are a function of configuration and corpus, and fit every step", () => {
  for (const input of [{}, asked, kinds.preference!]) {
    const configuration = configure({ ...base, ...input, lengthGroups: 3 });
    const corpus = corpusOf(configuration);
    const shapes = stepShapes(configuration, corpus);
    assertEquals(stepShapes(configuration, corpusOf(configuration)), shapes);
    const plain = stepShapes({ ...configuration, lengthGroups: 1 }, corpus);
    const tokens = [shapes, plain].map((shapes) => {
      let sum = 0;
      for (let step = 200; step < 260; step++) {
        const rows = rowsAt(configuration, corpus, { step });
        sum += tokensOf(fittingShape([rows], shapes));
      }
      return sum;
    });
    assertLess(tokens[0]!, 0.95 * tokens[1]!);
  }
});

Deno.test("shapes are the same for each number of names", () => {
  const shapes = [8, 20, 32].map((names) => {
    const configuration = configure({ ...base, names, lengthGroups: 3 });
    return stepShapes(configuration, corpusOf(configuration));
  });
  assertEquals(shapes[1], shapes[0]);
  assertEquals(shapes[2], shapes[0]);
});

Deno.test("own text of any length that the model can write fits too", () => {
  const tuning = { ownText: 0.5 };
  const configuration = configure({ ...base, start, tuning, lengthGroups: 2 });
  const corpus = corpusOf(configuration);
  const shapes = stepShapes(configuration, corpus);
  const { length } = shapes.at(-1)![0]!;
  const own = { rows: [{ tokens: new Array(length + 1).fill(1) }], hash: "" };
  const rows = rowsAt(configuration, corpus, { step: 0, replayed: { text: own } });
  assert(rows.some(({ tokens }) => tokens.length > corpus.writer.length.max));
  assertEquals(rowsIn(fittingShape([rows], shapes)), rows.length);
});

Deno.test("branches hold all rows once, whole pairs, about equally many tokens", () => {
  const shape = [{ rows: 68, length: 88 }, { rows: 60, length: 104 }];
  const parts = (wanted: number, together?: number) => spread(shape, () => wanted, together);
  assertEquals(parts(1), [shape]);
  assertEquals(parts(2), shape.map((group) => [group]));
  for (const wanted of [2, 3, 8, 13]) {
    for (const together of [1, 2]) {
      const all = parts(wanted, together);
      for (const { length, rows } of shape) {
        const own = all.flat().filter((part) => part.length === length);
        assertEquals(rowsIn(own), rows);
        assert(own.every(({ rows }) => rows > 0 && rows % together === 0));
      }
      const tokens = all.map(tokensOf);
      assertLess(Math.max(...tokens), 2 * Math.min(...tokens));
    }
  }
  const four = [4, 4, 4, 4].map((rows, i) => ({ rows, length: 80 + 8 * i }));
  assertEquals(spread(four, () => 2), [four.slice(0, 2), four.slice(2)]);
  assertEquals(spread(four, () => 100).length, 16);
});

Deno.test("one group is split as it always was", () => {
  for (const [rows, length] of [[8, 104], [16, 104], [32, 96], [7, 1024], [1, 300]] as const) {
    const parts = branches(rows, length);
    assertEquals(
      spread([{ rows, length }], branches),
      Array.from({ length: parts }, () => [{ rows: rows / parts, length }]),
    );
  }
});

Deno.test("one group is what runs have always had; more are another run", () => {
  const plain = configure(base);
  assertEquals(plain.lengthGroups, 1);
  assertEquals(identity(configure({ ...base, lengthGroups: 1 })), identity(plain));
  assertNotEquals(identity(configure({ ...base, lengthGroups: 2 })), identity(plain));
});

Deno.test("more groups than there is to part are refused, and as many are taken", () => {
  const of = (lengthGroups: number, input: RunInput = {}) =>
    configure({ ...base, batch: 6, ...input, lengthGroups });
  for (const bad of [0, 9, 1.5]) assertThrows(() => of(bad), Error, "lengthGroups must be");
  assertThrows(() => of(7), Error, "lengthGroups must be at most the 6 rows of the batch, got 7");
  assertEquals(of(6).lengthGroups, 6);
  const pairs = kinds.preference!;
  assertThrows(() => of(4, pairs), Error, "must be at most the 3 pairs of the batch, got 4");
  assertEquals(of(3, pairs).lengthGroups, 3);
});
