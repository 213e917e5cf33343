// What is read off records, on curves made by hand.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  bandOf,
  finalAccuracy,
  finalShare,
  knowledgeAt,
  lastBelow,
  meanText,
  MissingRecord,
  nameAttentionNear,
  overSeeds,
  plateauEnd,
  statisticsEnd,
  trainingLosses,
  valueAt,
} from "../../lib/readings/mod.ts";
import type { Measurement, RunRecord } from "../../lib/trainer/mod.ts";

const floor = { loss: 4, attributes: [4], accuracy: 0, unseen: 4 };

/** A record of [step, loss, accuracy]. */
function record(...points: [number, number, number][]) {
  const measurements = points.map(([step, loss, accuracy]): Measurement => {
    const set = { loss, accuracy, confidence: 0, entropy: 0 };
    return {
      step,
      samples: 8 * step,
      trainingLoss: null,
      sets: { training: set, "held-out": set, new: set, unseen: set },
    };
  });
  return { measurements, header: { floor } };
}

const one = record([0, 10, 0], [100, 4.1, 0], [1000, 3.9, 0.02], [2000, 2, 0.5], [4000, 0.2, 0.9]);

Deno.test("phases are read where the curves cross", () => {
  // 4.2 is 5.8/5.9 of the way from 10 to 4.1; step 0 counts as half a step.
  assertAlmostEquals(statisticsEnd(one), 0.5 * 200 ** (5.8 / 5.9), 1e-6);
  // 3.8 is a tenth of .1/1.9 on the way from 3.9 to 2, in log step.
  assertAlmostEquals(plateauEnd(one), 1000 * 2 ** (0.1 / 1.9), 1e-6);
  assertAlmostEquals(knowledgeAt(one, 0.5), 2000, 1e-6);
  assertAlmostEquals(finalShare(one), 0.05, 1e-12);
  assertEquals(finalAccuracy(one), 0.9);
  assertEquals(knowledgeAt(one, 0.95), NaN);
  assertEquals(statisticsEnd(record([0, 10, 0])), NaN);
});

Deno.test("a curve that rises again is below a level from where it last falls, or never", () => {
  const { measurements } = record([0, 1, 0], [100, 6, 0], [400, 2, 0], [500, 6, 0], [2000, 2, 0]);
  const loss = ({ sets }: Measurement) => sets.training.loss;
  // Half of the way from 6 to 2, in log step.
  assertAlmostEquals(lastBelow(measurements, loss, 4), 1000, 1e-6);
  assertEquals(lastBelow(measurements, loss, 1.5), NaN); // step 0 is no training
  assertEquals(lastBelow([], loss, 4), NaN);
});

Deno.test("a value between measurements is linear in log step, none outside of them", () => {
  const loss = (m: Measurement) => m.sets.training.loss;
  assertAlmostEquals(valueAt(one, Math.sqrt(1000 * 2000), loss), (3.9 + 2) / 2, 1e-9);
  assertEquals(valueAt(one, 1000, loss), 3.9);
  assertEquals(valueAt(one, 5000, loss), NaN);
  assertEquals(valueAt(one, NaN, loss), NaN);
});

Deno.test("bands are over the steps that all seeds have, step 0 left out", () => {
  const other = record([0, 12, 0], [100, 4.3, 0], [2000, 4, 0.1]);
  const band = bandOf([one, other], (m) => m.sets.training.loss);
  assertEquals(band.x, [100, 2000]);
  assertAlmostEquals(band.y[1]!, 3, 1e-12);
  assertAlmostEquals(band.sd[1]!, Math.SQRT2, 1e-12);
  assertEquals(bandOf([], () => 1), { x: [], y: [], sd: [], n: 0 });
  const samples = bandOf([one], (m) => m.sets.training.loss, (m) => m.samples);
  assertEquals(samples.x[0], 800);
});

Deno.test("means are told with their n, censored values apart", () => {
  assertEquals(meanText([1, 2, 3]), "2 ± 1 (n = 3)");
  assertEquals(meanText([1, 2, 3, NaN]), "2 ± 1 (n = 3, 1 censored)");
  assertEquals(meanText([1, NaN, 3]), "1, 3, 1 censored");
  assertEquals(meanText([1.23456]), "1.23");
  assertEquals(meanText([NaN]), "–");
});

Deno.test("groups are points, with a standard deviation from three seeds on", () => {
  assertEquals(overSeeds([[1, 2, 3], [4, 6], []]), {
    ...{ y: [2, 5, null], sd: [1, null, null], n: [3, 2, 0] },
  });
});

Deno.test("a training loss stands in the middle of the steps that it is the mean of", () => {
  const { measurements } = record([0, 4, 0], [10, 4, 0], [30, 4, 0]);
  const losses = [null, 6, 5];
  const told = measurements.map((own, i) => ({ ...own, trainingLoss: losses[i]! }));
  assertEquals(trainingLosses({ measurements: told }), [{ step: 5, loss: 6 }, {
    step: 20,
    loss: 5,
  }]);
});

Deno.test("a record that reads no attention counts as missing", () => {
  const bare = one as unknown as RunRecord;
  assertThrows(() => nameAttentionNear(bare, 1000), MissingRecord);
});
