import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  adaptive,
  celebrities,
  type Distribution,
  distributionAt,
  powerLaw,
  probabilities,
  replay,
  sampler,
  type Schedule,
  sequential,
  stream,
  uniform,
  warmUp,
} from "../../lib/generator/mod.ts";
import { scheduleSchema } from "../../lib/generator/schedule_schema.ts";
import { configure } from "../../lib/trainer/mod.ts";
import { assertDrawnFrom } from "./chi_square.ts";

function assertProbabilities(distribution: Distribution, expected: number[]): void {
  const actual = probabilities(distribution, expected.length);
  expected.forEach((p, i) => assertAlmostEquals(actual[i]!, p, 1e-12));
}

Deno.test("uniform: everybody alike, or everybody in a range", () => {
  assertProbabilities(uniform(), [1 / 4, 1 / 4, 1 / 4, 1 / 4]);
  assertProbabilities(uniform(1, 3), [0, 1 / 2, 1 / 2, 0]);
  assertProbabilities(uniform(3), [0, 0, 0, 1]);
});

Deno.test("power law: person i is drawn in proportion to i^-alpha", () => {
  assertProbabilities(powerLaw(1), [6 / 11, 3 / 11, 2 / 11]);
  assertProbabilities(powerLaw(2), [36 / 49, 9 / 49, 4 / 49]);
  assertProbabilities(powerLaw(0), [1 / 2, 1 / 2]);
  const p = probabilities(powerLaw(0.7), 1000);
  for (const i of [2, 10, 1000]) assertAlmostEquals(p[i - 1]! / p[0]!, i ** -0.7, 1e-12);
});

Deno.test("celebrities are the first people, so many times as likely as each other", () => {
  assertProbabilities(celebrities(2, 8), [8 / 19, 8 / 19, 1 / 19, 1 / 19, 1 / 19]);
});

Deno.test("replay draws each old person at a fraction of a new one", () => {
  assertProbabilities(replay(3, 0.5), [1 / 7, 1 / 7, 1 / 7, 2 / 7, 2 / 7]);
});

Deno.test("groups that overlap add up, and probabilities sum to one", () => {
  const overlapping: Distribution = {
    kind: "groups",
    groups: [{ from: 0, weight: 1 }, { from: 1, to: 2, weight: 3 }],
  };
  assertProbabilities(overlapping, [1 / 6, 4 / 6, 1 / 6]);
  const sum = probabilities(celebrities(7, 13), 4097).reduce((a, b) => a + b, 0);
  assertAlmostEquals(sum, 1, 1e-9);
});

Deno.test("warm-up draws a few people for the wanted epochs, then everybody from the next step", () => {
  // 8 passes over 64 people in batches of 16 are 32 steps: 0 to 31.
  const schedule = warmUp({ people: 64, epochs: 8, batch: 16 });
  const support = (step: number) =>
    probabilities(distributionAt(schedule, step), 256).filter((p) => p > 0).length;
  assertEquals([0, 31, 32, 100_000].map(support), [64, 64, 256, 256]);
});

Deno.test("a warm-up lasts at least one step", () => {
  const schedule = warmUp({ people: 1, epochs: 1, batch: 1000 });
  assertEquals(distributionAt(schedule, 0), uniform(0, 1));
  assertEquals(distributionAt(schedule, 1), uniform());
});

Deno.test("phases follow one another, each for its steps, and the last has no end", () => {
  const [a, b, c] = [uniform(0, 1), uniform(1, 2), powerLaw(1)];
  const schedule = [{ steps: 3, people: a }, { steps: 2, people: b }, { people: c }];
  const seen = [0, 2, 3, 4, 5, 1_000_000].map((step) => distributionAt(schedule, step));
  assertEquals(seen, [a, a, b, b, c, c]);
});

