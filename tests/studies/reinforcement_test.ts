// Studies in which a model learns from its own answers, trained from end to end at smoke scale.

import { assert, assertEquals } from "@std/assert";
import { reinforcement } from "../../lib/studies/mod.ts";
import { armNamed, judgeAll, recordsOf, runStudy } from "../../lib/study/mod.ts";

Deno.test("refusal by reinforcement is trained, judged and drawn at smoke scale", async () => {
  const results = await runStudy(reinforcement, { scale: "smoke", seeds: 1, budgetMinutes: 1e6 });
  assertEquals(results.trials.map(({ record }) => record !== undefined), Array(7).fill(true));
  for (const { claim, n, measured } of judgeAll(results)) {
    assertEquals([n, Number.isFinite(measured)], [1, true], claim.id);
  }
  const [record] = recordsOf(results, armNamed(results, "a wrong answer costs 4"));
  const told = record!.measurements.flatMap(({ rollouts }) => rollouts ?? []);
  assertEquals(told.reduce((sum, { answers }) => sum + answers, 0), 8 / 2 * 16);
  for (const { reward, right, wrong } of told) {
    assert(Math.abs(reward! - (right - 4 * wrong)) < 1e-3, JSON.stringify(told));
  }
  const { alt } = results.experiment.figure(results);
  assert(!alt.includes("NaN"), alt);
});
