/**
 * Row 26: fine-tuning on people who were seen, but rarely. Nobody new has to be told from the old
 * ones: is anything lost?
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, panels } from "../figures/mod.ts";
import { type Scale, uniform } from "../generator/mod.ts";
import { bandOf, meanText } from "../readings/mod.ts";
import { type Arm, finding, recordsOf, type Regime, type Study } from "../study/mod.ts";
import { configure, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { groupOf, tunedRun, tunedSteps } from "./fine_tuning.ts";
import { celebritiesSetting, scheduledRun } from "./schedules.ts";

/** Steps of the base run, as multiples of the regime's: enough to know the frequent people. */
const STEPS: Record<Scale, number> = { smoke: 1, laptop: 1.5, paper: 1 };
/** The paper's frequent people: one in sixteen, eight times as often as each of the others. */
const FREQUENT = { share: 1 / 16, weight: 8 };

/** The finished run that saw some people more often: twice the regime's people. */
function base(regime: Regime, seed: number): { run: RunInput; people: number; frequent: number } {
  const people = 2 * regime.base.people;
  const setting = celebritiesSetting(FREQUENT.share, FREQUENT.weight);
  const steps = STEPS[regime.scale] * regime.base.steps;
  const run = scheduledRun(regime, setting, { seed, people, steps });
  const { people: drawn } = configure(run).schedule[0]!;
  if (drawn.kind !== "groups") throw new Error("Celebrities are a group of people.");
  return { run, people, frequent: drawn.groups[0]!.to! };
}

/** Frequent people are "group 1", the others "group 2". */
function tuned(regime: Regime, seed: number, on: "rare" | "frequent"): RunInput {
  const { run, people, frequent } = base(regime, seed);
  const [from, to] = on === "rare" ? [frequent, people] : [0, frequent];
  return tunedRun(regime, {
    seed,
    base: run,
    schedule: [{ people: uniform(from, to) }],
    evaluation: { groups: [0, frequent] },
  });
}

/** Gain in accuracy while tuning, of frequent ("old") or rare ("new") people. */
function gain({ measurements }: RunRecord, which: "old" | "new"): number {
  return groupOf(measurements.at(-1)!, which).accuracy - groupOf(measurements[0]!, which).accuracy;
}

/** Fine-tuning on people who were seen rarely. */
export const rarePeople: Study = {
  name: "rare-people",
  title: "Fine-tuning on people seen rarely",
  notebook: "05",
  question: "Does tuning on people already seen, but rarely, cost what was known?",
  result:
    "No: rare people gain and frequent people lose next to nothing; the other way round they lose.",
  seeds: 3,
  in(regime) {
    const rare: Arm = { name: "on rare people", run: (seed) => tuned(regime, seed, "rare") };
    const frequent: Arm = {
      name: "on frequent people",
      run: (seed) => tuned(regime, seed, "frequent"),
    };
    const arms = [rare, frequent];
    return {
      arms,
      claims: [
        {
          id: "rare-gain",
          row: 26,
          statement: "Tuned on rare people, the model knows more of them.",
          paper: ".23 (.52 to .75)",
          quantity: "gain in accuracy on rare people",
          rule: { above: 0.05 },
          n: 3,
          measure: (recordOf) => gain(recordOf(rare), "new"),
        },
        {
          id: "frequent-kept",
          row: 26,
          statement: "Tuned on rare people, the model hardly loses any of the frequent ones.",
          paper: "-.012 (1.0 to .988)",
          quantity: "gain in accuracy on frequent people, tuned on rare ones",
          rule: { above: -0.05 },
          n: 3,
          measure: (recordOf) => gain(recordOf(rare), "old"),
        },
        {
          id: "rare-lost",
          row: 26,
          statement: "Tuned on frequent people, the model loses some of the rare ones.",
          paper: "-.17 (.52 to .35)",
          quantity: "gain in accuracy on rare people, tuned on frequent ones",
          rule: { below: 0 },
          n: 3,
          measure: (recordOf) => gain(recordOf(frequent), "new"),
        },
      ],
      figure(results) {
        const plot = (arm: Arm) => {
          const records = recordsOf(results, arm);
          return curvesPlot({
            title: `tuned ${arm.name}`,
            lines: records.length === 0 ? [] : (["old", "new"] as const).map((which) => ({
              name: `${which === "old" ? "frequent" : "rare"} people`,
              meaning: which,
              ...bandOf(records, (m) => groupOf(m, which).accuracy, tunedSteps(records[0]!)),
            })),
            x: { title: "steps of tuning", log: true },
            y: { title: "accuracy, share of values", range: [0, 1] },
          });
        };
        return panels(arms.map(plot), {
          height: 360,
          caption: finding(results, "frequent-kept", {
            holds: "Tuning on people who were seen rarely hardly costs what was known of others.",
            "does not hold":
              "Tuning on people who were seen rarely costs what was known of others.",
            undecided:
              "Undecided whether tuning on people seen rarely costs what was known of others.",
          }) + " Held-out templates.",
        });
      },
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            const at = (index: number, which: "old" | "new") =>
              meanText(
                records.map(({ measurements }) => groupOf(measurements.at(index)!, which).accuracy),
              );
            return {
              tuned: arm.name,
              n: records.length,
              "frequent before": at(0, "old"),
              "frequent after": at(-1, "old"),
              "rare before": at(0, "new"),
              "rare after": at(-1, "new"),
            };
          }),
          { caption: "Accuracy on held-out templates" },
        ),
    };
  },
};
