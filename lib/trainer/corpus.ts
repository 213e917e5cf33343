/**
 * The people and texts of a run, as its configuration names them.
 *
 * @module
 */

import {
  bucketLengths,
  checkQuestions,
  type Corpus,
  createCorpus,
  probabilities,
} from "../generator/mod.ts";
import { lessonLength } from "../probes/mod.ts";
import type { RunConfiguration } from "./configuration.ts";

/**
 * The corpus a configuration names.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "factlab";
 * console.log(corpusOf(configure({ scale: "smoke" })).population.size);
 * ```
 */
export function corpusOf(configuration: RunConfiguration): Corpus {
  const { scale, seed, people, names, lists, updated, schedule, order } = configuration;
  const { subwords, templates, sentences, named, evaluation, recipe, tuning } = configuration;
  for (const { people: distribution } of schedule) probabilities(distribution, people);
  const corpus = createCorpus({
    scale,
    seed,
    people,
    names,
    lists,
    subwords,
    updated,
    schedule,
    order,
    templates,
    sentences,
    named,
    evaluate: evaluation.people,
    groups: evaluation.groups,
    recipe,
  });
  if (tuning.text === "questions") checkQuestions(corpus.lists);
  return corpus;
}

/**
 * Tokens of the longest text that a model reads: a question and its answer may be longer than a
 * biography of few sentences.
 */
export function longestText(corpus: Corpus): number {
  return Math.max(bucketLengths(corpus.writer).at(-1)!, lessonLength(corpus));
}
