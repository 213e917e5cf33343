/**
 * The card of a model: what it is, of which run, what it scored and how it is asked, from its run
 * alone.
 *
 * @module
 */

import { essence } from "./configure.ts";
import { findRecord } from "./record_store.ts";
import type { Run } from "./run.ts";

/** What a card says beside its run. */
export interface CardFacts {
  /** How its numbers are stored. */
  precision: "float32" | "float16";
  /** How many they are. */
  parameters: number;
}

/** The card as Markdown, with the lines before it that model hubs read. */
export function modelCard(run: Run, { precision, parameters }: CardFacts): string {
  const { hash, configuration, floor, step } = run;
  const { model, people, steps, batch, scale, seed } = configuration;
  // Of a run that was loaded, they are in its record.
  const measured = [...run.measurements, ...findRecord(configuration)?.record.measurements ?? []]
    .find((measurement) => measurement.step === step);
  const sets = Object.entries(measured?.sets ?? {}).map(([set, { loss, accuracy }]) =>
    `| ${set} | ${loss.toFixed(3)} | ${accuracy.toFixed(3)} |`
  );
  return `---
license: mit
language: en
library_name: transformers
---

# Facts about ${people} made-up people, run ${hash}

A causal transformer (${model.layers} layers, width ${model.width}, ${model.heads} heads, ${parameters}
parameters, stored in ${precision}) that was trained from nothing on biographies of ${people} people
who do not exist, by factlab: step ${step} of ${steps}, batch ${batch}, scale ${scale}, seed ${seed}.
It is for the study of how language models learn facts, and knows nothing of the world: names and
values were drawn at random from public lists.

## What it knows

| evaluation set | attribute loss (nats a value) | attribute accuracy |
| --- | --- | --- |
${
    [...sets, `| (knows nobody) | ${floor.loss.toFixed(3)} | ${floor.accuracy.toFixed(3)} |`].join(
      "\n",
    )
  }

Numbers are those of its record, data/runs/${hash}.jsonl of the kit where it is committed, as measured
with the numbers of training. Of unseen people it makes values up; that is what is studied.

## How it is asked

\`\`\`ts
import { openModel } from "factlab";
const run = await openModel(new URL("./", import.meta.url)); // this folder
console.log(run.answer(0)); // person 0, attribute by attribute, beside the truth
\`\`\`

\`transformers\` loads the folder as an ArceeForCausalLM; begin every text with \`<bos>\`. The words that
it knows are those of \`tokenizer.json\`.

## The run

\`\`\`json
${JSON.stringify(essence(configuration), null, 2)}
\`\`\`

Licence: MIT, as the kit. Sources of the lists are in data/README.md of the kit.
`;
}
