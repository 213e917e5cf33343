/**
 * Rows 24 and 27: fine-tuning on people the model has never met, without replay. What becomes of
 * the old ones, and of attention?
 *
 * @module
 */

import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import { bandOf, nameAttention } from "../readings/mod.ts";
import {
  type Arm,
  finding,
  perRegime,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunRecord } from "../trainer/mod.ts";
import {
  accuracies,
  groupOf,
  newKnownAt,
  oldAccuracyAt,
  oldPeople,
  tunedRun,
  tunedSteps,
  tuningSteps,
} from "./fine_tuning.ts";
import { tuningFigure, tuningTable } from "./tuning_arms.ts";
import { oneIn } from "./words.ts";

/** An arm with new people. */
interface Added extends Arm {
  /** How many, as a share of the old ones. */
  share: number;
  /** How many. */
  people: number;
}

function added(regime: Regime, share: number): Added {
  const people = Math.round(share * oldPeople(regime));
  return {
    name: `${people} new people (${oneIn(share)})`,
    share,
    people,
    run: (seed) => tunedRun(regime, { seed, added: people }),
  };
}

/** From few new people to many: the paper's shares of the old ones. */
const armsAt = perRegime((regime) => ({
  least: added(regime, 1 / 64),
  few: added(regime, 1 / 32),
  some: added(regime, 1 / 16),
  many: added(regime, 1 / 8),
  most: added(regime, 1 / 4),
}));

/** An arm tuned only until each new person was seen as often as in the arm with the most of them. */
function matched(regime: Regime, { share, people, name }: Added): Added {
  const steps = Math.max(1, Math.round(share / armsAt(regime).most.share * tuningSteps(regime)));
  return {
    name: `${name}, equal exposures`,
    share,
    people,
    run: (seed) => tunedRun(regime, { seed, added: people, steps }),
  };
}

/** Largest change of the last layer's attention to names while tuning. */
function attentionMoved({ measurements }: RunRecord): number {
  const masses = measurements.flatMap((m) => nameAttention(m) ?? []);
  return Math.max(...masses.map((mass) => Math.abs(mass - masses[0]!)));
}

