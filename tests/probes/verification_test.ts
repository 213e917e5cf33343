// Verification: what is compared, against logits of the plain model, and what is made of it.

import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { BOS, evaluationSets } from "../../lib/generator/mod.ts";
import { forward, forwardOf, initialParameters, parameterShapes } from "../../lib/model/mod.ts";
import {
  alternativesOf,
  type Evaluation,
  evaluation,
  measureVerification,
  type ValueScore,
} from "../../lib/probes/mod.ts";
import { compile, type Engine, openTensorFlow, tf } from "../../lib/engine/mod.ts";
import { configure, corpusOf, type RunInput, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const configuration = configure({ scale: "smoke", people: 12, evaluation: { people: 6 } });
const { model } = configuration;
const corpus = corpusOf(configuration);
const { population, tokenizer } = corpus;
const set = evaluationSets(corpus).find(({ name }) => name === "held-out")!;
const alternatives = alternativesOf(set, { people: 4, seed: 0, tokenizer });

Deno.test("each value is told after the name alone, as its own biography tells it", () => {
  assertEquals(alternatives.length, 4 * 6);
  alternatives.forEach(({ own, other }, i) => {
    const biography = set.biographies[Math.floor(i / 6)]!;
    const [{ start, end, attribute }] = own.spans as [typeof own.spans[0]];
    assertEquals([own.person, own.tokens[0], end], [biography.person, BOS, own.tokens.length]);
    const sentence = own.tokens.slice(1).join();
    assert(biography.tokens.join().includes(sentence), "one sentence of the biography");
    assertEquals(own.tokens.slice(0, start), other.tokens.slice(0, start));
    const told = tokenizer.decode(own.tokens.slice(start));
    const { values } = population.lists.attributes[attribute]!;
    assertEquals(told, values[population.values[6 * biography.person + attribute]!]);
    const others = Array.from(
      { length: population.size },
      (_, person) => values[population.values[6 * person + attribute]!],
    );
    const another = tokenizer.decode(other.tokens.slice(start));
    assertNotEquals(another, told);
    assert(others.includes(another), "somebody's value");
  });
  assertEquals(alternativesOf(set, { people: 4, seed: 0, tokenizer }), alternatives);
  assertNotEquals(alternativesOf(set, { people: 4, seed: 1, tokenizer }), alternatives);
});

Deno.test("a value that everybody has is not asked for", () => {
  const values = population.values.map((value, i) => i % 6 === 2 ? 0 : value);
  const alike = { ...set, population: { ...population, values } };
  const asked = alternativesOf(alike, { people: 4, seed: 0, tokenizer })
    .map(({ own }) => own.spans[0]!.attribute);
  assertEquals(asked.length, 4 * 5);
  assert(!asked.includes(2));
});

Deno.test("the margin is the difference of log probabilities of the plain model", () => {
  const V = tokenizer.vocabularySize;
  const shapes = parameterShapes(model, V);
  const parameters = Object.fromEntries(
    Object.entries(initialParameters(model, V, 0)).map((
      [name, own],
    ) => [name, /norm/.test(name) ? own : own.map((value) => 10 * value)]),
  );
  const call = evaluation(forwardOf(model), { sequences: 4, values: 6, lengths: [48] });
  const engine = compile({ state: shapes, calls: [call] });
  engine.write(parameters);
  const few = alternatives.slice(0, 3);
  const { margin, verified } = measureVerification(few, { engine, evaluation: call });
  engine.dispose();
  const logOf = ({ tokens, spans: [span] }: typeof few[0]["own"]) =>
    tf.tidy(() => {
      const tensors = Object.fromEntries(
        Object.entries(parameters).map(([name, own]) => [name, tf.tensor(own, [...shapes[name]!])]),
      );
      const logits = forward(model, tensors, tf.tensor(tokens, [1, tokens.length], "int32"));
      const logs = tf.logSoftmax(logits).dataSync();
      const rows = Array.from({ length: span!.end - span!.start }, (_, i) => span!.start + i);
      return rows.reduce((sum, t) => sum + logs[(t - 1) * V + tokens[t]!]!, 0);
    });
  const margins = few.map(({ own, other }) => logOf(own) - logOf(other));
  assertAlmostEquals(margin, margins.reduce((a, b) => a + b) / 3, 1e-4);
  assertEquals(verified, margins.filter((m) => m > 0).length / 3);
});

Deno.test("what is likelier counts, a tie half, and what could be said apart from it", () => {
  const losses = [[1, 2], [3, 1], [2, 2], [0.5, 4]];
  const scripted: Evaluation = {
    functions: [],
    run: () => losses.flat().map((loss, i) => [{ loss, correct: i === 0 } as ValueScore]),
  };
  assertEquals(
    measureVerification(alternatives.slice(0, 4), { engine: {} as Engine, evaluation: scripted }),
    { verified: 2.5 / 4, said: 1 / 4, margin: (1 - 2 + 0 + 3.5) / 4 },
  );
});

Deno.test("a run reads it at every measurement, of each of its groups if it has any", async () => {
  const read = async (evaluation: RunInput["evaluation"]) => {
    const run = train({
      scale: "smoke",
      people: 16,
      steps: 20,
      evaluation: { measurements: 4, attention: 2, ...evaluation },
    }, { fresh: true });
    for await (const _ of run);
    run.dispose();
    return run.measurements.map(({ verification }) => verification);
  };
  const asked = await read({ verified: 3 });
  assert(asked.length >= 4);
  for (const reading of asked) {
    assertEquals(Object.keys(reading!), ["held-out"]);
    const { verified, said } = reading!["held-out"]!;
    assert(verified >= 0 && verified <= 1 && said >= 0 && said <= 1);
    assertAlmostEquals(36 * verified, Math.round(36 * verified), 1e-2, "of 18 values");
  }
  const grouped = await read({ verified: 3, groups: [0, 8] });
  assertEquals(Object.keys(grouped[0]!), ["group 1", "group 2"]);
  assertEquals(await read({}), asked.map(() => undefined));
});
