// A user's own probe: what it reads is in the record, what it is in the run's identity.

import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { type AnyProbe, PROBES } from "../../lib/probes/mod.ts";
import { local, planSweep, sweep } from "../../lib/sweep/mod.ts";
import {
  configure,
  findRecord,
  loadProbes,
  runFolder,
  type RunInput,
  train,
  withProbes,
} from "../../lib/trainer/mod.ts";
import { planStudy, readResults, type Study } from "../../lib/study/mod.ts";
import { threePhases } from "../../lib/studies/mod.ts";
import ranking from "./ranking.ts";

await openTensorFlow();

const input = (seed: number): RunInput => ({
  scale: "smoke",
  seed,
  people: 16,
  steps: 20,
  evaluation: { measurements: 4, attention: 2 },
});
const probes = [ranking];

async function finished(own: RunInput, options: Parameters<typeof train>[1] = {}) {
  const run = train(own, { fresh: true, ...options });
  for await (const _ of run);
  run.dispose();
  return run;
}

Deno.test("its readings are in the record, and nothing else of a measurement changes", async () => {
  const run = await finished(input(9700), { probes });
  const plain = await finished(input(9700));
  const readings = run.measurements.map((m) => (m as unknown as { ranking?: number }).ranking);
  const whole = run.measurements.map(({ attention }) => attention !== undefined);
  assertEquals(readings.map((reading) => typeof reading === "number"), whole);
  assert(readings.every((reading) => reading === undefined || (reading >= 0 && reading <= 1)));
  const without = run.measurements.map((m) => ({ ...m, ranking: undefined }));
  assertEquals(JSON.stringify(without), JSON.stringify(plain.measurements));
  const { record } = findRecord(run.configuration)!;
  assertEquals(JSON.stringify(record.measurements), JSON.stringify(run.measurements));
  // Read again, with the probe or by its configuration alone.
  assertEquals(train(input(9700), { probes, fresh: false }).source, "record");
  assertEquals(train(run.configuration, { fresh: false }).source, "record");
});

Deno.test("its name and settings are part of what the run is", () => {
  const asked = (people?: number) => ({
    ...input(9701),
    evaluation: {
      ...input(9701).evaluation,
      ...(people ? { probes: { ranking: { people } } } : {}),
    },
  });
  const hash = (people?: number, own: AnyProbe[] = probes) =>
    train(asked(people), { probes: own }).hash;
  assertEquals(hash(), hash(8));
  assertNotEquals(hash(8), hash(4));
  assertNotEquals(hash(8), train(input(9701)).hash);
  assertNotEquals(hash(), train(input(9701), { probes: [{ ...ranking, name: "other" }] }).hash);
});

Deno.test("bad names and settings are refused before any work", () => {
  const refused = (own: AnyProbe[], why: string, settings: Record<string, unknown> = {}) =>
    assertThrows(
      () =>
        train(
          { ...input(9702), evaluation: { probes: { ranking: settings } } },
          { probes: own },
        ),
      Error,
      why,
    );
  refused([ranking, ranking], "two probes have the name ranking");
  for (const name of [...PROBES.map(({ name }) => name), "step", "ownText", "two words", ""]) {
    refused([{ ...ranking, name }], `must be one word and none of sets, attention`);
  }
  refused(probes, "evaluation.probes.ranking.people", { people: 0 });
  refused(probes, "evaluation.probes.ranking.peple is not a field (did you mean", { peple: 3 });
});

Deno.test("a run with a probe that is not given is refused, and says how to give it", async () => {
  const own = withProbes(input(9703), probes);
  await assertRejects(
    () => finished(own),
    Error,
    "the probe ranking is part of this run, and was not given. Pass it",
  );
});

Deno.test("a record without its readings does not count", async () => {
  const run = await finished(input(9704), { probes });
  const file = new URL("record.jsonl", runFolder(run.configuration));
  const text = Deno.readTextFileSync(file);
  Deno.writeTextFileSync(file, text.replaceAll(/,"ranking":[\d.]+/g, ""));
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (text) => warnings.push(String(text));
  try {
    assertEquals(findRecord(run.configuration), undefined);
  } finally {
    console.warn = warn;
  }
  assert(warnings[0]!.includes(`run ${run.hash} has no readings of ranking`), warnings[0]);
  Deno.writeTextFileSync(file, text);
  assert(findRecord(run.configuration));
});

Deno.test("a probe that does not apply, or never speaks, is asked all the same", async () => {
  const silent = { ...ranking, name: "silent", prepare: () => undefined };
  const late = { ...ranking, name: "late", prepare: () => ({ calls: [], read: () => undefined }) };
  const own = input(9707);
  const run = await finished(own, { probes: [silent, late] });
  const [first, ...rest] = run.measurements as unknown as Record<string, unknown>[];
  assertEquals([first!.silent, first!.late], [null, null]);
  for (const measurement of rest) assert(!("silent" in measurement) && !("late" in measurement));
  assertEquals(train(own, { probes: [silent, late], fresh: false }).source, "record");
});

Deno.test("a reading that is not what the probe says ends the run, and is not written", async () => {
  const wrong = {
    ...ranking,
    name: "wrong",
    prepare: () => ({ calls: [], read: () => new Float32Array(2) }),
  };
  await assertRejects(
    () => finished(input(9708), { probes: [wrong] }),
    Error,
    'the probe wrong must read what its schema says, got {"0":0,"1":0} at step 0',
  );
});

Deno.test("a study's runs all have its probes", () => {
  const arm = (name: string) => ({ name, run: (seed: number) => input(seed) });
  const study: Study = {
    ...threePhases,
    name: "ranked",
    seeds: 1,
    probes,
    in: (regime) => ({ ...threePhases.in(regime), arms: [arm("one")], claims: [] }),
  };
  const [trial] = readResults(study, { scale: "smoke" }).trials;
  assertEquals(trial!.hash, train(input(0), { probes }).hash);
  const { runs } = planStudy(study, { scale: "smoke" });
  assertEquals(runs.map(({ hash }) => hash), [trial!.hash]);
});

Deno.test("a sweep's workers load it from its module", async () => {
  const own = input(9705);
  const folder = runFolder(configure(withProbes(own, probes)));
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const [run] = await sweep([own], { probes, engine: local(1) });
  assertEquals([run!.state, run!.why], ["trained", undefined]);
  const { record } = findRecord(run!.configuration)!;
  assert(record.measurements.some((measurement) => "ranking" in measurement));
});

Deno.test("a probe without a module of its own trains here, and is refused by a sweep", async () => {
  const inline = { ...ranking, module: undefined };
  assertThrows(
    () => planSweep([input(9706)], { probes: [inline] }),
    Error,
    "the probe ranking must be the default export of a module of its own",
  );
  const nothing = new URL("own_probe_test.ts", import.meta.url).href;
  await assertRejects(() => loadProbes([nothing]), Error, "must export one by default");
});
