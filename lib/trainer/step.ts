/**
 * The functions a run needs, as one program: training step, evaluation, attention, next token.
 * They share their state: parameters and AdamW's two moments.
 *
 * @module
 */

import { bucketLengths, type Corpus, longestLesson } from "../generator/mod.ts";
import {
  type Forward,
  forwardOf,
  type Parameters,
  parameterShapes,
  patchedForward,
  referenceState,
  secondModel,
  type Shapes,
  trainable,
} from "../model/mod.ts";
import {
  askFunction,
  attendFunction,
  evaluateFunction,
  type EvaluationShape,
  flowFunction,
} from "../probes/mod.ts";
import {
  branches,
  type Program,
  type PureFunction,
  type Tensor,
  type Tensors,
  tf,
} from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { needsOld, objectiveOf } from "./objective.ts";
import { adamw, FIRST, SECOND, type StepScalars } from "./optimizer.ts";
import { PLAIN, unfrozen } from "./tuning.ts";
import { SHIFT, shiftedForward } from "./undo.ts";

/** Sequences an evaluation call scores, in as many branches as a step of that size has. */
const EVALUATION_SEQUENCES = 32;
/** Sequences whose attention is read at once. */
const ATTENTION_SEQUENCES = 16;

/** A program with the numbers its callers need to feed it. */
export interface RunProgram {
  /** State and functions. */
  program: Program;
  /** Lengths for which `step/<length>` exists. */
  stepLengths: number[];
  /** Shape of an evaluation call. */
  evaluation: Omit<EvaluationShape, "length">;
  /** Lengths for which `evaluate/<length>` exists. */
  evaluationLengths: number[];
  /** Shape of a call that reads attention. */
  attention: { sequences: number; length: number };
  /** Length of the function `ask`, if people are asked. */
  askLength: number;
}

/** Builds the program of a run. */
export function runProgram(configuration: RunConfiguration, corpus: Corpus): RunProgram {
  const { model, batch } = configuration;
  const forward = functionOf(configuration);
  const shapes = runShapes(configuration, corpus.tokenizer.vocabularySize);
  const { mean, sd } = corpus.writer.length;
  const bucketed = bucketLengths(corpus.writer);
  const longest = bucketed.at(-1)!;
  const askLength = Math.ceil(longestLesson(corpus.lists, corpus.tokenizer) / 8) * 8;
  const stepLengths = configuration.tuning.text === "questions" ? [askLength] : bucketed;
  const typical = [-0.6, 0, 0.6].map((k) => Math.ceil((mean + k * sd) / 8) * 8);
  const evaluationLengths = [...new Set([...typical, ...bucketed])]
    .filter((length) => length <= longest)
    .sort((a, b) => a - b);
  const evaluation = {
    sequences: EVALUATION_SEQUENCES,
    parts: branches(EVALUATION_SEQUENCES, longest),
    values: valueTokens(corpus),
  };
  const attention = { sequences: ATTENTION_SEQUENCES, length: longest };
  const functions: Record<string, PureFunction> = {
    next: nextFunction(forward, longest),
  };
  if (model.mixer === "attention") functions.attend = attendFunction(forward, attention);
  if (configuration.evaluation.flow > 0) {
    functions.flow = flowFunction(forward, { ...attention, width: model.width });
  }
  if (configuration.evaluation.asked > 0) functions.ask = askFunction(forward, askLength);
  if (configuration.tuning.ownText > 0) functions.write = askFunction(forward, longest);
  for (const length of stepLengths) {
    functions[`step/${length}`] = stepFunction(configuration, Object.keys(shapes.trained), {
      batch,
      length,
    });
  }
  for (const length of evaluationLengths) {
    functions[`evaluate/${length}`] = evaluateFunction(forward, { ...evaluation, length });
  }
  const program = { state: shapes.state, functions };
  return { program, stepLengths, evaluation, evaluationLengths, attention, askLength };
}

/**
 * Shapes of a run's parameters, of those of them that are trained, and of its whole state: with
 * two moments of the latter and the parameters of a second model, where there is one: the reference
 * whose attention is used, or what the run began with, which it is kept near.
 */
export function runShapes(
  configuration: Pick<RunConfiguration, "model" | "reference" | "tuning">,
  vocabularySize: number,
): { parameters: Shapes; trained: Shapes; state: Shapes } {
  const { model, reference, tuning } = configuration;
  const parameters = parameterShapes(model, vocabularySize);
  const names = unfrozen(trainable(Object.keys(parameters), reference !== null), tuning);
  const trained = Object.fromEntries(names.map((name) => [name, parameters[name]!]));
  return {
    parameters,
    trained,
    state: {
      ...parameters,
      ...stateShapes(trained),
      ...(reference || needsOld(tuning) ? referenceState(parameters) : {}),
      ...(tuning.undo === "mean shift" ? { [SHIFT]: [vocabularySize] } : {}),
    },
  };
}

/** The model of a run: plain, or with the attention of its reference. */
function functionOf(
  { model, reference = null, tuning }:
    & Pick<RunConfiguration, "model">
    & Partial<RunConfiguration>,
): Forward {
  const forward = reference ? patchedForward(model) : forwardOf(model);
  return tuning?.undo === "mean shift" ? shiftedForward(forward) : forward;
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

/** Tokens that the values of one biography can have at most. */
function valueTokens({ lists, tokenizer }: Corpus): number {
  return lists.attributes.reduce(
    (sum, { values }) => sum + Math.max(...values.map((value) => tokenizer.encode(value).length)),
    0,
  );
}

/**
 * Forward, backward and AdamW of the named parameters on one batch, split into parallel branches
 * whose losses are summed (objective.ts).
 */
export function stepFunction(
  configuration: Pick<RunConfiguration, "model" | "optimizer"> & Partial<RunConfiguration>,
  names: string[],
  { batch, length }: { batch: number; length: number },
): PureFunction {
  const { tuning = PLAIN } = configuration;
  const parts = branches(batch, length, tuning.prefer === null ? 1 : 2);
  const objective = objectiveOf(tuning, functionOf(configuration));
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
      const count = objective.count(inputs.targets!, batch);
      const old = secondModel(state);
      const loss = (...values: Tensor[]) => {
        const trained = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        const parameters = { ...state, ...trained };
        const sums = tokens.map((part, i) =>
          objective.sum(parameters, old, { tokens: part, targets: targets[i]! })
        );
        return tf.div(tf.addN(sums), count) as never;
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
      const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
      return {
        outputs: { loss: value },
        ...adamw(
          state,
          gradients,
          inputs as Record<keyof StepScalars, Tensor>,
          configuration.optimizer,
        ),
      };
    },
  };
}

/** Logits of the token after a given row, for generation. */
function nextFunction(forward: Forward, length: number): PureFunction {
  return {
    inputs: {
      tokens: { shape: [1, length], dtype: "int32" },
      row: { shape: [1], dtype: "int32" },
    },
    run: (state, { tokens, row }) => ({
      outputs: { logits: forward(state, tokens!, { rows: row! }) },
    }),
  };
}

/** Parameters with both moments of the trained ones at zero: the state in which training starts. */
export function initialState(
  parameters: Parameters,
  trained: string[] = Object.keys(parameters),
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = { ...parameters };
  for (const name of trained) {
    const { length } = parameters[name]!;
    state[FIRST + name] = new Float32Array(length);
    state[SECOND + name] = new Float32Array(length);
  }
  return state;
}

/** The state as tensors by name, for callers outside an engine. */
export type State = Tensors;
