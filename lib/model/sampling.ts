/**
 * Many prompts continued side by side in one compiled function: the prompts are read once, and every
 * further token sees what is kept of those before it, a key-value cache. All shapes are fixed: so
 * many prompts, so many tokens of each, so many that are added.
 *
 * Prompts end together: shorter ones have padding before them, which nobody sees, and rotary
 * positions only ever tell distances.
 *
 * Axes: B prompts, P tokens of a prompt, N tokens that are added, V vocabulary.
 *
 * @module
 */

import { EOS, PAD, type Random } from "../generator/mod.ts";
import {
  type Call,
  crossEntropy,
  type Engine,
  type PureFunction,
  softmax,
  type Tensor,
  type Tensors,
  tf,
} from "../engine/mod.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { Past } from "./mixer.ts";
import { mixerOf } from "./mixers.ts";
import type { Forward } from "./transformer.ts";

/** What is continued, and how. */
export interface Sampling {
  /** Tokens of each prompt, at least one. */
  prompts: readonly (readonly number[])[];
  /** Where tokens are drawn from the model's distribution; the likeliest ones are taken without. */
  random?: Random;
}

/** What a model has added to a prompt. */
export interface Continuation {
  /** Its tokens; the last is the end mark where there was room for it. */
  tokens: number[];
  /** Natural logarithm of each token's probability after all before it. */
  logProbabilities: number[];
}

/** Continues prompts, any number of them. */
export type Sampler = Call<Sampling, Continuation[]>;

/** Sizes of a sampler. */
export interface SamplerSize {
  /** Prompts that are continued at once. */
  prompts: number;
  /** Tokens of a prompt, at most. */
  prompt: number;
  /** Tokens that are added, at most. */
  added: number;
  /** Tokens of the vocabulary; what is beyond them is never said, nor is padding. */
  words: number;
}

const VERY_NEGATIVE = -1e9;

/**
 * Whether a model's sequences can go on from what is kept of them.
 *
 * @example
 * ```ts
 * import { canSample, MODELS } from "factlab/model";
 * console.log(canSample(MODELS.smoke), canSample({ ...MODELS.smoke, mixer: "recurrent" }));
 * ```
 */
export function canSample(model: ModelConfiguration): boolean {
  return mixerOf(model).goesOn === true;
}

/**
 * The call that continues prompts, by a model that {@link canSample}.
 *
 * @example
 * ```ts
 * import { forwardOf, initialParameters, MODELS, parameterShapes, samplerOf } from "factlab/model";
 * import { compile, openTensorFlow } from "factlab/engine";
 * await openTensorFlow();
 * const size = { prompts: 2, prompt: 4, added: 3, words: 64 };
 * const sampler = samplerOf(forwardOf(MODELS.smoke), size);
 * const engine = compile({ state: parameterShapes(MODELS.smoke, 64), calls: [sampler] });
 * engine.write(initialParameters(MODELS.smoke, 64, 0));
 * console.log(sampler.run(engine, { prompts: [[1, 5, 9], [1, 7]] })[0]!.tokens);
 * engine.dispose();
 * ```
 */
export function samplerOf(forward: Forward, size: SamplerSize): Sampler {
  const { prompts: B, prompt: P, added: N } = size;
  const sample: PureFunction = {
    name: `${B} prompts of ${P} tokens and ${N} more`,
    inputs: {
      prompts: { shape: [B, P], dtype: "int32" },
      chances: { shape: [B, N], dtype: "float32" },
      drawn: { shape: [], dtype: "int32" },
    },
    run(state, { prompts, chances, drawn }, branches) {
      const parts = branches(B, P + N);
      const split = (all: Tensor) => parts === 1 ? [all] : tf.split(all, parts) as Tensor[];
      const own = split(chances!);
      const made = split(prompts!).map((some, i) =>
        continued(forward, state, { prompts: some, chances: own[i]!, drawn: drawn! }, size)
      );
      const joined = (name: "tokens" | "logs") =>
        parts === 1 ? made[0]![name] : tf.concat(made.map((one) => one[name]));
      return { outputs: { tokens: joined("tokens"), logs: joined("logs") } };
    },
  };
  const once = (engine: Engine, prompts: Sampling["prompts"], random?: Random): Continuation[] => {
    const tokens = new Int32Array(B * P).fill(PAD);
    const chances = new Float32Array(B * N);
    prompts.forEach((own, i) => {
      tokens.set(own, (i + 1) * P - own.length);
      if (random) { for (let n = 0; n < N; n++) chances[i * N + n] = random(); }
    });
    const inputs = { prompts: tokens, chances, drawn: Int32Array.of(random ? 1 : 0) };
    const [outputs] = engine.run(sample, [inputs]).read();
    return prompts.map((_, i) => {
      const said = outputs!.tokens!.subarray(i * N, (i + 1) * N);
      const end = said.indexOf(PAD);
      const part = <Values extends Float32Array | Int32Array>(all: Values) => [
        ...all.subarray(i * N, end < 0 ? (i + 1) * N : i * N + end),
      ];
      return { tokens: part(outputs!.tokens!), logProbabilities: part(outputs!.logs!) };
    });
  };
  return {
    functions: [sample],
    run(engine, { prompts, random }) {
      const long = prompts.find(({ length }) => length > P || length === 0);
      if (long) {
        throw new Error(
          `Cannot sample: a prompt must have 1 to ${P} tokens, got ${long.length}. ` +
            "Shorten it, or build the sampler with a larger `prompt`.",
        );
      }
      const starts = Array.from({ length: Math.ceil(prompts.length / B) }, (_, i) => i * B);
      return starts.flatMap((start) => once(engine, prompts.slice(start, start + B), random));
    },
  };
}

