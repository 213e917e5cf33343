/**
 * Rows 17 to 20 and 22: the best of each class of schedules, on fresh seeds, against the number of
 * people and of steps; and beyond the paper a schedule that decides its own switch.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import type { Scale } from "../generator/mod.ts";
import {
  bars,
  curvesPlot,
  type Figure,
  orderedColors,
  panels,
  plainColors,
} from "../figures/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { armsFigure } from "./arms.ts";
import type { Claim } from "./claims.ts";
import { finalAccuracy, finalLoss, meanText } from "./readings.ts";
import { stepsOf } from "./regime.ts";
import {
  chosen,
  CLASSES,
  ELSEWHERE,
  type ScheduleClass,
  scheduledRun,
  tunedPeople,
} from "./schedules.ts";
import { mean, standardDeviation } from "./statistics.ts";
import { type Arm, finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** Multiples of the people and of the steps for which the settings were chosen. */
const PEOPLE: readonly number[] = [...ELSEWHERE, 1].sort((a, b) => a - b);
const STEPS: readonly number[] = [0.5, 1, 2];
const sizes = (scale: Scale) => scale === "smoke" ? [0.5, 1] : PEOPLE;
const lengths = (scale: Scale) => scale === "smoke" ? [1, 2] : STEPS;
/** Classes in which every number of people has all seeds: those that claims compare there. */
const ALL_SEEDS: readonly ScheduleClass[] = ["uniform", "warm-up", "adaptive"];

const armOf = (name: ScheduleClass, people = 1, steps = 1) =>
  `${name}, N x ${people}, steps x ${steps}`;
const colorOf = (name: ScheduleClass) => plainColors[CLASSES.indexOf(name)]!;

/** Loss over everybody, held-out templates, in the epoch after warm-up and at its worst before. */
function aroundSwitch({ header: { configuration, floor }, measurements }: RunRecord) {
  const { schedule, people, batch } = configuration;
  const end = schedule[0]!.steps ?? NaN;
  const shares = measurements.map(({ step, sets }) => ({
    step,
    share: sets["held-out"]!.loss / floor.loss,
  }));
  const during = shares.filter(({ step }) => step > end / 2 && step <= end);
  const after = shares.filter(({ step }) => step > end && step <= end + people / batch + 1);
  return {
    rise: Math.max(...during.map(({ share }) => share)),
    fall: Math.min(...after.map(({ share }) => share)),
  };
}

