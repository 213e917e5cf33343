// Every study at every scale, whatever records there are: its arms, its claims, its figure and table.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Scale, SCALES } from "../../lib/generator/mod.ts";
import {
  alphaCurves,
  attentionByLayerFigure,
  decilesFigure,
  decisionsTable,
  fewerPeopleFigure,
  finishedRuns,
  planeFigure,
  scheduleCurves,
  scoreboardMarkdown,
  STUDIES,
  studyNamed,
  switchFigure,
  threePhases,
  tuningAttentionFigure,
} from "../../lib/studies/mod.ts";
import {
  type Arm,
  armNamed,
  claimsTable,
  experimentOf,
  isMemory,
  judgeAll,
  readResults,
  recordsOf,
  regimeOf,
  type Results,
  runStudy,
  type Study,
  trialsOf,
} from "../../lib/study/mod.ts";
import { configure } from "../../lib/trainer/mod.ts";
import { allLearned } from "./learned.ts";

for (const study of STUDIES) {
  Deno.test(`${study.name}: its runs are valid at every scale, arms and seeds are told apart`, () => {
    for (const scale of SCALES) {
      const { trials } = readResults(study, { scale, seeds: 2 });
      assert(trials.length > 0);
      const keys = trials.map(({ arm, seed }) => `${arm.name}/${seed}`);
      assertEquals(new Set(keys).size, keys.length);
      for (const { seed, run } of trials) {
        if (isMemory(run)) assertEquals(run.memory.seed, seed);
        else assertEquals([configure(run).seed, configure(run).scale], [seed, scale]);
      }
    }
  });

  for (const scale of SCALES) {
    Deno.test(`${study.name}: every claim is judged, figure and table are made, at ${scale} scale`, () => {
      const results = allLearned(study, scale, scale === "laptop" ? 3 : 1);
      for (const { claim, n, measured, records } of judgeAll(results)) {
        assert(n >= 1, claim.id);
        assert(measured === null || Number.isFinite(measured), claim.id);
        assert(records.length > 0, claim.id);
      }
      assert(results.experiment.table(results).text.length > 0);
      const { alt } = results.experiment.figure(results);
      assert(!alt.includes("NaN"), alt);
      for (const arm of results.experiment.arms) assert(recordsOf(results, arm).length > 0);
    });
  }

  Deno.test(`${study.name}: its claims are planned with the seeds that their arms have`, () => {
    for (const { claim, n } of judgeAll(allLearned(study, "laptop", study.seeds))) {
      assertEquals(claim.n, n, claim.id);
    }
  });

  Deno.test(`${study.name}: claims have no verdict where there are no records`, () => {
    // The toy memory is the paper's own size at laptop scale, too, and on record.
    if (experimentOf(study, "paper").arms.some((arm) => "memory" in arm)) return;
    const none = readResults(study, { scale: "paper" });
    assertEquals(none.trials.every(({ record }) => !record), true);
    for (const { verdict, n } of judgeAll(none)) assertEquals([verdict, n], ["not run", 0]);
  });

  Deno.test(`${study.name}: figure and table show all arms, some of them, or none`, async () => {
    const whole = allLearned(study, "laptop", 3);
    for (const seeds of [0, 1, 3]) {
      const results = {
        ...whole,
        trials: whole.trials.map((trial) =>
          trial.seed < seeds ? trial : { ...trial, record: undefined }
        ),
      };
      assert(results.experiment.table(results).text.length > 0);
      assert(claimsTable(results).text.length > 0);
      const figure = results.experiment.figure(results);
      assert(!figure.alt.includes("NaN"), figure.alt);
      const plots = Object.keys(figure.layout).filter((key) => key.startsWith("xaxis")).length;
      assert(plots <= 4, `${plots} plots: two a row, and two rows, is what a reader takes in`);
      if (seeds === 3) assert((await figure.png({ scale: 1 })).length > 1000);
    }
  });
}

