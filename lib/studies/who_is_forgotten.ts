/**
 * Beyond the paper: who is forgotten first while a model is tuned on new people, those whom it is
 * least sure of, those it has seldom seen, or those who share names with the new ones? And does a
 * replay that picks people by it keep more than one at random, of as much old text?
 *
 * @module
 */

import { table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import { curvesPlot, orderedColors, palette, panels, plainColors } from "../figures/mod.ts";
import { namesakes } from "../generator/mod.ts";
import {
  bandOf,
  halfLost,
  keptOf,
  meanText,
  type OldPeople,
  oldPeopleIn,
  type OldPerson,
  rankCorrelation,
} from "../readings/mod.ts";
import {
  type Arm,
  type Claim,
  finding,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import { corpusOf, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { accuracies, groupOf, oldPeople, tunedRun, tunedSteps } from "./fine_tuning.ts";
import { newPeopleOf } from "./replay.ts";
import { firstSeldom, seldomRun } from "./seldom.ts";

/** Share of a step's biographies that are of old people, where some are replayed. */
const SHARE = 0.05;
/** Whom of the old people a replay picks, as a share of all. */
const PICKED = 1 / 4;
/** Old people who are asked about one by one. */
const ASKED = 256;
/** Quarters of the old people, surest first. */
const QUARTERS = ["surest quarter", "second", "third", "least sure"];

/** How a run replays. */
type Replay = NonNullable<NonNullable<RunInput["tuning"]>["replay"]>;

function run(regime: Regime, seed: number, replay?: Replay): RunInput {
  return tunedRun(regime, {
    seed,
    base: seldomRun(regime, seed),
    added: newPeopleOf(regime),
    ...(replay ? { tuning: { replay } } : {}),
    // People one by one at every measurement, or where they are replayed, before and after.
    evaluation: { persons: ASKED, attention: replay ? 1 : 99, verified: 0 },
  });
}

/** What may tell who is lost first: a number a person, larger for those who should be. */
const SIGNS = {
  "loss before tuning": (people) => people.map(({ loss }) => loss),
  "uncertainty before tuning": (people) => people.map(({ confidence }) => -confidence),
  "seen seldom": (people, { header: { configuration } }) => {
    const seldom = firstSeldom(configuration.start!.run.people ?? configuration.people);
    return people.map(({ person }) => Number(person >= seldom));
  },
  "names shared with new people": (people, { header: { configuration } }) => {
    const [, first] = configuration.evaluation.groups;
    const counts = namesakes(corpusOf(configuration).population, first!);
    return people.map(({ person }) => counts[person]!);
  },
} satisfies Record<string, (people: readonly OldPerson[], record: RunRecord) => number[]>;

/** Rank correlation of a sign with what is lost when half is, over some of the old people. */
function foretold(
  record: RunRecord,
  sign: keyof typeof SIGNS,
  among: (person: OldPerson) => boolean = () => true,
): number {
  const old = oldPeopleIn(record);
  const at = halfLost(old);
  const people = old.people.filter(among);
  return rankCorrelation(SIGNS[sign](people, record), people.map(({ kept }) => 1 - kept[at]!));
}

/** Whether a person was seen as often as most. */
const seenOften = ({ header: { configuration } }: RunRecord) => {
  const first = firstSeldom(configuration.evaluation.groups[1]!);
  return ({ person }: OldPerson) => person < first;
};

/** Who is forgotten first. */
export const whoIsForgotten: Study = {
  name: "who-is-forgotten",
  title: "Who is forgotten first",
  notebook: "05",
  question: "Can one tell beforehand who will be forgotten, and replay those?",
  result: "Not in the paper.",
  seeds: 3,
  in(regime) {
    const old = oldPeople(regime);
    const quarter = Math.round(PICKED * old);
    const replayed = (name: string, people: number, pick: Replay["pick"]): Arm => ({
      name,
      run: (seed) => run(regime, seed, { share: SHARE, people, pick }),
    });
    const none: Arm = { name: "no replay", run: (seed) => run(regime, seed) };
    const everybody = replayed("everybody", old, "random");
    const random = replayed("a quarter at random", quarter, "random");
    const least = replayed("the quarter known least", quarter, "least known");
    const best = replayed("the quarter known best", quarter, "best known");
    const alike = replayed("the quarter with most namesakes", quarter, "namesakes");
    const replays = [everybody, random, least, best, alike];
    const arms = [none, ...replays];
    const end = (record: RunRecord) => accuracies(record, "old").end;
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    const lost = "what of a person is lost when half of all is";
    return {
      arms,
      claims: [
        {
          ...common,
          id: "unsure-lost-first",
          statement: "Whom the model is least sure of is lost first.",
          quantity: `rank correlation over old people of their loss before tuning with ${lost}`,
          rule: { above: 0.2 },
          measure: (recordOf) => foretold(recordOf(none), "loss before tuning"),
        },
        {
          ...common,
          id: "unsure-lost-first-seen-alike",
          statement: "So it is among people whom it has seen equally often.",
          quantity: "the same among the three quarters that were seen equally often",
          rule: { above: 0.1 },
          measure: (recordOf) => {
            const record = recordOf(none);
            return foretold(record, "loss before tuning", seenOften(record));
          },
        },
        {
          ...common,
          id: "seldom-lost-first",
          statement: "Who was seen seldom is lost first.",
          quantity: `rank correlation of being seen a quarter as often with ${lost}`,
          rule: { above: 0.2 },
          measure: (recordOf) => foretold(recordOf(none), "seen seldom"),
        },
        {
          ...common,
          id: "namesakes-lost-first",
          statement: "Who shares names with the new people is lost first.",
          quantity: `rank correlation of name parts shared with new people with ${lost}`,
          rule: { above: 0.1 },
          measure: (recordOf) => foretold(recordOf(none), "names shared with new people"),
        },
        {
          ...common,
          id: "quarter-keeps-like-everybody",
          statement: "Replay of a quarter at random keeps as much as replay of everybody.",
          quantity: `final old accuracy, a quarter minus everybody, ${percent(SHARE)} of all text`,
          rule: { above: -0.05 },
          measure: (recordOf) => end(recordOf(random)) - end(recordOf(everybody)),
        },
        {
          ...common,
          id: "least-known-replay",
          statement: "Replay of those it knows least keeps more than replay at random.",
          quantity: "final old accuracy, the quarter known least minus a quarter at random",
          rule: { above: 0.02 },
          measure: (recordOf) => end(recordOf(least)) - end(recordOf(random)),
        },
        {
          ...common,
          id: "namesakes-replay",
          statement: "Replay of those who share most names with new people does, too.",
          quantity: "final old accuracy, the quarter with most namesakes minus one at random",
          rule: { above: 0.02 },
          measure: (recordOf) => end(recordOf(alike)) - end(recordOf(random)),
        },
      ],
      figure: (results) =>
        panels([quartersPlot(results, none), replaysPlot(results, arms)], {
          arrange: "stacked",
          caption: caption(results),
        }),
      table: (results) => tables(results, none, arms),
    };
  },
};

const percent = (share: number) => `${100 * share} %`;

/** What is kept of quarters of the people, surest first, while nobody is replayed. */
function quartersPlot(results: Results, none: Arm) {
  const colors = orderedColors(QUARTERS.length);
  const read = recordsOf(results, none)
    .map((record) => ({ measurements: quartersIn(oldPeopleIn(record)) }));
  return curvesPlot({
    title: "what is kept without replay, by how sure it was",
    lines: read.length === 0 ? [] : QUARTERS.map((name, quarter) => ({
      name,
      color: colors[quarter]!,
      ...bandOf(read, ({ kept }) => kept[quarter]),
    })),
    x: { title: "step of tuning", log: true },
    y: { title: "share of what was known", range: [0, 1] },
  });
}

/** What quarters of the people have kept, reading by reading; steps are those of tuning. */
function quartersIn({ steps, people }: OldPeople): { step: number; kept: number[] }[] {
  const sorted = people.toSorted((a, b) => a.loss - b.loss);
  const end = (quarter: number) => Math.round(quarter * sorted.length / QUARTERS.length);
  const quarters = QUARTERS.map((_, i) => sorted.slice(end(i), end(i + 1)));
  return steps.map((step, reading) => ({
    step: step - steps[0]!,
    kept: quarters.map((quarter) => keptOf(quarter, reading)),
  }));
}

function replaysPlot(results: Results, arms: readonly Arm[]) {
  const colors = [palette.grey, ...plainColors];
  return curvesPlot({
    title: `old people, by whom is replayed (${percent(SHARE)} of all text)`,
    lines: arms.flatMap((arm, i) => {
      const records = recordsOf(results, arm);
      if (records.length === 0) return [];
      const clock = tunedSteps(records[0]!);
      const band = bandOf(records, (m) => groupOf(m, "old").accuracy, clock);
      return [{ name: arm.name, color: colors[i]!, ...band }];
    }),
    x: { title: "step of tuning", log: true },
    y: { title: "share of values", range: [0, 1] },
  });
}

function caption(results: Results): string {
  return [
    finding(results, "unsure-lost-first", {
      holds: "Whom the model is least sure of is lost first.",
      "does not hold": "How sure the model is of people hardly tells who is lost first.",
      undecided: "Undecided whether whom the model is least sure of is lost first.",
    }),
    finding(results, "least-known-replay", {
      holds: "Replay of those it knows least keeps more than replay at random.",
      "does not hold": "Replay of those it knows least keeps no more than replay at random.",
      undecided: "Undecided whether replay of those it knows least is better than at random.",
    }),
    "Old people, held-out templates.",
  ].filter((sentence) => sentence !== "").join(" ");
}

/** How well each sign tells who is lost, and what each replay keeps. */
function tables(results: Results, none: Arm, arms: readonly Arm[]): TextAndHtml {
  const records = recordsOf(results, none);
  const signs = table(
    (Object.keys(SIGNS) as (keyof typeof SIGNS)[]).map((sign) => ({
      sign,
      n: records.length,
      "rank correlation": meanText(records.map((record) => foretold(record, sign))),
      "among those seen equally often": sign === "seen seldom"
        ? "–"
        : meanText(records.map((record) => foretold(record, sign, seenOften(record)))),
    })),
    { caption: "How far a sign tells what is lost of a person when half of all is" },
  );
  const kept = table(
    arms.map((arm) => {
      const own = recordsOf(results, arm);
      const among = (isReplayed: boolean) => meanText(own.map((r) => keptAmong(r, isReplayed)));
      return {
        replayed: arm.name,
        n: own.length,
        "old, in the end": meanText(own.map((record) => accuracies(record, "old").end)),
        "new, in the end": meanText(own.map((record) => accuracies(record, "new").end)),
        "kept of the replayed": arm === none ? "–" : among(true),
        "kept of the others": among(false),
      };
    }),
    { caption: `Accuracy after tuning with ${percent(SHARE)} of old text` },
  );
  return textAndHtml(`${signs.text}\n\n${kept.text}`, signs.html + kept.html);
}

/** What is kept of people who are, or are not, replayed, by the name alone. */
function keptAmong(record: RunRecord, isReplayed: boolean): number {
  const replayed = new Set(record.measurements[0]!.replayed ?? []);
  const { steps, people } = oldPeopleIn(record);
  return keptOf(
    people.filter(({ person }) => replayed.has(person) === isReplayed),
    steps.length - 1,
  );
}
