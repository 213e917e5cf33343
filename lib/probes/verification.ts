/**
 * Does a model know a fact before it can say it? Verification: of two sentences that say the name
 * alone and then a value, the person's own and another person's, which is likelier (two-alternative
 * forced choice; docs/protocol.md, "Verification").
 *
 * @module
 */

import { z } from "zod";
import {
  below,
  type Biography,
  byName,
  type EvaluationSet,
  type Population,
  type Random,
  type Span,
  stream,
  type Tokenizer,
} from "../generator/mod.ts";
import type { Engine } from "../engine/mod.ts";
import { type Evaluation, evaluation } from "./evaluation.ts";
import type { Probe } from "./probe.ts";

/** What a model makes of some people's values against those of others. */
export interface Verification {
  /** Share of values that are likelier than another person's, a tie half; .5 for who knows nobody. */
  verified: number;
  /** Share of the same values, in the same sentences, with every token right: what it could say. */
  said: number;
  /** Mean of log p(own value) - log p(the other's), nats. */
  margin: number;
}

/** A value in a sentence of its own, and the same sentence with another person's value. */
export interface Alternatives {
  /** Begin mark, and the sentence up to its value's end. */
  own: Biography;
  /** The same with another value of the attribute. */
  other: Biography;
}

/** Sentences scored at once. */
const SEQUENCES = 64;

/**
 * The probe of verification, for as many people as its setting says of those whom a run is trained on:
 * of each of its groups, if it has any, or of its held-out set.
 *
 * @example
 * ```ts
 * import { train } from "factlab";
 * const run = train({ scale: "smoke", steps: 20, evaluation: { verified: 8 } }, { fresh: true });
 * for await (const { step, verification } of run) console.log(step, verification?.["held-out"]);
 * run.dispose();
 * ```
 */
export const verification: Probe<
  "verification",
  { verified: number },
  Record<string, Verification>
> = {
  name: "verification",
  settings: { verified: { schema: z.int().min(0).max(65_536), off: 0 } },
  reading: z.record(
    z.string(),
    z.looseObject({
      verified: z.number().describe("share of values likelier than another person's"),
      said: z.number().describe("share of the same values with every token right"),
      margin: z.number().describe("mean of log p(own) - log p(other), nats"),
    }),
  ).describe("own values against those of others, after the name alone, by evaluation set"),
  prepare({ forward, corpus, sets }, { verified }) {
    if (verified === 0) return undefined;
    const known = (corpus.options.groups ?? []).length > 0 ? /^group/ : /^held-out/;
    const { tokenizer, options: { seed } } = corpus;
    const asked = sets.filter(({ name }) => known.test(name)).map((set) => ({
      name: set.name,
      alternatives: alternativesOf(set, { people: verified, seed, tokenizer }),
    })).filter(({ alternatives }) => alternatives.length > 0);
    if (asked.length === 0) return undefined;
    const sentences = asked.flatMap(({ alternatives }) =>
      alternatives.flatMap(({ own, other }) => [own, other])
    );
    const values = sentences.map(({ spans: [span] }) => span!.end - span!.start);
    const lengths = sentences.map(({ tokens }) => tokens.length - 1);
    const call = evaluation(forward, {
      sequences: SEQUENCES,
      lengths: [Math.ceil(Math.max(...lengths) / 8) * 8],
      values: Math.max(...values),
    });
    return {
      calls: [call],
      read: (engine) =>
        Object.fromEntries(asked.map(({ name, alternatives }) => [
          name,
          measureVerification(alternatives, { engine, evaluation: call }),
        ])),
    };
  },
};

/**
 * Every value of the first people of a set, in the sentence that says it there, against the value of
 * somebody else, drawn from those of the population who have another one.
 */
export function alternativesOf(
  { name, population, biographies }: EvaluationSet,
  { people, seed, tokenizer }: { people: number; seed: number; tokenizer: Tokenizer },
): Alternatives[] {
  const random = stream(seed, "verification", name);
  return biographies.slice(0, people).flatMap(byName).flatMap((own) => {
    const [value] = own.spans as [Span];
    const another = anotherValue(population, { person: own.person, value, random });
    if (another === undefined) return [];
    const tokens = [...own.tokens.slice(0, value.start), ...tokenizer.encode(another)];
    return [{ own, other: { ...own, tokens, spans: [{ ...value, end: tokens.length }] } }];
  });
}

/** The value of somebody who has another one than a person; undefined if there is nobody. */
function anotherValue(
  { lists, size, values }: Population,
  { person, value: { attribute }, random }: { person: number; value: Span; random: Random },
): string | undefined {
  const of = (index: number) => values[index * lists.attributes.length + attribute]!;
  const others = Array.from({ length: size }, (_, index) => of(index))
    .filter((value) => value !== of(person));
  return lists.attributes[attribute]!.values[others[below(others.length, random)]!];
}

/** Asks a model. */
export function measureVerification(
  alternatives: readonly Alternatives[],
  { engine, evaluation }: { engine: Engine; evaluation: Evaluation },
): Verification {
  const scores = evaluation.run(engine, alternatives.flatMap(({ own, other }) => [own, other]));
  const pairs = alternatives.map((_, i) => {
    const [[own], [other]] = [scores[2 * i]!, scores[2 * i + 1]!];
    return { margin: other!.loss - own!.loss, said: own!.correct };
  });
  const mean = (of: (pair: (typeof pairs)[number]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  return {
    verified: mean(({ margin }) => (1 + Math.sign(margin)) / 2),
    said: mean(({ said }) => Number(said)),
    margin: mean(({ margin }) => margin),
  };
}