/** Fine-tuning on new people alone. */
export const newPeople: Study = {
  name: "new-people",
  title: "Fine-tuning on new people",
  notebook: "05",
  question: "Can a model learn new people without forgetting the old ones?",
  result:
    "No: before it knows the new ones it has lost the old ones, the more of them the more new ones there are; attention hardly changes.",
  seeds: 3,
  in(regime) {
    const { least, some, many, most } = armsAt(regime);
    const [fewest, alike] = [least, some].map((arm) => matched(regime, arm)) as [Added, Added];
    // With the optimiser's moments of the finished run instead of fresh ones.
    const kept: Added = {
      ...some,
      name: `${some.name}, moments kept`,
      run: (seed) => tunedRun(regime, { seed, added: some.people, moments: "kept" }),
      seeds: 1,
    };
    const arms = Object.values(armsAt(regime)).map((arm) => ({ arm }));
    return {
      arms: [...arms.map(({ arm }) => arm), kept, fewest, alike],
      claims: [
        {
          id: "old-falls-first",
          row: 24,
          statement: "Old people are lost before new ones are known.",
          paper: "8k new: old from 1 to .34 while new reach .2",
          quantity:
            `fall of old accuracy when new accuracy reaches 20 % (${many.people} new people)`,
          rule: { above: 0.3 },
          atPaper: { rule: { above: 0.5 } },
          n: 3,
          measure: (recordOf) => {
            const record = recordOf(many);
            return accuracies(record, "old").before -
              oldAccuracyAt(record, newKnownAt(record, 0.2));
          },
        },
        {
          id: "more-new-deeper",
          row: 24,
          statement: "The more new people, the more of the old ones is lost.",
          paper: ".38 (.47 with 1k new, .09 with 16k)",
          quantity: `final old accuracy, ${least.people} minus ${most.people} new people`,
          rule: { above: 0.1 },
          atPaper: { rule: { above: 0.2 } },
          n: 3,
          measure: (recordOf) =>
            accuracies(recordOf(least), "old").end - accuracies(recordOf(most), "old").end,
        },
        {
          id: "more-new-deeper-alike",
          row: 24,
          statement:
            "Where each new person is seen equally often, too, more new people cost more " +
            "of the old ones.",
          paper: "not told: .38 in equal steps",
          quantity:
            `final old accuracy, ${fewest.people} minus ${most.people} new people, as many ` +
            "exposures of each",
          rule: { above: 0.1 },
          n: 3,
          measure: (recordOf) =>
            accuracies(recordOf(fewest), "old").end - accuracies(recordOf(most), "old").end,
        },
        {
          id: "new-people-hallucinated",
          row: 24,
          statement: "Before tuning the model is sure and wrong about the new people.",
          paper: "2.4 (16.1 nats)",
          quantity: `loss on new people before tuning, share of L0 (${most.people} new people)`,
          rule: { above: 1.5 },
          atPaper: { rule: { above: 2 } },
          n: 3,
          measure: (recordOf) => {
            const { measurements, header } = recordOf(most);
            return groupOf(measurements[0]!, "new").loss / header.floor.loss;
          },
        },
        {
          id: "recovery-without-replay",
          row: 24,
          statement:
            "Part of what tuning on new people costs is made good although no old person is " +
            "seen again.",
          paper: ".073 (.047 at step 375 to .12 at 2k, 16k new)",
          quantity:
            `largest old accuracy after its least minus the least (${most.people} new people)`,
          rule: { above: 0.02 },
          atPaper: { rule: { above: 0.03 } },
          n: 3,
          measure: (recordOf) => {
            const old = recordOf(most).measurements.map((m) => groupOf(m, "old").accuracy);
            const least = Math.min(...old);
            return Math.max(...old.slice(old.indexOf(least))) - least;
          },
        },
        {
          id: "attention-stays",
          row: 27,
          statement: "The last layer's attention to names hardly changes while tuning.",
          paper: "almost flat in late layers",
          quantity: `largest change of the last layer's mass on names (${some.people} new people)`,
          rule: { below: 0.1 },
          n: 3,
          measure: (recordOf) => attentionMoved(recordOf(some)),
        },
      ],
      figure: (results) =>
        tuningFigure(results, {
          arms,
          caption: finding(results, "old-falls-first", {
            holds: "Old people are lost before new ones are known.",
            "does not hold":
              "Old people are lost while new ones are learned, most of them not before.",
            undecided: "Undecided whether old people are lost before new ones are known.",
          }),
        }),
      table: (results) =>
        tuningTable(results, {
          arms: [
            ...arms,
            ...[kept, fewest, alike].map((arm) => ({ arm })),
          ],
          caption: `Tuning on new people alone; ${oldPeople(regime)} old people`,
        }),
    };
  },
};

/**
 * Row 27: every layer's attention to names while tuning, at one share of new people; by default that
 * of the claim.
 *
 * @example
 * ```ts
 * import { newPeople, readResults, tuningAttentionFigure } from "factlab";
 * console.log(tuningAttentionFigure(readResults(newPeople)).alt);
 * ```
 *
 * @throws {Error} for a share that the study does not have.
 */
export function tuningAttentionFigure(
  results: Results,
  share: number = armsAt(results.regime).some.share,
): Figure {
  const arms = Object.values(armsAt(results.regime));
  const arm = arms.find((arm) => arm.share === share);
  if (!arm) {
    const shares = arms.map(({ share }) => share).join(", ");
    throw new Error(`Cannot draw attention: share must be one of ${shares}, got ${share}.`);
  }
  const records = recordsOf(results, arm);
  const layers = records[0]?.header.configuration.model.layers ?? 0;
  return panels([curvesPlot({
    title: "attention from a value's place to names",
    lines: Array.from({ length: layers }, (_, layer) => ({
      name: `layer ${layer + 1}`,
      color: orderedColors(layers)[layer],
      ...bandOf(records, (m) => nameAttention(m, layer), tunedSteps(records[0]!)),
    })),
    x: { title: "steps of tuning", log: true },
    y: { title: "share of attention", range: [0, 1] },
  })], {
    caption: finding(results, "attention-stays", {
      holds: "The last layer's attention to names hardly changes while tuning.",
      "does not hold": "The last layer's attention to names changes while tuning.",
      undecided: "Undecided whether attention to names changes while tuning.",
    }) + ` ${arm.people} new people; old and new people's biographies.`,
  });
}
