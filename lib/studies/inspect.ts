/**
 * Looking into one model: its parts, and one person in its own words. Attention on a biography is in
 * attention_view.ts.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import {
  type Decision,
  filled,
  personOf,
  type Population,
  probabilities,
  type TemplateSet,
  templatesOf,
} from "../generator/mod.ts";
import { MIXER_ROLES, parameterCount, parameterTable, type Role } from "../model/mod.ts";
import {
  type CheckpointOf,
  configure,
  findRecord,
  type Run,
  type RunConfiguration,
} from "../trainer/mod.ts";

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
 * Biographies of a person that a run, and those it has begun from, have drawn up to its last
 * measurement, on average.
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
export function exposuresOf(
  { configuration, measurements }: Pick<Run, "configuration" | "measurements">,
  person: number,
): number {
  const last = measurements.at(-1);
  return drawnUpTo(configuration, person, { end: last?.step ?? 0, decisions: last?.decisions });
}

/** Mean count of a person's biographies up to a step, by this run and those it has begun from. */
function drawnUpTo(
  { schedule, people, batch, start }: RunConfiguration,
  person: number,
  { end, decisions = [] }: { end: number; decisions?: readonly Decision[] },
): number {
  const first = start?.step ?? 0;
  let [begin, decided, seen] = [0, 0, start ? drawnBefore(start, person) : 0];
  for (const phase of schedule) {
    const until = phase.until
      ? decisions[decided++]?.step ?? end
      : begin + (phase.steps ?? Infinity);
    const [from, to] = [Math.max(first, begin), Math.min(end, until)];
    // Who is new in a later run was nobody in an earlier one.
    const likely = probabilities(phase.people, people)[person] ?? 0;
    seen += Math.max(0, to - from) * batch * likely;
    begin = Math.max(begin, to);
  }
  return seen;
}

/** The same of the run that another begins from; what it decided itself is in its record. */
function drawnBefore({ run, step }: CheckpointOf, person: number): number {
  const base = configure(run);
  const decisions = findRecord(base)?.record.measurements
    .findLast((measurement) => measurement.step <= step)?.decisions;
  return drawnUpTo(base, person, { end: step, decisions });
}

/** What a model says where a sentence about a person has its value. */
export interface Answer {
  /** The sentence up to the value. */
  prompt: string;
  /** What it says there, up to what follows the value in the sentence. */
  said: string;
  /** How likely it was to say so. */
  sure: number;
  /** The true value. */
  truth: string;
  /** Whether it says the true value, and nothing else. */
  right: boolean;
}

/**
 * Lets a model complete a sentence about a person with one of their own templates, greedily.
 *
 * @throws {Error} if the run has no model: iterate it, or await run.load().
 */
export function answerAbout(
  run: Run,
  { group, person, attribute, set }: {
    group: Population;
    person: number;
    attribute: number;
    set: TemplateSet;
  },
): Answer {
  const { tokenizer } = run.corpus;
  const { name, values } = personOf(group, person);
  const { name: field, templates, values: all } = group.lists.attributes[attribute]!;
  const template = templates[templatesOf(group, person, attribute, set)[0]!]!;
  const [before, after] = template.split("{value}") as [string, string];
  const prompt = filled(before, { name }).trimEnd();
  const truth = values[field]!;
  const wanted = tokenizer.encode(truth);
  // After a stand-in for the value, what follows it keeps its missing space.
  const [, next] = tokenizer.encode(`@${after}`);
  const longest = Math.max(...all.map((value) => tokenizer.encode(value).length));
  const { tokens, probabilities } = run.completion(prompt, { maxTokens: longest + 1 });
  const ends = (at: number) => at === tokens.length || tokens[at] === next;
  const right = wanted.every((token, i) => tokens[i] === token) && ends(wanted.length);
  const end = right ? wanted.length : tokens.findIndex((_, i) => i > 0 && ends(i));
  const said = end < 0 ? tokens : tokens.slice(0, end);
  return {
    prompt,
    said: tokenizer.decode(said),
    sure: said.reduce((product, _, i) => product * probabilities[i]!, 1),
    truth,
    right,
  };
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
  const { name } = personOf(group, person);
  const rows = group.lists.attributes.map(({ label }, attribute) => {
    const { said, sure, truth, right } = answerAbout(run, {
      group,
      person,
      attribute,
      set: "held-out",
    });
    return {
      attribute: label,
      "it says": said,
      "how sure": sure,
      truth,
      right: right ? "yes" : "no",
    };
  });
  const seen = of === "unseen"
    ? "never met"
    : `seen about ${exposuresOf(run, person).toFixed(0)} times`;
  return table(rows, { caption: `${name}, ${seen}; held-out sentences, greedy` });
}
