/**
 * Claims of rows 3, 9, 10, 14 and 15 that the regime does not bear out, in two other regimes each:
 * another learning rate, fewer or more people. Most of the runs are those of other studies.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, panels } from "../figures/mod.ts";
import { bandOf, finalAccuracy, finalLoss, finalShare, plateauEnd } from "../readings/mod.ts";
import {
  type Arm,
  type Changes,
  formerRegime,
  isFormer,
  recordsOf,
  type Regime,
  type Results,
  type Study,
} from "../study/mod.ts";
import type { RunInput, RunRecord } from "../trainer/mod.ts";
import { entropyMinimum, nameToNameRise } from "./attention_signatures.ts";
import { modelOf } from "./kinds.ts";
import { namesFor, plateauRun } from "./regime.ts";

/** What is changed in the regime. */
interface Change {
  name: string;
  /** Multiple of the learning rate. */
  rate?: number;
  /** Multiple of the people. */
  people?: number;
}

const REGIME: Change = { name: "the regime" };
const HALF_RATE: Change = { name: "half the rate", rate: 0.5 };
const TWICE_RATE: Change = { name: "twice the rate", rate: 2 };
const HALF_PEOPLE: Change = { name: "half the people", people: 0.5 };
const CHANGES = [REGIME, HALF_RATE, TWICE_RATE, HALF_PEOPLE];
const RATES = [HALF_RATE, REGIME, TWICE_RATE];

/** What is trained in a regime. */
interface Model {
  name: string;
  run(regime: Regime, changes: Changes): RunInput;
}

const PLAIN: Model = { name: "plain", run: (regime, changes) => regime.run(changes) };
const HAWK: Model = {
  name: "Hawk",
  run: (regime, changes) => regime.run({ ...changes, model: { mixer: "recurrent" } }),
};
const TWO_TEMPLATES: Model = {
  name: "2 templates",
  run: (regime, changes) => regime.run({ ...changes, templates: 2 }),
};
/** Two sizes of models; in the former regime in runs that ended with their plateau. */
const SMALL: Model = {
  name: "x 1",
  run: (regime, changes) => sized(regime, { ...changes, model: {} }),
};
const LARGE: Model = {
  name: "x 4",
  run: (regime, changes) => sized(regime, { ...changes, model: modelOf(regime, "large") }),
};

const sized = (regime: Regime, changes: Changes): RunInput =>
  isFormer(regime) ? plateauRun(regime, changes) : regime.run(changes);

/** A claim of another study, its quantity, and where it is looked at. */
interface Failure {
  claim: string;
  rule: string;
  models: readonly Model[];
  changes: readonly Change[];
  measure(...records: RunRecord[]): number;
}

const FAILURES: readonly Failure[] = [
  {
    claim: "two templates suffice: final loss / L0 (row 3)",
    rule: "< 0.1",
    models: [TWO_TEMPLATES],
    changes: [REGIME, TWICE_RATE, HALF_PEOPLE],
    measure: finalShare,
  },
  {
    claim: "the same with 20 templates",
    rule: "",
    models: [PLAIN],
    changes: [REGIME, TWICE_RATE, HALF_PEOPLE],
    measure: finalShare,
  },
  {
    claim: "plateau end, Hawk over attention (row 9)",
    rule: "0.75 to 1.25",
    models: [HAWK, PLAIN],
    changes: RATES,
    measure: (hawk, plain) => plateauEnd(hawk!) / plateauEnd(plain!),
  },
  {
    claim: "final loss, Hawk over attention (row 9)",
    rule: "< 1",
    models: [HAWK, PLAIN],
    changes: RATES,
    measure: (hawk, plain) => finalLoss(hawk!) / finalLoss(plain!),
  },
  {
    claim: "plateau end, x 4 parameters over x 1 (row 10)",
    rule: "0.75 to 1.25",
    models: [LARGE, SMALL],
    changes: [REGIME, HALF_RATE, HALF_PEOPLE],
    measure: (large, small) => plateauEnd(large!) / plateauEnd(small!),
  },
  {
    claim: "first layer, name to name, rise to the plateau's end (row 14)",
    rule: "> 0.3",
    models: [PLAIN],
    changes: CHANGES,
    measure: nameToNameRise,
  },
  {
    claim: "step of the least entropy over the plateau's end (row 15)",
    rule: "< 1.2",
    models: [PLAIN],
    changes: CHANGES,
    measure: entropyMinimum,
  },
];

