import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Biography,
  byName,
  type EvaluationSet,
  evaluationSets,
} from "../../lib/generator/mod.ts";
import { forward, forwardOf, initialParameters, parameterShapes } from "../../lib/model/mod.ts";
import {
  certaintyOf,
  type Evaluation,
  evaluation,
  measureKnowledge,
} from "../../lib/probes/mod.ts";
import { compile, type Engine, openTensorFlow, tf } from "../../lib/engine/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";
import { configure, corpusOf } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const { model, ...configuration } = configure({
  scale: "smoke",
  evaluation: { people: 6 },
});
const corpus = corpusOf({ model, ...configuration });
const V = corpus.tokenizer.vocabularySize;
const shapes = parameterShapes(model, V);
// Ten times the usual deviation: the model is as ignorant, but its guesses differ.
const parameters = Object.fromEntries(
  Object.entries(initialParameters(model, V, 0)).map((
    [name, own],
  ) => [name, /norm/.test(name) ? own : own.map((value) => 10 * value)]),
);
const [training] = evaluationSets(corpus) as [EvaluationSet];
const longest = corpus.writer.length.max;

interface Evaluator {
  engine: Engine;
  evaluation: Evaluation;
}

/** An evaluator of 4 sequences in some branches, at two lengths. */
function evaluatorOf(branches = 2): Evaluator {
  const shortest = Math.min(...training.biographies.map(({ tokens }) => tokens.length)) + 2;
  const lengths = [shortest, longest];
  const call = evaluation(forwardOf(model), { sequences: 4, values: 24, lengths });
  const engine = compile({ state: shapes, calls: [call] }, { branches: () => branches });
  engine.write(parameters);
  return { engine, evaluation: call };
}

interface Direct {
  attribute: number;
  sentence: number;
  loss: number;
  correct: boolean;
  confidences: number[];
  entropies: number[];
}

/** The values of a biography scored in plain JavaScript from the logits of all its tokens. */
function direct({ tokens, spans }: Biography): Direct[] {
  const logits = tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(parameters).map(([name, own]) => [name, tf.tensor(own, [...shapes[name]!])]),
    );
    return forward(model, tensors, tf.tensor(tokens, [1, tokens.length], "int32")).dataSync();
  });
  return spans.filter(({ kind }) => kind === "value").map(({ attribute, sentence, start, end }) => {
    const value: Direct = {
      attribute,
      sentence,
      loss: 0,
      correct: true,
      confidences: [],
      entropies: [],
    };
    for (let t = start; t < end; t++) {
      const row = [...logits.subarray((t - 1) * V, t * V)];
      const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const p = row.map((logit) => Math.exp(logit) / total);
      value.loss -= Math.log(p[tokens[t]!]!);
      value.correct &&= row.indexOf(Math.max(...row)) === tokens[t];
      value.confidences.push(Math.max(...p));
      value.entropies.push(-p.reduce((sum, q) => sum + q * Math.log(q), 0));
    }
    return value;
  });
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

Deno.test("the metrics are those of a direct computation from all logits", () => {
  const evaluator = evaluatorOf();
  const { training: measured } = measureKnowledge([training], evaluator);
  const values = training.biographies.flatMap(direct);
  assertEquals(values.length, 6 * training.biographies.length);
  assertAlmostEquals(measured!.loss, mean(values.map(({ loss }) => loss)), 1e-4);
  assertEquals(measured!.accuracy, mean(values.map(({ correct }) => Number(correct))));
  const { confidence, entropy } = measured!;
  assertAlmostEquals(confidence, mean(values.flatMap(({ confidences }) => confidences)), 1e-5);
  assertAlmostEquals(entropy, mean(values.flatMap(({ entropies }) => entropies)), 1e-4);
  for (const [pairs, key] of [["attributes", "attribute"], ["positions", "sentence"]] as const) {
    measured![pairs]!.forEach(([loss], group) => {
      const own = values.filter((value) => value[key] === group);
      assertAlmostEquals(loss, mean(own.map((value) => value.loss)), 1e-4, `${key} ${group}`);
    });
  }
  evaluator.engine.dispose();
});

Deno.test("the metrics do not depend on how the engine splits the work", () => {
  const results = [1, 2, 4].map((branches) => {
    const evaluator = evaluatorOf(branches);
    const { training: measured } = measureKnowledge([training], evaluator);
    evaluator.engine.dispose();
    return measured!;
  });
  for (const result of results.slice(1)) {
    assertAlmostEquals(result.loss, results[0]!.loss, 1e-5);
    assertAlmostEquals(result.entropy, results[0]!.entropy, 1e-5);
    assertEquals(result.accuracy, results[0]!.accuracy);
  }
});

