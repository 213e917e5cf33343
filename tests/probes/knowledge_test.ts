/**
 * The floors of a model that knows nobody, by hand. What a model scores needs TensorFlow and is
 * tested elsewhere.
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  createPopulation,
  type Lists,
  loadLists,
  personOf,
  type Population,
} from "../../lib/generator/mod.ts";
import { noKnowledge, noKnowledgeOf } from "../../lib/probes/floor.ts";

/** People with hand-written values; `factors` says what each attribute's values are made of. */
function peopleWith(factors: number[][], values: number[][]): Population {
  const attributes = factors.map((sizes, i) => ({
    name: `attribute_${i}`,
    label: `attribute ${i}`,
    values: Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, k) => `value ${k}`),
    factors: sizes,
    templates: [],
    questions: [],
  }));
  const lists: Lists = {
    scale: "smoke",
    first: [],
    last: [],
    attributes,
    answers: [],
    refusals: [],
  };
  return {
    lists,
    size: values.length,
    names: new Int32Array(3 * values.length),
    values: Int32Array.from(values.flat()),
    templates: new Uint8Array(0),
  };
}

const { log } = Math;

Deno.test("the floor of an attribute is the entropy of the values people have, not of the list", () => {
  // Shares 1/2, 1/4, 1/4, and a fourth value nobody has.
  const { loss, attributes, accuracy } = noKnowledge(peopleWith([[4]], [[0], [0], [1], [2]]));
  assertAlmostEquals(loss, 1.5 * log(2), 1e-12);
  assertEquals(attributes, [loss]);
  assertAlmostEquals(accuracy, 0.5, 1e-12);
});

Deno.test("the floor is the mean over attributes", () => {
  const people = peopleWith([[4], [2]], [[0, 1], [1, 1], [2, 1], [3, 0]]);
  const second = -0.75 * log(0.75) - 0.25 * log(0.25);
  const { loss, attributes, accuracy } = noKnowledge(people);
  assertAlmostEquals(attributes[0]!, log(4), 1e-12);
  assertAlmostEquals(attributes[1]!, second, 1e-12);
  assertAlmostEquals(loss, (log(4) + second) / 2, 1e-12);
  assertAlmostEquals(accuracy, (0.25 + 0.75) / 2, 1e-12);
});

Deno.test("people who all have the same value have a floor of zero and are always right", () => {
  const { loss, accuracy } = noKnowledge(peopleWith([[3]], [[2], [2], [2]]));
  assertEquals([loss + 0, accuracy], [0, 1]);
});

Deno.test("a value made of independent parts has the floors of its parts together", () => {
  // Values of 2 x 3: (0, 0), (0, 0), (1, 1), (1, 1). Whole values would have ln 2.
  const { loss, accuracy } = noKnowledge(peopleWith([[2, 3]], [[0], [0], [4], [4]]));
  assertAlmostEquals(loss, 2 * log(2), 1e-12);
  assertAlmostEquals(accuracy, 0.25, 1e-12);
});

Deno.test("a factored birth date is counted by month, day and year, as its text says", () => {
  const lists = loadLists("paper");
  const population = createPopulation({ lists, people: 200, seed: 0 });
  const dates = Array.from(
    { length: 200 },
    (_, i) => personOf(population, i).values.birth_date!.split(/,? /),
  );
  const entropy = (part: number) => {
    const counts = Map.groupBy(dates, (date) => date[part]!);
    return [...counts.values()].reduce((h, { length: n }) => h - n / 200 * log(n / 200), 0);
  };
  const { attributes } = noKnowledge(population);
  assertAlmostEquals(attributes[0]!, entropy(0) + entropy(1) + entropy(2), 1e-9);
  assert(attributes[0]! > log(200), "200 people can have at most ln 200 in whole dates");
});

Deno.test("the floor of a large population nears the logarithm of its lists from below", () => {
  const lists = loadLists("laptop");
  const { attributes } = noKnowledge(createPopulation({ lists, people: 8192, seed: 0 }));
  lists.attributes.forEach(({ values }, i) => {
    assert(attributes[i]! < log(values.length));
    assertAlmostEquals(attributes[i]!, log(values.length), 0.01);
  });
});

Deno.test("other people's floor is -ln of the add-one-smoothed frequency of their values", () => {
  // Seen: value 0 twice, value 1 once, value 2 never; smoothed 3/6, 2/6, 1/6.
  const known = peopleWith([[3]], [[0], [0], [1]]);
  const floor = (...values: number[]) =>
    noKnowledgeOf(peopleWith([[3]], values.map((value) => [value])), known);
  assertAlmostEquals(floor(0), log(6 / 3), 1e-12);
  assertAlmostEquals(floor(1), log(6 / 2), 1e-12);
  assertAlmostEquals(floor(2), log(6), 1e-12);
  assertAlmostEquals(floor(0, 2), (log(2) + log(6)) / 2, 1e-12);
});

Deno.test("other people's floor is smoothed part by part where values have parts", () => {
  // Seen months 0, 1 and days 0, 1 of 2 x 3; asked (1, 2).
  const known = peopleWith([[2, 3]], [[0], [4]]);
  const others = peopleWith([[2, 3]], [[5]]);
  assertAlmostEquals(noKnowledgeOf(others, known), log(4 / 2) + log(5 / 1), 1e-12);
});

Deno.test("other people's floor is the mean over attributes", () => {
  const known = peopleWith([[2], [3]], [[0, 0]]);
  const others = peopleWith([[2], [3]], [[0, 2]]);
  assertAlmostEquals(noKnowledgeOf(others, known), (log(3 / 2) + log(4 / 1)) / 2, 1e-12);
});

Deno.test("where people are drawn unlike, the floor is the cross-entropy under what is drawn", () => {
  const people = peopleWith([[4]], [[0], [0], [1], [2]]);
  // Drawn shares of values 0, 1 and 2: 3/8, 1/2, 1/8.
  const likely = [2 / 8, 1 / 8, 4 / 8, 1 / 8];
  const { loss, accuracy } = noKnowledge(people, { likely });
  const expected = -(2 * log(3 / 8) + log(1 / 2) + log(1 / 8)) / 4;
  assertAlmostEquals(loss, expected, 1e-12);
  assert(loss > noKnowledge(people).loss, "no other frequencies are as good on everybody alike");
  // It would always say value 1, which one of four people has.
  assertAlmostEquals(accuracy, 1 / 4, 1e-12);
  // On the third person alone, whom it has mostly seen, it is better.
  const third = noKnowledge(people, { likely, among: [2] });
  assertAlmostEquals(third.loss, log(2), 1e-12);
  assertEquals(third.accuracy, 1);
  assertEquals(noKnowledge(people, { likely: [3, 3, 3, 3] }), noKnowledge(people));
});
