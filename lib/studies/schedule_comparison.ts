/**
 * Rows 17 to 20 and 22: the best of each class of schedules, on fresh seeds, against the number of
 * people and of steps; and beyond the paper a schedule that decides its own switch.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, panels } from "../figures/mod.ts";
import { finalAccuracy, finalLoss, meanText } from "../readings/mod.ts";
import {
  type Claim,
  finding,
  formerRegime,
  isFormer,
  type Regime,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { type Cell, cellOf, cellsAt, knowingCells, recordsIn } from "./compared_schedules.ts";
import { accuracyLines, bestOf, knowingLine } from "./schedule_figures.ts";
import { CLASSES, type ScheduleClass, scheduleSteps, tunedPeople } from "./schedules.ts";

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

/** What claims call multiples of the people, the same at every scale. */
const NAMES: Readonly<Record<number, string>> = {
  0.5: "half",
  0.75: "three-quarters",
  1.5: "half-more",
};

/**
 * Both adaptive schedules, the one that knows N and the one that does not, are at least as good as
 * warm-up for numbers of people for which none of them was chosen. (In the former regime warm-up was.)
 */
function adaptiveClaims(regime: Regime): Claim[] {
  return knowingCells(regime).flatMap((knows) => {
    const { people: multiple } = knows;
    const warmUp = cellOf(regime, "warm-up", { people: multiple });
    const people = multiple * tunedPeople(regime);
    const named = NAMES[multiple]!;
    const common: Pick<Claim, "row" | "paper" | "rule" | "n"> = {
      row: null,
      paper: "not tested",
      rule: { above: -0.01 },
      n: 3,
    };
    const asGood = (cell: Cell): Claim["measure"] => (recordOf) =>
      finalAccuracy(recordOf(cell)) - finalAccuracy(recordOf(warmUp));
    return [
      {
        ...common,
        id: `adaptive-${named}`,
        statement: isFormer(regime)
          ? `Adaptive, never tuned for ${people} people, is as good as the warm-up chosen there.`
          : `Chosen for ${
            tunedPeople(regime)
          } people, adaptive is as good as warm-up for ${people}.`,
        quantity: "final accuracy, adaptive minus warm-up (-1 point at worst)",
        measure: asGood(cellOf(regime, "adaptive", { people: multiple })),
      },
      {
        ...common,
        id: `adaptive-knows-${named}`,
        statement: isFormer(regime)
          ? `Adaptive from an eighth of ${people} people is as good as the warm-up chosen there.`
          : `Adaptive from an eighth of ${people} people is as good as a warm-up on as many.`,
        quantity: "final accuracy, adaptive that knows N minus warm-up (-1 point at worst)",
        measure: asGood(knows),
      },
    ];
  });
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
      arms: [...cells, ...knowingCells(regime)],
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
          statement: "Within an epoch of warm-up's end the loss on everybody is back at knowing " +
            "nobody or below.",
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
        ...adaptiveClaims(regime),
      ],
      figure: (results) => {
        const y = { title: "share of values", range: [0, 1] as [number, number] };
        return panels([
          curvesPlot({
            title: `final accuracy after ${steps} steps`,
            lines: [...accuracyLines(results, "people", people), ...knowingLine(results, people)],
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
          }) + (regime.scale === "paper"
            ? " The paper's own settings"
            : " Each class as chosen on pilot seeds") +
            "; all people evaluated alike.",
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
