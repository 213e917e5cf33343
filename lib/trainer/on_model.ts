/**
 * Asking a run's model something that its training never asks: in an engine of its own, built for the
 * question, so that the run stays as it is.
 *
 * @module
 */

import { type Biography, BOS } from "../generator/mod.ts";
import type { Engine, HasFunctions } from "../engine/mod.ts";
import { longestText } from "./corpus.ts";
import type { Run } from "./run.ts";
import { runShapes } from "./step.ts";

/**
 * Asks calls of a run's model.
 *
 * @throws {Error} if the run has no model: iterate it, or await run.load().
 */
export function onModel<Calls extends HasFunctions, Answer>(
  { configuration, corpus, engine: trained }: Run,
  cannot: string,
  call: Calls,
  ask: (engine: Engine, call: Calls) => Answer,
): Answer {
  if (!trained) {
    throw new Error(
      `${cannot}: there is no model yet. Iterate the run, or await run.load().`,
    );
  }
  const { state } = runShapes(configuration, corpus.tokenizer.vocabularySize);
  const engine = trained.like({ state, calls: [call] });
  try {
    engine.write(trained.read());
    return ask(engine, call);
  } finally {
    engine.dispose();
  }
}

/**
 * Tokens of a biography, or of a text after the mark that begins one.
 *
 * @throws {Error} for words that the model does not know, by name, and for more tokens than it has
 * ever read.
 */
export function tokensOf(
  { corpus }: Run,
  cannot: string,
  text: string | Biography,
): readonly number[] {
  const tokens = typeof text === "string" ? [BOS, ...corpus.tokenizer.encode(text)] : text.tokens;
  const longest = longestText(corpus);
  if (tokens.length <= longest) return tokens;
  throw new Error(
    `${cannot}: the text must have at most ${longest} tokens, the mark that begins it included, ` +
      `got ${tokens.length}. Give it in parts.`,
  );
}
