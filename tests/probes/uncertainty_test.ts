// Histograms of certainty against what they are made to tell, computed directly.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { stream } from "../../lib/generator/mod.ts";
import {
  areaUnderCurve,
  binCentre,
  BINS,
  calibrationError,
  caughtAt,
  type Certain,
  certaintyOf,
  reliability,
  rocCurve,
} from "../../lib/probes/mod.ts";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** People of three values each whose log-odds lie around some mean. */
function people(count: number, mean: number, seed: number): Certain[][] {
  const random = stream(seed, "certain");
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () =>
    Array.from({ length: 3 }, () => {
      const confidence = logistic(mean + normal());
      return { confidence, entropy: 1 - confidence, right: random() < confidence };
    }));
}

Deno.test("every value and person is counted once, in the bin of its certainty", () => {
  const counts = certaintyOf(people(50, 1, 0));
  const total = (histogram: number[]) => histogram.reduce((a, b) => a + b, 0);
  assertEquals(total(counts.confidence.right) + total(counts.confidence.wrong), 150);
  assertEquals([total(counts.entropy), total(counts.people)], [150, 50]);
  for (const confidence of [0.02, 0.5, 0.9, 0.9999]) {
    const { right } = certaintyOf([[{ confidence, entropy: 1, right: true }]]).confidence;
    const centre = binCentre(right.indexOf(1));
    assertAlmostEquals(
      Math.log(centre / (1 - centre)),
      Math.log(confidence / (1 - confidence)),
      0.126,
    );
  }
});

Deno.test("what no bin reaches is counted in the first or the last", () => {
  for (const [confidence, at] of [[0, 0], [1, BINS - 1]] as const) {
    const { right } = certaintyOf([[{ confidence, entropy: 0, right: true }]]).confidence;
    assertEquals(right.indexOf(1), at);
  }
});

Deno.test("the area is the chance that a known one is surer than an unknown one", () => {
  const [known, unknown] = [people(400, 3, 1), people(400, 1, 2)];
  const scores = (all: Certain[][]) => all.flat().map(({ confidence }) => confidence);
  const [a, b] = [scores(known), scores(unknown)];
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  const histogram = (all: Certain[][]) => {
    const { right, wrong } = certaintyOf(all).confidence;
    return right.map((count, i) => count + wrong[i]!);
  };
  const area = areaUnderCurve(histogram(known), histogram(unknown));
  assertAlmostEquals(area, wins / (a.length * b.length), 0.005);
  // The same people cannot be told apart.
  assertAlmostEquals(areaUnderCurve(histogram(known), histogram(known)), 0.5, 1e-12);
});

Deno.test("a curve leads from missing all to catching all, and caught lies on it", () => {
  const [known, unknown] = [[0, 1, 3], [2, 1, 1]];
  assertEquals(rocCurve(known, unknown), [
    { missed: 1, falseAlarms: 0 },
    { missed: 0.5, falseAlarms: 0 },
    { missed: 0.25, falseAlarms: 0.25 },
    { missed: 0, falseAlarms: 1 },
  ]);
  assertAlmostEquals(caughtAt(known, unknown, 0), 0.5);
  assertAlmostEquals(caughtAt(known, unknown, 0.125), 0.625);
  assertAlmostEquals(caughtAt(known, unknown, 1), 1);
});

Deno.test("a calibrated model has a small error, one that is too sure a large one", () => {
  const calibrated = certaintyOf(people(3000, 1, 3)).confidence;
  assert(calibrationError(calibrated) < 0.02, String(calibrationError(calibrated)));
  // Certainties far beyond the outermost bins, as of a model that knows nobody or everybody.
  const all = (confidence: number, right: number) =>
    certaintyOf(Array.from(
      { length: 1000 },
      (_, i) => [{ confidence, entropy: 1, right: i < 1000 * right }],
    )).confidence;
  assertAlmostEquals(calibrationError(all(0.001, 0.001)), 0, 1e-12);
  assertAlmostEquals(calibrationError(all(1e-9, 0)), 0, 1e-12);
  assertAlmostEquals(calibrationError(all(1 - 1e-9, 1)), 0, 1e-12);
  // Beyond the bins it is told from what is right as far as the bin goes, and no further.
  assertAlmostEquals(calibrationError(all(0.001, 0.5)), 0.5 - 1 / (1 + Math.exp(3.75)), 1e-9);
  assert(Number.isNaN(calibrationError(certaintyOf([]).confidence)));
  const tooSure = certaintyOf(
    people(500, 3, 4).map((own) => own.map((value, i) => ({ ...value, right: i === 0 }))),
  ).confidence;
  // A third is right, and it is sure of more than nine tenths.
  assertAlmostEquals(calibrationError(tooSure), 0.93 - 1 / 3, 0.03);
  for (const { confidence, accuracy, count } of reliability(tooSure)) {
    assert(count > 0 && accuracy <= 1 && confidence > 0);
  }
});
