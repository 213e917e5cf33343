// Schedules that are compared: six tries of each, run as they say.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { uniform } from "../../lib/generator/mod.ts";
import { scheduledRun, scheduleTuning } from "../../lib/studies/mod.ts";
import { winnerOf } from "../../lib/studies/schedule_tuning.ts";
import {
  chosen,
  CLASSES,
  ELSEWHERE,
  TRIES,
  tunedPeople,
  warmUpSetting,
} from "../../lib/studies/schedules.ts";
import { formerRegime, readResults } from "../../lib/study/mod.ts";
import { configure, measuringSteps } from "../../lib/trainer/mod.ts";

const LAPTOP = formerRegime("laptop");

Deno.test("every class has six tries of its own, and one of them is chosen", () => {
  for (const name of CLASSES) {
    assertEquals(TRIES[name].length, 6);
    assertEquals(new Set(TRIES[name].map(({ name }) => name)).size, 6);
    assert(TRIES[name].includes(chosen(LAPTOP, name)));
  }
  for (const multiple of ELSEWHERE) assert(chosen(LAPTOP, "warm-up", multiple).name.length > 0);
  assertThrows(() => chosen(LAPTOP, "warm-up", 3), Error, "warm-up at N x 3 has no setting");
});

Deno.test("what is chosen is what won on the pilot seed, by the committed records", () => {
  const results = readResults(scheduleTuning, { from: "data" });
  for (const name of CLASSES) {
    assertEquals(winnerOf(results, name)?.setting, chosen(LAPTOP, name).name);
  }
  for (const multiple of ELSEWHERE) {
    assertEquals(
      winnerOf(results, "warm-up", multiple)?.setting,
      chosen(LAPTOP, "warm-up", multiple).name,
    );
  }
});

Deno.test("a warm-up is measured at its switch and within the epoch after it", () => {
  const run = configure(scheduledRun(LAPTOP, warmUpSetting(1 / 8, 1 / 4), { seed: 0 }));
  assertEquals(run.schedule, [{ steps: 1000, people: uniform(0, 128) }, { people: uniform() }]);
  assertEquals(run.evaluation.steps, [1000, 1032, 1064, 1128]);
  for (const step of run.evaluation.steps) assert(measuringSteps(run).includes(step));
});

Deno.test("an adaptive schedule starts with the same people whatever the population", () => {
  const starts = [0.5, 1, 1.5].map((multiple) => {
    const people = multiple * tunedPeople(LAPTOP);
    const run = configure(scheduledRun(LAPTOP, TRIES.adaptive[0]!, { seed: 0, people }));
    return run.schedule[0]!.people;
  });
  assertEquals(starts, [uniform(0, 128), uniform(0, 128), uniform(0, 128)]);
});

Deno.test("a rate is a multiple of the regime's", () => {
  const run = configure(scheduledRun(LAPTOP, TRIES.uniform[1]!, { seed: 0 }));
  assertEquals(run.optimizer.lr, 0.0005);
});
