/**
 * The training step as a call, and the state that it changes: parameters and AdamW's two moments.
 *
 * @module
 */

import {
  type BatchShape,
  fittingShape,
  meanLength,
  packBeside,
  packGroups,
  type Row,
  rowsIn,
  tokensOf,
} from "../generator/mod.ts";
import {
  decays,
  type Forward,
  forwardOf,
  otherModel,
  otherState,
  type Parameters,
  parameterTable,
  patchedForward,
  splitGroups,
  trainable,
} from "../model/mod.ts";
import {
  type Call,
  type Engine,
  type HasFunctions,
  mapValues,
  type PureFunction,
  type Shapes,
  type Tensor,
  tf,
  type Values,
} from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { needsOld, objectiveOf } from "./objective.ts";
import { ADAMW } from "./optimizer.ts";
import { spread } from "./spread.ts";
import { PLAIN, together, unfrozen } from "./tuning.ts";
import { SHIFT, shiftedForward } from "./undo.ts";

/**
 * Shapes of a run's parameters, of those of them that are trained, and of its whole state: with
 * two moments of the latter and the parameters of other models, where there are any: the reference
 * whose attention is used, or what the run began with, which it is kept near, and its reward model.
 */
export function runShapes(
  configuration: Pick<RunConfiguration, "model" | "reference" | "rewardModel" | "tuning">,
  vocabularySize: number,
): { parameters: Shapes; trained: Shapes; state: Shapes } {
  const { model, reference, rewardModel, tuning } = configuration;
  const table = parameterTable(model, vocabularySize);
  const shapesOf = (own: typeof table) =>
    Object.fromEntries(own.map(({ name, shape }) => [name, shape]));
  const parameters = shapesOf(table);
  const trained = shapesOf(unfrozen(trainable(table, reference !== null), tuning));
  return {
    parameters,
    trained,
    state: {
      ...parameters,
      ...stateShapes(trained),
      ...(reference || needsOld(tuning) ? otherState(parameters) : {}),
      ...(rewardModel ? otherState(parameters, "rewardModel") : {}),
      ...(tuning.undo === "mean shift" ? { [SHIFT]: [vocabularySize] } : {}),
    },
  };
}

/** The model of a run: plain, or with the attention of its reference. */
export function modelOf(
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
    for (const slot of ADAMW.slots) state[slot + name] = shape;
  }
  return state;
}

/** What one step is given. */
export interface StepInput {
  /** The rows of its batch. */
  rows: readonly Row[];
  /** What they are packed into, one of the shapes compiled; that of fewest tokens by default. */
  shape?: BatchShape;
  /** Its rate and corrections. */
  scalars: Readonly<Record<string, number>>;
}

/** Training losses in nats a token, to be read when they are needed. */
export interface Losses {
  /** Settles when they can be read without waiting. */
  ready(): Promise<void>;
  /** One a step, in order. */
  read(): number[];
}

/** Any number of steps, one after the other; their batches have equally many rows. */
export interface TrainingStep extends Call<readonly StepInput[], Losses> {
  /** Sequence lengths T that are compiled; of several groups their mean. */
  lengths: readonly number[];
  /** The shape, of those that are compiled, that fits all batches with the fewest tokens. */
  fitting(batches: readonly (readonly Row[])[]): BatchShape;
  /** How many steps an engine likes to be given at once, whatever their lengths. */
  atOnce(engine: Engine): number;
  /** The functions that some steps need. */
  needs(steps: readonly StepInput[]): HasFunctions;
}

/**
 * Forward, backward and AdamW of the named parameters on batches of some shapes, the losses of
 * whose parallel branches are summed (objective.ts).
 */