Deno.test("figures and tables beside a study's own are made at every scale", () => {
  const beside: Record<string, ((results: Results) => unknown)[]> = {
    "attention-signatures": [attentionByLayerFigure],
    "power-law": [alphaCurves, decilesFigure],
    "warm-up-map": [switchFigure],
    "schedule-comparison": [scheduleCurves, fewerPeopleFigure, decisionsTable],
    "hallucination": [(results) => assertEquals(finishedRuns(results).length, 1)],
    "new-people": [
      tuningAttentionFigure,
      (results) => planeFigure(results, { caption: "All arms." }),
    ],
  };
  for (const [name, makers] of Object.entries(beside)) {
    for (const scale of SCALES) {
      const results = allLearned(studyNamed(name), scale, 1);
      for (const make of makers) make(results);
    }
  }
  const laptop = readResults(studyNamed("power-law"));
  assertThrows(() => decilesFigure(laptop, 0.5), Error, "alpha must be one of 0, 0.2");
  const map = readResults(studyNamed("warm-up-map"));
  assertThrows(() => switchFigure(map, 0.5), Error, "length must be one of 0.125");
  const tuned = readResults(studyNamed("new-people"));
  assertThrows(() => tuningAttentionFigure(tuned, 1), Error, "share must be one of 0.015625");
});

/** A study of one arm, with a claim that reads what it is told to. */
function studyOf(arm: Arm, read: Arm): Study {
  return {
    ...threePhases,
    in: (regime) => ({
      ...threePhases.in(regime),
      arms: [arm],
      claims: [{
        id: "x",
        row: null,
        statement: "",
        paper: "",
        quantity: "",
        rule: { above: 0 },
        n: 1,
        measure: (recordOf) => recordOf(read).measurements.length,
      }],
    }),
  };
}

Deno.test("an arm that an experiment does not have is refused, whatever records there are", () => {
  const arm: Arm = { name: "own", run: (seed) => ({ scale: "smoke", steps: 30, seed }) };
  const twin = { ...arm };
  const results = readResults(studyOf(arm, arm), { scale: "smoke", seeds: 1 });
  assertEquals(recordsOf(results, arm), []);
  assertThrows(() => recordsOf(results, twin), Error, "the arm must be one of three-phases at");
  assertEquals(judgeAll(results).map(({ verdict }) => verdict), ["not run"]);
  const mistaken = readResults(studyOf(arm, twin), { scale: "smoke", seeds: 1 });
  assertThrows(() => judgeAll(mistaken), Error, "got another one, own");
  assertThrows(
    () => readResults({ ...threePhases, in: () => ({ ...results.experiment, arms: [arm, twin] }) }),
    Error,
    "its arms must have names of their own, got own twice",
  );
});

Deno.test("an experiment is the same every time, and its arms are found by name", () => {
  const results = readResults(threePhases);
  assert(results.experiment === experimentOf(threePhases, "laptop"));
  assert(armNamed(results, "base") === results.experiment.arms[0]);
  assertThrows(() => armNamed(results, "bass"), Error, 'must be one of "base", got "bass"');
});

Deno.test("trials go seed by seed, an arm from its first seed to its last", () => {
  const run = (seed: number) => ({ seed });
  const arms = [{ name: "all", run }, { name: "one", run, seeds: 1 }, {
    name: "later",
    run,
    firstSeed: 1,
  }];
  assertEquals(
    trialsOf(arms, 2).map(({ arm, seed }) => `${arm.name} ${seed}`),
    ["all 0", "one 0", "all 1", "later 1", "later 2"],
  );
});

Deno.test("claims have names of their own, the same at every scale; rows 1 to 33 each have one", () => {
  const claimsAt = (scale: Scale) =>
    STUDIES.flatMap((study) => experimentOf(study, regimeOf(scale)).claims);
  const claims = claimsAt("laptop");
  assertEquals(new Set(claims.map(({ id }) => id)).size, claims.length);
  for (const scale of SCALES) {
    const ids = (own: typeof claims) => own.map(({ id }) => id);
    assertEquals(ids(claimsAt(scale)), ids(claims));
  }
  const rows = new Set(claims.map(({ row }) => row));
  for (let row = 1; row <= 33; row++) assert(rows.has(row), `row ${row}`);
});

