/**
 * Row 3: must a fact be told in many ways to be learned?
 *
 * @module
 */

import { armsFigure, armsTable } from "./arms.ts";
import { finalShare } from "./readings.ts";
import { regime } from "./regime.ts";
import { mean } from "./statistics.ts";
import { finding, gridOf, recordsOf, type Results, type Study } from "./study.ts";

const NAMES: Record<string, string> = {
  base: "20 templates",
  "1 template": "1 template",
  fixed: "20 templates, fixed order",
  "2 templates": "2 templates",
  "5 templates": "5 templates",
};
const name = (arm: string) => NAMES[arm] ?? arm;

/** Accuracy in the end on the sentences of one wording, as trained. */
function trainingText(results: Results): string {
  const records = recordsOf(results, "1 template");
  const right = records.map(({ measurements }) => measurements.at(-1)!.sets.training!.accuracy);
  return `${(100 * mean(right)).toFixed(0)} %`;
}

/** Templates a person and attribute, and the order of sentences. */
export const textVariety: Study = {
  name: "text-variety",
  title: "Text variety",
  notebook: "01",
  question: "Does a model need to see a fact in many wordings to learn it?",
  result:
    "Two wordings are nearly enough; with one it stays stuck, and with sentences in a fixed order it never leaves the no-knowledge loss.",
  seeds: 3,
  grid: (options) =>
    gridOf(options, {
      base: { run: (seed) => regime(options.scale, { seed }) },
      "1 template": { run: (seed) => regime(options.scale, { seed, templates: 1 }) },
      fixed: { run: (seed) => regime(options.scale, { seed, order: "fixed" }) },
      "2 templates": { run: (seed) => regime(options.scale, { seed, templates: 2 }), seeds: 1 },
      "5 templates": { run: (seed) => regime(options.scale, { seed, templates: 5 }), seeds: 1 },
    }),
  claims: [
    {
      id: "fixed-order-fails",
      row: 3,
      statement:
        "With sentences in a fixed order the loss on shuffled ones stays above knowing nobody.",
      paper: "1.19 (8.1 nats)",
      quantity: "final loss on shuffled, held-out text as a share of L0, fixed training order",
      rule: { above: 1 },
      measure: (recordOf) => finalShare(recordOf("fixed")),
    },
    {
      id: "one-template-does-not-transfer",
      row: 3,
      statement: "With one wording a fact, what is learned does not carry over to other wordings.",
      paper: ".69 (4.67 nats)",
      quantity: "final loss on held-out templates as a share of L0, 1 template",
      rule: { above: 0.5 },
      measure: (recordOf) => finalShare(recordOf("1 template")),
    },
    {
      id: "two-templates-suffice",
      row: 3,
      statement: "Two wordings are nearly enough.",
      paper: ".009 (.060 nats)",
      quantity: "final loss on held-out templates as a share of L0, 2 templates",
      rule: { below: 0.1 },
      measure: (recordOf) => finalShare(recordOf("2 templates")),
    },
  ],
  figure: (results) =>
    armsFigure(results, {
      name,
      caption: [
        finding(results, "one-template-does-not-transfer", {
          holds: "With one wording what is learned does not carry over to other wordings: " +
            `${trainingText(results)} of the values are right in the sentences it was trained on.`,
          "does not hold": "Even with one wording facts are learned.",
          undecided: "With one wording some runs learn nothing that carries over.",
        }),
        finding(results, "fixed-order-fails", {
          holds:
            "With sentences in a fixed order the loss stays above that of knowing nobody, even where " +
            "some values are right.",
          "does not hold": "Sentences in a fixed order teach facts, too.",
          undecided: "With sentences in a fixed order some runs learn no facts.",
        }),
      ].join(" "),
    }),
  table: (results) =>
    armsTable(results, { name, caption: "Training templates a person and attribute" }),
};
