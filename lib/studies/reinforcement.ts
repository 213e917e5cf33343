/**
 * Beyond the paper: refusal by reinforcement. A model that was taught to answer and to refuse samples
 * answers of its own; a right one earns 1, a refusal 0, a wrong one costs c, and it is tuned to earn
 * more. Does it then know whom it does not know, and better than a threshold on the certainty of the
 * model that was never tuned? And if a reward model, learned from comparisons of answers, says what
 * they earn?
 *
 * Some people are seen in training a quarter as often as the others. Of known, seldom seen and unknown
 * people some are asked about in tuning; others, and people never met, are the test.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, type Line, orderedColors, palette, panels } from "../figures/mod.ts";
import type { SetName } from "../probes/mod.ts";
import {
  bandOf,
  mean,
  meanText,
  MissingRecord,
  type Selective,
  selective,
} from "../readings/mod.ts";
import {
  type Arm,
  captionOf,
  type Claim,
  finding,
  recordsOf,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import { tunedSteps } from "./fine_tuning.ts";
import { shareOf } from "./hallucination.ts";
import {
  rewardedByModel,
  rewardedRun,
  rewardModelRun,
  taughtRun,
  untunedRun,
} from "./rewarded_runs.ts";

/** What a wrong answer costs, by arm: it pays to answer from a chance of .2, .5 and .8 on. */
const COSTS = [0.25, 1, 4] as const;

/** Sets of people of whom the model is never asked while it is tuned. */
const TEST = {
  "known people": "group 2",
  "seldom seen people": "group 4",
  "people never met": "unseen",
} as const satisfies Record<string, SetName>;
const SETS = Object.values(TEST);

/** What greedy answers about the test people earn in the mean of their three sets. */
function rewardOf(record: RunRecord, cost: number): number {
  return mean(
    SETS.map((set) => shareOf(record, set, "right") - cost * shareOf(record, set, "wrong")),
  );
}

/** What a threshold on certainty makes of the answers about a set of people, threshold by threshold. */
function thresholds({ measurements }: RunRecord, set: SetName): Selective[] {
  const counts = measurements.at(-1)!.certainty?.[set];
  if (!counts) throw new MissingRecord();
  return selective(counts);
}

/** The most that one threshold for all three sets earns, chosen in hindsight. */
function bestThreshold(record: RunRecord, cost: number): number {
  const sets = SETS.map((set) => thresholds(record, set));
  const earned = sets[0]!.map((_, i) =>
    mean(sets.map((points) => points[i]!.right - cost * points[i]!.wrong))
  );
  return Math.max(...earned);
}

/** By how much what the reward model says of own answers grows above what they are worth. */
function gamed({ measurements }: RunRecord): number {
  const above = measurements.flatMap(({ rollouts }) =>
    rollouts ? rollouts.reward! - (rollouts.right - rollouts.wrong) : []
  );
  return above.at(-1)! - above[0]!;
}

const refusedIn = (record: RunRecord) => mean(SETS.map((set) => shareOf(record, set, "refused")));

/** Share of biographies' values of known people (test) that is known. */
const kept = ({ measurements }: RunRecord) => measurements.at(-1)!.sets["group 2"]!.accuracy;

