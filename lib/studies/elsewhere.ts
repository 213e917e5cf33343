/**
 * Claims of rows 3, 9, 10, 14 and 15 that do not hold in the regime, in two other regimes each: another
 * learning rate, fewer or more people. Most of the runs are those of other studies.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { configure, type RunInput, type RunRecord } from "../trainer/mod.ts";
import { armsFigure } from "./arms.ts";
import { entropyMinimum, nameToNameRise } from "./attention_signatures.ts";
import { finalLoss, finalShare, plateauEnd } from "./readings.ts";
import { largerModel } from "./model_size.ts";
import { plateauRun, regime } from "./regime.ts";
import { type Arm, gridOf, recordsOf, type Results, type Study } from "./study.ts";

/** The regime and what is changed in it. */
const REGIMES: Readonly<Record<string, { rate?: number; people?: number }>> = {
  "the regime": {},
  "half the rate": { rate: 0.5 },
  "twice the rate": { rate: 2 },
  "half the people": { people: 0.5 },
};

/** What is trained in a regime. */
const MODELS: Readonly<Record<string, Partial<RunInput>>> = {
  plain: {},
  Hawk: { model: { mixer: "recurrent" } },
  "2 templates": { templates: 2 },
};
/** Sizes of models whose runs end with their plateau. */
const SIZES: Readonly<Record<string, (scale: Scale) => RunInput["model"]>> = {
  "x 1": () => ({}),
  "x 4": largerModel,
};

const armOf = (model: string, name: string) => `${model}, ${name}`;

function runOf(scale: Scale, model: string, name: string, seed: number): RunInput {
  const { rate, people } = REGIMES[name]!;
  const base = configure(regime(scale));
  const changes = {
    seed,
    ...(people ? { people: people * base.people } : {}),
    ...(rate ? { optimizer: { lr: rate * base.optimizer.lr } } : {}),
  };
  const size = SIZES[model]?.(scale);
  return size
    ? plateauRun(scale, { ...changes, model: size })
    : regime(scale, { ...changes, ...MODELS[model] });
}

/** A claim of another study, its quantity, and where it is looked at. */
interface Failure {
  claim: string;
  rule: string;
  models: readonly string[];
  regimes: readonly string[];
  measure(...records: RunRecord[]): number;
}

const RATES = ["the regime", "half the rate", "twice the rate"];
const COLORS = ["#0072b2", "#e69f00", "#d55e00"];
const FAILURES: readonly Failure[] = [
  {
    claim: "two templates suffice: final loss / L0 (row 3)",
    rule: "< 0.1",
    models: ["2 templates"],
    regimes: ["the regime", "twice the rate", "half the people"],
    measure: finalShare,
  },
  {
    claim: "the same with 20 templates",
    rule: "",
    models: ["plain"],
    regimes: ["the regime", "twice the rate", "half the people"],
    measure: finalShare,
  },
  {
    claim: "plateau end, Hawk over attention (row 9)",
    rule: "0.75 to 1.25",
    models: ["Hawk", "plain"],
    regimes: RATES,
    measure: (hawk, plain) => plateauEnd(hawk!) / plateauEnd(plain!),
  },
  {
    claim: "final loss, Hawk over attention (row 9)",
    rule: "< 1",
    models: ["Hawk", "plain"],
    regimes: RATES,
    measure: (hawk, plain) => finalLoss(hawk!) / finalLoss(plain!),
  },
  {
    claim: "plateau end, x 4 parameters over x 1 (row 10)",
    rule: "0.75 to 1.25",
    models: ["x 4", "x 1"],
    regimes: ["the regime", "half the rate", "half the people"],
    measure: (large, small) => plateauEnd(large!) / plateauEnd(small!),
  },
  {
    claim: "first layer, name to name, rise to the plateau's end (row 14)",
    rule: "> 0.3",
    models: ["plain"],
    regimes: [...RATES, "half the people"],
    measure: nameToNameRise,
  },
  {
    claim: "step of the least entropy over the plateau's end (row 15)",
    rule: "< 1.2",
    models: ["plain"],
    regimes: [...RATES, "half the people"],
    measure: entropyMinimum,
  },
];

/** The runs that this needs, each once. */
const ARMS = [
  ...new Set(
    FAILURES.flatMap(({ models, regimes }) =>
      models.flatMap((model) => regimes.map((name) => armOf(model, name)))
    ),
  ),
];

/** Every quantity in every regime in which it is looked at; a dash where there is no record. */
function failuresTable(results: Results): TextAndHtml {
  return table(
    FAILURES.map(({ claim, rule, models, regimes, measure }) => ({
      claim,
      rule,
      ...Object.fromEntries(
        Object.keys(REGIMES).map((name) => {
          const records = models.flatMap((model) => recordsOf(results, armOf(model, name)));
          const known = regimes.includes(name) && records.length === models.length;
          const value = known ? measure(...records) : NaN;
          return [name, Number.isFinite(value) ? Number(value.toPrecision(3)) : "–"];
        }),
      ),
    })),
    { caption: "One seed; the rules are those of the claims" },
  );
}

/** What does not hold, elsewhere. */
export const elsewhere: Study = {
  name: "elsewhere",
  title: "What does not hold, in other regimes",
  notebook: "01",
  question: "Does what fails in our regime hold at another learning rate or number of people?",
  result: "The paper tunes the rate of every model and has far more people.",
  seeds: 1,
  grid: (options) => {
    const arms: Record<string, Arm> = {};
    for (const arm of ARMS) {
      const [model, name] = arm.split(", ") as [string, string];
      arms[arm] = { run: (seed) => runOf(options.scale, model, name, seed) };
    }
    return gridOf(options, arms);
  },
  claims: [],
  figure: (results) =>
    armsFigure(results, {
      arms: ["plain", "Hawk"].flatMap((model) => RATES.map((name) => armOf(model, name))),
      name: (arm) => arm.replace("plain", "attention"),
      color: (arm) => COLORS[RATES.findIndex((name) => arm.endsWith(name))]!,
      dash: (arm) => arm.startsWith("Hawk") ? "dot" : "solid",
      caption: "Attention and Hawk (dotted) at three learning rates.",
    }),
  table: failuresTable,
};
