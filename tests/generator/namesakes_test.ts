// Who is called like whom, against counting pair by pair.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { namesakes } from "../../lib/generator/mod.ts";
import { configure, corpusOf } from "../../lib/trainer/mod.ts";

const { population } = corpusOf(configure({ scale: "smoke", people: 40 }));

Deno.test("namesakes are those of the same first, middle or last name, part by part", () => {
  const from = 25;
  const part = (person: number, k: number) => population.names[3 * person + k];
  const counted = Array.from({ length: from }, (_, old) => {
    const alike = Array.from({ length: 40 - from }, (_, i) => from + i)
      .flatMap((recent) => [0, 1, 2].filter((k) => part(old, k) === part(recent, k)));
    return alike.length;
  });
  assertEquals([...namesakes(population, from)], counted);
  assert(new Set(counted).size > 2, "people differ in it");
});

Deno.test("without new people nobody has a namesake, and nobody beyond them is asked for", () => {
  assertEquals([...namesakes(population, 40)], new Array(40).fill(0));
  assertEquals(namesakes(population, 0).length, 0);
  assertThrows(() => namesakes(population, 41), Error, "a whole number from 0 to 40, got 41");
});
