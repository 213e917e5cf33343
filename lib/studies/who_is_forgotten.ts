/**
 * Beyond the paper: who is forgotten first while a model is tuned on new people, those whom it
 * knows least, those it has seldom seen, or those who share names with the new ones? And does a
 * replay that picks people by it keep more than one at random, of as much old text?
 *
 * @module
 */

import { table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import { barsPlot, curvesPlot, palette, panels } from "../figures/mod.ts";
import { namesakes } from "../generator/mod.ts";
import {
  bandOf,
  halfLost,
  keptOf,
  meanText,
  MissingRecord,
  type OldPeople,
  oldPeopleIn,
  type OldPerson,
  overSeeds,
  rankCorrelation,
} from "../readings/mod.ts";
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
import { corpusOf, type Replay, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { accuracies, oldPeople, tunedRun } from "./fine_tuning.ts";
import { newPeopleOf } from "./replay.ts";
import { firstSeldom, seldomRun } from "./seldom.ts";

/** Share of a step's biographies that are of old people, where some are replayed. */
const SHARE = 0.05;
/** Whom of the old people a replay picks, as a share of all. */
const PICKED = 1 / 4;
/** Old people who are asked about one by one. */
const ASKED = 256;

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

/** Whether an old person was seen as often as most. */
const isSeenOften = ({ header: { configuration } }: RunRecord) => {
  const first = firstSeldom(configuration.evaluation.groups[1]!);
  return ({ person }: OldPerson) => person < first;
};

/** What may tell who is lost first: a number a person, larger for those who should be. */
const SIGNS = {
  "loss before tuning": (people) => people.map(({ loss }) => loss),
  "uncertainty before tuning": (people) => people.map(({ confidence }) => -confidence),
  "seen seldom": (people, record) => people.map((own) => Number(!isSeenOften(record)(own))),
  "names shared with new people": (people, { header: { configuration } }) => {
    const [, first] = configuration.evaluation.groups;
    const counts = namesakes(corpusOf(configuration).population, first!);
    return people.map(({ person }) => counts[person]!);
  },
} satisfies Record<string, (people: readonly OldPerson[], record: RunRecord) => number[]>;

type Sign = keyof typeof SIGNS;

/** Rank correlation of a sign with what is lost when half is, over some of the old people. */
function foretold(
  record: RunRecord,
  sign: Sign,
  among: (person: OldPerson) => boolean = () => true,
): number {
  const old = oldPeopleIn(record);
  const at = halfLost(old);
  const people = old.people.filter(among);
  const lost = people.map(({ kept }) => 1 - kept[at]!);
  const correlation = rankCorrelation(SIGNS[sign](people, record), lost);
  // A sign that all share, or that nobody's loss tells apart, tells nothing.
  if (Number.isNaN(correlation)) throw new MissingRecord();
  return correlation;
}

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
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    const lost = "what of a person is lost when half of all is";
    const kept =
      "share of what was known of old people, by the name alone, that is kept in the end";
    return {
      arms,
      claims: [
        {
          ...common,
          id: "least-known-lost-first",
          statement: "Whom the model knows least is lost first.",
          quantity: `rank correlation over old people of their loss before tuning with ${lost}`,
          rule: { above: 0.2 },
          measure: (recordOf) => foretold(recordOf(none), "loss before tuning"),
        },
        {
          ...common,
          id: "least-known-lost-first-seen-alike",
          statement:
            "Of people seen equally often, too, those the model knows least are lost first.",
          quantity: "rank correlation of loss before tuning with what is lost, among the three " +
            "quarters that were seen equally often",
          rule: { above: 0.1 },
          measure: (recordOf) => {
            const record = recordOf(none);
            return foretold(record, "loss before tuning", isSeenOften(record));
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
          statement: "Replay of a quarter at random keeps nearly as much as replay of everybody.",
          quantity: `${kept}, a quarter minus everybody, ${percent(SHARE)} of all text`,
          rule: { above: -0.05 },
          measure: (recordOf) => keptIn(recordOf(random)) - keptIn(recordOf(everybody)),
        },
        {
          ...common,
          id: "least-known-replay",
          statement: "Replay of the people the model knows least keeps more than replay at random.",
          quantity: `${kept}, the quarter known least minus a quarter at random`,
          rule: { above: 0.02 },
          measure: (recordOf) => keptIn(recordOf(least)) - keptIn(recordOf(random)),
        },
        {
          ...common,
          id: "namesakes-replay",
          statement:
            "Replay of those who share most names with new people keeps more than replay at random.",
          quantity: `${kept}, the quarter with most namesakes minus one at random`,
          rule: { above: 0.02 },
          measure: (recordOf) => keptIn(recordOf(alike)) - keptIn(recordOf(random)),
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

/** What is kept of the quarters known best and least, while nobody is replayed. */
function quartersPlot(results: Results, none: Arm) {
  const records = recordsOf(results, none);
  const line = (name: string, color: string, quarter: (old: OldPerson[]) => OldPerson[]) => ({
    name,
    color,
    ...bandOf(
      records.map((record) => ({ measurements: keptBy(oldPeopleIn(record), quarter) })),
      ({ kept }) => kept,
    ),
  });
  return curvesPlot({
    title: "what is kept without replay",
    lines: records.length === 0 ? [] : [
      line("quarter known best", palette.blue, (old) => old.slice(0, old.length / 4)),
      line("quarter known least", palette.vermilion, (old) => old.slice(-old.length / 4)),
    ],
    x: { title: "step of tuning", log: true },
    y: { title: "share of what was known", range: [0, 1] },
  });
}

/** What some of the people, of all in order of their loss, have kept; steps are those of tuning. */
function keptBy(
  { steps, people }: OldPeople,
  some: (sorted: OldPerson[]) => OldPerson[],
): { step: number; kept: number }[] {
  const chosen = some(people.toSorted((a, b) => a.loss - b.loss));
  return steps.map((step, reading) => ({ step: step - steps[0]!, kept: keptOf(chosen, reading) }));
}

function replaysPlot(results: Results, arms: readonly Arm[]) {
  const kept = (record: RunRecord) => accuracies(record, "old").end;
  return barsPlot({
    title: `old people in the end, by whom is replayed (${percent(SHARE)} of all text)`,
    categories: arms.map(({ name }) => name),
    series: [{
      name: "old people",
      meaning: "old",
      ...overSeeds(arms.map((arm) => recordsOf(results, arm).map(kept))),
    }],
    x: { title: "replayed" },
    y: { title: "share of values", range: [0, 1] },
  });
}

function caption(results: Results): string {
  return captionOf([
    finding(results, "least-known-lost-first", {
      holds: "Whom the model knows least is lost first.",
      "does not hold": "How well the model knows people hardly tells who is lost first.",
      undecided: "Undecided whether whom the model knows least is lost first.",
    }),
    finding(results, "quarter-keeps-like-everybody", {
      holds: "Replay of a quarter of them keeps nearly as much as replay of everybody.",
      "does not hold": "Replay of a quarter of them keeps less than replay of everybody.",
      undecided: "Undecided whether replay of a quarter keeps as much as replay of everybody.",
    }),
    finding(results, "least-known-replay", {
      holds: "Replay of those it knows least keeps more than replay at random.",
      "does not hold":
        "Replay of those it knows least keeps hardly more, if any, than replay at random.",
      undecided: "Undecided whether replay of those it knows least is better than at random.",
    }),
    "Old people, held-out templates.",
  ]);
}

/** How well each sign tells who is lost, and what each replay keeps. */
function tables(results: Results, none: Arm, arms: readonly Arm[]): TextAndHtml {
  const records = recordsOf(results, none);
  const told = (sign: Sign, among?: typeof isSeenOften) =>
    meanText(records.flatMap((record) => {
      try {
        return [foretold(record, sign, among?.(record))];
      } catch (error) {
        if (error instanceof MissingRecord) return [];
        throw error;
      }
    }));
  const signs = table(
    (Object.keys(SIGNS) as Sign[]).map((sign) => ({
      sign,
      n: records.length,
      "rank correlation": told(sign),
      "among those seen equally often": told(sign, isSeenOften),
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

/** What is kept in the end of some of the old people, by the name alone; NaN of none. */
function keptIn(record: RunRecord, among: (person: OldPerson) => boolean = () => true): number {
  const { steps, people } = oldPeopleIn(record);
  return keptOf(people.filter(among), steps.length - 1);
}

/** The same of people who are, or are not, replayed. */
function keptAmong(record: RunRecord, isReplayed: boolean): number {
  const replayed = new Set(record.measurements[0]!.replayed ?? []);
  return keptIn(record, ({ person }) => replayed.has(person) === isReplayed);
}
