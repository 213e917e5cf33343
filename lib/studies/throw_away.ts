/**
 * Beyond the paper: the plateau passed on people who do not matter. First a throw-away population
 * is learned, then the real one. Is attention learned for good, and what does it cost against
 * warm-up on real people?
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, panels, plainColors } from "../figures/mod.ts";
import { uniform } from "../generator/mod.ts";
import { bandOf, lastBelow, meanText, nameAttentionNear } from "../readings/mod.ts";
import { type Arm, finding, recordsOf, type Regime, type Study } from "../study/mod.ts";
import { configure, type Measurement, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { chosen, scheduledRun, scheduleSteps, tunedPeople } from "./schedules.ts";

/** What is measured: real people, held-out templates. They are a group where others are drawn too. */
const real = ({ sets }: Measurement) => sets["group 1"] ?? sets["held-out"];

/** The warm-up on real people: the chosen one. */
function warmUp(regime: Regime, seed: number): RunInput {
  return scheduledRun(regime, chosen(regime, "warm-up"), { seed });
}

/** The same, with people after the real ones in the place of those it begins with. */
function throwAway(regime: Regime, seed: number): RunInput {
  const run = warmUp(regime, seed);
  const people = tunedPeople(regime);
  const { schedule } = configure(run);
  const [few] = schedule;
  if (few?.people.kind !== "groups") throw new Error("A warm-up begins with a group of people.");
  const count = few.people.groups[0]!.to!;
  return {
    ...run,
    people: people + count,
    schedule: [
      { ...few, people: uniform(people, people + count) },
      { people: uniform(0, people) },
    ],
    evaluation: { ...run.evaluation, groups: [0, people] },
  };
}

/** All real people alike from the first step, at warm-up's learning rate. */
function straight(regime: Regime, seed: number): RunInput {
  const { rate } = chosen(regime, "warm-up");
  const everybody = { name: "everybody", rate, schedule: () => [{ people: uniform() }] };
  return scheduledRun(regime, everybody, { seed });
}

/** Step at which loss on real people last falls below .95 L0; Infinity if never. */
function knownFrom({ measurements, header: { floor } }: RunRecord): number {
  return lastBelow(measurements, (m) => real(m).loss, 0.95 * floor.loss) || Infinity;
}

/** The step at which the first people make room for all. */
function changeOf({ header: { configuration } }: RunRecord): number {
  return configuration.schedule[0]!.steps!;
}

const finalReal = (record: RunRecord) => real(record.measurements.at(-1)!).accuracy;

/** Pre-training on people who are thrown away. */
export const throwAwayPeople: Study = {
  name: "throw-away-people",
  title: "Throw-away people first",
  notebook: "03",
  question: "Can the plateau be passed on made-up people who are then thrown away?",
  result:
    "Not in the paper. If attention is a circuit and not memorised patterns, it should carry over.",
  seeds: 3,
  in(regime) {
    const uniform: Arm = { name: "uniform", run: (seed) => straight(regime, seed) };
    const warm: Arm = { name: "warm-up", run: (seed) => warmUp(regime, seed) };
    const thrown: Arm = { name: "throw-away people", run: (seed) => throwAway(regime, seed) };
    const arms = [uniform, warm, thrown];
    return {
      arms,
      claims: [
        {
          id: "attention-carries-over",
          row: null,
          statement:
            "After throw-away people the real ones leave the plateau in less than half the steps that " +
            "uniform sampling takes.",
          paper: "not tested",
          quantity:
            "steps from the switch to .95 L0 on real people, over uniform's to its plateau's end",
          rule: { below: 0.5 },
          n: 3,
          measure: (recordOf) => {
            const after = knownFrom(recordOf(thrown)) - changeOf(recordOf(thrown));
            // Uniform sampling may not leave its plateau at all in these steps.
            const alike = recordOf(uniform);
            return after / Math.min(knownFrom(alike), alike.header.configuration.steps);
          },
        },
        {
          id: "throw-away-beats-uniform",
          row: null,
          statement: "Throw-away people first is better than real people all the time.",
          paper: "not tested",
          quantity: "final accuracy on real people, throw-away minus uniform",
          rule: { above: 0 },
          n: 3,
          measure: (recordOf) => finalReal(recordOf(thrown)) - finalReal(recordOf(uniform)),
        },
        {
          id: "throw-away-near-warm-up",
          row: null,
          statement:
            "Throw-away people first cost less than ten points of accuracy against warm-up " +
            "on real ones.",
          paper: "not tested",
          quantity: "final accuracy on real people, throw-away minus warm-up",
          rule: { above: -0.1 },
          n: 3,
          measure: (recordOf) => finalReal(recordOf(thrown)) - finalReal(recordOf(warm)),
        },
      ],
      figure(results) {
        const shown = arms
          .map((arm, i) => ({
            name: arm.name,
            color: plainColors[i]!,
            records: recordsOf(results, arm),
          }))
          .filter(({ records }) => records.length > 0);
        const lines = (quantity: "loss" | "accuracy") =>
          shown.map(({ name, color, records }) => ({
            name,
            color,
            ...bandOf(records, (measurement) => real(measurement)[quantity]),
          }));
        const [warmed] = recordsOf(results, warm);
        const x = { title: "training step", log: true };
        const change = warmed ? changeOf(warmed) : undefined;
        const spans = change ? [{ x0: 0, x1: change, label: "few people" }] : [];
        return panels([
          curvesPlot({
            title: "attribute loss on real people",
            lines: lines("loss"),
            x,
            y: { title: "nats a value" },
            levels: warmed ? [{ y: warmed.header.floor.loss, label: "knows nobody" }] : [],
            spans,
          }),
          curvesPlot({
            title: "accuracy on real people",
            lines: lines("accuracy"),
            x,
            y: { title: "share of values", range: [0, 1] },
            spans,
          }),
        ], {
          arrange: "stacked",
          caption: finding(results, "attention-carries-over", {
            holds:
              "After throw-away people the plateau is left in less than half the steps that uniform " +
              "sampling takes.",
            "does not hold":
              "After throw-away people the plateau is not left in less than half the steps that uniform " +
              "sampling takes.",
            undecided:
              "Undecided whether after throw-away people the plateau is left in less than half the " +
              "steps that uniform sampling takes.",
          }) + " Held-out templates.",
        });
      },
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            const change = records[0]?.header.configuration.schedule[0]?.steps;
            return {
              arm: arm.name,
              n: records.length,
              "loss on real people below .95 L0 (step)": meanText(records.map(knownFrom)),
              "attention to names (last layer) at the switch": change
                ? meanText(records.map((record) => nameAttentionNear(record, change)))
                : "–",
              "final accuracy on real people": meanText(records.map(finalReal)),
            };
          }),
          {
            caption: `${tunedPeople(regime)} real people, ${scheduleSteps(regime)} steps in all, ` +
              "throw-away people included",
          },
        ),
    };
  },
};
