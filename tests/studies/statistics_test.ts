import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  fitPowerLaw,
  fitPowerLawWithOffset,
  line,
  mean,
  standardDeviation,
  wilson,
} from "../../lib/studies/mod.ts";

Deno.test("mean and sample standard deviation", () => {
  assertEquals(mean([1, 2, 6]), 3);
  assertAlmostEquals(standardDeviation([1, 2, 6]), Math.sqrt(7), 1e-12);
  assertEquals(standardDeviation([4]), 0);
});

Deno.test("a line through points on a line, and its R2 with noise", () => {
  const exact = line([0, 1, 2], [1, 3, 5]);
  assertAlmostEquals(exact.slope, 2, 1e-12);
  assertAlmostEquals(exact.intercept, 1, 1e-12);
  assertAlmostEquals(exact.r2, 1, 1e-12);
  // Residuals 1/3, -2/3, 1/3 of a total of 2: by hand.
  assertAlmostEquals(line([0, 1, 2], [0, 0, 2]).r2, 0.75, 1e-12);
});

const sizes = [256, 512, 1024, 2048];

Deno.test("a power law is found, its interval holds the exponent and narrows without noise", () => {
  const points = (noise: number) =>
    sizes.flatMap((size) =>
      [-1, 0, 1].map((seed) => ({
        size,
        value: 3 * size ** 0.8 * (1 + noise * seed),
      }))
    );
  const law = fitPowerLaw(points(0));
  assertAlmostEquals(law.exponent, 0.8, 1e-9);
  assertAlmostEquals(law.factor, 3, 1e-6);
  assertAlmostEquals(law.r2, 1, 1e-9);
  assertAlmostEquals(law.interval[1] - law.interval[0], 0, 1e-9);
  const noisy = fitPowerLaw(points(0.2));
  assert(noisy.interval[0] < 0.8 && noisy.interval[1] > 0.8);
  assert(noisy.interval[1] - noisy.interval[0] > 0.02);
});

Deno.test("an additive offset is told from a smaller exponent", () => {
  const points = sizes.map((size) => ({ size, value: 1000 + 0.5 * size ** 1.2 }));
  const { offset, exponent } = fitPowerLawWithOffset(points);
  assertAlmostEquals(offset, 1000, 30);
  assertAlmostEquals(exponent, 1.2, 0.05);
});

Deno.test("Wilson's interval holds the share and narrows with the count", () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20.
  for (
    const [found, total, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
    ] as const
  ) {
    const interval = wilson(found, total);
    assertAlmostEquals(interval[0], low, 1e-4);
    assertAlmostEquals(interval[1], high, 1e-4);
  }
  for (let total = 1; total < 800; total++) {
    assert(wilson(0, total)[0] >= 0, `0 of ${total}`);
    assert(wilson(total, total)[1] <= 1, `${total} of ${total}`);
  }
});
