/**
 * Rows 14 and 15, and one thing the paper leaves open: where attention goes while facts are
 * learned, and whether the gradient reaches the names. The runs are those of three_phases.ts.
 *
 * @module
 */

import { table } from "../display/mod.ts";
import { curvesPlot, type Figure, orderedColors, palette, panels } from "../figures/mod.ts";
import type { LayerAttention } from "../probes/mod.ts";
import {
  bandOf,
  knowledgeAt,
  massOnNames,
  mean,
  meanText,
  nameAttention,
  plateauEnd,
  statisticsEnd,
  valueAt,
} from "../readings/mod.ts";
import { finding, perRegime, recordsOf, type Results, type Study } from "../study/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { plateauSpan } from "../views/mod.ts";
import { baseArm } from "./regime.ts";

type Pick = (layer: LayerAttention) => number | undefined;

/** A quantity of one layer, counted from the end if negative. */
function inLayer(layer: number, pick: Pick): (measurement: Measurement) => number | undefined {
  return ({ attention }) => {
    const own = attention?.layers.at(layer);
    return own && pick(own);
  };
}

/** Least value of a quantity up to a step. */
function leastUntil(
  { measurements }: RunRecord,
  step: number,
  quantity: (measurement: Measurement) => number | undefined,
): number {
  const values = measurements
    .filter((measurement) => measurement.step <= step)
    .flatMap((measurement) => quantity(measurement) ?? []);
  return Math.min(...values);
}

/** Rise of the first layer's mass from the last name to the others, from the start to the end of the plateau. */
export function nameToNameRise(record: RunRecord): number {
  const quantity = inLayer(0, ({ nameToName }) => nameToName);
  return valueAt(record, plateauEnd(record), quantity) - quantity(record.measurements[0]!)!;
}

/** Step of the least normalised entropy (mean of layers) over the plateau's end. */
export function entropyMinimum(record: RunRecord): number {
  const read = record.measurements.filter(({ attention }) => attention);
  const entropies = read.map(({ attention }) => mean(attention!.layers.map((l) => l.entropy)));
  return read[entropies.indexOf(Math.min(...entropies))]!.step / plateauEnd(record);
}

/** The one arm: the regime as it is. */
const readArm = perRegime(baseArm);

