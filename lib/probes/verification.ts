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
    const asked = sets.filter(({ name }) => known.test(name)).flatMap((set) => {
      const alternatives = (of?: "former") =>
        alternativesOf(set, { people: verified, seed, tokenizer, of });
      return [
        { name: set.name as string, alternatives: alternatives() },
        { name: `${set.name}, former`, alternatives: alternatives("former") },
      ];
    }).filter(({ alternatives }) => alternatives.length > 0);
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
 * somebody else, drawn from those of the population who have another one. Of people who were updated
 * also the value that they had before, `of` "former", in the same sentence; neither is then held
 * against the other.
 */
export function alternativesOf(
  { name, population, biographies }: EvaluationSet,
  { people, seed, tokenizer, of }: {
    people: number;
    seed: number;
    tokenizer: Tokenizer;
    of?: "former";
  },
): Alternatives[] {
  const { lists: { attributes }, values, former } = population;
  const random = stream(seed, "verification", name);
  const isUpdated = (person: number) =>
    former !== undefined && attributes.some((_, a) => {
      const cell = person * attributes.length + a;
      return former[cell] !== values[cell];
    });
  return biographies.slice(0, people).flatMap(byName).flatMap((text) => {
    const [value] = text.spans as [Span];
    const cell = text.person * attributes.length + value.attribute;
    const own = [values[cell]!, ...former ? [former[cell]!] : []];
    // Of updated people old and new answers are asked about the same values: those that changed.
    const hasChanged = former !== undefined && own[0] !== own[1];
    if (!hasChanged && (of === "former" || isUpdated(text.person))) return [];
    const another = anotherValue(population, { attribute: value.attribute, own, random });
    if (another === undefined) return [];
    const saying = (said: string): Biography => {
      const tokens = [...text.tokens.slice(0, value.start), ...tokenizer.encode(said)];
      return { ...text, tokens, spans: [{ ...value, end: tokens.length }] };
    };
    const before = () => saying(attributes[value.attribute]!.values[former![cell]!]!);
    return [{ own: of === "former" ? before() : text, other: saying(another) }];
  });
}

/** The value of somebody who has none of a person's own; undefined if there is nobody. */
function anotherValue(
  { lists, size, values }: Population,
  { attribute, own, random }: { attribute: number; own: readonly number[]; random: Random },
): string | undefined {
  const others = Array.from(
    { length: size },
    (_, person) => values[person * lists.attributes.length + attribute]!,
  ).filter((value) => !own.includes(value));
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