Deno.test("sequential groups take everybody once, in order, in equal time", () => {
  const schedule = sequential({ people: 10, groups: 3, steps: 30 });
  const groups = [0, 10, 20].map((step) => probabilities(distributionAt(schedule, step), 10));
  const members = groups.map((p) => [...p.keys()].filter((i) => p[i]! > 0));
  assertEquals(members.flat(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert(members.every(({ length }) => length === 3 || length === 4));
  for (const step of [9, 19, 29]) {
    assertEquals(distributionAt(schedule, step), distributionAt(schedule, step - 9));
  }
});

Deno.test("repeated groups alternate", () => {
  const schedule = sequential({ people: 8, groups: 2, repeats: 3, steps: 60 });
  const first = [0, 10, 20, 30, 40, 50].map((step) => {
    const p = probabilities(distributionAt(schedule, step), 8);
    return p.findIndex((value) => value > 0);
  });
  assertEquals(first, [0, 4, 0, 4, 0, 4]);
});

for (
  const [name, distribution] of [
    ["uniform", uniform()],
    ["power law", powerLaw(0.8)],
    ["celebrities", celebrities(4, 20)],
  ] as const
) {
  Deno.test(`the sampler draws people as often as said: ${name}`, () => {
    const draw = sampler(distribution, 40);
    const random = stream(0, "sampler", name);
    const counts = new Array<number>(40).fill(0);
    for (let i = 0; i < 40_000; i++) counts[draw(random)]!++;
    const expected = [...probabilities(distribution, 40)].map((p) => 40_000 * p);
    assertDrawnFrom(counts, expected);
  });
}

Deno.test("the sampler never draws a person of probability zero, at either edge", () => {
  const draw = sampler(uniform(3, 5), 8);
  const people = [0, 0.25, 0.5, 0.999_999_999_999].map((number) => draw(() => number));
  assertEquals(people, [3, 3, 4, 4]);
});

Deno.test("a group outside the population or without people is refused with its bounds", () => {
  for (const [from, to] of [[0, 11], [10, 12], [5, 5], [6, 2]] as const) {
    assertThrows(
      () => probabilities(uniform(from, to), 10),
      Error,
      `0 and 10, got from ${from} to ${to}`,
    );
  }
  assertThrows(() => probabilities(uniform(10), 10), Error, "got from 10 to 10");
});

Deno.test("a schedule's bad numbers are refused by configure, naming the field", () => {
  const refused = (people: unknown, field: string) =>
    assertThrows(() => configure({ schedule: [{ people: people as Distribution }] }), Error, field);
  refused(powerLaw(NaN), "schedule.0.people.alpha");
  refused(powerLaw(-0.5), "schedule.0.people.alpha");
  refused(celebrities(4, 0), "schedule.0.people.groups.0.weight");
  refused(celebrities(4, -1), "schedule.0.people.groups.0.weight");
  refused(celebrities(4, Infinity), "schedule.0.people.groups.0.weight");
  refused(uniform(-1), "schedule.0.people.groups.0.from");
  refused(uniform(0, 2.5), "schedule.0.people.groups.0.to");
  refused({ kind: "groups", groups: [] }, "schedule.0.people.groups");
  refused({ kind: "zipf" }, "schedule.0.people");
  assertThrows(() => configure({ schedule: [] }), Error, "schedule");
  assertThrows(
    () => configure({ schedule: [{ steps: 0, people: uniform() }] }),
    Error,
    "schedule.0.steps",
  );
});

Deno.test("what the functions build is a schedule, and plain JSON keeps it", () => {
  for (
    const schedule of [
      [{ people: powerLaw(1.2) }],
      warmUp({ people: 32, epochs: 4, batch: 8 }),
      sequential({ people: 64, groups: 8, repeats: 2, steps: 400 }),
      [{ steps: 10, people: celebrities(8, 4) }, { people: replay(8, 0.1) }],
    ]
  ) {
    const read = JSON.parse(JSON.stringify(schedule));
    assertEquals(JSON.stringify(scheduleSchema.parse(read)), JSON.stringify(schedule));
  }
});

Deno.test("an adaptive schedule widens at the steps that were decided, and never without", () => {
  const schedule = adaptive({ people: 100, start: 20, factor: 2 });
  const reach = (step: number, ...steps: number[]) => {
    const decisions = steps.map((step) => ({ step, event: "" }));
    return probabilities(distributionAt(schedule, step, decisions), 100).filter((p) => p > 0)
      .length;
  };
  assertEquals([reach(0), reach(1_000_000)], [20, 20]);
  assertEquals([reach(49, 50), reach(50, 50), reach(1_000_000, 50)], [20, 40, 40]);
  assertEquals([reach(70, 50, 75), reach(75, 50, 75), reach(90, 50, 75, 90)], [40, 80, 100]);
  assertEquals(adaptive({ people: 100, start: 100 }), [{ people: uniform() }]);
});

Deno.test("phases with and without a fixed length follow each other", () => {
  const until = { below: 0.9, every: 5 };
  const schedule: Schedule = [
    { steps: 10, people: uniform(0, 1) },
    { until, people: uniform(0, 2) },
    { steps: 10, people: uniform(0, 3) },
    { people: uniform() },
  ];
  const at = (step: number) => distributionAt(schedule, step, [{ step: 30, event: "" }]);
  assertEquals([0, 9, 10, 29, 30, 39, 40].map(at), [
    uniform(0, 1),
    uniform(0, 1),
    uniform(0, 2),
    uniform(0, 2),
    uniform(0, 3),
    uniform(0, 3),
    uniform(),
  ]);
});

Deno.test("a phase must have one end, the last none", () => {
  const until = { below: 0.9, every: 5 };
  const refuse = (...schedule: Schedule) => {
    assertEquals(scheduleSchema.safeParse(schedule).success, false);
  };
  refuse({ people: uniform() }, { people: uniform() });
  refuse({ steps: 5, until, people: uniform() }, { people: uniform() });
  refuse({ until, people: uniform() });
  refuse({ until: { below: 11, every: 5 }, people: uniform() }, { people: uniform() });
  assertEquals(scheduleSchema.safeParse(adaptive({ people: 9, start: 2 })).success, true);
});

Deno.test("weights whose sum is no number, or 0, are refused", () => {
  for (const weight of [1e306, 0]) {
    const groups = [{ from: 0, weight }];
    assertThrows(
      () => probabilities({ kind: "groups", groups }, 1024),
      Error,
      "must add up to a finite number above 0",
    );
  }
});
