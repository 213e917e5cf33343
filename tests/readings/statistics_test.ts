import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  benjaminiHochberg,
  fitPowerLaw,
  fitPowerLawWithOffset,
  interpolate,
  line,
  lowestOf,
  mean,
  meanInterval,
  meanP,
  median,
  standardDeviation,
  wilson,
} from "../../lib/readings/mod.ts";

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

Deno.test("between points is a line, up to where a value is first reached; past it there is none", () => {
  const points = [{ x: 0, y: 1 }, { x: 10, y: 3 }, { x: 5, y: 9 }, { x: 20, y: 0 }];
  assertEquals([0, 5, 10, 12.5].map((x) => interpolate(points, x)), [1, 2, 3, 4.5]);
  assertEquals(interpolate(points, -1), 1);
  assertEquals([21, NaN].map((x) => interpolate(points, x)), [NaN, NaN]);
});

const sizes = [256, 512, 1024, 2048];

Deno.test("a power law is found, its interval holds the exponent and narrows without noise", () => {
  const points = (noise: number) =>
    sizes.flatMap((size) =>
      [-1, 0, 1].map((seed) => ({
        size,
        seed,
        value: 3 * size ** (0.8 + noise * seed),
      }))
    );
  const law = fitPowerLaw(points(0));
  assertAlmostEquals(law.exponent, 0.8, 1e-9);
  assertAlmostEquals(law.factor, 3, 1e-6);
  assertAlmostEquals(law.r2, 1, 1e-9);
  assertAlmostEquals(law.interval![0], 0.8, 1e-9);
  assertAlmostEquals(law.interval![1], 0.8, 1e-9);
  // Exponents .7, .8 and .9: Student's quantile of 2 degrees of freedom times .1 / sqrt 3.
  const [low, high] = fitPowerLaw(points(0.1)).interval!;
  assertAlmostEquals(low, 0.8 - 4.302652729749462 * 0.1 / Math.sqrt(3), 1e-7);
  assertAlmostEquals(high, 0.8 + 4.302652729749462 * 0.1 / Math.sqrt(3), 1e-7);
});

Deno.test("one seed, or seeds with one size each, give no interval", () => {
  const bent = sizes.map((size, i) => ({ size, value: size ** 0.8 * [1, 1.3, 0.8, 1.1][i]! }));
  assertEquals(fitPowerLaw(bent).interval, null);
  assertEquals(fitPowerLaw(bent.map((point) => ({ ...point, seed: 0 }))).interval, null);
  assertEquals(fitPowerLaw(bent.map((point, seed) => ({ ...point, seed }))).interval, null);
});

Deno.test("a flat law has exponent 0 and fits", () => {
  const law = fitPowerLaw(sizes.map((size) => ({ size, value: 3 })));
  assertAlmostEquals(law.exponent, 0, 1e-9);
  assertEquals(law.r2, 1);
});

Deno.test("what has no logarithm, or one size alone, is refused with its value", () => {
  const with256 = (value: number) => [{ size: 256, value }, { size: 512, value: 3 }];
  for (const fit of [fitPowerLaw, fitPowerLawWithOffset]) {
    for (const value of [0, -1, NaN, Infinity]) {
      assertThrows(() => fit(with256(value)), Error, `got ${value} (size 256)`);
    }
    assertThrows(() => fit([{ size: 0, value: 1 }, { size: 2, value: 1 }]), Error, "sizes must");
    assertThrows(() => fit([{ size: 2, value: 1 }, { size: 2, value: 3 }]), Error, "got 1");
    assertThrows(() => fit([]), Error, "got 0");
  }
});

Deno.test("the interval of a mean is Student's", () => {
  // SciPy's t.ppf(.975, n - 1).
  for (
    const [n, quantile] of [
      [2, 12.706204736174694],
      [3, 4.302652729749462],
      [5, 2.7764451051977934],
      [10, 2.262157162798205],
      [31, 2.0422724563012378],
      [201, 1.9718962236339088],
    ] as const
  ) {
    const values = Array.from({ length: n }, (_, i) => i);
    const [low, high] = meanInterval(values);
    assertAlmostEquals((low + high) / 2, (n - 1) / 2, 1e-9);
    const width = quantile * standardDeviation(values) / Math.sqrt(n);
    assertAlmostEquals((high - low) / 2 / width, 1, 1e-6, `n = ${n}`);
  }
});

Deno.test("p of a mean is Student's, and .05 where its interval ends", () => {
  // SciPy's ttest_1samp.
  for (
    const [values, threshold, p] of [
      [[1, 2, 3], 0, 0.07417990022744854],
      [[1, 2, 3], 4, 0.07417990022744854],
      [[0.95, 0.96, 0.97], 0.9, 0.009132611386275486],
      [[0.3, 0.1, 0.4, 0.1, 0.5], 1, 0.0008438325176012779],
    ] as const
  ) {
    assertAlmostEquals(meanP(values, threshold) / p, 1, 1e-6);
  }
  for (const n of [2, 3, 5, 30, 200]) {
    const values = Array.from({ length: n }, (_, i) => Math.sqrt(i));
    for (const end of meanInterval(values)) assertAlmostEquals(meanP(values, end), 0.05, 1e-7);
  }
});

Deno.test("of many tests those stay that Benjamini and Hochberg's procedure keeps", () => {
  // Their own first example (1995, section 4): four of these fifteen at 5 %.
  const p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    .concat([0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]);
  const kept = (values: number[], rate?: number) =>
    benjaminiHochberg(values, rate).filter(Boolean).length;
  assertEquals(benjaminiHochberg(p), p.map((_, i) => i < 4));
  assertEquals(benjaminiHochberg(p.toReversed()), p.map((_, i) => i >= 11));
  // One that is above its own bound stays where a later one is below its own.
  assertEquals(benjaminiHochberg([0.03, 0.04]), [true, true]);
  assertEquals(benjaminiHochberg([0.03, 0.06]), [false, false]);
  assertEquals([kept(p, 0.0001), kept(p, 1), kept([])], [0, 15, 0]);
  for (const wrong of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => benjaminiHochberg([0.5, wrong]),
      Error,
      `p must be from 0 to 1, got ${wrong}`,
    );
  }
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
  assertEquals(wilson(0, 0), [0, 1]);
  for (const [found, total] of [[-1, 3], [4, 3], [NaN, 3], [1, 0]] as const) {
    assertThrows(() => wilson(found, total), Error, `got ${found}`);
  }
  for (let total = 1; total < 800; total++) {
    assert(wilson(0, total)[0] >= 0, `0 of ${total}`);
    assert(wilson(total, total)[1] <= 1, `${total} of ${total}`);
  }
});

Deno.test("the median of an even number lies between the two in the middle", () => {
  assertEquals([median([9, 1, 4]), median([9, 1, 4, 2]), median([7])], [4, 3, 7]);
  assertEquals(median([]), NaN);
});

Deno.test("a curve is lowest where its parabola is, between uneven points and at an end", () => {
  const curve = (lowest: number, at: number[]) => at.map((x) => ({ x, y: 3 + (x - lowest) ** 2 }));
  assertAlmostEquals(lowestOf(curve(0.53, [0, 0.2, 0.4, 0.6, 0.8])), 0.53, 1e-12);
  assertAlmostEquals(lowestOf(curve(1.7, [0, 1, 2, 5])), 1.7, 1e-12);
  assertEquals([lowestOf(curve(-1, [0, 1, 2])), lowestOf(curve(9, [0, 1, 2]))], [0, 2]);
  assertEquals(lowestOf([0, 1, 2].map((x) => ({ x, y: 1 }))), 0);
});
