// Every study at every scale, whatever records there are: its arms, its claims, its figure and table.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Scale, SCALES } from "../../lib/generator/mod.ts";
import { certaintyOf } from "../../lib/probes/mod.ts";
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
  type MemoryConfiguration,
  type MemoryRecord,
  readResults,
  recordsOf,
  regimeOf,
  type Results,
  runStudy,
  type Study,
  type TrialRecord,
  type TrialRun,
  trialsOf,
} from "../../lib/study/mod.ts";
import {
  configure,
  type Measurement,
  type RunConfiguration,
  type RunRecord,
} from "../../lib/trainer/mod.ts";

const FLOOR = { loss: 3.6, attributes: [3.6], accuracy: 0.04, unseen: 3.7 };
const LAYER = {
  nameToName: 0.1,
  ownName: 0.2,
  earlierNames: 0.2,
  ownText: 0.3,
  earlierText: 0.2,
  earlierValues: 0.1,
};

const CERTAINTY = certaintyOf([[{ confidence: 0.9, entropy: 0.3, right: true }]]);
const ANSWERS = { right: 3, wrong: 2, refused: 1, samples: { accuracy: 0.5, consistency: 0.8 } };

const SURE = {
  ...certaintyOf([[{ confidence: 0.9, entropy: 0.3, right: true }]]).confidence,
  refused: 2,
};

/** A record as a run that learns would leave it: flat until `end`, then falling. */
function learned(configuration: RunConfiguration, end = 0.3): RunRecord {
  const { steps, batch, model, start, evaluation } = configuration;
  const begin = start?.step ?? 0;
  const measurements = Array.from({ length: 21 }, (_, i): Measurement => {
    const step = Math.round(begin + (steps - begin) * i / 20);
    const share = step / steps;
    const known = Math.max(0, (share - end) / (1 - end));
    const loss = share < 0.1 ? 3.6 + 8 * (1 - share / 0.1) : 3.6 * (1 - known) + 0.01;
    const set = {
      loss,
      accuracy: 0.04 + 0.96 * known,
      confidence: 0.5,
      entropy: 1,
      positions: Array.from({ length: 6 }, (): [number, number] => [loss, 0.04 + 0.9 * known]),
      ...(i === 20 ? { certainty: CERTAINTY } : {}),
    };
    const groups = evaluation.groups.map((_, i) => `group ${i + 1}`);
    const entropy = 1 - share / 2;
    return {
      step,
      samples: step * batch,
      trainingLoss: i === 0 ? null : 0.4 + loss / 10,
      sets: {
        training: set,
        "held-out": set,
        new: set,
        unseen: { ...set, loss: 4 },
        ...Object.fromEntries(groups.map((name) => [name, set])),
      },
      ...(evaluation.asked > 0
        ? {
          answers: Object.fromEntries(
            ["held-out", "unseen", ...groups].map((name) => [name, ANSWERS]),
          ),
        }
        : {}),
      ...(evaluation.certainty > 0 && i === 20
        ? {
          certainty: Object.fromEntries(
            ["held-out", "unseen", ...groups].map((name) => [name, SURE]),
          ),
        }
        : {}),
      attention: {
        nameToName: 0.1,
        nameToAllNames: 0.2,
        layers: Array.from({ length: model.layers }, () => ({ ...LAYER, entropy })),
      },
      flow: 0.1 + known,
      verification: Object.fromEntries(
        (groups.length > 0 ? groups : ["held-out"])
          .map((name) => [name, { verified: 0.5 + known / 2, said: known, margin: 9 * known }]),
      ),
    };
  });
  return { header: { hash: "0", configuration, floor: FLOOR, environment: {} }, measurements };
}

/** The record of a toy memory that has forgotten. */
function forgotten(memory: MemoryConfiguration): MemoryRecord {
  const measurements = learned(configure()).measurements.map(({ step, sets }) => ({
    ...{ step, samples: step, trainingLoss: null },
    sets: { old: sets.training, new: sets.training },
  }));
  const configuration = { scale: "memory" as const, ...memory };
  return { header: { hash: "0", configuration, floor: FLOOR, environment: {} }, measurements };
}

/** A record of what a trial trains. */
const trained = (run: TrialRun): TrialRecord =>
  isMemory(run) ? forgotten(run.memory) : learned(configure(run));

/** Results of a study in which every run has learned. */
function allLearned(study: Study, scale: Scale, seeds: number): Results {
  const results = readResults(study, { scale, seeds });
  return {
    ...results,
    trials: results.trials.map((trial) => ({ ...trial, record: trained(trial.run) })),
  };
}

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
  assertThrows(() => switchFigure(map, 0.5), Error, "length must be one of 0.0625");
  const tuned = readResults(studyNamed("new-people"));
  assertThrows(() => tuningAttentionFigure(tuned, 1), Error, "share must be one of 0.03125");
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
