/**
 * Row 11: attention patching. A model is trained from the start with the attention patterns of a
 * fixed reference: does attention from after the plateau remove the plateau? The control takes
 * the reference from a model trained on other people.
 *
 * @module
 */

import { orderedColors, palette } from "../figures/mod.ts";
import { finalLoss, finalShare, plateauEnd } from "../readings/mod.ts";
import {
  type Arm,
  armsFigure,
  armsTable,
  captionOf,
  finding,
  formerRegime,
  isFormer,
  type Regime,
  type ShownArm,
  type Study,
} from "../study/mod.ts";
import type { CheckpointOf, RunInput } from "../trainer/mod.ts";
import { baseArm } from "./regime.ts";

/** Moments before, in and after the plateau of a run, and its end; shares of the run. */
export const REFERENCES = {
  initial: 0,
  statistics: 0.1,
  plateau: 0.225,
  "plateau end": 0.35,
  final: 1,
} as const;

/** One of {@link REFERENCES}. */
export type Reference = keyof typeof REFERENCES;

/** The paper's: steps 0, 500, 1k, 4k and 16k of 16k. */
const PAPER_REFERENCES: Record<Reference, number> = {
  initial: 0,
  statistics: 1 / 32,
  plateau: 1 / 16,
  "plateau end": 1 / 4,
  final: 1,
};

/** By when every seed has left its plateau, if only just. */
const LEFT = 0.4;

/** Where the references of a regime stand, as shares of its run. */
export function referencesOf(regime: Regime): Readonly<Record<Reference, number>> {
  if (regime.scale === "paper") return PAPER_REFERENCES;
  return isFormer(regime) ? REFERENCES : { ...REFERENCES, "plateau end": LEFT };
}

/** References of the paper between these: steps 2k and 8k. */
export function referencesBetween({ scale, base }: Regime): { share: number; name: string }[] {
  const shares = scale === "paper" ? [1 / 8, 1 / 2] : [];
  return shares.map((share) => ({ share, name: `step ${share * base.steps}` }));
}

const ORDER = orderedColors(5);

/** Colours of arms by when in training their attention is from. */
export const REFERENCE_COLORS = {
  none: palette.vermilion,
  initial: ORDER[0]!,
  statistics: ORDER[1]!,
  plateau: ORDER[2]!,
  "plateau end": ORDER[3]!,
  final: ORDER[4]!,
  "other people": palette.orange,
} as const;

/**
 * The regime's run of a seed after a share of its steps.
 *
 * @example
 * ```ts
 * import { regimeOf } from "factlab";
 * import { checkpointAt } from "./attention_patching.ts";
 * console.log(checkpointAt(regimeOf("paper"), 0, 0.5).step); // halfway: 8000
 * ```
 */
export function checkpointAt(regime: Regime, seed: number, share: number): CheckpointOf {
  return { run: regime.run({ seed }), step: Math.round(share * regime.base.steps) };
}

/**
 * A run with the attention of a reference.
 *
 * @example
 * ```ts
 * import { patchedRun, regimeOf } from "factlab";
 * console.log(patchedRun(regimeOf("laptop"), { seed: 0, reference: 1 }).reference?.step); // the finished run
 * ```
 */
export function patchedRun(
  regime: Regime,
  { seed, reference, of = seed, start = 0 }: {
    seed: number;
    /** Where the reference stands, as a share of its run. */
    reference: number;
    /** Seed of the reference's run, its people included. */
    of?: number;
    /** Where the run goes on from its own unpatched run, as a share; 0 begins anew. */
    start?: number;
  },
): RunInput {
  return regime.run({
    seed,
    reference: checkpointAt(regime, of, reference),
    ...(start > 0 ? { start: checkpointAt(regime, seed, start) } : {}),
  });
}

/** The seed whose people serve as other people: seeds in rings of three. */
const otherSeed = (seed: number) => seed % 3 === 2 ? seed - 2 : seed + 1;

