/**
 * Looking into one model: its parts, and one person in its own words. Attention on a biography is in
 * attention_view.ts.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { personOf, probabilities, templatesOf } from "../generator/mod.ts";
import { parameterCount, parameterShapes } from "../model/mod.ts";
import type { Run } from "../trainer/mod.ts";

/**
 * A model's parts: how many parameters, and how much memory they and their optimiser take.
 *
 * @example
 * ```ts
 * import { modelView } from "./inspect.ts";
 * import { train } from "../trainer/mod.ts";
 * console.log(modelView(train({ scale: "smoke" })).text);
 * ```
 */
export function modelView({ configuration: { model }, corpus }: Run): TextAndHtml {
  const shapes = parameterShapes(model, corpus.tokenizer.vocabularySize);
  const parts: [string, RegExp][] = [
    ["embedding (also the output layer)", /embed_tokens/],
    [model.mixer === "attention" ? "attention" : "recurrence", /self_attn|temporal_block/],
    ["MLP", /\.mlp\./],
    ["norms", /norm/],
  ];
  const rows = parts.map(([part, pattern]) => {
    const own = Object.entries(shapes).filter(([name]) => pattern.test(name));
    return { part, parameters: parameterCount(Object.fromEntries(own)) };
  });
  const total = parameterCount(shapes);
  const BYTES = 4;
  const STATES = 3;
  return table([...rows, { part: "all", parameters: total }], {
    caption:
      `${model.layers} layers, width ${model.width}, ${model.heads} heads, MLP ${model.mlp}, ` +
      `${model.activation}; ${(total * BYTES / 2 ** 20).toFixed(1)} MiB, with AdamW's moments ` +
      `${(STATES * total * BYTES / 2 ** 20).toFixed(1)} MiB`,
  });
}

/**
 * Biographies of a person that a run has drawn up to its last measurement, on average.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { exposuresOf } from "./inspect.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(exposuresOf(run, 0));
 * run.dispose();
 * ```
 */
export function exposuresOf({ configuration, measurements }: Run, person: number): number {
  const { schedule, people, batch } = configuration;
  const decisions = measurements.at(-1)?.decisions ?? [];
  const end = measurements.at(-1)?.step ?? 0;
  let [begin, decided, seen] = [0, 0, 0];
  for (const phase of schedule) {
    const until = phase.until
      ? decisions[decided++]?.step ?? end
      : begin + (phase.steps ?? Infinity);
    const steps = Math.max(0, Math.min(end, until) - begin);
    seen += steps * batch * probabilities(phase.people, people)[person]!;
    begin = Math.max(begin, Math.min(end, until));
  }
  return seen;
}

/**
 * One person as a model sees them: what it says for each attribute, how sure it is, whether it is
 * right, and how often the person was seen. `of: "unseen"` asks about somebody it never met.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { personView } from "./inspect.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(personView(run, 0).text);
 * run.dispose();
 * ```
 *
 * @throws {Error} if the run has no model: iterate it, or await run.load().
 */
export function personView(
  run: Run,
  person: number,
  { of = "population" }: { of?: "population" | "unseen" } = {},
): TextAndHtml {
  const group = run.corpus[of];
  const { name, values } = personOf(group, person);
  const rows = group.lists.attributes.map((attribute, a) => {
    const template = attribute.templates[templatesOf(group, person, a, "held-out")[0]!]!;
    const prompt = template.slice(0, template.indexOf("{value}")).replace("{name}", name).trim();
    const truth = values[attribute.name]!;
    const tokens = run.corpus.tokenizer.encode(truth).length;
    const { text, probabilities } = run.completion(prompt, { maxTokens: tokens });
    return {
      attribute: attribute.label,
      "it says": text,
      "how sure": probabilities.reduce((product, p) => product * p, 1),
      truth,
      right: text === truth ? "yes" : "no",
    };
  });
  const seen = of === "unseen"
    ? "never met"
    : `seen about ${exposuresOf(run, person).toFixed(0)} times`;
  return table(rows, { caption: `${name}, ${seen}; held-out sentences, greedy` });
}
