/**
 * Rows 17 to 20 and 22: the best of each class of schedules, on fresh seeds, against the number of
 * people and of steps; and beyond the paper a schedule that decides its own switch.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import {
  bars,
  curvesPlot,
  type Figure,
  type Line,
  orderedColors,
  panels,
  plainColors,
} from "../figures/mod.ts";
import {
  finalAccuracy,
  finalLoss,
  mean,
  meanText,
  overSeeds,
  standardDeviation,
} from "../readings/mod.ts";
import {
  armsFigure,
  type Claim,
  finding,
  formerRegime,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { cellOf, cellsAt, recordsIn } from "./compared_schedules.ts";
import { CLASSES, ELSEWHERE, type ScheduleClass, scheduleSteps, tunedPeople } from "./schedules.ts";
import { listed } from "./words.ts";

const colorOf = (name: ScheduleClass) => plainColors[CLASSES.indexOf(name)]!;

/** Loss over everybody, held-out templates, in the epoch after warm-up and at its worst before. */
function aroundSwitch({ header: { configuration, floor }, measurements }: RunRecord) {
  const { schedule, people, batch } = configuration;
  const end = schedule[0]!.steps ?? NaN;
  const shares = measurements.map(({ step, sets }) => ({
    step,
    share: sets["held-out"].loss / floor.loss,
  }));
  const during = shares.filter(({ step }) => step > end / 2 && step <= end);
  const after = shares.filter(({ step }) => step > end && step <= end + people / batch + 1);
  return {
    rise: Math.max(...during.map(({ share }) => share)),
    fall: Math.min(...after.map(({ share }) => share)),
  };
}

/** An adaptive schedule is at least as good as the best warm-up for that many people. */
function adaptiveClaim(regime: Regime, multiple: number): Claim {
  const adaptive = cellOf(regime, "adaptive", { people: multiple });
  const warmUp = cellOf(regime, "warm-up", { people: multiple });
  const people = multiple * tunedPeople(regime);
  return {
    // Named by laptop's numbers, one claim at every scale.
    id: `adaptive-${multiple * tunedPeople(formerRegime("laptop"))}`,
    row: null,
    statement: `Adaptive, never tuned for ${people} people, is as good as the best warm-up there.`,
    paper: "not tested",
    quantity: "final accuracy, adaptive minus warm-up (-1 point at worst)",
    rule: { above: -0.01 },
    n: 3,
    measure: (recordOf) => finalAccuracy(recordOf(adaptive)) - finalAccuracy(recordOf(warmUp)),
  };
}

