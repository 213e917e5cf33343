import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { below, normal, shuffle, stream } from "../../lib/generator/random.ts";
import { assertUniform } from "./chi_square.ts";

function draw(count: number, random: () => number): number[] {
  return Array.from({ length: count }, random);
}

Deno.test("a stream is the same for the same seed and name, another for any other", () => {
  const own = draw(8, stream(3, "data", 17));
  assertEquals(draw(8, stream(3, "data", 17)), own);
  for (const other of [stream(4, "data", 17), stream(3, "eval", 17), stream(3, "data", 18)]) {
    assertNotEquals(draw(8, other), own);
  }
});

Deno.test("streams do not share numbers when seed and name look alike", () => {
  assertNotEquals(stream(1, "data", 11)(), stream(11, "data", 1)());
  assertNotEquals(stream(1, 12)(), stream(11, 2)());
});

Deno.test("the first number of each step's stream is uniform over steps", () => {
  const first = Array.from({ length: 20_000 }, (_, step) => below(64, stream(0, "data", step)));
  assertUniform(first, 64);
});

Deno.test("the first numbers of neighbouring steps' streams are independent", () => {
  const first = Array.from({ length: 20_001 }, (_, step) => below(8, stream(0, "data", step)));
  assertUniform(first.slice(1).map((own, i) => 8 * first[i]! + own), 64);
});

Deno.test("below gives every whole number under the count, equally often", () => {
  const random = stream(0, "below");
  assertUniform(draw(14_000, () => below(7, random)), 7);
  assertEquals(below(1, () => 0.999_999), 0);
});

Deno.test("shuffle keeps the items, returns the same array, and gives every order equally often", () => {
  const random = stream(0, "shuffle");
  const orders = ["012", "021", "102", "120", "201", "210"];
  const seen = draw(6000, () => orders.indexOf(shuffle([0, 1, 2], random).join("")));
  assert(!seen.includes(-1));
  assertUniform(seen, 6);
  const items = Int32Array.of(5, 5, 7, 9);
  assert(shuffle(items, random) === items);
  assertEquals([...items].sort(), [5, 5, 7, 9]);
});

Deno.test("normal numbers have the moments of a standard normal, for odd counts too", () => {
  const values = normal(50_001, stream(0, "normal"));
  const moment = (k: number) => values.reduce((sum, x) => sum + x ** k, 0) / values.length;
  assert(values.every(Number.isFinite));
  assertAlmostEquals(moment(1), 0, 0.02);
  assertAlmostEquals(moment(2), 1, 0.03);
  assertAlmostEquals(moment(3), 0, 0.06);
  assertAlmostEquals(moment(4), 3, 0.2);
  assertNotEquals(values[50_000], 0);
});
