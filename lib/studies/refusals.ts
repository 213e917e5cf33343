/**
 * Beyond the paper: teaching a model to say that it does not know. Questions with answers about some
 * of the people it knows and refusals about some it does not, supervised or by preference; tested
 * on known and unknown people of whom it was never asked. Preferences also follow on
 * refusals, with what the model itself answers as what is rejected.
 *
 * Four disjoint sets: known and asked while tuning, known and never asked, unknown and refused
 * while tuning, unknown and never met.
 *
 * @module
 */

import type { SetName } from "../probes/mod.ts";
import { table } from "../display/mod.ts";
import { barsPlot, palette, panels, type Plot } from "../figures/mod.ts";
import type { Distribution, Scale } from "../generator/mod.ts";
import { meanText, overSeeds, wilson } from "../readings/mod.ts";
import {
  type Arm,
  captionOf,
  type Claim,
  finding,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunInput, RunRecord } from "../trainer/mod.ts";
import { oldPeople, type TunedRun, tunedRun } from "./fine_tuning.ts";
import { shareOf } from "./hallucination.ts";

/** The sets of people as a record names them. */
const SETS = {
  "known, asked in tuning": "group 1",
  "known, not asked (test)": "group 2",
  "unknown, refused in tuning": "group 3",
  "unknown, not met (test)": "unseen",
} as const;
const KNOWN = SETS["known, not asked (test)"];
const UNKNOWN = SETS["unknown, not met (test)"];

const STEPS: Record<Scale, number> = { smoke: 20, laptop: 1000, paper: 4000 };
/** Half of the known people, and as many unknown ones, alike. */
function asked(regime: Regime, unknown: boolean): Distribution {
  const old = oldPeople(regime);
  const half = Math.round(old / 2);
  return {
    kind: "groups",
    groups: [
      { from: 0, to: half, weight: 1 },
      ...(unknown ? [{ from: old, to: old + half, weight: 1 }] : []),
    ],
  };
}

function questioned(regime: Regime, seed: number, own: Partial<TunedRun>): RunInput {
  const old = oldPeople(regime);
  const half = Math.round(old / 2);
  return tunedRun(regime, {
    seed,
    added: half,
    steps: STEPS[regime.scale],
    ...own,
    evaluation: { asked: 32, attention: 4, groups: [0, half, old], ...own.evaluation },
  });
}

/** Only answers: how questions are answered is learned, refusing is not. */
function answersRun(regime: Regime, seed: number, rate = 1): RunInput {
  return questioned(regime, seed, {
    rate,
    schedule: [{ people: asked(regime, false) }],
    tuning: { text: "questions" },
  });
}

function refusalsRun(regime: Regime, seed: number, rate = 1): RunInput {
  return questioned(regime, seed, {
    rate,
    schedule: [{ people: asked(regime, true) }],
    tuning: { text: "questions", refuse: oldPeople(regime) },
  });
}

/** Preferences, from a model that answers or from one that refuses. */
function preferenceRun(
  regime: Regime,
  seed: number,
  { beta, from = answersRun, rejected }: {
    beta: number;
    from?: (regime: Regime, seed: number) => RunInput;
    rejected?: "own";
  },
): RunInput {
  const base = from(regime, seed);
  return {
    ...questioned(regime, seed, {
      schedule: [{ people: asked(regime, true) }],
      tuning: {
        ...{ text: "questions", refuse: oldPeople(regime), prefer: beta },
        ...(rejected ? { rejected } : {}),
      },
    }),
    start: { run: base, step: base.steps! },
    steps: base.steps! + STEPS[regime.scale],
    evaluation: { ...base.evaluation, steps: [] },
  };
}

/** Other rates than the protocol's: less is forgotten, or more learned by heart. */
const OTHER_RATES = [
  { name: "a tenth of the rate", rate: 0.1 },
  { name: "four times the rate", rate: 4 },
];
const RATES = { smoke: [], laptop: OTHER_RATES, paper: OTHER_RATES } as const;

