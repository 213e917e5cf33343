/**
 * Everything a run asks of its engine: steps, measurements, a look ahead, and what its schedule or
 * its tuning need besides. An engine is built from it.
 *
 * @module
 */

import { bucketLengths, type Corpus, evaluationSets } from "../generator/mod.ts";
import { type Forward, type NextToken, nextToken } from "../model/mod.ts";
import {
  type AnyProbe,
  type Asking,
  askingOf,
  type Evaluation,
  evaluation,
  type Prepared,
  PROBES,
  type Subject,
} from "../probes/mod.ts";
import type { HasFunctions, Program } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { longestText } from "./corpus.ts";
import { probesOf } from "./own_probes.ts";
import { type Answering, answeringOf } from "./rollouts.ts";
import { stepShapes } from "./rows.ts";
import { modelOf, runShapes, type TrainingStep, trainingStep } from "./step.ts";

/** Sequences that are scored at once, by a model of laptop's width and by one of the paper's. */
const EVALUATED_AT_ONCE = { narrow: 32, wide: 128 } as const;
const WIDE = 512;

/** The calls of a run; `program` is all of them, over the run's state. */
export interface RunCalls {
  /** What an engine is built from. */
  program: Program;
  /** Trains. */
  step: TrainingStep;
  /** Scores biographies. */
  evaluation: Evaluation;
  /** Continues a prompt. */
  next: NextToken;
  /** Writes own text, where the run needs it. */
  writing: Asking | undefined;
  /** Gives the run's own answers, where it learns from them. */
  answering: Answering | undefined;
  /** The probes that apply, by the name of their reading. */
  probes: [name: string, probe: Prepared<unknown>][];
  /** The user's own probes that are part of the run, whether they apply or not. */
  own: readonly AnyProbe[];
}

/**
 * The calls of a run, and the probes that it has: factlab's own and those of the user that are part
 * of it.
 */
export function callsOf(
  configuration: RunConfiguration,
  corpus: Corpus,
  own: readonly AnyProbe[] = [],
): RunCalls {
  const { model, tuning } = configuration;
  const forward = modelOf(configuration);
  const { trained, state } = runShapes(configuration, corpus.tokenizer.vocabularySize);
  const longest = bucketLengths(corpus.writer).at(-1)!;
  const questions = tuning.text === "questions";
  const shapes = stepShapes(configuration, corpus);
  const step = trainingStep(configuration, Object.keys(trained), shapes);
  const evaluating = evaluationOf(model, forward, corpus);
  const next = nextToken(forward, longestText(corpus));
  const writing = tuning.ownText > 0 ? askingOf(forward, longest) : undefined;
  const answering = answeringOf(configuration, forward, corpus);
  const mine = probesOf(configuration, own);
  const probes = prepared(configuration, mine, {
    ...{ model, forward, corpus, questions },
    sets: evaluationSets(corpus),
    evaluation: evaluating,
  });
  const calls: HasFunctions[] = [
    ...[next, step, evaluating, ...(writing ? [writing] : [])],
    ...Object.values(answering ?? {}),
    ...probes.flatMap(([, probe]) => probe.calls),
  ];
  return {
    program: { state, calls },
    step,
    evaluation: evaluating,
    next,
    writing,
    answering,
    probes,
    own: mine,
  };
}

/** The call that scores biographies of a corpus, by a model. */
export function evaluationOf(
  { width }: { width: number },
  forward: Forward,
  corpus: Corpus,
): Evaluation {
  return evaluation(forward, {
    sequences: EVALUATED_AT_ONCE[width < WIDE ? "narrow" : "wide"],
    lengths: evaluationLengths(corpus),
    values: valueTokens(corpus),
  });
}

/** The probes of a run that apply to it. */
function prepared(
  { evaluation }: RunConfiguration,
  own: readonly AnyProbe[],
  subject: Subject,
): RunCalls["probes"] {
  return [...PROBES, ...own].flatMap((probe: AnyProbe) => {
    const settings = evaluation.probes[probe.name] ?? evaluation;
    const ready = probe.prepare(subject, settings);
    return ready ? [[probe.name, ready] as [string, Prepared<unknown>]] : [];
  });
}

/** Lengths for which biographies are scored: those of training, and some around the mean. */
function evaluationLengths({ writer }: Corpus): number[] {
  const { mean, sd } = writer.length;
  const bucketed = bucketLengths(writer);
  const typical = [-0.6, 0, 0.6].map((k) => Math.ceil((mean + k * sd) / 8) * 8);
  return [...new Set([...typical, ...bucketed])]
    .filter((length) => length <= bucketed.at(-1)!)
    .sort((a, b) => a - b);
}

/** Tokens that the values of one biography can have at most. */
function valueTokens({ lists, tokenizer }: Corpus): number {
  return lists.attributes.reduce(
    (sum, { values }) => sum + Math.max(...values.map((value) => tokenizer.encode(value).length)),
    0,
  );
}
