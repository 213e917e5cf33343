/**
 * Looking into one model: its parts, and people in its own words. Attention on a biography is in
 * attention_view.ts.
 *
 * @module
 */

import { table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import { personOf } from "../generator/mod.ts";
import { MIXER_ROLES, parameterCount, parameterTable, type Role } from "../model/mod.ts";
import { exposuresOf } from "../readings/mod.ts";
import type { Run } from "../trainer/mod.ts";

/**
 * A model's parts: how many parameters, and how much memory they and their optimiser take.
 *
 * @example
 * ```ts
 * import { modelView, train } from "factlab";
 * console.log(modelView(train({ scale: "smoke" })).text);
 * ```
 */
export function modelView({ configuration: { model }, corpus }: Run): TextAndHtml {
  const entries = parameterTable(model, corpus.tokenizer.vocabularySize);
  const count = (own: typeof entries) =>
    parameterCount(Object.fromEntries(own.map(({ name, shape }) => [name, shape])));
  const parts: [string, readonly Role[]][] = [
    ["embedding (also the output layer)", ["embedding"]],
    [model.mixer === "recurrent" ? "recurrence" : model.mixer, MIXER_ROLES],
    ["MLP", ["mlp"]],
    ["norms", ["norm"]],
  ];
  const rows = parts.map(([part, roles]) => ({
    part,
    parameters: count(entries.filter(({ role }) => roles.includes(role))),
  }));
  const total = count(entries);
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
 * One person as a model sees them: what it says for each attribute, how sure it is, whether it is
 * right, and how often the person was seen. `of: "unseen"` asks about somebody it never met.
 *
 * @example
 * ```ts
 * import { personView, train } from "factlab";
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
  const { name } = personOf(group, person);
  const asked = run.configuration.tuning.text === "questions" ? "questions" : "held-out sentences";
  const rows = run.answer(person, { of }).map(({ attribute, said, sure, truth, right }) => ({
    attribute,
    "it says": said,
    "how sure": sure,
    truth,
    right: right ? "yes" : "no",
  }));
  const seen = of === "unseen"
    ? "never met"
    : `seen about ${exposuresOf(run, person).toFixed(0)} times`;
  return table(rows, { caption: `${name}, ${seen}; ${asked}, greedy` });
}

/**
 * What a trained model says about some people, beside the truth: free-running answers to the
 * beginning of a training sentence. The last rows ask about people it has never met.
 *
 * @example
 * ```ts
 * import { answersTable, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(answersTable(run).text);
 * run.dispose();
 * ```
 */
export function answersTable(run: Run, { people = 2, strangers = 1 } = {}): TextAndHtml {
  if (!run.engine) {
    return textAndHtml(
      "There is no model to ask: iterate the run, await run.load() where its checkpoint is on this " +
        "machine, or train it with { fresh: true }. Records hold no parameters.",
    );
  }
  const ask = (of: "population" | "unseen", person: number, met: string) =>
    run.answer(person, { of, set: "training" }).map(({ prompt, said, truth, right }) => ({
      met,
      prompt: `${prompt} …`,
      answer: said,
      truth,
      right: right ? "yes" : "no",
    }));
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  return table([
    ...range(people).flatMap((person) => ask("population", person, "yes")),
    ...range(strangers).flatMap((person) => ask("unseen", person, "never")),
  ], {
    caption: "The model's own words (greedy); met: was this person in the training data?",
  });
}
