// What the paper's scale runs, against the paper's own numbers (docs/paper_scale.md).

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { SCALES } from "../../lib/generator/mod.ts";
import { plateauEnd } from "../../lib/readings/mod.ts";
import { STUDIES, studyNamed } from "../../lib/studies/mod.ts";
import { endOnLine, gridAt } from "../../lib/studies/power_law.ts";
import { experimentOf, planStudy, regimeOf, type Rule, runArms } from "../../lib/study/mod.ts";
import { configure, type RunConfiguration } from "../../lib/trainer/mod.ts";
import { learned } from "./learned.ts";

/** The runs of a study at paper scale, seed 0, by the names of their arms. */
function runsOf(name: string): Record<string, RunConfiguration> {
  const { arms } = experimentOf(studyNamed(name), "paper");
  return Object.fromEntries(runArms(arms).map((arm) => [arm.name, configure(arm.run(0))]));
}

const values = <T>(runs: Record<string, RunConfiguration>, of: (run: RunConfiguration) => T) => [
  ...new Set(Object.values(runs).map(of)),
];

Deno.test("a run: 64,000 people, 16,000 steps of 128, a cosine from 4e-4 to 1e-7", () => {
  const { base } = runsOf("three-phases");
  assertEquals([base!.people, base!.batch, base!.steps], [64_000, 128, 16_000]);
  assertEquals([base!.optimizer.lr, base!.optimizer.decay, base!.optimizer.warmup], [4e-4, 0.1, 0]);
  assertAlmostEquals(base!.optimizer.floor * base!.optimizer.lr, 1e-7, 1e-15);
  const { checkpoints } = experimentOf(studyNamed("three-phases"), "paper");
  assertEquals(checkpoints, [500, 1000, 2000, 4000, 8000, 16_000]);
});

/** What satisfies a rule lies between these. */
const boundsOf = (rule: Rule): [number, number] =>
  "between" in rule
    ? rule.between
    : "above" in rule
    ? [rule.above, Infinity]
    : [-Infinity, rule.below];

Deno.test("thresholds from the paper's numbers are stricter, and claims have three seeds at most", () => {
  const claimsAt = (scale: "laptop" | "paper") =>
    STUDIES.flatMap((study) => experimentOf(study, regimeOf(scale)).claims);
  const own = new Map(claimsAt("paper").map((claim) => [claim.id, claim]));
  let stricter = 0;
  for (const { id, rule, n } of claimsAt("laptop")) {
    const paper = own.get(id)!;
    assertEquals(paper.n, Math.min(n, 3), id);
    const [[low, high], [from, to]] = [boundsOf(rule), boundsOf(paper.rule)];
    assert(from >= low && to <= high, id);
    if (from > low || to < high) stricter++;
  }
  assert(stricter >= 20, String(stricter));
  assertEquals(planStudy(studyNamed("three-phases"), { scale: "paper" }).total, 3);
});

Deno.test("row 2: 4,000 to 256,000 people, doubling", () => {
  const sizes = values(runsOf("population-size"), ({ people }) => people);
  assertEquals(sizes, Array.from({ length: 7 }, (_, i) => 4000 * 2 ** i));
});

Deno.test("row 8: as many biographies with every batch size, at the regime's rate", () => {
  for (const scale of SCALES) {
    const regime = regimeOf(scale);
    const { arms } = experimentOf(studyNamed("batch-size"), regime);
    const runs = runArms(arms).map((arm) => configure(arm.run(0)));
    const seen = new Set(runs.map(({ batch, steps }) => batch * steps));
    assertEquals([...seen], [regime.base.batch * regime.base.steps], scale);
    assertEquals(new Set(runs.map(({ optimizer }) => JSON.stringify(optimizer))).size, 1);
    assertEquals(new Set(runs.map(({ batch }) => batch)).size, arms.length);
  }
});

