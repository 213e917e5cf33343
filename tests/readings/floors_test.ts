// What knowing nobody scores where people are not drawn alike, and the plateau that is read against it.

import { assert, assertEquals } from "@std/assert";
import { powerLaw, type Schedule, uniform, warmUp } from "../../lib/generator/mod.ts";
import { floorOf, frequentFloor, phasesOf, plateauEnd } from "../../lib/readings/mod.ts";
import { configure, type Measurement } from "../../lib/trainer/mod.ts";

const floor = { loss: 4, attributes: [4], accuracy: 0, unseen: 4 };

Deno.test("the floor of a power law is that of values as drawn, others keep the record's", () => {
  const header = (schedule: Schedule) => {
    const configuration = configure({ people: 1024, schedule });
    return { floor, configuration };
  };
  const alike = floorOf(header([{ people: uniform() }]));
  assertEquals(alike, floor);
  assertEquals(floorOf(header(warmUp({ people: 128, epochs: 10, batch: 8 }))), floor);
  // People who are never drawn have no frequency.
  assertEquals(floorOf(header([{ people: uniform(512) }])), floor);
  assertEquals(floorOf({ floor }), floor);
  const of = (alpha: number) => floorOf(header([{ people: powerLaw(alpha) }])).loss;
  const L0 = of(1e-9);
  // The cross-entropy grows with alpha, to 1.07 of the entropy at alpha 1.
  assert(of(0.4) > L0 && of(0.8) > of(0.4) && of(1) > of(0.8));
  assert(Math.abs(of(1) / L0 - 1.07) < 0.01, `${of(1) / L0}`);
  // The frequent tenth has the values that are drawn most.
  const { configuration } = header([{ people: powerLaw(1) }]);
  assert(frequentFloor(configuration, 0.1) < of(1));
  assertEquals(frequentFloor(configuration, 1), of(1));
});

Deno.test("where facts have changed the floor is that of the new values", () => {
  const schedule = [{ people: powerLaw(1) }];
  const of = (updated: { from: number; to: number } | null) =>
    floorOf({ floor, configuration: configure({ people: 1024, schedule, updated }) }).loss;
  assert(of({ from: 0, to: 64 }) !== of(null));
  assertEquals(of({ from: 0, to: 64 }), of({ from: 0, to: 64 }));
});

Deno.test("the plateau of a power law ends against its own floor", () => {
  const points = {
    measurements: [[0, 10, 0], [100, 4.1, 0], [1000, 3.7, 0], [2000, 1, 0.6]].map(
      ([step, loss, accuracy]) => ({ step, sets: { training: { loss, accuracy } } }),
    ) as unknown as Measurement[],
    floor,
  };
  const configuration = configure({ people: 1024, schedule: [{ people: powerLaw(1) }] });
  const header = { floor, configuration };
  const own = floorOf(header).loss;
  const [a, b] = [points.measurements[1]!, points.measurements[2]!];
  const share = (4.1 - 0.95 * own) / (4.1 - 3.7);
  const expected = 0.95 * own > 3.7
    ? a.step * (b.step / a.step) ** share
    : b.step * 2 ** ((3.7 - 0.95 * own) / 2.7);
  assert(Math.abs(plateauEnd({ ...points, header }) / expected - 1) < 1e-9);
  assert(plateauEnd({ ...points, header: { floor } }) !== plateauEnd({ ...points, header }));
  assertEquals(phasesOf(points).statistics !== null, true);
});
