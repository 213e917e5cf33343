// Rank correlation against its textbook formula, and with ties against the correlation of ranks.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { rankCorrelation } from "../../lib/readings/mod.ts";

Deno.test("without ties it is 1 - 6 sum d^2 / n(n^2 - 1)", () => {
  const a = [86, 97, 99, 100, 101, 103, 106, 110, 112, 113];
  const b = [2, 20, 28, 27, 50, 29, 7, 17, 6, 12];
  // IQ against hours of television a week: the squared differences of ranks sum to 194.
  assertAlmostEquals(rankCorrelation(a, b), 1 - 6 * 194 / (10 * 99), 1e-12);
});

Deno.test("it knows order alone, and equal values share a rank", () => {
  const a = [3, 1, 2, 5];
  assertAlmostEquals(rankCorrelation(a, a.map((value) => Math.exp(value))), 1, 1e-12);
  assertAlmostEquals(rankCorrelation(a, a.map((value) => -value)), -1, 1e-12);
  // Ranks 1.5, 1.5, 3.5, 3.5 against 1, 2, 3, 4: 4 / sqrt(4 x 5).
  assertAlmostEquals(rankCorrelation([0, 0, 1, 1], [1, 2, 3, 4]), 4 / Math.sqrt(20), 1e-12);
  assertEquals(rankCorrelation([1, 1, 1], [1, 2, 3]), NaN);
});

Deno.test("quantities of different things are not compared", () => {
  assertThrows(() => rankCorrelation([1, 2], [1]), Error, "got 2 and 1");
});
