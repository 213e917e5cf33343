// Schedules and kinds of model that are compared: as many tries of each, run as they say.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { uniform } from "../../lib/generator/mod.ts";
import { chosenRate, KINDS } from "../../lib/studies/kinds.ts";
import { rateTuning, scheduledRun, scheduleTuning } from "../../lib/studies/mod.ts";
import { bestRate } from "../../lib/studies/rate_tuning.ts";
import { winnerOf } from "../../lib/studies/schedule_tuning.ts";
import {
  chosen,
  CLASSES,
  ELSEWHERE,
  knowing,
  type Setting,
  TRIES,
  triesElsewhere,
  triesOf,
  tunedPeople,
  warmUpSetting,
} from "../../lib/studies/schedules.ts";
import { experimentOf, formerRegime, readResults, regimeOf, runArms } from "../../lib/study/mod.ts";
import { configure, measuringSteps } from "../../lib/trainer/mod.ts";

const LAPTOP = formerRegime("laptop");

Deno.test("every class has six tries of its own, and one of them is chosen", () => {
  for (const name of CLASSES) {
    assertEquals(TRIES[name].length, 6);
    assertEquals(new Set(TRIES[name].map(({ name }) => name)).size, 6);
    assert(TRIES[name].includes(chosen(LAPTOP, name)));
  }
  for (const multiple of ELSEWHERE) assert(chosen(LAPTOP, "warm-up", multiple).name.length > 0);
  assertThrows(() => chosen(LAPTOP, "warm-up", 3), Error, "must be one of 0.5, 0.75, 1.5 or 1");
});

Deno.test("in the new regime every class has one setting at three rates, and one is chosen", () => {
  const regime = regimeOf("laptop");
  for (const name of CLASSES) {
    const tries = triesOf(regime, name);
    assertEquals(tries.map(({ rate }) => rate), [0.5, 1, 2]);
    const own = chosen(regime, name);
    assert(tries.some((setting) => setting.name === own.name), own.name);
    const { optimizer } = configure(scheduledRun(regime, own, { seed: 0 }));
    assertEquals(optimizer.lr, own.rate! * regime.base.optimizer.lr);
  }
  // For any number of people the same: warm-up is tried again for none.
  assertEquals(triesElsewhere(regime), []);
  for (const multiple of ELSEWHERE) {
    assertEquals(chosen(regime, "warm-up", multiple).name, chosen(regime, "warm-up").name);
  }
});

Deno.test("rates of kinds and schedules are what won on their pilot seeds, once these are run", () => {
  const regime = regimeOf("laptop");
  const rates = readResults(rateTuning, { regime, from: "data" });
  for (const kind of KINDS) {
    assertEquals(chosenRate(regime, kind), bestRate(rates, kind) ?? 1, kind);
  }
  const schedules = readResults(scheduleTuning, { regime, from: "data" });
  for (const name of CLASSES) {
    const won = winnerOf(schedules, name)?.setting;
    assertEquals(chosen(regime, name).name, won ?? triesOf(regime, name)[1]!.name);
  }
});

Deno.test("a kind is tried at three rates of the regime's, on pilot seeds, as it is trained later", () => {
  const { arms } = experimentOf(rateTuning, "laptop");
  const runs = runArms(arms).map((arm) => configure(arm.run(100)));
  const { lr } = regimeOf("laptop").base.optimizer;
  assertEquals(runs.map(({ optimizer }) => optimizer.lr / lr), KINDS.flatMap(() => [0.5, 1, 2]));
  assertEquals(new Set(arms.map(({ firstSeed, seeds }) => [firstSeed, seeds].join())).size, 1);
  assertEquals(runs.map(({ model }) => model.mixer), [
    ...["attention", "attention", "attention"],
    ...["recurrent", "recurrent", "recurrent"],
    ...["attention", "attention", "attention"],
  ]);
  assertEquals(runs.at(-1)!.model.width, 2 * runs[0]!.model.width);
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

Deno.test("an adaptive schedule that knows N starts with a share of it, as tuned like the other", () => {
  for (const regime of [LAPTOP, regimeOf("laptop"), regimeOf("paper")]) {
    const tuned = tunedPeople(regime);
    const scheduleFor = (setting: Setting, people: number) =>
      configure(scheduledRun(regime, setting, { seed: 0, people })).schedule;
    for (const multiple of ELSEWHERE) {
      const people = multiple * tuned;
      const [first, last] = scheduleFor(knowing(regime), people);
      assertEquals(first!.people, uniform(0, people / 8));
      assertEquals(last!.people, uniform());
    }
    assertEquals(
      scheduleFor(knowing(regime), tuned),
      scheduleFor(chosen(regime, "adaptive"), tuned),
    );
  }
});

Deno.test("a rate is a multiple of the regime's", () => {
  const run = configure(scheduledRun(LAPTOP, TRIES.uniform[1]!, { seed: 0 }));
  assertEquals(run.optimizer.lr, 0.0005);
});
