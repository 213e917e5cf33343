import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { lastCrossing, plateauOf } from "../../lib/probes/plateau.ts";

const FLOOR = { loss: 1, accuracy: 0.2 };

/** Steps 1 to 10,000, four a decade. */
const STEPS = Array.from({ length: 17 }, (_, i) => 10 ** (i / 4));

/** Flat at the floor's loss to a step, then straight in log step; A' is 1 - L / L0. */
function hinged(kink: number, slope: number) {
  const loss = STEPS.map((step) => 1 - slope * Math.max(0, Math.log10(step / kink)));
  return { steps: STEPS, loss, accuracy: loss.map((value) => 0.2 + 0.8 * (1 - value)) };
}

Deno.test("the main and the early end are crossings of .95 and .99 L0, straight in log step", () => {
  const curve = {
    steps: [1, 10, 100, 1000],
    loss: [1.2, 1, 1, 0.9],
    accuracy: [0.2, 0.2, 0.2, 0.2],
  };
  const { ends } = plateauOf(curve, FLOOR);
  assertAlmostEquals(ends.main!, 10 ** 2.5, 1e-6);
  assertAlmostEquals(ends.early!, 10 ** 2.1, 1e-6);
});

Deno.test("losses are read relative to the no-knowledge loss", () => {
  const curve = {
    steps: [1, 10, 100, 1000],
    loss: [1.2, 1, 1, 0.9],
    accuracy: [0.2, 0.2, 0.2, 0.2],
  };
  const scaled = { ...curve, loss: curve.loss.map((value) => 3.5 * value) };
  const ends = plateauOf(scaled, { loss: 3.5, accuracy: 0.2 }).ends;
  assertAlmostEquals(ends.main!, 10 ** 2.5, 1e-6);
});

Deno.test("the accuracy end is where 1 % of what there is to know is known", () => {
  // A' rises from 0 to 0.2 between steps 100 and 1000: 1 % is a twentieth of the way.
  const curve = { steps: [1, 10, 100, 1000], loss: [1, 1, 1, 1], accuracy: [0, 0.2, 0.2, 0.36] };
  assertAlmostEquals(plateauOf(curve, FLOOR).ends.accuracy!, 10 ** 2.05, 1e-6);
});

Deno.test("half is where A' is 50 %, not A", () => {
  // With A0 = 0.2, A' = 50 % is A = 0.6.
  const curve = { steps: [10, 100, 1000], loss: [1, 1, 0.2], accuracy: [0.2, 0.2, 1] };
  assertAlmostEquals(plateauOf(curve, FLOOR).half!, 10 ** 2.5, 1e-6);
});

Deno.test("the hinge is the kink of a curve that is flat and then straight", () => {
  for (const kink of [30, 100, 420]) {
    assertAlmostEquals(plateauOf(hinged(kink, 0.6), FLOOR).ends.hinge!, kink, 0.03 * kink);
  }
});

Deno.test("the hinge overlooks the descent before the plateau and the curve after 50 %", () => {
  const curve = hinged(100, 0.6);
  const loss = curve.loss.map((value, i) => i < 3 ? 8 - 2 * i : value);
  // After A' = 50 % the curve may do anything.
  const late = loss.map((value, i) => value < 0.45 ? 0.1 + 0.001 * i : value);
  for (const own of [loss, late]) {
    assertAlmostEquals(plateauOf({ ...curve, loss: own }, FLOOR).ends.hinge!, 100, 5);
  }
});

Deno.test("what a curve never reaches is null, never the last step", () => {
  const flat = { steps: [1, 10, 100], loss: [1.3, 1, 0.995], accuracy: [0.2, 0.2, 0.2] };
  const { ends, half, flat: share, exists } = plateauOf(flat, FLOOR);
  assertEquals(ends, { main: null, early: null, accuracy: null, hinge: null });
  assertEquals([half, share, exists], [null, null, false]);
});

Deno.test("each end is censored on its own", () => {
  const curve = {
    steps: [1, 10, 100, 1000],
    loss: [1, 1, 1, 0.97],
    accuracy: [0.2, 0.2, 0.2, 0.3],
  };
  const { ends } = plateauOf(curve, FLOOR);
  assertEquals([ends.main, ends.hinge], [null, null]);
  assert(ends.early !== null && ends.accuracy !== null);
});

Deno.test("a curve that crosses twice ends its plateau at the last crossing", () => {
  const curve = {
    steps: [1, 10, 100, 1000, 10_000],
    loss: [1, 0.9, 1, 1, 0.9],
    accuracy: [0.2, 0.36, 0.2, 0.2, 0.36],
  };
  const { ends } = plateauOf(curve, FLOOR);
  assertAlmostEquals(ends.main!, 10 ** 3.5, 1e-6);
  assertAlmostEquals(ends.accuracy!, 10 ** 3.05, 1e-6);
});

Deno.test("the flat share counts steps in [.97, 1.06] L0 up to A' = 50 %", () => {
  const curve = { steps: [100, 200, 400, 800], loss: [2, 1, 1, 0.5], accuracy: [0.2, 0.2, 0.2, 1] };
  const { flat, half, exists } = plateauOf(curve, FLOOR);
  assertAlmostEquals(half!, 400 * Math.SQRT2, 1e-6);
  // 6 steps of the descent, 200 at the floor, 24 until the loss is below .97.
  assertAlmostEquals(flat!, (6 + 200 + 24) / (400 * Math.SQRT2), 1e-9);
  assert(exists);
});

Deno.test("a flat stretch after 50 % does not count", () => {
  const early = { steps: [1, 100, 200, 10_000], loss: [5, 1, 1, 1], accuracy: [0.2, 0.2, 1, 1] };
  const { flat, half } = plateauOf(early, FLOOR);
  assertAlmostEquals(half!, 100 * Math.SQRT2, 1e-6);
  assert(flat! < 0.32, `${flat}`);
});

Deno.test("a curve that falls straight through has no plateau, though it has an end", () => {
  const curve = {
    steps: [10, 100, 200, 1000],
    loss: [3, 1.2, 0.8, 0.1],
    accuracy: [0.2, 0.2, 0.3, 1],
  };
  const { exists, flat, ends } = plateauOf(curve, FLOOR);
  assertEquals(exists, false);
  assert(flat! < 0.25);
  assert(ends.main !== null && ends.main > 100 && ends.main < 200);
});

Deno.test("a crossing comes from above: a rise through the level or a start below it is none", () => {
  assertEquals(lastCrossing([1, 2, 3], [0, 2, 3], 1), null);
  assertEquals(lastCrossing([1, 2, 3], [0.5, 0.4, 0.3], 1), null);
  assertEquals(lastCrossing([1, 2, 3], [2, 2, 2], 1), null);
  assertEquals(lastCrossing([], [], 1), null);
});

Deno.test("reaching the level exactly at a measurement is a crossing at that step", () => {
  assertAlmostEquals(lastCrossing([10, 20, 40], [3, 1, 0.5], 1)!, 20, 1e-9);
});

Deno.test("step 0 stands half a step before 1 in log step", () => {
  // Halfway between 1/2 and 8 in log step is 2.
  assertAlmostEquals(lastCrossing([0, 8], [3, 1], 2)!, 2, 1e-9);
});