export function trainingStep(
  configuration: Pick<RunConfiguration, "model" | "optimizer"> & Partial<RunConfiguration>,
  names: readonly string[],
  shapes: readonly BatchShape[],
): TrainingStep {
  const functions = new Map(
    shapes.map((shape) => [shape, stepFunction(configuration, names, shape)]),
  );
  const { tuning = PLAIN } = configuration;
  const side = together(tuning);
  const { beside = [] } = objectiveOf(tuning, modelOf(configuration));
  const fitting = (batches: readonly (readonly Row[])[]) => fittingShape(batches, shapes, side);
  const shapeOf = ({ rows, shape }: StepInput) => shape ?? fitting([rows]);
  const functionOf = (shape: BatchShape) => functions.get(shape)!;
  return {
    functions: [...functions.values()],
    lengths: shapes.map(meanLength),
    fitting,
    atOnce: (engine) => Math.min(...[...functions.values()].map((fn) => engine.atOnce(fn))),
    needs: (steps) => ({ functions: [...new Set(steps.map(shapeOf))].map(functionOf) }),
    run(engine, steps) {
      // Neighbours of one shape go to the engine together.
      const runs: { shape: BatchShape; values: Values[] }[] = [];
      for (const step of steps) {
        const shape = shapeOf(step);
        const { inputs, targets } = packGroups(step.rows, shape, side);
        const numbers = mapValues(step.scalars, (value) => Float32Array.of(value));
        const told = beside.map((name) =>
          [name, packBeside(step.rows, shape, { name, together: side })] as const
        );
        const values = { tokens: inputs, targets, ...Object.fromEntries(told), ...numbers };
        if (runs.at(-1)?.shape === shape) runs.at(-1)!.values.push(values);
        else runs.push({ shape, values: [values] });
      }
      const outputs = runs.map(({ shape, values }) => engine.run(functionOf(shape), values));
      return {
        async ready() {
          await Promise.all(outputs.map((own) => own.ready()));
        },
        read: () => outputs.flatMap((own) => own.read().map(({ loss }) => loss![0]!)),
      };
    },
  };
}

function stepFunction(
  configuration: Pick<RunConfiguration, "model" | "optimizer"> & Partial<RunConfiguration>,
  names: readonly string[],
  shape: BatchShape,
): PureFunction {
  const { tuning = PLAIN } = configuration;
  const objective = objectiveOf(tuning, modelOf(configuration));
  const { beside = [] } = objective;
  const told = Object.keys(ADAMW.scalars(configuration.optimizer, { step: 0, steps: 1 }));
  const numbers = Object.fromEntries(
    told.map((name) => [name, { shape: [], dtype: "float32" as const }]),
  );
  // What decays does not depend on the vocabulary.
  const decayed = parameterTable(configuration.model, 1).filter(decays).map(({ name }) => name);
  const shrinks = (name: string) => decayed.includes(name);
  const M = tokensOf(shape);
  return {
    name: `the training step of ${shape.map(({ length }) => length).join(" + ")} tokens`,
    inputs: {
      tokens: { shape: [M], dtype: "int32" },
      targets: { shape: [M], dtype: "int32" },
      ...Object.fromEntries(
        beside.map((name) => [name, { shape: [M], dtype: "float32" as const }]),
      ),
      ...numbers,
    },
    run(state, inputs, branches) {
      const parts = spread(shape, branches, together(tuning));
      const of = (name: string) => splitGroups(inputs[name]!, parts.map(tokensOf));
      const [tokens, targets] = [of("tokens"), of("targets")];
      const besides = Object.fromEntries(beside.map((name) => [name, of(name)]));
      const count = objective.count(inputs.targets!, rowsIn(shape));
      const old = otherModel(state);
      const loss = (...values: Tensor[]) => {
        const trained = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        const parameters = { ...state, ...trained };
        const sums = parts.map((part, i) =>
          objective.sum(parameters, old, {
            tokens: groupsOf(tokens[i]!, part),
            targets: targets[i]!,
            beside: mapValues(besides, (all) => all[i]!),
          })
        );
        return tf.div(tf.addN(sums), count) as never;
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
      const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
      const scalars = Object.fromEntries(told.map((name) => [name, inputs[name]!]));
      return {
        outputs: { loss: value },
        ...ADAMW.update(state, gradients, scalars, configuration.optimizer, shrinks),
      };
    },
  };
}

/** Tokens [M] of a shape as its groups, each [B, T]. */
function groupsOf(tokens: Tensor, shape: BatchShape): Tensor[] {
  return splitGroups(tokens, shape.map((group) => tokensOf([group])))
    .map((own, i) => tf.reshape(own, [shape[i]!.rows, shape[i]!.length]));
}

/** Parameters with both moments of the trained ones at zero: the state in which training starts. */
export function initialState(
  parameters: Parameters,
  trained: string[] = Object.keys(parameters),
): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = { ...parameters };
  for (const name of trained) {
    const { length } = parameters[name]!;
    for (const slot of ADAMW.slots) state[slot + name] = new Float32Array(length);
  }
  return state;
}