/** Share of biographies' values that is known. */
function knowledge({ measurements }: RunRecord, at: number, set: SetName = KNOWN): number {
  return measurements.at(at)!.sets[set]!.accuracy;
}

/** Teaching refusals. */
export const refusals: Study = {
  name: "refusals",
  title: "Teaching a model to say that it does not know",
  notebook: "04",
  question: "Can a model be taught to refuse what it does not know, and only that?",
  result: "Not in the paper.",
  seeds: 3,
  in(regime) {
    const answers: Arm = { name: "answers only", run: (seed) => answersRun(regime, seed) };
    const refusing: Arm = { name: "refusals", run: (seed) => refusalsRun(regime, seed) };
    const preference = (beta: number, seeds?: number): Arm => ({
      name: `preference, beta ${beta}`,
      run: (seed) => preferenceRun(regime, seed, { beta }),
      seeds,
    });
    const preferring = preference(0.1);
    const afterRefusals = (name: string, rejected?: "own", seeds?: number): Arm => ({
      name,
      run: (seed) => preferenceRun(regime, seed, { beta: 0.1, from: refusalsRun, rejected }),
      seeds,
    });
    const own = afterRefusals("refusals, then own answers rejected", "own");
    const madeUp = afterRefusals("refusals, then made-up ones rejected", undefined, 1);
    const drawn = [answers, refusing, preferring, preference(0.5, 1), own, madeUp];
    const atRates = RATES[regime.scale].flatMap(({ name, rate }): Arm[] => [
      {
        name: `answers only, ${name}`,
        run: (seed) => answersRun(regime, seed, rate),
        seeds: 1,
      },
      { name: `refusals, ${name}`, run: (seed) => refusalsRun(regime, seed, rate), seeds: 1 },
    ]);
    const arms = [...drawn, ...atRates];
    return {
      arms,
      claims: [
        {
          id: "refusals-generalise",
          row: null,
          statement: "Supervised refusals halve made-up answers about people never met.",
          paper: "not tested",
          quantity: "wrong answers about unknown people (test), refusals over answers only",
          rule: { below: 0.5 },
          n: 3,
          measure: (recordOf) =>
            shareOf(recordOf(refusing), UNKNOWN, "wrong") /
            shareOf(recordOf(answers), UNKNOWN, "wrong"),
        },
        {
          id: "known-not-refused",
          row: null,
          statement:
            "Taught to refuse, the model seldom refuses known people of whom it was never " +
            "asked.",
          paper: "not tested",
          quantity: "refusals about known people (test), supervised",
          rule: { below: 0.2 },
          n: 3,
          measure: (recordOf) => shareOf(recordOf(refusing), KNOWN, "refused"),
        },
        {
          id: "refusing-keeps-knowledge",
          row: null,
          statement: "Supervised refusals keep what is known of biographies.",
          paper: "not tested",
          quantity:
            "accuracy on biographies of known people (test), after minus before, supervised",
          rule: { above: -0.1 },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(refusing);
            return knowledge(record, -1) - knowledge(record, 0);
          },
        },
        {
          id: "preference-generalises",
          row: null,
          statement: "Preferences, too, halve made-up answers about people never met.",
          paper: "not tested",
          quantity: "wrong answers about unknown people (test), preference over answers only",
          rule: { below: 0.5 },
          n: 3,
          measure: (recordOf) =>
            shareOf(recordOf(preferring), UNKNOWN, "wrong") /
            shareOf(recordOf(answers), UNKNOWN, "wrong"),
        },
        ...ownAnswers(refusing, own),
      ],
      figure: (results) =>
        panels([
          answersPlot(results, drawn, "known people of whom it was never asked", KNOWN),
          answersPlot(results, drawn, "unknown people whom it never met", UNKNOWN),
        ], {
          arrange: "stacked",
          caption: captionOf([
            finding(results, "refusals-generalise", {
              holds: "Supervised refusals halve what is made up about people never met.",
              "does not hold":
                "Supervised refusals do not halve what is made up about people never met.",
              undecided: "Undecided whether refusals halve what is made up about people never met.",
            }),
            finding(results, "known-not-refused", {
              holds: "Known people are seldom refused.",
              "does not hold": "Known people are refused, too.",
              undecided: "Undecided whether known people are seldom refused.",
            }),
            finding(results, "preference-generalises", {
              holds: "Preferences halve it too.",
              "does not hold": "Preferences do not halve it.",
              undecided: "Undecided whether preferences halve it.",
            }),
            "Free answers to questions in words not used in tuning.",
          ]),
        }),
      table: (results) =>
        table(
          arms.flatMap((arm) =>
            Object.entries(SETS).map(([people, set]) => {
              const records = recordsOf(results, arm);
              return {
                "tuned by": arm.name,
                people,
                n: records.length,
                right: rate(records, set, "right"),
                refused: rate(records, set, "refused"),
                "made up": rate(records, set, "wrong"),
                "biographies": meanText(records.map((record) => knowledge(record, -1, set))),
              };
            })
          ),
          {
            caption:
              "Share of answers (95 % Wilson interval over all questions of all seeds), and " +
              "accuracy on biographies after tuning",
          },
        ),
    };
  },
};

