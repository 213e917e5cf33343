import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { costOf, sweepProgress } from "../../lib/study/mod.ts";
import { planSweep, type SweepRun } from "../../lib/sweep/mod.ts";
import { configure, type Tuning } from "../../lib/trainer/mod.ts";

Deno.test("a run of the paper's scale: 88 tokens, 27.3M parameters, 3.3e16 operations", () => {
  const { tokens, padded, parameters, vocabularySize, operations, seconds } = costOf(
    configure({ scale: "paper" }),
  );
  assertEquals([Math.round(tokens), vocabularySize], [88, 4224]);
  // By hand: 4224 x 512 embedding, 8 layers of 4 x 512^2 + 2 x 512 x 2048 and two norms, a last norm.
  assertEquals(parameters, 4224 * 512 + 8 * (4 * 512 ** 2 + 2 * 512 * 2048 + 2 * 512) + 512);
  // The shorter half of a batch of 128 to a length of its own; in one group it would be 108.
  assert(padded > 96 && padded < 99, String(padded));
  assertEquals(operations, 6 * parameters * 128 * padded * 16_000);
  assert(Math.abs(seconds / 2 / 3600 - 35) < 1, "35 hours on two cores");
});

Deno.test("a reference costs a forward pass more, and steps before the start cost nothing", () => {
  const run = configure({ scale: "laptop", steps: 1000 });
  const half = { ...run, start: { run: {}, step: 500 } };
  const patched = { ...run, reference: { run: {}, step: 500 } };
  assertAlmostEquals(costOf(half).operations / costOf(run).operations, 0.5, 1e-9);
  assertAlmostEquals(costOf(patched).operations / costOf(run).operations, 8 / 6, 1e-9);
  assertAlmostEquals(costOf(run, 100).operations / costOf(run).operations, 0.1, 1e-9);
});

Deno.test("with any number of names a run has the parameters of the most, and the same text", () => {
  const of = (names: number | null) => costOf(configure({ scale: "laptop", steps: 10, names }));
  assertEquals(of(64).parameters, of(256).parameters);
  assertAlmostEquals(of(64).operations / of(256).operations, 1, 0.01);
  assertEquals([of(null).vocabularySize, of(64).vocabularySize], [768, 1152]);
  assertEquals(of(64).parameters - of(null).parameters, (1152 - 768) * 128);
});

Deno.test("groups of similar length save operations", () => {
  const run = configure({ scale: "laptop", steps: 1000, lengthGroups: 1 });
  const grouped = configure({ scale: "laptop", steps: 1000, lengthGroups: 2 });
  const share = costOf(grouped).operations / costOf(run).operations;
  assert(share > 0.85 && share < 0.95, String(share));
});

Deno.test("a step of own answers costs the passes that sample and score them as well", () => {
  const base = { scale: "smoke", steps: 20 } as const;
  const cost = (tuning: Partial<Tuning>) =>
    costOf(configure({
      ...{ ...base, start: { run: base, step: 20 }, steps: 40, batch: 16 },
      tuning: { text: "questions", ...tuning },
    })).operations;
  const reinforce = { wrong: 1, group: 4, clip: 0.2, kl: 0, updates: 2 };
  const share = (own: Partial<Tuning>) => cost(own) / cost({});
  assertAlmostEquals(share({ reinforce }), 4 / 3, 1e-9);
  assertAlmostEquals(share({ reinforce: { ...reinforce, updates: 1 } }), 5 / 3, 1e-9);
  assertAlmostEquals(share({ refuse: 8, prefer: 1 }), 4 / 3, 1e-9);
  assertAlmostEquals(share({ refuse: 8, prefer: 1, rejected: "own" }), 4.5 / 3, 1e-9);
  // Questions are shorter than biographies.
  assert(cost({}) < 0.5 * costOf(configure({ ...base, batch: 16 })).operations);
});

Deno.test("the time left is told while a model that is only asked is at work", () => {
  const run = { scale: "smoke", seed: 9401, steps: 40 } as const;
  const [asked, base] = planSweep([{ ...run, start: { run, step: 40 } }, run]);
  const runs = [{ ...asked!, state: "running" as const, step: 40 }, { ...base!, step: 20 }]
    .map((own) => ({ ...own, state: "running" as const }));
  assertMatch(sweepProgress(runs, Date.now() - 1e4).text, /2 running, about .+ left/);
});

Deno.test("the time left does not count what an earlier sitting did as this one's work", () => {
  const [run] = planSweep([{ scale: "smoke", seed: 9402, steps: 100 }]);
  const after = (own: Partial<SweepRun>) =>
    sweepProgress([{ ...run!, state: "running", ...own }], Date.now() - 60_000).text;
  assertMatch(after({ from: 0, step: 50 }), /about 1 min 0 s left/);
  assertMatch(after({ from: 40, step: 50 }), /about 5 min 0 s left/);
  assert(!after({ from: 50, step: 50 }).includes("about"), "nothing done yet tells no speed");
});