Deno.test("a set's metrics do not depend on what it is measured with", () => {
  const evaluator = evaluatorOf();
  const alone = measureKnowledge([training], evaluator).training!;
  const sets = evaluationSets(corpus);
  const together = measureKnowledge(sets, evaluator);
  assertAlmostEquals(together.training!.loss, alone.loss, 1e-5);
  assertEquals(together.training!.accuracy, alone.accuracy);
  assertEquals(Object.keys(together), sets.map(({ name }) => name));
  assertNotEquals(together.unseen!.loss, together.training!.loss);
  evaluator.engine.dispose();
});

/** An evaluator whose engine gives each slot the numbers of a function. */
function scripted(score: (target: number) => { loss: number; correct: number }): Evaluator {
  const engine = scriptedEngine(({ targets }) => {
    const scores = Array.from(targets!, score);
    return {
      loss: Float32Array.from(scores, ({ loss }) => loss),
      correct: Float32Array.from(scores, ({ correct }) => correct),
      confidence: new Float32Array(scores.length).fill(0.5),
      entropy: new Float32Array(scores.length).fill(2),
    };
  });
  const shape = { sequences: 4, values: 24, lengths: [longest] };
  return { engine, evaluation: evaluation(forwardOf(model), shape) };
}

Deno.test("a value counts as right only if all of its tokens are", () => {
  // All tokens right but those that end values of more than one token.
  const ends = new Set<number>();
  const values = training.biographies.flatMap(({ tokens, spans }) =>
    spans.filter(({ kind }) => kind === "value").map(({ start, end }) => {
      if (end - start > 1) ends.add(tokens[end - 1]!);
      return tokens.slice(start, end);
    })
  );
  const right = values.filter((tokens) => tokens.every((token) => !ends.has(token)));
  const evaluator = scripted((target) => ({ loss: 1, correct: Number(!ends.has(target)) }));
  const { training: measured } = measureKnowledge([training], evaluator);
  assertEquals(ends.size > 0, true);
  assertAlmostEquals(measured!.accuracy, right.length / values.length, 1e-12);
});

Deno.test("losses add up over a value's tokens, the other metrics are means of tokens", () => {
  const { training: measured } = measureKnowledge(
    [training],
    scripted(() => ({ loss: 1, correct: 1 })),
  );
  const counts = training.biographies.flatMap(({ spans }) =>
    spans.filter(({ kind }) => kind === "value").map(({ start, end }) => end - start)
  );
  assertAlmostEquals(measured!.loss, mean(counts), 1e-9);
  assertAlmostEquals(measured!.confidence, 0.5, 1e-9);
  assertAlmostEquals(measured!.entropy, 2, 1e-9);
  assertEquals(measured!.accuracy, 1);
});

Deno.test("people in the same tenth by frequency are measured together", () => {
  const known = training.biographies;
  const biographies = Array.from(
    { length: 10 },
    (_, person): Biography => ({ ...known[person % known.length]!, person }),
  );
  const [first] = biographies as [Biography];
  const own = new Set(first.tokens);
  const evaluator = scripted((target) => ({ loss: own.has(target) ? 1 : 2, correct: 1 }));
  const decilesOf = (tenth: (person: number) => number) =>
    measureKnowledge([{ ...training, biographies }], evaluator, { decile: tenth }).training!
      .deciles;
  const deciles = decilesOf((person) => person);
  const values = first.spans.filter(({ kind }) => kind === "value");
  const tokens = values.map(({ start, end }) => end - start);
  assertEquals(deciles!.length, 10);
  assertAlmostEquals(deciles![0]![0], mean(tokens), 1e-9);
  assertEquals(deciles![1]![0] > deciles![0]![0], true);
  // Where a tenth is empty there is nothing to tell.
  assertEquals(decilesOf((person) => Math.min(person, 8)), undefined);
});

Deno.test("certainty is of values told by the name alone; in context, of the biography's", () => {
  const evaluator = evaluatorOf();
  const options = { certainty: ["training"] };
  const of = (inContext: boolean) =>
    measureKnowledge([training], evaluator, { ...options, inContext }).training!.certainty!;
  const counted = (biographies: readonly Biography[]) =>
    biographies.flatMap(direct).map(({ confidences }) => confidences.reduce((a, b) => a * b));
  const binned = ({ confidence: { right, wrong } }: ReturnType<typeof of>) =>
    right.map((count, i) => count + wrong[i]!);
  const expected = (certain: number[]) =>
    binned(certaintyOf(certain.map((confidence) => [{ confidence, entropy: 1, right: true }])));
  const { biographies } = training;
  assertEquals(binned(of(true)), expected(counted(biographies)));
  assertEquals(binned(of(false)), expected(counted(biographies.flatMap(byName))));
  assertNotEquals(binned(of(false)), binned(of(true)));
  evaluator.engine.dispose();
});