/** A model in a regime. */
interface Cell extends Arm {
  model: Model;
  change: Change;
}

function cellOf(regime: Regime, model: Model, change: Change): Cell {
  const { people, optimizer } = regime.base;
  return {
    name: `${model.name}, ${change.name}`,
    model,
    change,
    run: (seed) =>
      model.run(regime, {
        seed,
        ...(change.people
          ? { people: change.people * people, ...namesFor(regime, change.people * people) }
          : {}),
        ...(change.rate ? { optimizer: { lr: change.rate * optimizer.lr } } : {}),
      }),
  };
}

/** The runs that all quantities need, each once. */
function cellsOf(regime: Regime): Cell[] {
  const all = FAILURES.flatMap(({ models, changes }) =>
    models.flatMap((model) => changes.map((change) => cellOf(regime, model, change)))
  );
  return all.filter((cell, i) => all.findIndex(isAt(cell)) === i);
}

const isAt = ({ model, change }: Pick<Cell, "model" | "change">) => (cell: Cell) =>
  cell.model === model && cell.change === change;

/** Every quantity in every regime in which it is looked at; a dash where there is no record. */
function failuresTable(results: Results, cells: readonly Cell[]): TextAndHtml {
  return table(
    FAILURES.map(({ claim, rule, models, changes, measure }) => ({
      claim,
      rule,
      ...Object.fromEntries(
        CHANGES.map((change) => {
          const records = models.flatMap((model) =>
            cells.filter(isAt({ model, change })).flatMap((cell) => recordsOf(results, cell))
          );
          const known = changes.includes(change) && records.length === models.length;
          const value = known ? measure(...records) : NaN;
          return [change.name, Number.isFinite(value) ? Number(value.toPrecision(3)) : "–"];
        }),
      ),
    })),
    { caption: "One seed; the rules are those of the claims" },
  );
}

/** Accuracy of attention and of Hawk, a line a learning rate. */
function ratesFigure(results: Results, cells: readonly Cell[]): Figure {
  const recordsAt = (model: Model, change: Change) =>
    cells.filter(isAt({ model, change })).flatMap((cell) => recordsOf(results, cell));
  const colors = orderedColors(RATES.length);
  const plot = (model: Model, title: string) =>
    curvesPlot({
      title,
      lines: RATES.map((change, i) => ({
        name: change.name,
        color: colors[i],
        ...bandOf(recordsAt(model, change), ({ sets }) => sets["held-out"].accuracy),
      })).filter(({ x }) => x.length > 0),
      x: { title: "training step", log: true },
      y: { title: "accuracy, share of values", range: [0, 1] },
    });
  const best = (model: Model) => {
    const known = RATES.flatMap((change) =>
      recordsAt(model, change).map((record) => ({ change, end: finalAccuracy(record) }))
    );
    const [first] = known.toSorted((one, other) => other.end - one.end);
    return first ? `at ${first.change.name} (${first.end.toFixed(2)})` : "nowhere";
  };
  return panels([plot(PLAIN, "attention"), plot(HAWK, "Hawk, without attention")], {
    height: 360,
    caption: `Attention knows most ${best(PLAIN)}, Hawk ${best(HAWK)}. Held-out templates.`,
  });
}

/** What the regime does not bear out, elsewhere. */
export const elsewhere: Study = {
  name: "elsewhere",
  title: "What the regime does not bear out or leaves open, in others",
  notebook: "01",
  question:
    "Is what our regime does not bear out seen at another learning rate or number of people?",
  result: "The paper tunes the rate of every model and has far more people.",
  seeds: 1,
  regime: formerRegime,
  in(regime) {
    const cells = cellsOf(regime);
    return {
      arms: cells,
      claims: [],
      figure: (results) => ratesFigure(results, cells),
      table: (results) => failuresTable(results, cells),
    };
  },
};
