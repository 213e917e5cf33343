import { assertAlmostEquals, assertEquals } from "@std/assert";
import { selective } from "../../lib/readings/mod.ts";

Deno.test("a threshold refuses what is less sure, right or wrong; refusals stay", () => {
  const points = selective({ right: [0, 1, 4], wrong: [3, 1, 0], refused: 1 });
  const shares = [[0.5, 0.4, 0.1], [0.5, 0.1, 0.4], [0.4, 0, 0.6], [0, 0, 1]];
  assertEquals(points.length, shares.length);
  points.forEach(({ right, wrong, refused }, i) => {
    [right, wrong, refused].forEach((own, k) => assertAlmostEquals(own, shares[i]![k]!, 1e-12));
  });
});
