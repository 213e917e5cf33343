/**
 * What a trained model can be asked beside its training, and what comes of it: what run.ts and the
 * files that do it share.
 *
 * @module
 */

import type { TemplateSet } from "../generator/mod.ts";
import type { Place } from "../model/mod.ts";

/** A token with how likely it was. */
export interface TokenScore {
  /** The token as it stands in the text: a word without the space before it, a piece of one, or a mark. */
  word: string;
  /** Natural logarithm of its probability after all that comes before it, in nats; at most 0. */
  logProbability: number;
}

/** A text with how likely it was. */
export interface TextScore {
  /** Its tokens, from the first; the mark that begins a text is given. */
  tokens: TokenScore[];
  /** Sum of their log probabilities, in nats. */
  total: number;
}

/** Numbers of one place. */
export interface Seen {
  /** Sizes of the axes. */
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

/** What was seen while a model read a text of T tokens. */
export interface ActivationCache {
  /** The T tokens, the mark that begins a text included: what the axes T stand for. */
  words: string[];
  /** [T, V] logits of the token after each. */
  logits: Seen;
  /** All places that were seen, layer by layer. */
  places: [place: Place, layer: number][];
  /**
   * What was at a place of a layer, from 0; the batch of one has no axis. [H, T, D]: q, k, v; [H, T, T],
   * the word that looks first: scores, pattern; [T, C]: resid_pre, z, attn_out, mlp_out.
   *
   * @throws {Error} if the model has no such place.
   */
  at(place: Place, layer: number): Seen;
}

/** A head of a model: both count from 0. */
export interface HeadAt {
  /** Its layer. */
  layer: number;
  /** Which one of the layer it is. */
  head: number;
}

/** What a model says where it is asked for a value. */
export interface Answer {
  /** The attribute, in words. */
  attribute: string;
  /** A sentence up to its value; of a run that is taught to answer questions, a question. */
  prompt: string;
  /** The prompt and all that the model says, to the end of its sentence. */
  sentence: string;
  /** What it says in the place of the value, up to what follows that in the sentence. */
  said: string;
  /** Probability that it says so. */
  sure: number;
  /** The true value. */
  truth: string;
  /** Whether it says the true value, and no other; of a question, whether its answer has it. */
  right: boolean;
}

/** Who is asked, and in which sentences. */
export interface Asked {
  /** People that training draws, or people whom the model never met. */
  of?: "population" | "unseen";
  /** Templates of training, those kept from each person (by default), or those kept from all. */
  set?: TemplateSet;
}
