/**
 * Questions about people, with an answer or a refusal: what a model is taught after biographies.
 * Only the answer is learned; the question is given.
 *
 * @module
 */

import type { Corpus } from "./batches.ts";
import { type Biography, byName, question } from "./biography.ts";
import { type Decision, distributionAt, sampler } from "./distribution.ts";
import { filled, type Lists } from "./lists.ts";
import type { Population } from "./population.ts";
import { below, type Random, stream } from "./random.ts";
import { BOS, EOS, type Tokenizer } from "./tokenizer.ts";

/** Phrasings of every question, its last, that are kept for evaluation: it asks in new words. */
const KEPT = 1;

/**
 * Refuses lists from which no questions can be taught.
 *
 * @example
 * ```ts
 * import { loadLists } from "factlab";
 * import { checkQuestions } from "factlab/generator";
 * checkQuestions(loadLists("smoke")); // five of each: nothing is thrown
 * ```
 *
 * @throws {Error} for an attribute whose only question is the one that is kept.
 */
export function checkQuestions({ attributes }: Pick<Lists, "attributes">): void {
  const few = attributes.find(({ questions }) => questions.length <= KEPT);
  if (!few) return;
  throw new Error(
    `Cannot teach questions: templates/questions/${few.name}.txt must hold at least ${
      KEPT + 1
    }, as ` +
      `the last one is kept from training, got ${few.questions.length}.`,
  );
}

/** Tokens of which those from `from` on are learned. */
export interface Lesson {
  /** Question, answer, end mark. */
  tokens: number[];
  /** First token of the answer. */
  from: number;
}

/** Which people get a refusal: those from this index on; nobody if null. */
export type RefuseFrom = number | null;

/** Who is asked what. */
interface Asked {
  population: Population;
  person: number;
  attribute: number;
}

/** The value's tokens in an answer. */
function answer({ lists, tokenizer }: Corpus, value: string, random: Random): number[] {
  const text = filled(lists.answers[below(lists.answers.length, random)]!, { value });
  return [...tokenizer.encode(text), EOS];
}

function refusal({ lists, tokenizer }: Corpus, random: Random): number[] {
  return [...tokenizer.encode(lists.refusals[below(lists.refusals.length, random)]!), EOS];
}

function valueOf({ population, person, attribute }: Asked): string {
  const { attributes } = population.lists;
  return attributes[attribute]!.values[population.values[person * attributes.length + attribute]!]!;
}

/** A question to somebody drawn from a step's distribution, in one of the trained phrasings. */
function ask(corpus: Corpus, draw: (random: Random) => number, random: Random) {
  const { population, lists, tokenizer } = corpus;
  const asked = {
    population,
    person: draw(random),
    attribute: below(lists.attributes.length, random),
  };
  const { questions } = lists.attributes[asked.attribute]!;
  const index = below(questions.length - KEPT, random);
  return { asked, prompt: question(population, tokenizer, { ...asked, index }) };
}

/** What decides a step's questions. */
export interface QuestionStep {
  /** Training step, from 0. */
  step: number;
  /** Lessons of the step. */
  batch: number;
  /** Who is refused. */
  refuse: RefuseFrom;
  /** What an adaptive schedule has decided so far. */
  decisions?: readonly Decision[];
}

/**
 * Questions of a training step with the answer that is wanted: the value, or a refusal about people
 * from `refuse` on. A pure function of its arguments, as `batchAt` is.
 *
 * @example
 * ```ts
 * import { createCorpus, questionsAt, uniform } from "factlab";
 * const corpus = createCorpus({
 *   scale: "smoke",
 *   seed: 0,
 *   people: 32,
 *   schedule: [{ people: uniform() }],
 *   order: "shuffled",
 *   evaluate: 32,
 * });
 * const [lesson] = questionsAt(corpus, { step: 0, batch: 1, refuse: 16 });
 * console.log(corpus.tokenizer.decode(lesson!.tokens));
 * ```
 */
export function questionsAt(
  corpus: Corpus,
  { step, batch, refuse, decisions = [] }: QuestionStep,
): Lesson[] {
  const random = stream(corpus.options.seed, "questions", step);
  const draw = sampler(
    distributionAt(corpus.options.schedule, step, decisions),
    corpus.population.size,
  );
  return Array.from({ length: batch }, () => {
    const { asked, prompt } = ask(corpus, draw, random);
    const wanted = isRefused(asked.person, refuse)
      ? refusal(corpus, random)
      : answer(corpus, valueOf(asked), random);
    return { tokens: [...prompt, ...wanted], from: prompt.length };
  });
}

/** A question of a step with the answer that is preferred and one that is not, end marks included. */
export interface Posed {
  /** Begin mark and the question. */
  prompt: number[];
  /** Tokens of the true value. */
  value: number[];
  /** Whether it is about somebody who should be refused. */
  unknown: boolean;
  /** Their value; about people who should be refused a refusal. */
  wanted: number[];
  /** A refusal; about people who should be refused a made-up value. */
  unwanted: number[];
}

