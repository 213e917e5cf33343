// What a trained model can be asked, held against its own completions and against sums by hand.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { evaluationSets, personOf } from "../../lib/generator/mod.ts";
import { openTensorFlow, tf } from "../../lib/engine/mod.ts";
import type { Place } from "../../lib/model/mod.ts";
import { knowledgeOf, type Run, type RunInput, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const INPUT: RunInput = {
  scale: "smoke",
  seed: 9600,
  people: 16,
  steps: 400,
  precision: "fp32",
  optimizer: { lr: 5e-3 },
};

async function trained(input: RunInput): Promise<Run> {
  const run = train(input, { fresh: true, checkpoints: [input.steps!] });
  for await (const _ of run);
  return run;
}

Deno.test("a model is scored, looked into, cut and asked", async (t) => {
  const run = await trained(INPUT);
  const { width, heads } = run.configuration.model;
  const prompt = run.answer(0)[1]!.prompt;
  const state = run.engine!.read();

  await t.step("a score is the probability that a completion has", () => {
    const { text, probabilities } = run.completion(prompt, { maxTokens: 3 });
    const { tokens, total } = run.score(`${prompt} ${text}`);
    probabilities.forEach((probability, i) => {
      const { logProbability } = tokens.at(i - probabilities.length)!;
      // A completion leaves out what the embedding is padded with.
      assertAlmostEquals(Math.exp(logProbability), probability, 1e-3);
    });
    assertAlmostEquals(total, tokens.reduce((sum, own) => sum + own.logProbability, 0), 1e-9);
    assertEquals(tokens.slice(0, 2).map(({ word }) => word), prompt.split(" ").slice(0, 2));
    assertEquals(run.score("").tokens, []);
  });

  await t.step("a biography's score has its end mark, and the loss of its values", () => {
    const [{ biographies } = { biographies: [] }] = evaluationSets(run.corpus);
    const [biography] = biographies;
    const { tokens } = run.score(biography!);
    assertEquals(tokens.length, biography!.tokens.length - 1);
    assertEquals(tokens.at(-1)!.word, "<eos>");
    // The set's loss is the mean over values, each the sum over its tokens.
    const losses = biographies.flatMap((own) => {
      const scored = run.score(own).tokens;
      return own.spans.filter(({ kind }) => kind === "value").map(({ start, end }) =>
        -scored.slice(start - 1, end - 1).reduce(
          (sum, { logProbability }) => sum + logProbability,
          0,
        )
      );
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    assertAlmostEquals(mean, run.measurements.at(-1)!.sets.training.loss, 1e-4);
  });

  await t.step("a cache has every place, and they add up", () => {
    const cache = run.cache(prompt);
    const T = cache.words.length;
    assertEquals(cache.words.slice(0, 2), ["<bos>", prompt.split(" ")[0]]);
    const shapes: [Place, number[]][] = [
      ["q", [heads, T, width / heads]],
      ["pattern", [heads, T, T]],
      ["z", [T, width]],
    ];
    for (const [place, shape] of shapes) assertEquals(cache.at(place, 1).shape, shape);
    assertEquals(cache.places.length, 2 * 9);
    const { values: pattern } = cache.at("pattern", 0);
    for (let row = 0; row < heads * T; row++) {
      const own = pattern.subarray(row * T, (row + 1) * T);
      assertAlmostEquals(own.reduce((sum, share) => sum + share, 0), 1, 1e-5);
      assertEquals(Math.max(0, ...own.subarray(row % T + 1)), 0, "a word looks ahead");
    }
    const at = (place: Place, layer: number) => cache.at(place, layer).values;
    at("resid_pre", 1).forEach((value, i) =>
      assertAlmostEquals(
        value,
        at("resid_pre", 0)[i]! + at("attn_out", 0)[i]! + at("mlp_out", 0)[i]!,
        1e-4,
      )
    );
    // attn_out is z by the output projection, row by row.
    const weights = state["model.layers.0.self_attn.o_proj.weight"]!;
    const z = at("z", 0).subarray((T - 1) * width);
    const out = at("attn_out", 0).subarray((T - 1) * width);
    out.forEach((value, i) => {
      const sum = z.reduce((sum, own, k) => sum + own * weights[i * width + k]!, 0);
      assertAlmostEquals(value, sum, 1e-4);
    });
    // The logits are those by which the next token is taken.
    const last = cache.logits.values.subarray(-cache.logits.shape[1]!);
    const [token] = run.completion(prompt, { maxTokens: 1 }).tokens;
    assertEquals(
      last.indexOf(Math.max(...last.subarray(0, run.corpus.tokenizer.tokens.length))),
      token,
    );
  });

  await t.step("without a head is with its pattern at zero", () => {
    const kept = tf.tensor([1, 0], [heads, 1, 1]);
    const without = knowledgeOf(
      run,
      (place, layer, value) => place === "pattern" && layer === 1 ? tf.mul(value, kept) : undefined,
    );
    const ablated = run.ablate({ layer: 1, head: 1 });
    for (const [set, { loss }] of Object.entries(without)) {
      assertAlmostEquals(ablated[set]!.loss, loss, 1e-4 * loss);
    }
    assert(ablated.training!.loss !== knowledgeOf(run).training!.loss);
    assertThrows(
      () => run.ablate({ layer: 2, head: 0 }),
      Error,
      "layer must be a whole number from 0",
    );
    assertThrows(() => run.ablate({ layer: 0, head: 0.5 }), Error, "from 0 to 1, got 0.5");
  });

  await t.step("a person's answers are the model's own, to the end of its sentence", () => {
    const answers = run.answer(3);
    const { name, values } = personOf(run.corpus.population, 3);
    assertEquals(answers.map(({ truth }) => truth), Object.values(values));
    for (const { prompt, sentence, said, sure, right, truth } of answers) {
      assert(prompt.includes(name) && sentence.startsWith(`${prompt} ${said}`));
      assertEquals(sentence, `${prompt} ${run.complete(prompt, { stop: "." })}`);
      assert(sure > 0 && sure <= 1);
      if (right) assertEquals(said, truth);
    }
    assert(answers.some(({ right }) => right), "nothing is known");
    const [stranger] = run.answer(3, { of: "unseen" });
    assert(stranger!.prompt.includes(personOf(run.corpus.unseen, 3).name));
    assertThrows(() => run.answer(16), Error, "whole number from 0 to 15");
  });

  await t.step("words that it does not know are named, all of them", () => {
    for (const ask of [run.score, run.cache]) {
      assertThrows(
        () => ask("Zork was born in Xanth."),
        Error,
        `the words "Zork", "Xanth" are not`,
      );
      assertThrows(() => ask("James Zork"), Error, `the word "Zork" is not in the vocabulary of`);
      assertThrows(() => ask("James ".repeat(200).trim()), Error, "must have at most");
    }
  });

  await t.step("it stays as it was", () => assertEquals(run.engine!.read(), state));
  run.dispose();
  for (const ask of [run.score, run.cache]) assertThrows(() => ask(prompt), Error, "no model yet");
  assertThrows(() => run.ablate({ layer: 0, head: 0 }), Error, "no model yet");
});

Deno.test("a model that is taught to answer is asked in questions", async () => {
  const base: RunInput = { ...INPUT, steps: 20 };
  (await trained(base)).dispose();
  const run = await trained({
    ...base,
    start: { run: base, step: 20 },
    steps: 120,
    tuning: { text: "questions" },
  });
  const [answer] = run.answer(0);
  assert(answer!.prompt.endsWith("?"), answer!.prompt);
  assertEquals(answer!.sentence, `${answer!.prompt} ${answer!.said}`);
  assertEquals(answer!.right, answer!.said.includes(answer!.truth));
  run.dispose();
});

Deno.test("a model without patterns has all other places", async () => {
  const run = await trained({ ...INPUT, steps: 5, model: { mixer: "recurrent" } });
  const cache = run.cache("James");
  assertEquals(cache.at("z", 1).shape, [2, run.configuration.model.width]);
  assertThrows(() => cache.at("pattern", 0), Error, "got pattern and 0");
  run.ablate({ layer: 0, head: 1 });
  run.dispose();
});