/** The best of each class. */
export const scheduleComparison: Study = {
  name: "schedule-comparison",
  title: "Schedules compared, each at its best",
  notebook: "03",
  question: "Which schedule of people knows most in the end?",
  result: "Warm-up on a few people, then power law and celebrities, then uniform sampling.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const people = tunedPeople(regime);
    const steps = scheduleSteps(regime);
    const uniform = cellOf(regime, "uniform");
    const powerLaw = cellOf(regime, "power law");
    const celebrities = cellOf(regime, "celebrities");
    const warmUp = cellOf(regime, "warm-up");
    const cells = cellsAt(regime);
    const fewer = cells.filter((cell) => cell.schedule === "uniform" && cell.people < 1);
    return {
      arms: cells,
      claims: [
        {
          id: "power-law-beats-uniform",
          row: 17,
          statement: "The best power law ends at a lower loss than uniform sampling.",
          paper: ".41 (1.40 against 3.41 nats, 64k people, 8k steps)",
          quantity: `final loss over all people alike, power law over uniform (${people} people)`,
          rule: { below: 1 },
          atPaper: { rule: { below: 0.7 } },
          n: 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(powerLaw)) / finalLoss(recordOf(uniform)),
        },
        {
          id: "celebrities-beat-uniform",
          row: 18,
          statement: "Celebrities end at a lower loss than uniform sampling.",
          paper: ".39 (1.32 against 3.41 nats)",
          quantity: `final loss over all people alike, celebrities over uniform (${people} people)`,
          rule: { below: 1 },
          atPaper: { rule: { below: 0.7 } },
          n: 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(celebrities)) / finalLoss(recordOf(uniform)),
        },
        {
          id: "warm-up-beats-uniform",
          row: 19,
          statement: "Warm-up knows far more than uniform sampling.",
          paper: ".65 (.981 against .328, 64k people, 8k steps)",
          quantity: `final accuracy, warm-up minus uniform (${people} people)`,
          rule: { above: 0.2 },
          atPaper: { rule: { above: 0.4 } },
          n: 3,
          measure: (recordOf) => finalAccuracy(recordOf(warmUp)) - finalAccuracy(recordOf(uniform)),
        },
        {
          id: "warm-up-hallucinates",
          row: 19,
          statement: "While warm-up lasts, the loss on everybody rises above knowing nobody.",
          paper: "1.5 to 2.2 (10 to 15 nats)",
          quantity: "largest loss over all people in warm-up's second half, share of L0",
          rule: { above: 1.2 },
          atPaper: { rule: { above: 1.3 } },
          n: 3,
          measure: (recordOf) => aroundSwitch(recordOf(warmUp)).rise,
        },
        {
          id: "switch-heals",
          row: 19,
          statement: "Within an epoch of the switch it is back at the no-knowledge loss or below.",
          paper: "about 1 within a fifth of an epoch",
          quantity: "least loss over all people in the epoch after warm-up, share of L0",
          rule: { below: 1.05 },
          n: 3,
          measure: (recordOf) => aroundSwitch(recordOf(warmUp)).fall,
        },
        {
          id: "warm-up-best",
          row: 20,
          statement: "Warm-up beats the best of the other three schedules of the paper.",
          paper: ".33 (.949 against .618 of the best power law, 128k people)",
          quantity: "final accuracy, warm-up minus best of uniform, power law, celebrities",
          rule: { above: 0 },
          atPaper: {
            paper: ".21 (.981 against .771 of celebrities, 64k people, 8k steps)",
            rule: { above: 0.1 },
          },
          n: 3,
          measure: (recordOf) =>
            finalAccuracy(recordOf(warmUp)) - Math.max(
              ...[uniform, powerLaw, celebrities].map((arm) => finalAccuracy(recordOf(arm))),
            ),
        },
        {
          id: "fewer-people-control",
          row: 22,
          statement: "Warm-up knows more than a model that only ever saw some of the people.",
          paper: ".32 (94.9 % against 63.3 % of 128k people)",
          quantity: "final accuracy, warm-up minus uniform on " +
            `${fewer.map((arm) => arm.people * people).join(" or ")}, counted over all ${people}`,
          rule: { above: 0 },
          n: 3,
          measure: (recordOf) => {
            const counted = fewer.map((arm) => arm.people * finalAccuracy(recordOf(arm)));
            return finalAccuracy(recordOf(warmUp)) - Math.max(...counted);
          },
        },
        ...ELSEWHERE.map((multiple) => adaptiveClaim(regime, multiple)),
      ],
      figure: (results) => {
        const y = { title: "share of values", range: [0, 1] as [number, number] };
        return panels([
          curvesPlot({
            title: `final accuracy after ${steps} steps`,
            lines: accuracyLines(results, "people", people),
            x: { title: "people N" },
            y,
          }),
          curvesPlot({
            title: `final accuracy with ${people} people`,
            lines: accuracyLines(results, "steps", steps),
            x: { title: "training steps", log: true },
            y,
          }),
        ], {
          arrange: "stacked",
          caption: finding(results, "warm-up-best", {
            holds: "Warm-up on a few people beats the paper's other schedules.",
            "does not hold": "Warm-up does not beat the paper's other schedules here.",
            undecided: "Undecided whether warm-up beats the paper's other schedules.",
          }) + " Each class with the setting chosen on a pilot seed; all people evaluated alike.",
        });
      },
      table: (results) =>
        table(
          // A class that has every size tells them all.
          cells.filter(({ schedule }) => schedule === "uniform").map((size) => {
            const of = (name: ScheduleClass) => recordsIn(results, name, size).map(finalAccuracy);
            return {
              people: size.people * people,
              steps: size.steps * steps,
              ...Object.fromEntries(CLASSES.map((name) => [name, meanText(of(name))])),
              "best, or within its sd": bestOf(of).map(({ name }) => name).join(", ") || "–",
            };
          }),
          { caption: "Which schedule when: final accuracy over all people, held-out templates" },
        ),
    };
  },
};

