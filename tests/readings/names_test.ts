// Whom the first two parts of a name tell apart, in a population made by hand and in drawn ones.

import { assert, assertEquals } from "@std/assert";
import { createPopulation, loadLists } from "../../lib/generator/mod.ts";
import { sharedPairs } from "../../lib/readings/mod.ts";

Deno.test("a pair is shared by people of one first and one middle name, whatever the last", () => {
  const drawn = createPopulation({ lists: loadLists("smoke"), people: 5, seed: 0 });
  const share = (...people: number[][]) =>
    sharedPairs({ ...drawn, size: people.length, names: Int32Array.from(people.flat()) });
  assertEquals(share([0, 1, 2], [0, 1, 3], [0, 1, 4], [0, 2, 2], [1, 2, 2]), 3 / 5);
  // The other way round, or with one of both, it is another pair.
  assertEquals(share([0, 1, 2], [1, 0, 2], [0, 0, 2], [1, 1, 2]), 0);
  // 16 names a list: these would be one number if a pair were counted in tens.
  assertEquals(share([1, 5, 0], [0, 15, 0]), 0);
  assertEquals(share([3, 3, 3]), 0);
  assertEquals(share([3, 3, 3], [3, 3, 4]), 1);
});

Deno.test("with 3.5 sqrt(N) names the share is the paper's for every N, with 64 it grows", () => {
  const lists = loadLists("laptop", { names: 100 });
  const share = (people: number, names: number) =>
    sharedPairs(createPopulation({ lists, people, seed: 0, names }));
  const near = (found: number, expected: number) =>
    assert(Math.abs(found - expected) < 0.03, `${found}, not ${expected}`);
  for (const people of [512, 1024, 2048, 4096]) {
    near(share(people, Math.round(3.5 * Math.sqrt(people))), 1 - Math.exp(-64_000 / 900 ** 2));
  }
  near(share(512, 64), 0.12);
  near(share(2048, 64), 0.39);
});
