/**
 * What a trained model says of a person, in its own words, beside the truth.
 *
 * @module
 */

import {
  BOS,
  filled,
  personOf,
  type Population,
  question,
  type TemplateSet,
  templatesOf,
} from "../generator/mod.ts";
import { answerRules, lessonLength, verdicts } from "../probes/mod.ts";
import type { Answer, Asked } from "./asking.ts";
import type { Run } from "./run.ts";

/** See {@link Run.answer}. */
export function answersOf(
  run: Run,
  person: number,
  { of = "population", set = "held-out" }: Asked = {},
): Answer[] {
  const group = run.corpus[of];
  personOf(group, person); // Refuses whom there is not, before anything is asked.
  const ask = run.configuration.tuning.text === "questions" ? answerTo : answerAbout;
  return group.lists.attributes.map((_, attribute) => ask(run, { group, person, attribute, set }));
}

/** Who is asked about what. */
export interface About {
  group: Population;
  person: number;
  attribute: number;
  set: TemplateSet;
}

/** Ends every sentence. */
const END = ".";

/** Lets a model complete a sentence about a person with one of their own templates, greedily. */
export function answerAbout(run: Run, { group, person, attribute, set }: About): Answer {
  const { tokenizer } = run.corpus;
  const { name, values } = personOf(group, person);
  const { name: field, label, templates, values: known } = group.lists.attributes[attribute]!;
  const template = templates[templatesOf(group, person, attribute, set)[0]!]!;
  const [before, after] = template.split("{value}") as [string, string];
  const prompt = filled(before, { name }).trimEnd();
  const truth = values[field]!;
  const wanted = tokenizer.encode(truth);
  // After a stand-in for the value, what follows it keeps its missing space.
  const next = tokenizer.encode(`@${after}`)[tokenizer.encode("@").length];
  const { tokens, probabilities } = run.completion(prompt, {
    // In "St. Ives" it ends nothing.
    stop: known.some((value) => value.includes(END)) ? undefined : END,
    maxTokens: Math.max(32, lessonLength(run.corpus)),
  });
  const ends = (at: number) => at === tokens.length || next === undefined || tokens[at] === next;
  const begins = (value: readonly number[]) => value.every((token, i) => tokens[i] === token);
  const text = tokenizer.decode(tokens);
  const [value] = known.filter((value) => text.startsWith(value))
    .map((value) => tokenizer.encode(value))
    .filter((value) => begins(value) && ends(value.length))
    .sort((a, b) => b.length - a.length);
  const end = value?.length ?? tokens.findIndex((_, i) => i > 0 && ends(i));
  const said = end < 0 ? tokens : tokens.slice(0, end);
  const stop = tokens.findIndex((token, i) =>
    i >= said.length && tokenizer.decode([token]).includes(END)
  );
  return {
    attribute: label,
    prompt,
    sentence: `${prompt} ${tokenizer.decode(stop < 0 ? tokens : tokens.slice(0, stop + 1))}`,
    said: tokenizer.decode(said),
    sure: product(probabilities.slice(0, said.length)),
    truth,
    right: said.length === wanted.length && begins(wanted),
  };
}

/** Asks a model about a person, in the phrasing that is never trained with. */
function answerTo(run: Run, { group, person, attribute }: About): Answer {
  const { tokenizer } = run.corpus;
  const { name: field, label, questions } = group.lists.attributes[attribute]!;
  const asked = question(group, tokenizer, { person, attribute, index: questions.length - 1 });
  const prompt = tokenizer.decode(asked.filter((token) => token !== BOS));
  const truth = personOf(group, person).values[field]!;
  const wanted = tokenizer.encode(truth);
  const { tokens, probabilities, text } = run.completion(prompt, {
    maxTokens: Math.max(32, lessonLength(run.corpus)),
  });
  return {
    attribute: label,
    prompt,
    sentence: `${prompt} ${text}`,
    said: text,
    sure: product(probabilities),
    truth,
    right: verdicts(answerRules(run.corpus))(tokens, { value: wanted }) === "right",
  };
}

const product = (numbers: readonly number[]) => numbers.reduce((all, own) => all * own, 1);