/** Training with the attention of a reference. */
export const attentionPatching: Study = {
  name: "attention-patching",
  title: "Attention patching",
  notebook: "02",
  question: "Is the plateau the time it takes to form attention?",
  result:
    "With the attention of a model from after the plateau there is no plateau; attention from the first phase is worse than random attention.",
  seeds: 3,
  regime: formerRegime,
  in(regime) {
    const references = referencesOf(regime);
    const patched = (name: Reference): Arm => ({
      name,
      run: (seed) => patchedRun(regime, { seed, reference: references[name] }),
    });
    const between = referencesBetween(regime).map(({ share, name }): Arm => ({
      name,
      run: (seed) => patchedRun(regime, { seed, reference: share }),
    }));
    const base = baseArm(regime);
    const initial = patched("initial");
    const statistics = patched("statistics");
    const plateau = patched("plateau");
    const plateauEnds = patched("plateau end");
    const final = patched("final");
    const otherPeople: Arm = {
      name: "other people",
      run: (seed) => patchedRun(regime, { seed, reference: 1, of: otherSeed(seed) }),
    };
    const colors = REFERENCE_COLORS;
    const arms: ShownArm[] = [
      { arm: base, name: "not patched", color: colors.none },
      { arm: initial, name: "initial", color: colors.initial },
      { arm: statistics, name: "statistics", color: colors.statistics },
      { arm: plateau, name: "plateau", color: colors.plateau },
      { arm: plateauEnds, name: "plateau end", color: colors["plateau end"] },
      { arm: final, name: "final", color: colors.final },
      {
        arm: otherPeople,
        name: "final, of other people",
        color: colors["other people"],
      },
      ...between.map((arm) => ({ arm, name: arm.name })),
    ];
    return {
      arms: arms.map(({ arm }) => arm),
      claims: [
        {
          id: "late-attention-no-plateau",
          row: 11,
          statement:
            "With attention from after the plateau, the plateau ends in less than half the steps.",
          paper: "plateau gone",
          quantity: "plateau end, reference final over not patched",
          rule: { below: 0.5 },
          n: 3,
          ratio: true,
          measure: (recordOf) => plateauEnd(recordOf(final)) / plateauEnd(recordOf(base)),
        },
        {
          id: "late-attention-loss",
          row: 11,
          statement: "Attention from after the plateau lowers the final loss.",
          paper: ".46 (.0079 against .017 nats)",
          quantity: "final loss, reference final over not patched",
          rule: { below: 1 },
          atPaper: { rule: { below: 0.75 } },
          n: 3,
          ratio: true,
          measure: (recordOf) => finalLoss(recordOf(final)) / finalLoss(recordOf(base)),
        },
        {
          id: "later-is-better",
          row: 11,
          statement:
            "Attention from the plateau's end is better than random attention, the final still better.",
          paper: "2k: .19, 4k: .037, 16k: .0079; random .65 nats",
          quantity:
            "smallest step of final loss down the order initial, plateau end, final (share of L0)",
          rule: { above: 0 },
          n: 3,
          measure: (recordOf) => {
            const [random, early, late] = [initial, plateauEnds, final]
              .map((arm) => finalShare(recordOf(arm)));
            return Math.min(random! - early!, early! - late!);
          },
        },
        {
          id: "early-attention-worse-than-random",
          row: 11,
          statement: "Attention from the first phase is worse than random attention.",
          paper: ".66 (5.14 against .65 nats, share of L0)",
          quantity: "final loss, reference statistics minus initial, as a share of L0",
          rule: { above: 0 },
          atPaper: { rule: { above: 0.3 } },
          n: 3,
          measure: (recordOf) => finalShare(recordOf(statistics)) - finalShare(recordOf(initial)),
        },
        {
          id: "circuit-not-patterns",
          row: null,
          statement:
            "With the attention of a model of other people, too, the plateau ends in less than half the " +
            "steps: it is a circuit, not memorised patterns.",
          paper: "not tested",
          quantity: "plateau end, reference of other people over not patched",
          rule: { below: 0.5 },
          n: 3,
          ratio: true,
          measure: (recordOf) => plateauEnd(recordOf(otherPeople)) / plateauEnd(recordOf(base)),
        },
      ],
      figure: (results) =>
        armsFigure(results, {
          arms,
          caption: captionOf([
            finding(results, "late-attention-no-plateau", {
              holds:
                "With attention from after the plateau, the plateau ends in less than half the steps.",
              "does not hold": "Attention from after the plateau does not halve the plateau.",
              undecided: "Undecided whether attention from after the plateau halves the plateau.",
            }),
            finding(results, "circuit-not-patterns", {
              holds: "Attention from a model of other people, too, more than halves it.",
              "does not hold": "Attention from a model of other people does not halve it.",
              undecided: "Undecided whether attention from a model of other people halves it.",
            }),
          ]),
        }),
      table: (results) =>
        armsTable(results, { arms, caption: "Reference whose attention is used from step 0 on" }),
    };
  },
};