/** An adaptive schedule is at least as good as the best warm-up for that many people. */
function adaptiveClaim(multiple: number): Claim {
  const people = multiple * tunedPeople("laptop");
  return {
    id: `adaptive-${people}`,
    row: null,
    statement: `Adaptive, never tuned for ${people} people, is as good as the best warm-up there.`,
    paper: "not tested",
    quantity: "final accuracy, adaptive minus warm-up (protocol: -1 point at worst, mean of seeds)",
    rule: { above: -0.01 },
    byMean: true,
    measure: (recordOf) =>
      finalAccuracy(recordOf(armOf("adaptive", multiple))) -
      finalAccuracy(recordOf(armOf("warm-up", multiple))),
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
  grid: (options) => {
    const { scale } = options;
    const arms: Record<string, Arm> = {};
    for (const name of CLASSES) {
      for (const multiple of sizes(scale)) {
        const people = multiple * tunedPeople(scale);
        arms[armOf(name, multiple)] = {
          run: (seed) => scheduledRun(scale, chosen(name, multiple), { seed, people }),
          seeds: multiple === 1 || ALL_SEEDS.includes(name) ? undefined : 1,
        };
      }
      for (const multiple of lengths(scale).filter((multiple) => multiple !== 1)) {
        const steps = multiple * stepsOf(scale);
        arms[armOf(name, 1, multiple)] = {
          run: (seed) => scheduledRun(scale, chosen(name), { seed, steps }),
          seeds: 1,
        };
      }
    }
    return gridOf(options, arms);
  },
  claims: [
    {
      id: "power-law-beats-uniform",
      row: 17,
      statement: "The best power law ends at a lower loss than uniform sampling.",
      paper: ".41 (1.40 against 3.41 nats, 64k people, 8k steps)",
      quantity: "final loss over all people alike, power law over uniform (1024 people)",
      rule: { below: 1 },
      measure: (recordOf) =>
        finalLoss(recordOf(armOf("power law"))) / finalLoss(recordOf(armOf("uniform"))),
    },
    {
      id: "celebrities-beat-uniform",
      row: 18,
      statement: "Celebrities end at a lower loss than uniform sampling.",
      paper: ".39 (1.32 against 3.41 nats)",
      quantity: "final loss over all people alike, celebrities over uniform (1024 people)",
      rule: { below: 1 },
      measure: (recordOf) =>
        finalLoss(recordOf(armOf("celebrities"))) / finalLoss(recordOf(armOf("uniform"))),
    },
    {
      id: "warm-up-beats-uniform",
      row: 19,
      statement: "Warm-up knows far more than uniform sampling.",
      paper: ".65 (.981 against .328, 64k people, 8k steps)",
      quantity: "final accuracy, warm-up minus uniform (1024 people)",
      rule: { above: 0.2 },
      measure: (recordOf) =>
        finalAccuracy(recordOf(armOf("warm-up"))) - finalAccuracy(recordOf(armOf("uniform"))),
    },
    {
      id: "warm-up-hallucinates",
      row: 19,
      statement: "While warm-up lasts, the loss on everybody rises above knowing nobody.",
      paper: "1.5 to 2.2 (10 to 15 nats)",
      quantity: "largest loss over all people in warm-up's second half, share of L0",
      rule: { above: 1.2 },
      measure: (recordOf) => aroundSwitch(recordOf(armOf("warm-up"))).rise,
    },
    {
      id: "switch-heals",
      row: 19,
      statement: "Within an epoch of the switch it is back at the no-knowledge loss or below.",
      paper: "about 1 within a fifth of an epoch",
      quantity: "least loss over all people in the epoch after warm-up, share of L0",
      rule: { below: 1.05 },
      measure: (recordOf) => aroundSwitch(recordOf(armOf("warm-up"))).fall,
    },
    {
      id: "warm-up-best",
      row: 20,
      statement: "Warm-up beats the best of the other three schedules of the paper.",
      paper: ".33 (.949 against .618 of the best power law, 128k people)",
      quantity: "final accuracy, warm-up minus best of uniform, power law, celebrities",
      rule: { above: 0 },
      measure: (recordOf) =>
        finalAccuracy(recordOf(armOf("warm-up"))) - Math.max(
          ...(["uniform", "power law", "celebrities"] as const)
            .map((name) => finalAccuracy(recordOf(armOf(name)))),
        ),
    },
    {
      id: "fewer-people-control",
      row: 22,
      statement: "Warm-up knows more than a model that only ever saw some of the people.",
      paper: ".32 (94.9 % against 63.3 % of 128k people)",
      quantity: "final accuracy, warm-up minus uniform on 512 or 768, counted over all 1024",
      rule: { above: 0 },
      measure: (recordOf) => {
        const counted = [0.5, 0.75].map((multiple) =>
          multiple * finalAccuracy(recordOf(armOf("uniform", multiple)))
        );
        return finalAccuracy(recordOf(armOf("warm-up"))) - Math.max(...counted);
      },
    },
    ...ELSEWHERE.map(adaptiveClaim),
  ],
  figure(results) {
    const { scale } = results;
    const lines = (multiples: readonly number[], of: (name: ScheduleClass, m: number) => string) =>
      CLASSES.map((name) => {
        const values = multiples.map((m) => recordsOf(results, of(name, m)).map(finalAccuracy));
        return {
          name,
          color: colorOf(name),
          x: multiples,
          y: values.map((own) => own.length > 0 ? mean(own) : null),
          sd: values.map((own) => own.length >= 3 ? standardDeviation(own) : 0),
          marks: "both" as const,
        };
      });
    const scaled = (unit: number, own: ReturnType<typeof lines>) =>
      own.map((line) => ({ ...line, x: line.x.map((multiple) => unit * multiple) }));
    const y = { title: "share of values", range: [0, 1] as [number, number] };
    return panels([
      curvesPlot({
        title: `final accuracy after ${stepsOf(scale)} steps`,
        lines: scaled(tunedPeople(scale), lines(sizes(scale), (name, m) => armOf(name, m))),
        x: { title: "people N" },
        y,
      }),
      curvesPlot({
        title: `final accuracy with ${tunedPeople(scale)} people`,
        lines: scaled(stepsOf(scale), lines(lengths(scale), (name, m) => armOf(name, 1, m))),
        x: { title: "training steps", log: true },
        y,
      }),
    ], {
      arrange: "stacked",
      caption: finding(results, "warm-up-best", {
        holds: "Warm-up on a few people beats the paper's other schedules.",
        "does not hold": "Warm-up does not beat the paper's other schedules here.",
        undecided: "Warm-up beats the paper's other schedules in some seeds.",
      }) + " Each class with the setting chosen on a pilot seed; all people evaluated alike.",
    });
  },
  table(results) {
    const { scale } = results;
    const cells = [
      ...sizes(scale).map((people) => ({ people, steps: 1 })),
      ...lengths(scale).filter((steps) => steps !== 1).map((steps) => ({ people: 1, steps })),
    ];
    return table(
      cells.map(({ people, steps }) => {
        const of = (name: ScheduleClass) =>
          recordsOf(results, armOf(name, people, steps)).map(finalAccuracy);
        const means = CLASSES.map((name) => ({ name, value: mean(of(name)) }))
          .filter(({ value }) => Number.isFinite(value))
          .sort((a, b) => b.value - a.value);
        const [best] = means;
        const own = best ? of(best.name) : [];
        const near = own.length >= 3 ? standardDeviation(own) : 0;
        return {
          people: people * tunedPeople(scale),
          steps: steps * stepsOf(scale),
          ...Object.fromEntries(CLASSES.map((name) => [name, meanText(of(name))])),
          "best, or within its sd": means
            .filter(({ value }) => value >= best!.value - near).map(({ name }) => name).join(
              ", ",
            ) ||
            "–",
        };
      }),
      { caption: "Which schedule when: final accuracy over all people, held-out templates" },
    );
  },
};

/**
 * Learning curves of the best of each class.
 *
 * @example
 * ```ts
 * import { scheduleComparison, scheduleCurves } from "./schedule_comparison.ts";
 * import { readResults } from "./study.ts";
 * console.log(scheduleCurves(readResults(scheduleComparison)).alt);
 * ```
 */
export function scheduleCurves(results: Results): Figure {
  const arm = (name: ScheduleClass) => armOf(name);
  return armsFigure(results, {
    arms: CLASSES.map(arm),
    name: (own) => CLASSES.find((name) => arm(name) === own)!,
    color: (own) => colorOf(CLASSES.find((name) => arm(name) === own)!),
    caption: `${tunedPeople(results.scale)} people, all evaluated alike.`,
  });
}

/**
 * Row 22: everybody, or only some of the people? Accuracy counted over all people, those who were
 * never in the data as not known.
 *
 * @example
 * ```ts
 * import { fewerPeopleFigure, scheduleComparison } from "./schedule_comparison.ts";
 * import { readResults } from "./study.ts";
 * console.log(fewerPeopleFigure(readResults(scheduleComparison)).alt);
 * ```
 */
export function fewerPeopleFigure(results: Results): Figure {
  const people = tunedPeople(results.scale);
  const multiples = sizes(results.scale).filter((multiple) => multiple <= 1);
  const colors = orderedColors(multiples.length);
  return bars({
    title: "What is known in the end, counted over everybody",
    categories: CLASSES,
    series: multiples.map((multiple, i) => {
      const values = CLASSES.map((name) =>
        recordsOf(results, armOf(name, multiple)).map((record) => multiple * finalAccuracy(record))
      );
      return {
        name: multiple === 1 ? `all ${people}` : `only ${multiple * people}`,
        color: colors[i],
        y: values.map((own) => own.length > 0 ? mean(own) : null),
        sd: values.map((own) => own.length >= 3 ? standardDeviation(own) : null),
      };
    }),
    x: { title: "schedule" },
    y: { title: `share of the values of ${people} people`, range: [0, 1] },
    caption:
      "Light to dark: more of the people in the data. Held-out templates; whiskers are one " +
      "sd where there are three seeds.",
  });
}

/**
 * The steps at which adaptive runs have widened their people, per number of people.
 *
 * @example
 * ```ts
 * import { decisionsTable, scheduleComparison } from "./schedule_comparison.ts";
 * import { readResults } from "./study.ts";
 * console.log(decisionsTable(readResults(scheduleComparison)).text);
 * ```
 */
export function decisionsTable(results: Results): TextAndHtml {
  const { scale } = results;
  return table(
    sizes(scale).flatMap((multiple) =>
      recordsOf(results, armOf("adaptive", multiple)).map((record) => ({
        people: multiple * tunedPeople(scale),
        seed: record.header.configuration.seed,
        decisions: (record.measurements.at(-1)!.decisions ?? [])
          .map(({ step, event }) => `step ${step}: ${event}`).join("; ") || "none",
      }))
    ),
    { caption: "What adaptive schedules decided" },
  );
}
