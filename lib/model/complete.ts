/**
 * Free-running generation: the model continues a prompt, greedily or by sampling.
 *
 * @module
 */

import { BOS, EOS, PAD, stream, type Tokenizer } from "../generator/mod.ts";
import type { Call, Engine, PureFunction } from "../engine/mod.ts";
import type { Forward } from "./transformer.ts";

/** Options of {@link complete}. */
export interface CompleteOptions {
  /** 0 takes the likeliest token; 1 samples from the model's distribution. */
  temperature?: number;
  /** Seed of the sampling. */
  seed?: number;
  /** Tokens to add, at most. */
  maxTokens?: number;
  /** Text that ends the completion once it has been written, for example ".". */
  stop?: string;
}

/** Logits [V] of the token that follows some tokens. */
export interface NextToken extends Call<readonly number[], Float32Array> {
  /** Tokens it takes, at most. */
  length: number;
}

/** The call that looks one token ahead, after at most `length` tokens. */
export function nextToken(forward: Forward, length: number): NextToken {
  const next: PureFunction = {
    name: "the next token",
    inputs: {
      tokens: { shape: [1, length], dtype: "int32" },
      row: { shape: [1], dtype: "int32" },
    },
    run: (state, { tokens, row }) => ({
      outputs: { logits: forward(state, tokens!, { rows: row! }) },
    }),
  };
  return {
    functions: [next],
    length,
    run(engine, tokens) {
      const padded = new Int32Array(length).fill(PAD);
      padded.set(tokens);
      const row = new Int32Array([tokens.length - 1]);
      const [outputs] = engine.run(next, [{ tokens: padded, row }]).read();
      return outputs!.logits as Float32Array;
    },
  };
}

/** A trained model that can be asked: an engine that looks ahead, and its tokenizer. */
export interface Model {
  /** Holds the parameters. */
  engine: Engine;
  /** Of the corpus it was trained on. */
  tokenizer: Tokenizer;
  /** One of the engine's calls. */
  next: NextToken;
}

/**
 * Continues a prompt and returns the added text. Greedy by default.
 *
 * @throws {Error} if the prompt holds an unknown word or does not fit.
 */
export function complete(model: Model, prompt: string, options: CompleteOptions = {}): string {
  return completion(model, prompt, options).text;
}

/** What a model has added to a prompt, and how sure it was. */
export interface Completion {
  /** The added text. */
  text: string;
  /** Its tokens. */
  tokens: number[];
  /** Probability of each added token, given all before it. */
  probabilities: number[];
}

/** Continues a prompt as {@link complete} does, and says how likely each token was. */
export function completion(
  { engine, tokenizer, next }: Model,
  prompt: string,
  { temperature = 0, seed = 0, maxTokens = 32, stop }: CompleteOptions = {},
): Completion {
  const { length } = next;
  const start = [BOS, ...tokenizer.encode(prompt)];
  if (start.length > length) {
    throw new Error(
      `Cannot complete: the prompt must have at most ${length} tokens, got ${start.length}.`,
    );
  }
  const random = stream(seed, "complete");
  const tokens = [...start];
  const probabilities: number[] = [];
  while (tokens.length < Math.min(length, start.length + maxTokens)) {
    const known = next.run(engine, tokens).subarray(0, tokenizer.tokens.length);
    const token = choose(known, temperature, random);
    if (token === EOS || token === PAD) break;
    tokens.push(token);
    probabilities.push(probabilityOf(known, token));
    if (stop !== undefined && tokenizer.decode([token]).includes(stop)) break;
  }
  const added = tokenizer.decode(tokens).slice(tokenizer.decode(start).length);
  return { text: added.trimStart(), tokens: tokens.slice(start.length), probabilities };
}

/** Softmax of logits at a token. */
function probabilityOf(logits: ArrayLike<number>, token: number): number {
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - logits[token]!);
  return 1 / total;
}

/** A token by its logits: the likeliest at temperature 0, else drawn from the distribution. */
export function choose(
  logits: ArrayLike<number>,
  temperature: number,
  random: () => number = () => 0,
): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  if (temperature === 0) return best;
  const weights = Array.from(logits, (value) => Math.exp((value - logits[best]!) / temperature));
  let target = random() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < weights.length; i++) {
    target -= weights[i]!;
    if (target < 0) return i;
  }
  return best;
}
