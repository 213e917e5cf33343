// Greedy answers by their probability: what is counted where, and who is asked how.

import { assert, assertEquals } from "@std/assert";
import { BOS, EOS, type Question } from "../../lib/generator/mod.ts";
import type { Continuation, Sampler } from "../../lib/model/mod.ts";
import { binCentre, measureCertainty } from "../../lib/probes/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { type RunInput, train } from "../../lib/trainer/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";

await openTensorFlow();

/** A sampler that gives one continuation after the other. */
function scripted(said: Continuation[]): Sampler {
  return {
    ...{ functions: [], prompt: 9, added: 9 },
    run(_, { random }) {
      assertEquals(random, undefined);
      return said;
    },
  };
}

const question = (value: number[], longest = 9): Question => ({
  prompt: [BOS, 5],
  value,
  longest,
});

Deno.test("answers are counted by the probability of all they say, refusals apart", () => {
  const said: Continuation[] = [
    { tokens: [8, 9, EOS], logProbabilities: [Math.log(0.5), 0, Math.log(0.5)] }, // right: .25
    { tokens: [8, 7, EOS], logProbabilities: [0, Math.log(0.9), 0] }, // wrong: .9
    { tokens: [15, EOS], logProbabilities: [-9, -9] }, // a refusal
    // Cut at its longest: right, .6.
    { tokens: [8, 9, 9], logProbabilities: [Math.log(0.6), 0, -20] },
    { tokens: [15, 15], logProbabilities: [-9, -9] }, // nearly a refusal: wrong, next to nothing
  ];
  const questions = said.map((_, i) => question([8, 9], i === 3 ? 2 : 9));
  const { right, wrong, refused } = measureCertainty(questions, {
    engine: scriptedEngine(() => ({})),
    sampler: scripted(said),
    refusals: [[15]],
  });
  assertEquals(refused, 1);
  const places = (counts: number[]) => counts.flatMap((n, i) => new Array<number>(n).fill(i));
  const near = (place: number | undefined, confidence: number) =>
    assert(Math.abs(binCentre(place!) - confidence) < 0.04, `${place}, ${confidence}`);
  const [first, second, ...more] = places(right);
  near(first, 0.25);
  near(second, 0.6);
  assertEquals(more, []);
  assertEquals(places(wrong)[0], 0);
  near(places(wrong)[1], 0.9);
  assertEquals(places(wrong).length, 2);
});

Deno.test("groups and people never met are asked at the end, in sentences or in questions", async () => {
  const base: RunInput = {
    ...{ scale: "smoke", precision: "fp32", seed: 47, steps: 4 },
    model: { layers: 1, mlp: 64 },
    evaluation: { people: 6, measurements: 2, attention: 0, certainty: 3, groups: [0, 20] },
  };
  for (const text of ["biographies", "questions"] as const) {
    const run = train({ ...base, tuning: { text } }, { fresh: true });
    for await (const _ of run);
    const told = run.measurements.map(({ certainty }) => certainty);
    run.dispose();
    assertEquals(told.slice(0, -1).every((own) => own === undefined), true);
    const last = told.at(-1)!;
    assertEquals(Object.keys(last), ["unseen", "group 1", "group 2"]);
    for (const { right, wrong, refused } of Object.values(last)) {
      assertEquals([...right, ...wrong, refused].reduce((a, b) => a + b, 0), 3 * 6);
    }
  }
});