/** Final accuracy of every class over one of its sizes, the other as tuned. */
function accuracyLines(results: Results, over: "people" | "steps", unit: number): Line[] {
  const other = over === "people" ? "steps" : "people";
  return CLASSES.map((name) => {
    const cells = cellsAt(results.regime)
      .filter((cell) => cell.schedule === name && cell[other] === 1)
      .sort((a, b) => a[over] - b[over]);
    const values = cells.map((cell) => recordsOf(results, cell).map(finalAccuracy));
    return {
      name,
      color: colorOf(name),
      x: cells.map((cell) => unit * cell[over]),
      ...overSeeds(values),
      marks: "both",
    };
  });
}

/** The classes that know most, best first: the best one and those within its standard deviation. */
function bestOf(known: (name: ScheduleClass) => number[]) {
  const means = CLASSES.map((name) => ({ name, value: mean(known(name)) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => b.value - a.value);
  const own = means[0] ? known(means[0].name) : [];
  const near = own.length >= 3 ? standardDeviation(own) : 0;
  return means.filter(({ value }) => value >= means[0]!.value - near);
}

/** Which classes know most in the end. */
function mostKnown(results: Results): string {
  const best = bestOf((name) =>
    recordsOf(results, cellOf(results.regime, name)).map(finalAccuracy)
  );
  const told = best.map(({ name, value }) => `${name} (${value.toFixed(2)})`);
  return told.length > 0 ? `Most is known in the end with ${listed(told)}. ` : "";
}

/**
 * Learning curves of the best of each class.
 *
 * @example
 * ```ts
 * import { readResults, scheduleComparison, scheduleCurves } from "factlab";
 * console.log(scheduleCurves(readResults(scheduleComparison)).alt);
 * ```
 */
export function scheduleCurves(results: Results): Figure {
  return armsFigure(results, {
    arms: CLASSES.map((name) => ({
      arm: cellOf(results.regime, name),
      name,
      color: colorOf(name),
    })),
    caption: mostKnown(results) + `${tunedPeople(results.regime)} people, all evaluated alike.`,
  });
}

/**
 * Row 22: everybody, or only some of the people? Accuracy counted over all people, those who were
 * never in the data as not known.
 *
 * @example
 * ```ts
 * import { fewerPeopleFigure, readResults, scheduleComparison } from "factlab";
 * console.log(fewerPeopleFigure(readResults(scheduleComparison)).alt);
 * ```
 */
export function fewerPeopleFigure(results: Results): Figure {
  const people = tunedPeople(results.regime);
  const sizes = cellsAt(results.regime)
    .filter((cell) => cell.schedule === "uniform" && cell.people <= 1 && cell.steps === 1);
  const colors = orderedColors(sizes.length);
  return bars({
    title: "What is known in the end, counted over everybody",
    categories: CLASSES,
    series: sizes.map((size, i) => {
      const values = CLASSES.map((name) =>
        recordsIn(results, name, size).map((record) => size.people * finalAccuracy(record))
      );
      return {
        name: size.people === 1 ? `all ${people}` : `only ${size.people * people}`,
        color: colors[i],
        ...overSeeds(values),
      };
    }),
    x: { title: "schedule" },
    y: { title: `share of the values of ${people} people`, range: [0, 1] },
    caption: finding(results, "fewer-people-control", {
      holds: "Warm-up knows more than a model that only ever saw some of the people.",
      "does not hold": "A model that only ever saw some of the people knows as much as warm-up.",
      undecided: "Undecided whether warm-up knows more than a model that only saw some people.",
    }) + " Held-out templates.",
  });
}

/**
 * The steps at which adaptive runs have widened their people, per number of people.
 *
 * @example
 * ```ts
 * import { decisionsTable, readResults, scheduleComparison } from "factlab";
 * console.log(decisionsTable(readResults(scheduleComparison)).text);
 * ```
 */
export function decisionsTable(results: Results): TextAndHtml {
  const { regime } = results;
  const cells = cellsAt(regime)
    .filter((cell) => cell.schedule === "adaptive" && cell.steps === 1);
  return table(
    cells.flatMap((cell) =>
      recordsOf(results, cell).map((record) => ({
        people: cell.people * tunedPeople(regime),
        seed: record.header.configuration.seed,
        decisions: (record.measurements.at(-1)!.decisions ?? [])
          .map(({ step, event }) => `step ${step}: ${event}`).join("; ") || "none",
      }))
    ),
    { caption: "What adaptive schedules decided; they begin on the same people whatever N is" },
  );
}
