// How often a person was seen, by arithmetic.

import { assertEquals } from "@std/assert";
import { uniform } from "../../lib/generator/mod.ts";
import { exposuresOf } from "../../lib/readings/mod.ts";
import { configure, type Measurement, type RunInput } from "../../lib/trainer/mod.ts";

Deno.test("a tuned run's people were seen by the run it begins from, too", () => {
  const base: RunInput = { scale: "smoke", people: 32, batch: 8, steps: 60 };
  const tuned = configure({
    ...base,
    people: 40,
    batch: 4,
    steps: 100,
    start: { run: base, step: 60 },
    schedule: [{ steps: 80, people: uniform(32, 40) }, { people: uniform() }],
  });
  const at = (step: number, person: number) =>
    exposuresOf({ configuration: tuned, measurements: [{ step } as Measurement] }, person);
  // 60 steps of 8 among 32 old people, then 20 of 4 among 8 new ones, then 20 of 4 among all 40.
  assertEquals([at(60, 3), at(60, 35)], [15, 0]);
  assertEquals([at(80, 3), at(80, 35)], [15, 10]);
  assertEquals([at(100, 3), at(100, 35)], [17, 12]);
  // Half of the text is the model's own; questions are no biographies.
  const other = (tuning: RunInput["tuning"]) =>
    exposuresOf({
      configuration: configure({ ...tuned, tuning }),
      measurements: [{ step: 80 } as Measurement],
    }, 35);
  assertEquals([other({ ownText: 0.5 }), other({ text: "questions" })], [5, 0]);
  const replay = { share: 0.5, people: 8, pick: "least known" } as const;
  assertEquals([other({ replay }), other({ replay, ownText: 0.5 })], [5, 2.5]);
});
