/**
 * Tuning for rows 9 and 10: three learning rates for each kind of model, on two pilot seeds. What wins
 * here is what mixer.ts and model_size.ts train on fresh seeds.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { bars, orderedColors } from "../figures/mod.ts";
import { finalAccuracy, finalShare, meanText, overSeeds, plateauEnd } from "../readings/mod.ts";
import { type Arm, perRegime, recordsOf, type Results, type Study } from "../study/mod.ts";
import { type Kind, kindRun, KINDS } from "./kinds.ts";
import { bestTry, PILOTS, TRIED_RATES } from "./pilots.ts";
import { thinned } from "./regime.ts";

/** A rate of a kind. */
interface Try extends Arm {
  kind: Kind;
  rate: number;
}

const triesAt = perRegime((regime): Try[] =>
  KINDS.flatMap((kind) =>
    thinned(regime, TRIED_RATES).map((rate): Try => ({
      name: `${kind}, peak x ${rate}`,
      kind,
      rate,
      ...PILOTS,
      run: (seed) => kindRun(regime, kind, { seed, rate }),
    }))
  )
);

/**
 * The rate with the lowest final loss on held-out templates, mean over the pilot seeds; undefined
 * until all tries of the kind have their records.
 *
 * @example
 * ```ts
 * import { rateTuning, readResults } from "factlab";
 * import { bestRate } from "./rate_tuning.ts";
 * console.log(bestRate(readResults(rateTuning), "recurrent"));
 * ```
 */
export function bestRate(results: Results, kind: Kind): number | undefined {
  return bestTry(results, triesAt(results.regime).filter((arm) => arm.kind === kind))?.rate;
}

/** Learning rates of every kind of model, on pilot seeds. */
export const rateTuning: Study = {
  name: "rate-tuning",
  title: "Kinds of model, a rate for each",
  notebook: "01",
  question: "Which learning rate suits each kind of model?",
  result: "The paper tries five for every arm and keeps the best by the final training loss.",
  seeds: PILOTS.seeds,
  in(regime) {
    const arms = triesAt(regime);
    return {
      arms,
      // Pilot seeds enter no claim.
      claims: [],
      figure(results) {
        const rates = thinned(regime, TRIED_RATES);
        const of = (kind: Kind, rate: number) =>
          recordsOf(results, arms.find((arm) => arm.kind === kind && arm.rate === rate)!);
        return bars({
          title: "final loss on held-out templates",
          categories: KINDS,
          series: rates.map((rate, i) => ({
            name: `peak x ${rate}`,
            color: orderedColors(rates.length)[i],
            ...overSeeds(KINDS.map((kind) => of(kind, rate).map(finalShare))),
          })),
          x: { title: "kind of model" },
          y: { title: "share of L0" },
          caption: `Means of ${PILOTS.seeds} pilot seeds, which enter no claim. Chosen: ${
            KINDS.map((kind) => `${kind} x ${bestRate(results, kind) ?? "–"}`).join(", ")
          }.`,
        });
      },
      table: (results) =>
        table(
          arms.map((arm) => {
            const records = recordsOf(results, arm);
            return {
              "kind and rate": arm.name,
              n: records.length,
              "plateau end (step)": meanText(records.map(plateauEnd)),
              "final loss / L0": meanText(records.map(finalShare)),
              "final accuracy": meanText(records.map(finalAccuracy)),
              chosen: bestRate(results, arm.kind) === arm.rate ? "yes" : "",
            };
          }),
          { caption: `Pilot seeds from ${PILOTS.firstSeed} on; x 1 is the regime's rate` },
        ),
    };
  },
};