/** Refusal by reinforcement. */
export const reinforcement: Study = {
  name: "reinforcement",
  title: "Refusal by reinforcement",
  notebook: "04",
  question:
    "Does a reward for right answers and a cost of wrong ones teach whom not to answer about?",
  result: "Not in the paper.",
  seeds: 3,
  in(regime) {
    const untuned: Arm = { name: "not tuned", run: (seed) => untunedRun(regime, seed) };
    const taught: Arm = { name: "taught to refuse", run: (seed) => taughtRun(regime, seed) };
    const rewarded = COSTS.map((cost): Arm => ({
      name: `a wrong answer costs ${cost}`,
      run: (seed) => rewardedRun(regime, seed, cost),
    }));
    const [cheap, even, dear] = rewarded as [Arm, Arm, Arm];
    const modelled: Arm = {
      name: "rewarded by a reward model",
      run: (seed) => rewardedByModel(regime, seed),
    };
    const rewardModel: Arm = {
      name: "reward model",
      run: (seed) => rewardModelRun(regime, seed),
    };
    const reinforced = [...rewarded, modelled];
    const tuned = [taught, ...reinforced];
    const arms = [untuned, ...tuned];
    const common: Pick<Claim, "row" | "paper" | "n"> = { row: null, paper: "not tested", n: 3 };
    return {
      arms: [...arms, rewardModel],
      checkpoints: [taughtRun(regime, 0).steps!],
      claims: [
        {
          ...common,
          id: "reward-earns-more",
          statement: "Rewarded for its own answers, the model answers better about people never " +
            "asked about.",
          quantity: "right minus wrong answers, mean of the three test sets, cost 1 minus taught",
          rule: { above: 0.1 },
          measure: (recordOf) => rewardOf(recordOf(even), 1) - rewardOf(recordOf(taught), 1),
        },
        {
          ...common,
          id: "reward-near-threshold",
          statement:
            "Rewarded for its own answers, the model does as well as the best threshold on " +
            "the certainty of the untuned one.",
          quantity:
            "right minus wrong answers, mean of the three test sets, cost 1 minus the best threshold",
          rule: { above: -0.05 },
          measure: (recordOf) => rewardOf(recordOf(even), 1) - bestThreshold(recordOf(untuned), 1),
        },
        {
          ...common,
          id: "reward-tells-apart",
          statement: "Rewarded for its own answers, the model refuses people never met far more " +
            "often than those it knows.",
          quantity: "refusals about people never met minus about known people (test), cost 1",
          rule: { above: 0.3 },
          measure: (recordOf) =>
            shareOf(recordOf(even), "unseen", "refused") -
            shareOf(recordOf(even), "group 2", "refused"),
        },
        {
          ...common,
          id: "cost-is-followed",
          statement: "The dearer a wrong answer, the more a rewarded model refuses.",
          quantity: "refusals, mean of the three test sets, cost 4 minus cost 0.25",
          rule: { above: 0.2 },
          measure: (recordOf) => refusedIn(recordOf(dear)) - refusedIn(recordOf(cheap)),
        },
        {
          ...common,
          id: "reward-keeps-biographies",
          statement: "Reinforcement costs nothing of what is known of biographies.",
          quantity: "accuracy on biographies of known people (test), cost 1 minus taught",
          rule: { above: -0.05 },
          measure: (recordOf) => kept(recordOf(even)) - kept(recordOf(taught)),
        },
        {
          ...common,
          id: "reward-model-near",
          statement: "Rewards by a model of comparisons do nearly as well as rewards by what is " +
            "true.",
          quantity: "right minus wrong answers, mean of the three test sets, reward model minus " +
            "cost 1",
          rule: { above: -0.1 },
          measure: (recordOf) => rewardOf(recordOf(modelled), 1) - rewardOf(recordOf(even), 1),
        },
        {
          ...common,
          id: "reward-model-gamed",
          statement: "What a reward model says of the answers grows above what they are worth.",
          quantity: "reward by that model minus right minus wrong, own answers: last fifth of " +
            "tuning minus first",
          rule: { above: 0.05 },
          measure: (recordOf) => gamed(recordOf(modelled)),
        },
      ],
      figure: (results) =>
        panels([
          ...Object.entries(TEST).map(([title, set]) =>
            curvesPlot({
              title,
              lines: [thresholdLine(results, untuned, set), ...pointsOf(results, tuned, set)],
              x: { title: "share of questions refused", range: [0, 1] },
              y: { title: "share answered wrong", range: [0, 1] },
            })
          ),
          curvesPlot({
            title: "its own answers while it is tuned",
            lines: reinforced.map((arm, i) => {
              const records = recordsOf(results, arm);
              const clock = records[0] ? tunedSteps(records[0]) : undefined;
              return {
                name: arm.name,
                color: COLORS[i]!,
                ...bandOf(records, ({ rollouts }) => rollouts?.wrong, clock),
              };
            }),
            x: { title: "steps of reinforcement" },
            y: { title: "share that is wrong", range: [0, 1] },
          }),
        ], { arrange: "stacked", caption: caption(results) }),
      table: (results) =>
        table(
          arms.flatMap((arm) =>
            Object.entries(TEST).map(([people, set]) => {
              const records = recordsOf(results, arm);
              const share = (kind: "right" | "refused" | "wrong") =>
                meanText(records.map((record) => shareOf(record, set, kind)));
              return {
                arm: arm.name,
                people,
                n: records.length,
                right: share("right"),
                refused: share("refused"),
                "made up": share("wrong"),
                biographies: meanText(
                  records.map(({ measurements }) => measurements.at(-1)!.sets[set]!.accuracy),
                ),
              };
            })
          ),
          { caption: "Greedy answers about people of whom it was never asked while it was tuned" },
        ),
    };
  },
};

/** What a threshold on the certainty of a model makes of its answers: mean over seeds. */
function thresholdLine(results: Results, arm: Arm, set: SetName): Line {
  const curves = recordsOf(results, arm)
    .filter(({ measurements }) => measurements.at(-1)!.certainty)
    .map((record) => thresholds(record, set));
  const at = (of: keyof Selective) =>
    (curves[0] ?? []).map((_, i) => mean(curves.map((points) => points[i]![of])));
  return {
    name: "threshold on certainty, not tuned",
    color: palette.dark,
    dash: "dash",
    x: at("refused"),
    y: at("wrong"),
  };
}

/** Of the arms that are reinforced. */
const COLORS = [...orderedColors(COSTS.length), palette.purple];

/** One point an arm: mean over seeds. */
function pointsOf(results: Results, arms: readonly Arm[], set: SetName): Line[] {
  const colors = [palette.orange, ...COLORS];
  return arms.flatMap((arm, i) => {
    const records = recordsOf(results, arm);
    if (records.length === 0) return [];
    const of = (kind: "refused" | "wrong") =>
      mean(records.map((record) => shareOf(record, set, kind)));
    const point = { x: [of("refused")], y: [of("wrong")] };
    return [{ name: arm.name, color: colors[i]!, marks: "points" as const, ...point }];
  });
}

function caption(results: Results): string {
  const reward = "A reward for its own answers";
  return captionOf([
    finding(results, "reward-earns-more", {
      holds: `${reward} teaches the model what supervised refusals do not.`,
      "does not hold": `${reward} teaches the model hardly more than supervised refusals do.`,
      undecided: `Undecided whether ${reward.toLowerCase()} teaches more than supervised refusals.`,
    }),
    finding(results, "reward-near-threshold", {
      holds: "It is as good as the best threshold on the certainty of the untuned model.",
      "does not hold": "A threshold on the certainty of the untuned model, for nothing, is better.",
      undecided: "Undecided whether a threshold on certainty, for nothing, is better.",
    }),
    finding(results, "reward-model-near", {
      holds: "A reward model learned from comparisons does nearly as well as the truth.",
      "does not hold": "A reward model learned from comparisons does worse than the truth.",
      undecided: "Undecided whether a reward model does nearly as well as the truth.",
    }),
    "Towards the bottom left is better.",
  ]);
}
