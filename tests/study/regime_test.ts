// Regimes: what arms are changes of, and which one a study's records are of.

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { threePhases } from "../../lib/studies/mod.ts";
import {
  experimentOf,
  formerRegime,
  planStudy,
  readResults,
  recordsOf,
  regimeOf,
  type Study,
} from "../../lib/study/mod.ts";
import { configure, identity, type RunInput } from "../../lib/trainer/mod.ts";

Deno.test("a regime's run is what its scale stands for, and changes reach into its parts", () => {
  for (const scale of ["smoke", "laptop", "paper"] as const) {
    const { base, run } = regimeOf(scale);
    assertEquals(configure({ scale }), base);
    assertEquals(configure(run({ seed: 0 })), base);
    const decayed = configure(run({ optimizer: { decay: 1 } }));
    assertEquals(decayed, { ...base, optimizer: { ...base.optimizer, decay: 1 } });
  }
});

Deno.test("the former regime is that of committed records, with all of its evaluation", () => {
  const { base, run } = formerRegime("laptop");
  assertEquals([base.recipe, base.people, base.names, base.batch], [1, 512, null, 8]);
  const asked = configure(run({ evaluation: { attention: 30 } })).evaluation;
  assertEquals(asked, { ...base.evaluation, attention: 30 });
  // Three of its runs are what other arms are held against.
  const hashes = [0, 1, 2].map((seed) => identity(configure(run({ seed }))));
  for (const hash of hashes) assert(Deno.statSync(`data/runs/${hash}.jsonl`).isFile);
  assert(formerRegime("smoke") === regimeOf("smoke"));
});

Deno.test("a study is read in its own regime, or in one that is handed to it", () => {
  const own: Study = {
    ...threePhases,
    regime: undefined,
    in: (regime) => ({
      ...threePhases.in(regime),
      arms: [{ name: "one", run: (seed): RunInput => regime.run({ seed, steps: 77 }) }],
      claims: [],
    }),
  };
  const hashOf = (results: ReturnType<typeof readResults>) => results.trials[0]!.hash;
  const today = readResults(own);
  assert(today.regime === regimeOf("laptop"));
  assertEquals(hashOf(today), identity(configure(regimeOf("laptop").run({ steps: 77, seed: 0 }))));
  const regime = formerRegime("laptop");
  const former = readResults({ ...own, regime: formerRegime });
  assertEquals(hashOf(former), hashOf(readResults(own, { regime })));
  assertEquals(hashOf(former), identity(configure(regime.run({ steps: 77, seed: 0 }))));
  const [planned] = planStudy(own, { regime, seeds: 1 }).runs;
  assertEquals(planned!.hash, hashOf(former));
  assert(experimentOf(own, regime) === experimentOf(own, regime));
  assert(experimentOf(own, "laptop") === today.experiment);
  assertNotEquals(experimentOf(own, "smoke"), today.experiment);
  const [foreign] = experimentOf(own, "smoke").arms;
  assertThrows(
    () => recordsOf(today, foreign!),
    Error,
    "must be one of three-phases at scale laptop",
  );
});