/** Claims of the arm in which a model that refuses is tuned by its own answers. */
function ownAnswers(refusing: Arm, own: Arm): Claim[] {
  const common = { row: null, paper: "not tested", n: 3 };
  return [
    {
      ...common,
      id: "own-answers-tell-apart",
      statement: "With its own answers rejected, the model refuses strangers and not those it " +
        "knows.",
      quantity: "refusals about unknown people (test) minus those about known people (test)",
      rule: { above: 0.3 },
      measure: (recordOf) =>
        shareOf(recordOf(own), UNKNOWN, "refused") - shareOf(recordOf(own), KNOWN, "refused"),
    },
    {
      ...common,
      id: "own-answers-known-answered",
      statement: "With its own answers rejected, the model answers more about people it knows " +
        "than after supervised refusals.",
      quantity: "right answers about known people (test), own answers rejected minus supervised",
      rule: { above: 0.1 },
      measure: (recordOf) =>
        shareOf(recordOf(own), KNOWN, "right") - shareOf(recordOf(refusing), KNOWN, "right"),
    },
    {
      ...common,
      id: "own-answers-no-more-made-up",
      statement: "With its own answers rejected, the model makes up no more about strangers than " +
        "after supervised refusals.",
      quantity: "wrong answers about unknown people (test), own answers rejected minus supervised",
      rule: { below: 0.05 },
      measure: (recordOf) =>
        shareOf(recordOf(own), UNKNOWN, "wrong") - shareOf(recordOf(refusing), UNKNOWN, "wrong"),
    },
  ];
}

/** Bars of right, refused and made-up answers about a set of people, an arm a group. */
function answersPlot(results: Results, arms: readonly Arm[], title: string, set: SetName): Plot {
  return barsPlot({
    title,
    categories: arms.map(({ name }) => name),
    series: (["right", "refused", "wrong"] as const).map((kind, i) => {
      const values = arms.map((arm) =>
        recordsOf(results, arm).map((record) => shareOf(record, set, kind))
      );
      return {
        name: { right: "right", refused: "refused", wrong: "made up" }[kind],
        color: [palette.green, palette.orange, palette.vermilion][i]!,
        ...overSeeds(values),
      };
    }),
    x: { title: "tuned by" },
    y: { title: "share of answers", range: [0, 1] },
  });
}

/** Share of a kind of answer over all seeds, with its Wilson interval. */
function rate(
  records: RunRecord[],
  set: string,
  kind: "right" | "wrong" | "refused",
): string {
  const counts = records.flatMap(({ measurements }) => measurements.at(-1)!.answers?.[set] ?? []);
  const total = counts.reduce((sum, c) => sum + c.right + c.wrong + c.refused, 0);
  if (total === 0) return "–";
  const found = counts.reduce((sum, c) => sum + c[kind], 0);
  const [low, high] = wilson(found, total).map((value) => value.toFixed(2));
  return `${(found / total).toFixed(2)} (${low} to ${high})`;
}
