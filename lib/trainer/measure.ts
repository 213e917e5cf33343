/**
 * What a measurement holds, as a function of the step: knowledge on every evaluation set, and at
 * some of the points attention.
 *
 * @module
 */

import {
  type Corpus,
  distributionAt,
  type EvaluationSet,
  evaluationSets,
  probabilities,
  questionsAbout,
  sentencesOf,
} from "../generator/mod.ts";
import {
  type Answers,
  measureAnswers,
  measureAttention,
  measureFlow,
  measureKnowledge,
  type SetKnowledge,
} from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import type { Measurement } from "./record.ts";
import type { RunProgram } from "./step.ts";

/** People whose attention is read, at most. */
const ATTENTION_PEOPLE = 128;

/** Sets of known and unknown people whose values are counted by certainty in the end. */
const CERTAINTY = ["held-out", "unseen"];

/** Returns the function that measures an engine after a step; `points` are all measuring steps. */
export function measurer({ configuration, corpus, program, engine, points }: {
  configuration: RunConfiguration;
  corpus: Corpus;
  program: RunProgram;
  engine: Engine;
  points: number[];
}): (step: number) => Pick<Measurement, "sets" | "attention" | "flow" | "answers"> {
  const { model, evaluation } = configuration;
  const sets = evaluationSets(corpus);
  const evaluator = { engine, shape: program.evaluation, lengths: program.evaluationLengths };
  const reader = { engine, model, ...program.attention };
  const known = sets[0]!.biographies;
  const readable = known.length - known.length % reader.sequences;
  const people = known.slice(0, Math.min(ATTENTION_PEOPLE, readable));
  const stride = Math.max(1, Math.ceil(points.length / Math.max(1, evaluation.attention)));
  const isWatched = (step: number) =>
    evaluation.attention > 0 &&
    (points.indexOf(step) % stride === 0 || step === configuration.steps);
  const decile = decileOf(configuration);
  const ask = asker(sets, { configuration, corpus, program, engine });
  return (step) => {
    const certainty = step === configuration.steps ? CERTAINTY : [];
    const knowledge = measureKnowledge(sets, evaluator, { decile, certainty });
    if (!isWatched(step)) return { sets: brief(knowledge) };
    return {
      sets: knowledge,
      ...(people.length > 0 && model.mixer === "attention"
        ? { attention: measureAttention(people, reader) }
        : {}),
      ...(evaluation.flow > 0
        ? { flow: measureFlow(known.slice(0, evaluation.flow), reader) }
        : {}),
      ...(evaluation.asked > 0 ? { answers: ask(step === configuration.steps) } : {}),
    };
  };
}

/**
 * Returns the function that asks people of every group, or of those seen, and unseen ones: in
 * questions where a run is taught to answer them, in unfinished sentences otherwise. At the end
 * answers are also sampled.
 */
function asker(sets: EvaluationSet[], { configuration, corpus, program, engine }: {
  configuration: RunConfiguration;
  corpus: Corpus;
  program: RunProgram;
  engine: Engine;
}): (last: boolean) => Record<string, Answers> {
  const { seed, tuning, evaluation } = configuration;
  const { lists, tokenizer } = corpus;
  const answerer = {
    engine,
    name: "ask",
    length: program.askLength,
    words: tokenizer.tokens.length,
  };
  const refusals = lists.refusals.map((text) => tokenizer.encode(text));
  const known = evaluation.groups.length > 0 ? /^group/ : /^held-out/;
  const asked = sets.filter(({ name }) => known.test(name) || name === "unseen")
    .map(({ name, population, biographies }) => {
      const chosen = biographies.slice(0, evaluation.asked);
      const questions = tuning.text === "questions"
        ? questionsAbout(corpus, population, chosen.map(({ person }) => person))
        : sentencesOf(chosen);
      return { name, questions };
    });
  return (last) =>
    Object.fromEntries(asked.map(({ name, questions }) => [
      name,
      measureAnswers(questions, answerer, { refusals, seed: last ? seed : undefined }),
    ]));
}

/** Without the parts by attribute and position, which would make records several times larger. */
function brief(knowledge: Record<string, SetKnowledge>): Record<string, SetKnowledge> {
  return Object.fromEntries(
    Object.entries(knowledge).map(([set, { attributes: _, positions, ...totals }]) => [
      set,
      set === "training" ? { ...totals, positions } : totals,
    ]),
  );
}

/** A person's tenth by frequency in the last phase, where people are not equally likely. */
function decileOf(
  { schedule, people }: RunConfiguration,
): ((person: number) => number) | undefined {
  const likely = probabilities(distributionAt(schedule, Infinity), people);
  if (likely.every((p) => p === likely[0])) return undefined;
  const order = Array.from(likely, (_, i) => i).sort((a, b) => likely[b]! - likely[a]! || a - b);
  const rank = new Map(order.map((person, i) => [person, i]));
  return (person) => Math.floor(10 * rank.get(person)! / people);
}
