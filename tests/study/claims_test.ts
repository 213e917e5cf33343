// The verdicts of docs/protocol.md, "Claims", case by case.

import { assert, assertEquals } from "@std/assert";
import { type Displayable, displaySymbol } from "../../lib/display/mod.ts";
import { threePhases } from "../../lib/studies/mod.ts";
import {
  judge,
  judgeAll,
  measuredText,
  readResults,
  ruleText,
  runStudy,
  satisfies,
  verdictText,
} from "../../lib/study/mod.ts";

const verdict = (...args: Parameters<typeof judge>) => judge(...args).verdict;

Deno.test("a claim holds if every seed satisfies it and the mean clears it by one sd", () => {
  assertEquals(verdict({ above: 0.9 }, [0.95, 0.96, 0.97]), "holds");
  // Every seed, but the mean of .94 is only .04 above, and the sd is .05.
  assertEquals(verdict({ above: 0.9 }, [0.91, 0.91, 1]), "undecided");
  assertEquals(verdict({ above: 0.9 }, [0.89, 0.99, 0.99]), "undecided");
  assertEquals(verdict({ above: 0.9 }, [0.1, 0.2, 0.3]), "does not hold");
});

Deno.test("the best of two grids are compared by the mean alone", () => {
  const atLeastAsGood = { above: -0.01 };
  assertEquals(judge(atLeastAsGood, [-0.02, 0.03, 0.05], true).verdict, "holds");
  assertEquals(judge(atLeastAsGood, [-0.02, 0.03, 0.05]).verdict, "undecided");
  assertEquals(judge(atLeastAsGood, [-0.06, 0.01, 0.01], true).verdict, "does not hold");
  assertEquals(judge(atLeastAsGood, [0, NaN], true).verdict, "does not hold");
});

Deno.test("rules bound from below, from above, from both sides", () => {
  assertEquals(verdict({ below: 0.5 }, [0.1, 0.11, 0.12]), "holds");
  assertEquals(verdict({ between: [0.6, 1] }, [0.8, 0.81, 0.79]), "holds");
  assertEquals(verdict({ between: [0.6, 1] }, [1.2, 1.3, 1.1]), "does not hold");
  assertEquals(satisfies({ below: 0.5 }, 0.5), false);
  assertEquals(["> 0.9", "< 0.5", "0.6 to 1"], [
    ruleText({ above: 0.9 }),
    ruleText({ below: 0.5 }),
    ruleText({ between: [0.6, 1] }),
  ]);
});

Deno.test("what was not reached satisfies nothing", () => {
  const judged = judge({ below: 0.5 }, [NaN, NaN, NaN]);
  assertEquals(judged.verdict, "does not hold");
  assertEquals(judged.measured, null);
  assertEquals(verdict({ below: 0.5 }, [0.1, 0.1, NaN]), "undecided");
});

Deno.test("one or two seeds have no sd, and the verdict says so", () => {
  const one = judge({ above: 0 }, [1]);
  assertEquals([one.sd, one.n, one.verdict], [null, 1, "holds"]);
  assertEquals(verdictText(one), "holds (n = 1)");
  assertEquals(verdictText(judge({ above: 0 }, [1, 1, 1])), "holds");
  const none = judge({ above: 0 }, []);
  assertEquals([none.measured, none.verdict, verdictText(none)], [null, "not run", "not run"]);
});

Deno.test("numbers are told with their spread", () => {
  assertEquals(measuredText({ measured: 0.12345, sd: 0.01, values: [0.12] }), "0.123 ± 0.01");
  assertEquals(measuredText({ measured: 2, sd: null, values: [2] }), "2");
  assertEquals(measuredText({ measured: null, sd: null, values: [] }), "–");
  const values = [0.5, Infinity, NaN];
  assertEquals(measuredText({ measured: null, sd: null, values }), "0.5, none in 2 of 3 seeds");
});

Deno.test("a claim shows itself with its rule, every seed's value and its records", async () => {
  const judged = judgeAll(readResults(threePhases, { from: "data" }))
    .find(({ n }) => n === 5)!;
  const bundle = await (judged as unknown as Displayable)[displaySymbol]();
  const text = bundle["text/plain"] as string;
  assert(text.includes(judged.claim.quantity) && text.includes(ruleText(judged.claim.rule)));
  assertEquals(judged.values.length, judged.n);
  for (const value of judged.values) assert(text.includes(value.toPrecision(3)));
  for (const hash of judged.records) assert(text.includes(hash));
});

Deno.test("results are shown as their claims where they end a notebook's cell", async () => {
  const results = await runStudy(threePhases, { budgetMinutes: 0 });
  const bundle = await (results as unknown as Displayable)[displaySymbol]();
  for (const { statement } of results.experiment.claims) {
    assert((bundle["text/plain"] as string).includes(statement), statement);
  }
});