/** Attention through training. */
export const attentionSignatures: Study = {
  name: "attention-signatures",
  title: "Attention through training",
  notebook: "02",
  question: "What does attention do during the plateau?",
  result:
    "It learns to look from the place of a value to the name: the last layer's attention to names dips in the first phase and rises during the plateau.",
  seeds: 5,
  in(regime) {
    const base = readArm(regime);
    return {
      arms: [base],
      claims: [
        {
          id: "attention-rises-on-plateau",
          row: 14,
          statement: "During the plateau the last layer learns to look at names.",
          paper: ".58 (.28 at step 250 to .86 at 3k)",
          quantity: "last layer's mass on names, plateau end minus its least value before",
          rule: { above: 0.3 },
          atPaper: { rule: { above: 0.4 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const end = plateauEnd(record);
            return valueAt(record, end, nameAttention) - leastUntil(record, end, nameAttention);
          },
        },
        {
          id: "attention-before-knowledge",
          row: 14,
          statement:
            "Most of what the last layer learns of looking at names comes before anything " +
            "is known.",
          paper: ".94 (from .28 at least to .86 at A = 1 %, of .90 in the end)",
          quantity: "share of the rise from least to final mass that is done at A' = 5 %",
          rule: { above: 0.7 },
          atPaper: { rule: { above: 0.8 } },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const least = leastUntil(record, plateauEnd(record), nameAttention);
            const final = nameAttention(record.measurements.at(-1)!)!;
            return (valueAt(record, knowledgeAt(record, 0.05), nameAttention) - least) /
              (final - least);
          },
        },
        {
          id: "name-to-name",
          row: 14,
          statement: "The first layer learns to look from the last name to the other names.",
          paper: ".44 (.49 to .93)",
          quantity: "first layer's mass from name to name, plateau end minus start",
          rule: { above: 0.3 },
          n: 5,
          measure: (recordOf) => nameToNameRise(recordOf(base)),
        },
        {
          id: "last-layer-looks-most",
          row: 15,
          statement: "In the end the last layer looks at names most.",
          paper: "last highest, first lowest (.49)",
          quantity: "final mass on names, last layer minus the largest of the others",
          rule: { above: 0 },
          n: 5,
          measure: (recordOf) => {
            const record = recordOf(base);
            const masses = record.measurements.at(-1)!.attention!.layers.map(massOnNames);
            return masses.at(-1)! - Math.max(...masses.slice(0, -1));
          },
        },
        {
          id: "entropy-minimum-on-plateau",
          row: 15,
          statement: "Attention is sharpest before or at the plateau's end.",
          paper: "minimum before or at the plateau's end, in every layer",
          quantity: "step of the least normalised entropy (mean of layers) over the plateau's end",
          rule: { below: 1.2 },
          n: 5,
          measure: (recordOf) => entropyMinimum(recordOf(base)),
        },
        {
          id: "gradient-reaches-names",
          row: null,
          statement: "The gradient from values to names rises through the plateau.",
          paper: "conjectured, not measured",
          quantity:
            "share of the gradient at the own sentence's name, plateau end over plateau start",
          rule: { above: 1 },
          n: 5,
          ratio: true,
          measure: (recordOf) => {
            const record = recordOf(base);
            const flow = (step: number) => valueAt(record, step, (m) => m.flow);
            return flow(plateauEnd(record)) / flow(statisticsEnd(record));
          },
        },
      ],
      figure(results) {
        const records = recordsOf(results, base);
        const [x, spans] = [STEP, plateauSpan(records)];
        const last = (name: string, color: string, pick: Pick) => ({
          name,
          color,
          ...bandOf(records, inLayer(-1, pick)),
        });
        return panels([
          curvesPlot({
            title: "from a value's place, last layer",
            lines: [
              last("to names", palette.blue, massOnNames),
              last("to its own sentence's name", palette.sky, ({ ownName }) => ownName),
              last(
                "to template words",
                palette.orange,
                ({ ownText, earlierText }) => ownText + earlierText,
              ),
              last("to earlier values", palette.purple, ({ earlierValues }) => earlierValues),
            ],
            x,
            y: SHARE,
            spans,
          }),
          curvesPlot({
            title: GRADIENT,
            lines: [{
              name: GRADIENT,
              color: palette.dark,
              ...bandOf(records, (m) => m.flow),
            }],
            x,
            y: { title: "share of norm" },
            spans,
          }),
        ], {
          arrange: "stacked",
          caption: finding(results, "attention-rises-on-plateau", {
            holds: "The last layer turns to names during the plateau. ",
            "does not hold": "The last layer does not turn to names during the plateau. ",
            undecided: "Undecided whether the last layer turns to names during the plateau. ",
          }) +
            "Below, how much of the gradient of a value's loss arrives at the name.",
        });
      },
      table(results) {
        const records = recordsOf(results, base);
        const moments: [string, (record: RunRecord) => number][] = [
          ["start", ({ measurements }) => measurements[0]!.step],
          ["loss first within 5 % of L0", statisticsEnd],
          ["plateau end", plateauEnd],
          ["50 % known", (record) => knowledgeAt(record, 0.5)],
          ["end", (record) => record.header.configuration.steps],
        ];
        return table(
          moments.map(([moment, stepOf]) => {
            const at = (quantity: (measurement: Measurement) => number | undefined) =>
              meanText(records.map((record) => valueAt(record, stepOf(record), quantity)));
            return {
              moment,
              "to names (last layer)": at(nameAttention),
              "own sentence": at(inLayer(-1, ({ ownName }) => ownName)),
              "to template words": at(
                inLayer(-1, ({ ownText, earlierText }) => ownText + earlierText),
              ),
              "gradient at the own name": at((m) => m.flow),
            };
          }),
          {
            caption:
              "Attention from a value's place, and the gradient's share; mean ± sd over seeds",
          },
        );
      },
    };
  },
};

/** Title of a plot, and name of its only line. */
const GRADIENT = "gradient that reaches the own name";

const STEP = { title: "training step", log: true };
const SHARE = { title: "share of attention", range: [0, 1] as [number, number] };

/**
 * Attention of every layer: to names, from name to name, and its normalised entropy.
 *
 * @example
 * ```ts
 * import { attentionByLayerFigure, attentionSignatures, readResults } from "factlab";
 * console.log(attentionByLayerFigure(readResults(attentionSignatures)).alt);
 * ```
 */
export function attentionByLayerFigure(results: Results): Figure {
  const records = recordsOf(results, readArm(results.regime));
  const spans = plateauSpan(records);
  const layers = records[0]?.header.configuration.model.layers ?? 0;
  const each = (pick: Pick) =>
    Array.from({ length: layers }, (_, layer) => ({
      name: `layer ${layer + 1}`,
      color: orderedColors(layers)[layer],
      ...bandOf(records, inLayer(layer, pick)),
    }));
  return panels([
    curvesPlot({
      title: "from a value's place to names",
      lines: each(massOnNames),
      x: STEP,
      y: SHARE,
      spans,
    }),
    curvesPlot({
      title: "from the last name to the others",
      lines: each(({ nameToName }) => nameToName),
      x: STEP,
      y: { title: "share of attention" },
      spans,
    }),
    curvesPlot({
      title: "normalised entropy",
      lines: each(({ entropy }) => entropy),
      x: STEP,
      y: { title: "1 is uniform", range: [0, 1] },
      spans,
    }),
  ], {
    arrange: "stacked",
    caption: finding(results, "last-layer-looks-most", {
      holds: "The last layer comes to look at names most.",
      "does not hold": "It is not the last layer that comes to look at names most.",
      undecided: "Undecided whether it is the last layer that comes to look at names most.",
    }) + " Mean over heads.",
  });
}