Deno.test("row 16: one line for every alpha, .95 of what drawing all alike scores", () => {
  const regime = regimeOf("laptop");
  const { headline: { long } } = gridAt(regime);
  const flat = learned(configure(long[0]!.run(0)));
  const [alike, steep] = [0, 1].map((alpha) =>
    configure(long.find((arm) => arm.alpha === alpha)!.run(0))
  );
  const ending = [alike!, steep!].map((configuration) => ({
    ...flat,
    header: { ...flat.header, configuration },
  }));
  assertEquals(endOnLine(ending[0]!), endOnLine(ending[1]!));
  // By its own floor alpha 1 is left earlier: at 1.02 L0.
  assert(plateauEnd(ending[1]!) < plateauEnd(ending[0]!));
  assertEquals(plateauEnd(ending[0]!), endOnLine(ending[0]!));
});

Deno.test("rows 11 and 12: references and freezing at 0, 500, 1k, 2k, 4k, 8k and 16k", () => {
  const steps = (name: string) =>
    values(runsOf(name), ({ reference }) => reference?.step ?? NaN)
      .filter((step) => !Number.isNaN(step)).sort((a, b) => a - b);
  assertEquals(steps("attention-patching"), [0, 500, 1000, 2000, 4000, 8000, 16_000]);
  // Frozen at the end there is nothing left to train.
  assertEquals(steps("attention-freezing"), [0, 500, 1000, 2000, 4000, 8000]);
});

Deno.test("rows 16 to 20: the paper's best of each class for 64,000 people and 8,000 steps", () => {
  const runs = runsOf("schedule-comparison");
  const at = (name: string) => runs[`${name}, N x 1, steps x 1`]!;
  assertEquals([at("uniform").people, at("uniform").steps], [64_000, 8000]);
  assertEquals(at("uniform").optimizer.lr, 4e-4);
  assertEquals(at("warm-up").schedule, [
    { steps: 1500, people: { kind: "groups", groups: [{ from: 0, to: 8000, weight: 1 }] } },
    { people: { kind: "groups", groups: [{ from: 0, weight: 1 }] } },
  ]);
  assertEquals(at("celebrities").schedule[0]!.people, {
    kind: "groups",
    groups: [{ from: 0, to: 4000, weight: 8 }, { from: 4000, weight: 1 }],
  });
  assertEquals(at("power law").schedule[0]!.people, { kind: "power-law", alpha: 0.6 });
  const map = Object.values(runsOf("warm-up-map")).map(({ schedule: [few] }) => few!);
  const people = map.map((few) => few.people.kind === "groups" ? few.people.groups[0]!.to : 0);
  assertEquals([...new Set(people)], [2000, 4000, 8000, 16_000, 32_000]);
  assertEquals([...new Set(map.map(({ steps }) => steps))], [500, 1000, 1500, 2000, 4000]);
});

Deno.test("rows 24 to 26: 3e-5 for 4,000 steps, 1k to 16k new people, replay of 1/32 to 2", () => {
  const all = Object.entries(runsOf("new-people"));
  const tuned = Object.fromEntries(all.filter(([name]) => !name.endsWith("equal exposures")));
  assertEquals(values(tuned, ({ people }) => people - 64_000), [1000, 2000, 4000, 8000, 16_000]);
  assertEquals(values(tuned, ({ steps, start }) => steps - start!.step), [4000]);
  assertEquals(values(tuned, ({ optimizer }) => [optimizer.lr, optimizer.floor].join()), [
    "0.00003,1",
  ]);
  const weights = Object.values(runsOf("replay")).flatMap(({ schedule: [first] }) =>
    first!.people.kind === "groups" ? first!.people.groups[0]!.weight : []
  );
  for (const weight of [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2]) {
    assertEquals(weights.includes(weight), true, String(weight));
  }
  const { start } = runsOf("rare-people")["on rare people"]!;
  const base = configure(start!.run);
  assertEquals([base.people, base.steps], [128_000, 16_000]);
  assertEquals(base.schedule[0]!.people, {
    kind: "groups",
    groups: [{ from: 0, to: 8000, weight: 8 }, { from: 8000, weight: 1 }],
  });
});