/** Tokens [B, N] that follow prompts, padding after the end mark, and their log probabilities. */
function continued(
  forward: Forward,
  state: Tensors,
  { prompts, chances, drawn }: { prompts: Tensor; chances: Tensor; drawn: Tensor },
  { added, words }: SamplerSize,
): { tokens: Tensor; logs: Tensor } {
  const [B, P] = prompts.shape as [number, number];
  const memory = remembering(prompts);
  const lasts = tf.tensor1d(Array.from({ length: B }, (_, i) => (i + 1) * P - 1), "int32");
  let logits = forward(state, prompts, { past: memory.next(P), rows: lasts }); // [B, V]
  const V = logits.shape[1]!;
  const never = tf.tensor1d(
    Array.from({ length: V }, (_, id) => id === PAD || id >= words ? VERY_NEGATIVE : 0),
  );
  const end = tf.scalar(EOS, "int32");
  const columns = tf.split(chances, added, 1); // [B, 1] each
  const tokens: Tensor[] = [];
  const logs: Tensor[] = [];
  let open = tf.onesLike(lasts) as Tensor; // 0 from the end mark on
  for (let n = 0; n < added; n++) {
    const known = tf.add(logits, never) as Tensor;
    const chosen = chooseToken(known, columns[n]!, { drawn, words });
    logs.push(tf.mul(tf.neg(crossEntropy(known, chosen)), tf.cast(open, "float32")));
    const token = tf.mul(chosen, open) as Tensor; // PAD is 0
    tokens.push(token);
    open = tf.mul(open, tf.cast(tf.notEqual(token, end), "int32"));
    if (n === added - 1) break;
    logits = forward(state, tf.reshape(token, [B, 1]), { past: memory.next(1) });
  }
  return { tokens: tf.stack(tokens, 1), logs: tf.stack(logs, 1) };
}

/** The likeliest token [B] of logits [B, V] or, if `drawn` is 1, where chances [B, 1] fall. */
function chooseToken(
  logits: Tensor,
  chances: Tensor,
  { drawn, words }: { drawn: Tensor; words: number },
): Tensor {
  const best = tf.argMax(logits, -1);
  const sums = tf.cumsum(softmax(logits), 1);
  const passed = tf.sum(tf.cast(tf.lessEqual(sums, chances), "int32"), -1);
  // Sums may end a little below 1.
  const fallen = tf.minimum(passed, tf.scalar(words - 1, "int32"));
  return tf.add(best, tf.mul(drawn, tf.sub(fallen, best)));
}

/** A cache over prompts [B, P]: what each pass of some positions goes on from. */
function remembering(prompts: Tensor): { next(T: number): Past } {
  const [B, P] = prompts.shape as [number, number];
  const padding = tf.cast(tf.equal(prompts, tf.scalar(PAD, "int32")), "float32");
  const unseen = tf.reshape(tf.mul(padding, VERY_NEGATIVE), [B, 1, 1, P]);
  const kept = new Map<string, Tensor>();
  let length = 0;
  return {
    next(T) {
      const from = length;
      length += T;
      return {
        length: from,
        hidden: length === P
          ? unseen
          : tf.concat([unseen, tf.zeros([B, 1, 1, length - P])], 3) as Tensor,
        add(layer, what, own) {
          const key = `${what} ${layer}`;
          const before = kept.get(key);
          const all = before ? tf.concat([before, own], 2) as Tensor : own;
          kept.set(key, all);
          return all;
        },
      };
    },
  };
}
