// Facts that change: other values of the same people, and what is asked of them.

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { evaluationSets, updatedPopulation } from "../../lib/generator/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { alternativesOf } from "../../lib/probes/mod.ts";
import { configure, corpusOf, type RunInput, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const base: RunInput = { scale: "smoke", people: 24, steps: 6, seed: 77 };
const before = corpusOf(configure(base)).population;
const updated = { from: 4, to: 12 };

Deno.test("some people have other values, the others and all names are as they were", () => {
  const { population } = corpusOf(configure({ ...base, updated }));
  assertEquals([population.names, population.templates], [before.names, before.templates]);
  assertEquals(population.former, before.values);
  population.values.forEach((value, cell) => {
    const person = Math.floor(cell / 6);
    const isUpdated = person >= 4 && person < 12;
    assertEquals(value !== before.values[cell], isUpdated, `person ${person}`);
  });
  const again = updatedPopulation(before, { ...updated, seed: 77 });
  assertEquals(again.values, population.values);
  // A person's news do not hang on who else has some.
  const fewer = updatedPopulation(before, { from: 6, to: 9, seed: 77 });
  assertEquals(fewer.values.slice(36, 54), population.values.slice(36, 54));
});

Deno.test("people who are not there are refused by name", () => {
  assertThrows(
    () => configure({ ...base, updated: { from: 4, to: 25 } }),
    Error,
    "updated.to must be at most the 24 people, got 25",
  );
  assertThrows(
    () => configure({ ...base, updated: { from: 4, to: 4 } }),
    Error,
    "updated must have from below to",
  );
});

Deno.test("whom the run before has updated stays updated", () => {
  const first = { ...base, updated: { from: 0, to: 6 } };
  assertThrows(
    () => configure({ ...base, start: { run: first, step: 6 }, steps: 9, updated }),
    Error,
    'updated must be {"from":0,"to":6}, as what start.run has learned',
  );
});

Deno.test("old and new answers are asked in the same sentences, against a third one", () => {
  const evaluation = { groups: [4, 12], people: 8 };
  const corpus = corpusOf(configure({ ...base, updated, evaluation }));
  const { tokenizer, lists: { attributes }, population } = corpus;
  const set = evaluationSets(corpus).find(({ name }) => name === "group 1")!;
  const asked = { people: 8, seed: 0, tokenizer };
  const [news, former] = [
    alternativesOf(set, asked),
    alternativesOf(set, { ...asked, of: "former" }),
  ];
  assertEquals(former.length, news.length);
  former.forEach(({ own, other }, i) => {
    const [{ start, attribute }] = own.spans as [typeof own.spans[0]];
    const cell = own.person * 6 + attribute;
    const value = (index: number) => attributes[attribute]!.values[index]!;
    const said = tokenizer.decode(own.tokens.slice(start));
    assertEquals(said, value(before.values[cell]!));
    assertEquals(
      tokenizer.decode(news[i]!.own.tokens.slice(start)),
      value(population.values[cell]!),
    );
    assertEquals(own.tokens.slice(0, start), news[i]!.own.tokens.slice(0, start));
    for (const third of [other, news[i]!.other]) {
      const told = tokenizer.decode(third.tokens.slice(start));
      assertNotEquals(told, said);
      assertNotEquals(told, value(population.values[cell]!));
    }
  });
  // Of people who were not updated there is no former value.
  const rest = evaluationSets(corpus).find(({ name }) => name === "group 2")!;
  assertEquals(alternativesOf(rest, { ...asked, of: "former" }), []);
});

Deno.test("a run that learns news goes on from one that knew other values", async () => {
  const first = train(base, { fresh: true, checkpoints: [6] });
  for await (const _ of first);
  first.dispose();
  const run = train({
    ...base,
    start: { run: base, step: 6 },
    steps: 10,
    updated,
    evaluation: { groups: [4, 12], verified: 8 },
  }, { fresh: true });
  for await (const _ of run);
  const { verification } = run.measurements.at(-1)!;
  assertEquals(Object.keys(verification!), ["group 1", "group 1, former", "group 2"]);
  for (const { verified } of Object.values(verification!)) assert(verified >= 0 && verified <= 1);
  run.dispose();
});
