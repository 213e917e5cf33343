// Free-running answers of a scripted model: what counts as right, wrong and a refusal.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { BOS, EOS, type Question } from "../../lib/generator/mod.ts";
import { forwardOf, MODELS } from "../../lib/model/mod.ts";
import { ASKED_AT_ONCE, askingOf, measureAnswers } from "../../lib/probes/mod.ts";
import type { Engine } from "../../lib/engine/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";

const WORDS = 20;
const LENGTH = 12;

/** A model that answers question number q (its second token) with a fixed list of tokens. */
function scripted(answers: Record<number, number[]>, { sure = 50 } = {}): Engine {
  return scriptedEngine((inputs) => {
    const { tokens, rows } = inputs as { tokens: Int32Array; rows: Int32Array };
    const logits = new Float32Array(ASKED_AT_ONCE * WORDS);
    for (let i = 0; i < ASKED_AT_ONCE; i++) {
      const own = tokens.subarray(i * LENGTH, (i + 1) * LENGTH);
      const said = rows[i]! - i * LENGTH - 1; // prompts have two tokens
      logits[i * WORDS + ((answers[own[1]!] ?? [])[said] ?? EOS)] = sure;
    }
    return { logits };
  });
}

const question = (number: number, value: number[]): Question => ({
  prompt: [BOS, number],
  value,
  longest: 6,
});
const asking = askingOf(forwardOf(MODELS.smoke), LENGTH);
const answerer = (engine: Engine) => ({ engine, asking, words: WORDS });
const refusals = [[15, 16], [17]];

Deno.test("an answer is right, wrong or a refusal", () => {
  const engine = scripted({
    5: [9, 10, 11], // "it is 10 11"
    6: [9, 10], // half of the value
    7: [15, 16], // a refusal
    8: [15, 16, 10], // more than a refusal, without the value
    9: [], // nothing at all
  });
  const count = measureAnswers(
    [5, 6, 7, 8, 9].map((number) => question(number, [10, 11])),
    answerer(engine),
    { refusals },
  );
  assertEquals(count, { right: 1, wrong: 3, refused: 1 });
});

Deno.test("answers are cut at their longest and at the model's length", () => {
  const endless = scripted({ 5: new Array(50).fill(9) });
  const cut = { ...question(5, [9, 9, 9]), longest: 2 };
  assertEquals(measureAnswers([cut], answerer(endless), { refusals }).right, 0);
  assertEquals(measureAnswers([question(5, [9, 9, 9])], answerer(endless), { refusals }).right, 1);
  const long = { ...question(5, [9]), longest: 1000 };
  assertEquals(measureAnswers([long], answerer(endless), { refusals }).right, 1);
});

Deno.test("more questions than are asked at once are all asked", () => {
  const many = Array.from({ length: 2 * ASKED_AT_ONCE + 3 }, () => question(5, [9]));
  const { right } = measureAnswers(many, answerer(scripted({ 5: [9] })), { refusals });
  assertEquals(right, many.length);
});

Deno.test("sampled answers: a sure model always says the same, an unsure one does not", () => {
  const asked = Array.from({ length: 20 }, () => question(5, [9]));
  const sure = measureAnswers(asked, answerer(scripted({ 5: [9] })), { refusals, seed: 0 });
  assertEquals(sure.samples, { accuracy: 1, consistency: 1 });
  const unsure = scripted({ 5: [9] }, { sure: 0 });
  const one = asked.map((own) => ({ ...own, longest: 1 }));
  const { samples } = measureAnswers(one, answerer(unsure), { refusals, seed: 0 });
  assertAlmostEquals(samples!.accuracy, 1 / WORDS, 0.1);
  assertAlmostEquals(samples!.consistency, 0.27, 0.08); // of five draws from twenty
});

Deno.test("nobody asked is nothing counted", () => {
  assertEquals(measureAnswers([], answerer(scripted({})), { refusals, seed: 1 }), {
    right: 0,
    wrong: 0,
    refused: 0,
  });
});
