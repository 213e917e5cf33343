// Who is forgotten, from made-up readings.

import { assertEquals, assertThrows } from "@std/assert";
import { halfLost, keptOf, MissingRecord, oldPeopleIn } from "../../lib/readings/mod.ts";
import type { Measurement } from "../../lib/trainer/mod.ts";

const reading = (step: number, right: number[]) => ({
  step,
  persons: {
    "group 1": { person: [7, 3, 9], right, loss: [0.5, 0.1, 3], confidence: [0.6, 0.9, 0.2] },
  },
});
const recordOf = (...readings: unknown[]) => ({ measurements: readings as Measurement[] });

Deno.test("what is kept is a share of what was known, of people of whom something was", () => {
  const record = recordOf(
    reading(100, [4, 6, 0]),
    { step: 110 },
    reading(120, [3, 6, 1]),
    reading(140, [1, 3, 0]),
    reading(160, [5, 0, 0]),
  );
  const old = oldPeopleIn(record);
  assertEquals(old.steps, [100, 120, 140, 160]);
  assertEquals(old.people.map(({ person, loss }) => [person, loss]), [[7, 0.5], [3, 0.1]]);
  // Nobody keeps more than there was.
  assertEquals(old.people.map(({ kept }) => kept), [[1, 0.75, 0.25, 1], [1, 1, 0.5, 0]]);
  assertEquals(keptOf(old.people, 1), 0.875);
  assertEquals(halfLost(old), 3);
});

Deno.test("where what is kept is nowhere near half there is nothing to compare", () => {
  const kept = oldPeopleIn(recordOf(reading(100, [4, 6, 0]), reading(120, [4, 5, 0])));
  assertThrows(() => halfLost(kept), MissingRecord);
});

Deno.test("a record without the probe has nothing to tell", () => {
  assertThrows(() => oldPeopleIn(recordOf({ step: 0 })), MissingRecord);
});