Deno.test("the same run in two studies is one run", () => {
  const regime = regimeOf("laptop");
  const of = (name: string) => readResults(studyNamed(name), { regime }).trials;
  const base = of("three-phases").filter(({ seed }) => seed < 3).map(({ hash }) => hash);
  for (const name of ["text-variety", "weight-decay", "attention-patching", "mixer"]) {
    const own = of(name).filter(({ arm }) => arm.name === "base").map(({ hash }) => hash);
    assertEquals(own, base);
  }
});

Deno.test("a claim is understood without the one above it", () => {
  const leaning = /^(It|Its|They|So|And|Even so|This|These|At first|On the way)\b|^the same\b/;
  const told = STUDIES.flatMap((study) => experimentOf(study, "laptop").claims);
  assert(told.length > 100);
  for (const { id, statement, quantity } of told) {
    assert(!leaning.test(statement), `${id}: ${statement}`);
    assert(!leaning.test(quantity), `${id}: ${quantity}`);
  }
});

Deno.test("a study that does not exist is told with those that do", () => {
  assertThrows(() => studyNamed("three"), Error, "three-phases, population-size");
});

Deno.test("the scoreboard counts its claims and keeps its columns whatever they say", () => {
  const study = STUDIES[0]!;
  const judgement = judgeAll(readResults(study, { scale: "paper" }))[0]!;
  const claim = { ...judgement.claim, statement: "a | b" };
  const score = {
    ...judgement,
    id: "x",
    row: null,
    scale: "laptop" as const,
    notebook: "01",
    paper: "p",
    planned: 5,
    survives: false,
    sameRuns: [],
  };
  const text = scoreboardMarkdown([{ study, judgement: { ...judgement, claim }, score }]);
  assertStringIncludes(text, "1 claims. 0 are decided");
  assertStringIncludes(text, "1 are not run yet");
  assertStringIncludes(text, "| new | a \\| b |");
});

Deno.test("a budget that is no number is refused before anything is trained", async () => {
  Deno.env.set("FACTLAB_BUDGET", "ten");
  try {
    const run = () => runStudy(STUDIES[0]!, { scale: "paper", seeds: 1 });
    await assertRejects(
      run,
      Error,
      'FACTLAB_BUDGET must be a number of minutes, 0 or more, got "ten"',
    );
    Deno.env.set("FACTLAB_BUDGET", "0");
    const { trials } = await run();
    assertEquals(trials.map(({ record }) => record), [undefined]);
  } finally {
    Deno.env.delete("FACTLAB_BUDGET");
  }
});

Deno.test("budgets and seeds that are no numbers are refused before anything is trained", async () => {
  for (const budgetMinutes of [NaN, -1]) {
    await assertRejects(
      () => runStudy(threePhases, { scale: "smoke", budgetMinutes }),
      Error,
      `budgetMinutes must be 0 or more, got ${budgetMinutes}`,
    );
  }
  for (const seeds of [0, -1, 1.5, NaN, Infinity]) {
    await assertRejects(
      () => runStudy(threePhases, { scale: "smoke", seeds }),
      Error,
      `seeds must be a whole number from 1, got ${seeds}`,
    );
  }
});

Deno.test("a fresh study that is interrupted tells no records from before as its own", async () => {
  const grid = { scale: "smoke", seeds: 1 } as const;
  const recordsIn = ({ trials }: Results) => trials.map(({ record }) => record !== undefined);
  assertEquals(recordsIn(await runStudy(threePhases, grid)), [true]);
  const controller = new AbortController();
  controller.abort();
  const again = await runStudy(threePhases, { ...grid, fresh: true, signal: controller.signal });
  assertEquals(recordsIn(again), [false]);
  // Called again, it goes on with what it began.
  assertEquals(recordsIn(await runStudy(threePhases, { ...grid, fresh: true })), [true]);
});