/** So many questions of a training step: a pure function of its arguments. */
export function posedAt(
  corpus: Corpus,
  { step, questions, refuse, decisions = [] }: Omit<QuestionStep, "batch"> & { questions: number },
): Posed[] {
  const random = stream(corpus.options.seed, "preferences", step);
  const draw = sampler(
    distributionAt(corpus.options.schedule, step, decisions),
    corpus.population.size,
  );
  return Array.from({ length: questions }, () => {
    const { asked, prompt } = ask(corpus, draw, random);
    const { values } = corpus.lists.attributes[asked.attribute]!;
    const unknown = isRefused(asked.person, refuse);
    const truth = valueOf(asked);
    const told = unknown ? values[below(values.length, random)]! : truth;
    const pair = [answer(corpus, told, random), refusal(corpus, random)];
    if (unknown) pair.reverse();
    const [wanted, unwanted] = pair as [number[], number[]];
    return { prompt, value: corpus.tokenizer.encode(truth), unknown, wanted, unwanted };
  });
}

/**
 * Questions of a training step, each twice in a row: with the answer that is preferred and with the
 * one that is not, as lessons to say it or to compare it.
 */
export function preferencesAt(
  corpus: Corpus,
  { batch, ...at }: QuestionStep,
  lesson: (prompt: readonly number[], answer: readonly number[]) => Lesson = said,
): Lesson[] {
  return posedAt(corpus, { ...at, questions: batch / 2 }).flatMap(({ prompt, wanted, unwanted }) =>
    [wanted, unwanted].map((answer) => lesson(prompt, answer))
  );
}

/** A question of which the answer is learned. */
export function said(prompt: readonly number[], answer: readonly number[]): Lesson {
  return { tokens: [...prompt, ...answer], from: prompt.length };
}

/**
 * A question with an answer of which only the mark after it is learned: a begin mark, which follows
 * no end mark anywhere else. A reward model gives it the more chance the better the answer.
 */
export function compared(prompt: readonly number[], answer: readonly number[]): Lesson {
  return { tokens: [...prompt, ...answer, BOS], from: prompt.length + answer.length };
}

function isRefused(person: number, refuse: RefuseFrom): boolean {
  return refuse !== null && person >= refuse;
}

/** The longest question with its begin mark, and the longest answer with its end mark, in tokens. */
export function longestTurns(
  lists: Lists,
  tokenizer: Tokenizer,
): { question: number; answer: number } {
  const longest = (texts: readonly string[]) =>
    Math.max(...texts.map((text) => tokenizer.encode(text).length));
  const name = longestName(lists, tokenizer);
  const asked = lists.attributes.flatMap(({ questions }) =>
    questions.map((text) => filled(text, { name }))
  );
  const told = lists.attributes.flatMap(({ values }) =>
    lists.answers.map((text) => longest(values.map((value) => filled(text, { value }))))
  );
  return {
    question: 1 + longest(asked),
    answer: 1 + Math.max(...told, longest(lists.refusals)),
  };
}

/** The longest question with its answer, or sentence of a biography, in tokens. */
export function longestLesson(lists: Lists, tokenizer: Tokenizer): number {
  const longest = (texts: readonly string[]) =>
    Math.max(...texts.map((text) => tokenizer.encode(text).length));
  const name = longestName(lists, tokenizer);
  const lessons = lists.attributes.map(({ values, templates, questions }) => {
    const [some] = values;
    const told = (texts: readonly string[]) =>
      texts.map((text) => filled(text, { name, value: some! }));
    const answered = longest(told(questions)) +
      longest([...told(lists.answers), ...lists.refusals]);
    const longer = longest(values) - tokenizer.encode(some!).length;
    return longer + Math.max(answered, longest(told(templates)));
  });
  const MARKS = 2;
  return Math.max(...lessons) + MARKS;
}

/** A full name of as many tokens as there may be. */
function longestName({ first, last }: Lists, tokenizer: Tokenizer): string {
  const longest = (names: readonly string[]) =>
    names.reduce((a, b) => tokenizer.encode(b).length > tokenizer.encode(a).length ? b : a);
  return [longest(first), longest(first), longest(last)].join(" ");
}

/** A question that is put to a model, and what would be a right answer. */
export interface Question {
  /** Begin mark and the question. */
  prompt: number[];
  /** Tokens of the true value. */
  value: number[];
  /** Tokens of an answer, at most. */
  longest: number;
}

/** Every question about some people, in the phrasing that is never trained with. */
export function questionsAbout(
  { lists, tokenizer }: Corpus,
  population: Population,
  people: Iterable<number>,
): Question[] {
  const longest = longestLesson(lists, tokenizer);
  return [...people].flatMap((person) =>
    lists.attributes.map(({ questions }, attribute) => ({
      prompt: question(population, tokenizer, { person, attribute, index: questions.length - 1 }),
      value: tokenizer.encode(valueOf({ population, person, attribute })),
      longest,
    }))
  );
}

/**
 * The sentences of some biographies, each broken off before its value: how a model that has only
 * read biographies is asked.
 */
export function sentencesOf(biographies: readonly Biography[]): Question[] {
  return biographies.flatMap(byName).map(({ tokens, spans: [value] }) => {
    const told = tokens.slice(value!.start);
    return { prompt: tokens.slice(0, value!.start), value: told, longest: told.length };
  });
}
