/**
 * How likely a text is to a trained model, token by token.
 *
 * @module
 */

import { type Biography, PAD } from "../generator/mod.ts";
import { callOf, crossEntropy } from "../engine/mod.ts";
import type { TextScore } from "./asking.ts";
import { onModel, tokensOf } from "./on_model.ts";
import { modelOf } from "./step.ts";
import type { Run } from "./run.ts";

/** Lengths of programs are multiples of this, so that texts of about one length share one. */
const MULTIPLE = 8;

/** See {@link Run.score}. */
export function scoreOf(run: Run, text: string | Biography): TextScore {
  const cannot = "Cannot score";
  const tokens = tokensOf(run, cannot, text);
  const length = Math.ceil(tokens.length / MULTIPLE) * MULTIPLE;
  const forward = modelOf(run.configuration);
  const scoring = callOf({
    name: `the score of ${length} tokens`,
    inputs: {
      tokens: { shape: [1, length], dtype: "int32" },
      targets: { shape: [length], dtype: "int32" },
    },
    run: (state, { tokens, targets }) => ({
      outputs: { losses: crossEntropy(forward(state, tokens!), targets!) },
    }),
  });
  const padded = (ids: readonly number[]) => Int32Array.from({ length }, (_, i) => ids[i] ?? PAD);
  const targets = tokens.slice(1);
  const inputs = { tokens: padded(tokens), targets: padded(targets) };
  const { losses } = onModel(run, cannot, scoring, (engine) => scoring.run(engine, inputs));
  const { tokenizer } = run.corpus;
  const scored = targets.map((token, i) => ({
    word: tokenizer.decode([token]) || tokenizer.tokens[token]!,
    logProbability: -losses![i]!,
  }));
  return { tokens: scored, total: scored.reduce((sum, own) => sum + own.logProbability, 0) };
}
