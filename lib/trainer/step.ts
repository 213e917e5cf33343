/**
 * The functions a run needs, as one program: training step, evaluation, attention, next token.
 * They share their state: parameters and AdamW's two moments.
 *
 * @module
 */

import { bucketLengths, type Corpus } from "../generator/mod.ts";
import { forward, type Parameters, parameterShapes, type Shapes } from "../model/mod.ts";
import { attendFunction, evaluateFunction, type EvaluationShape } from "../probes/mod.ts";
import {
  crossEntropy,
  type Program,
  type PureFunction,
  type Tensor,
  type Tensors,
  tf,
} from "../tensorflow/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { adamw, FIRST, SECOND, type StepScalars } from "./optimizer.ts";

/** Tokens that one parallel branch of a step works on, about; there are two branches at least. */
const BRANCH_TOKENS = 1024;
/** Sequences an evaluation call scores, in as many branches as a step of that size has. */
const EVALUATION_SEQUENCES = 32;
/** Sequences whose attention is read at once. */
const ATTENTION_SEQUENCES = 16;

/** A program with the numbers its callers need to feed it. */
export interface RunProgram {
  program: Program;
  /** Lengths for which `step/<length>` exists. */
  stepLengths: number[];
  evaluation: Omit<EvaluationShape, "length">;
  /** Lengths for which `evaluate/<length>` exists. */
  evaluationLengths: number[];
  attention: { sequences: number; length: number };
}

/** Builds the program of a run. */
export function runProgram(configuration: RunConfiguration, corpus: Corpus): RunProgram {
  const { model, batch } = configuration;
  const shapes = parameterShapes(model, corpus.tokenizer.vocabularySize);
  const { mean, sd } = corpus.writer.length;
  const stepLengths = bucketLengths(corpus.writer);
  const longest = stepLengths.at(-1)!;
  const typical = [-0.6, 0, 0.6].map((k) => Math.ceil((mean + k * sd) / 8) * 8);
  const evaluationLengths = [...new Set([...typical, ...stepLengths])]
    .filter((length) => length <= longest)
    .sort((a, b) => a - b);
  const evaluation = {
    sequences: EVALUATION_SEQUENCES,
    parts: branches(EVALUATION_SEQUENCES, longest),
    values: valueTokens(corpus),
  };
  const attention = { sequences: ATTENTION_SEQUENCES, length: longest };
  const functions: Record<string, PureFunction> = {
    attend: attendFunction(model, attention),
    next: nextFunction(configuration, longest),
  };
  for (const length of stepLengths) {
    functions[`step/${length}`] = stepFunction(configuration, Object.keys(shapes), {
      batch,
      length,
    });
  }
  for (const length of evaluationLengths) {
    functions[`evaluate/${length}`] = evaluateFunction(model, { ...evaluation, length });
  }
  const program = { state: stateShapes(shapes), functions };
  return { program, stepLengths, evaluation, evaluationLengths, attention };
}

/** Shapes of the state in which a model trains: its parameters and both their moments. */
export function stateShapes(shapes: Shapes): Shapes {
  const state = { ...shapes };
  for (const [name, shape] of Object.entries(shapes)) {
    state[FIRST + name] = shape;
    state[SECOND + name] = shape;
  }
  return state;
}

/** How many equal parallel branches to split sequences into. */
export function branches(sequences: number, length: number): number {
  const wanted = Math.max(2, Math.round(sequences * length / BRANCH_TOKENS));
  let parts = Math.min(wanted, sequences);
  while (sequences % parts !== 0) parts--;
  return parts;
}

/** Tokens that the values of one biography can have at most. */
function valueTokens({ lists, tokenizer }: Corpus): number {
  return lists.attributes.reduce(
    (sum, { values }) => sum + Math.max(...values.map((value) => tokenizer.encode(value).length)),
    0,
  );
}

/**
 * Forward, backward and AdamW on one batch, split into parallel branches whose losses are
 * summed. The loss is the mean over all tokens but padding.
 */
export function stepFunction(
  { model, optimizer }: Pick<RunConfiguration, "model" | "optimizer">,
  names: string[],
  { batch, length }: { batch: number; length: number },
): PureFunction {
  const parts = branches(batch, length);
  return {
    inputs: {
      tokens: { shape: [batch, length], dtype: "int32" },
      targets: { shape: [batch * length], dtype: "int32" },
      lr: { shape: [], dtype: "float32" },
      correction1: { shape: [], dtype: "float32" },
      correction2: { shape: [], dtype: "float32" },
    },
    run(state, inputs) {
      const tokens = tf.split(inputs.tokens!, parts);
      const targets = tf.split(inputs.targets!, parts);
      const count = tf.sum(isToken(inputs.targets!));
      const loss = (...values: Tensor[]) => {
        const parameters = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        const sums = tokens.map((part, i) => {
          const losses = crossEntropy(forward(model, parameters, part), targets[i]!);
          return tf.sum(tf.mul(losses, isToken(targets[i]!)));
        });
        return tf.div(tf.addN(sums), count) as never;
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
      const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
      return {
        outputs: { loss: value },
        ...adamw(state, gradients, inputs as Record<keyof StepScalars, Tensor>, optimizer),
      };
    },
  };
}

/** 1 where a target is a token, 0 where it is padding. */
function isToken(targets: Tensor): Tensor {
  return tf.cast(tf.greater(targets, tf.scalar(0, "int32")), "float32");
}

/** Logits of the token after a given row, for generation. */
function nextFunction({ model }: RunConfiguration, length: number): PureFunction {
  return {
    inputs: {
      tokens: { shape: [1, length], dtype: "int32" },
      row: { shape: [1], dtype: "int32" },
    },
    run: (state, { tokens, row }) => ({
      outputs: { logits: forward(model, state, tokens!, { rows: row! }) },
    }),
  };
}

/** Parameters with both moments at zero: the state in which training starts. */
export function initialState(parameters: Parameters): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = { ...parameters };
  for (const [name, values] of Object.entries(parameters)) {
    state[FIRST + name] = new Float32Array(values.length);
    state[SECOND + name] = new Float32Array(values.length);
  }
  return state;
}

/** The state as tensors by name, for callers outside an engine. */
export type State = Tensors;
