/**
 * The toy associative memory (paper, appendix F.4; rows 24-25 without any attention): one hidden
 * layer learns key-value pairs, then new ones, with or without replay of the old.
 *
 * h = relu(W1 k + b1), o = W2 h + b2, logit of value c = <o, u_c>, where the u_c are fixed unit
 * vectors or a trained read-out. Keys and values are Gaussian vectors on the unit sphere.
 *
 * Axes: B batch, C width, H hidden, V values.
 *
 * @module
 */

import { normal, stream } from "../generator/mod.ts";
import type { Knowledge } from "../probes/mod.ts";
import { batchOf, makePairs, onSphere, type Pairs } from "./memory_pairs.ts";
import {
  type Call,
  callOf,
  crossEntropy,
  type Device,
  type Engine,
  engineOn,
  mapValues,
  type Outputs,
  type Program,
  type PureFunction,
  type Tensor,
  tf,
  type Values,
} from "../engine/mod.ts";
import {
  ADAMW,
  adamw,
  initialState,
  stateShapes,
  type StepScalars,
  stepScalars,
} from "../trainer/mod.ts";

/** A memory, how it is trained and what it then has to learn. */
export interface MemoryConfiguration {
  /** Seed of pairs, weights and batches. */
  seed: number;
  /** Key-value pairs of pre-training. */
  pairs: number;
  /** C. */
  width: number;
  /** H. */
  hidden: number;
  /** V. */
  values: number;
  /** Fixed value vectors, or a trained layer in their place. */
  readout: "fixed" | "trained";
  /** Pairs a step. */
  batch: number;
  /** Decoupled weight decay on matrices. */
  decay: number;
  /** AdamW's second decay; its first is .9. */
  beta2: number;
  /** Cosine to zero. */
  pretraining: { steps: number; lr: number };
  /** Constant learning rate. */
  tuning: {
    /** New pairs. */
    pairs: number;
    /** How often each old pair is drawn for one draw of a new one; 0 is no replay. */
    weight: number;
    steps: number;
    lr: number;
    /** Goes on with the moments of pre-training instead of fresh ones. */
    keepMoments: boolean;
  };
}

/** The paper's numbers; beta2 and the moments it does not tell. */
export const MEMORY: MemoryConfiguration = {
  seed: 0,
  pairs: 8192,
  width: 64,
  hidden: 256,
  values: 30,
  readout: "fixed",
  batch: 128,
  decay: 0.01,
  beta2: 0.95,
  pretraining: { steps: 16_000, lr: 0.03 },
  tuning: { pairs: 128, weight: 0, steps: 4000, lr: 1e-3, keepMoments: false },
};

/** What is recalled after some steps of tuning, of old and of new pairs. */
export interface MemoryMeasurement {
  /** Steps of tuning done. */
  step: number;
  /** Of the pairs of pre-training. */
  old: Knowledge;
  /** Of those that tuning brings. */
  new: Knowledge;
}

const EVALUATED = 1024;
const BETA1 = 0.9;

/**
 * Pre-trains a memory, tunes it on new pairs and returns what it recalls of both on the way; on a
 * device as runs are, see TrainOptions.device.
 *
 * @example
 * ```ts
 * import { associativeMemory } from "factlab";
 * import { MEMORY } from "factlab/study";
 * const curve = await associativeMemory({
 *   ...MEMORY,
 *   pairs: 256,
 *   pretraining: { steps: 200, lr: 0.03 },
 *   tuning: { ...MEMORY.tuning, pairs: 32, steps: 50 },
 * });
 * console.log(curve[0]!.old.accuracy, curve.at(-1)!.new.accuracy);
 * ```
 */
export async function associativeMemory(
  configuration: MemoryConfiguration,
  device?: Device,
): Promise<MemoryMeasurement[]> {
  const kind = engineOn(device);
  await kind.open({});
  const { seed, width, values, pairs, pretraining, tuning } = configuration;
  const { program, learn, recall } = memoryCalls(configuration);
  const engine = kind.build(program, { precision: "fp32" });
  using _ = { [Symbol.dispose]: () => engine.dispose() };
  const old = makePairs({ count: pairs, width, values }, stream(seed, "memory", "old"));
  const fresh = makePairs({ count: tuning.pairs, width, values }, stream(seed, "memory", "new"));
  engine.write(initialState(initialMemory(configuration), trainedNames(configuration)));
  const draw = stream(seed, "memory", "data");
  learn(engine, pretraining.steps, (step) => ({
    batch: batchOf([old], [1], configuration, draw),
    scalars: stepScalars({ ...optimizer(configuration), lr: pretraining.lr, floor: 0 }, {
      step,
      steps: pretraining.steps,
    }),
  }));
  if (!tuning.keepMoments) forgetMoments(engine);
  const before = tuning.keepMoments ? pretraining.steps : 0;
  const tune = (step: number): MemoryStep => ({
    batch: batchOf([old, fresh], [tuning.weight, 1], configuration, draw),
    scalars: {
      ...stepScalars({ ...optimizer(configuration), lr: tuning.lr, floor: 1 }, {
        step: before + step,
        steps: before + tuning.steps,
      }),
      lr: tuning.lr,
    },
  });
  const known = (pairs: Pairs) => knowledgeOf(pairs, { engine, recall });
  let done = 0;
  const measurements = tuningPoints(tuning.steps).map((step): MemoryMeasurement => {
    const from = done;
    learn(engine, step - from, (i) => tune(from + i));
    done = step;
    return { step, old: known(old), new: known(fresh) };
  });
  return measurements;
}

function optimizer({ decay, beta2 }: MemoryConfiguration) {
  return { warmup: 0, decay, beta1: BETA1, beta2, clip: null };
}

function shapesOf({ width, hidden, values }: MemoryConfiguration) {
  return {
    w1: [hidden, width],
    b1: [hidden],
    w2: [width, hidden],
    b2: [width],
    readout: [values, width],
  };
}

function trainedNames({ readout }: MemoryConfiguration): string[] {
  return ["w1", "b1", "w2", "b2", ...(readout === "trained" ? ["readout"] : [])];
}

/** Weights by fan-in, biases zero, value vectors on the unit sphere. */
function initialMemory(configuration: MemoryConfiguration): Record<string, Float32Array> {
  const { seed, width, hidden, values } = configuration;
  const weights = (name: string, size: number, fanIn: number) =>
    normal(size, stream(seed, "memory", name)).map((value) => value / Math.sqrt(fanIn));
  return {
    w1: weights("w1", hidden * width, width),
    b1: new Float32Array(hidden),
    w2: weights("w2", width * hidden, hidden),
    b2: new Float32Array(width),
    readout: onSphere(normal(values * width, stream(seed, "memory", "values")), width),
  };
}

/** What a step of learning is given. */
interface MemoryStep {
  batch: Pairs;
  scalars: StepScalars;
}

/** What a memory is asked: to learn batches of pairs, made as they are needed, and to recall. */
interface MemoryCalls {
  program: Program;
  learn: (engine: Engine, steps: number, stepAt: (step: number) => MemoryStep) => void;
  recall: Call<Values, Values>;
}

/** Biases are not shrunk. */
const decays = (name: string) => name !== "b1" && name !== "b2";

function memoryCalls(configuration: MemoryConfiguration): MemoryCalls {
  const { width, batch } = configuration;
  const shapes = shapesOf(configuration);
  const names = trainedNames(configuration);
  const logits = (state: Record<string, Tensor>, keys: Tensor) => {
    const product = (x: Tensor, w: Tensor) =>
      tf.matMul(x as never, w as never, false, true) as Tensor;
    const hidden = tf.relu(tf.add(product(keys, state.w1!), state.b1!)); // [B, H]
    return product(tf.add(product(hidden, state.w2!), state.b2!), state.readout!); // [B, V]
  };
  const pairsOf = (rows: number) => ({
    keys: { shape: [rows, width], dtype: "float32" as const },
    labels: { shape: [rows], dtype: "int32" as const },
  });
  const scalar = { shape: [], dtype: "float32" as const };
  const trained = Object.fromEntries(
    names.map((name) => [name, shapes[name as keyof typeof shapes]]),
  );
  const train: PureFunction = {
    name: "the memory's step",
    inputs: { ...pairsOf(batch), lr: scalar, correction1: scalar, correction2: scalar },
    run(state, inputs) {
      const loss = (...own: Tensor[]) => {
        const parameters = Object.fromEntries(names.map((name, i) => [name, own[i]!]));
        const losses = crossEntropy(
          logits({ ...state, ...parameters }, inputs.keys!),
          inputs.labels!,
        );
        return tf.mean(losses) as never;
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
      const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]!]));
      const scalars = inputs as Record<keyof StepScalars, Tensor>;
      return {
        outputs: { loss: value },
        ...adamw(
          state,
          gradients,
          scalars,
          { lr: 0, floor: 0, ...optimizer(configuration) },
          decays,
        ),
      };
    },
  };
  const recall = callOf({
    name: "the memory's recall",
    inputs: pairsOf(EVALUATED),
    run(state, { keys, labels }) {
      const scores = logits(state, keys!);
      const best = tf.cast(tf.argMax(scores, -1), "int32");
      const logs = tf.logSoftmax(scores);
      return {
        outputs: {
          loss: crossEntropy(scores, labels!),
          accuracy: tf.cast(tf.equal(best, labels!), "float32"),
          confidence: tf.exp(tf.max(logs, -1)) as Tensor,
          entropy: tf.neg(tf.sum(tf.mul(tf.exp(logs), logs), -1)) as Tensor,
        },
      };
    },
  });
  const learn: MemoryCalls["learn"] = (engine, steps, stepAt) => {
    const check = (outputs?: Outputs) => {
      const losses = outputs?.read().map(({ loss }) => loss![0]!) ?? [];
      const bad = losses.find((loss) => !Number.isFinite(loss));
      if (bad === undefined) return;
      throw new Error(
        `Cannot train the memory: the loss of ${batch} pairs must be finite, got ${bad}.`,
      );
    };
    let last: Outputs | undefined;
    const atOnce = engine.atOnce(train);
    for (let done = 0; done < steps; done += atOnce) {
      const count = Math.min(atOnce, steps - done);
      const inputs = Array.from({ length: count }, (_, i) => {
        const { batch: pairs, scalars } = stepAt(done + i);
        return { ...pairs, ...mapValues({ ...scalars }, (value) => Float32Array.of(value)) };
      });
      const outputs = engine.run(train, inputs);
      // Read late: the engine may still be at work.
      check(last);
      last = outputs;
    }
    check(last);
  };
  const state = { ...shapes, ...stateShapes(trained) };
  return { program: { state, calls: [{ functions: [train] }, recall] }, learn, recall };
}

/** Knowledge of at most 1024 pairs; fewer are repeated, and counted once. */
function knowledgeOf(
  { keys, labels }: Pairs,
  { engine, recall }: { engine: Engine; recall: MemoryCalls["recall"] },
): Knowledge {
  const count = Math.min(EVALUATED, labels.length);
  const width = keys.length / labels.length;
  const repeated = { keys: new Float32Array(EVALUATED * width), labels: new Int32Array(EVALUATED) };
  for (let row = 0; row < EVALUATED; row++) {
    const pair = row % count;
    repeated.keys.set(keys.subarray(pair * width, (pair + 1) * width), row * width);
    repeated.labels[row] = labels[pair]!;
  }
  const { loss, accuracy, confidence, entropy } = recall.run(engine, repeated);
  const average = (values: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i]!;
    return sum / count;
  };
  return {
    loss: average(loss!),
    accuracy: average(accuracy!),
    confidence: average(confidence!),
    entropy: average(entropy!),
  };
}

function forgetMoments(engine: Engine): void {
  const state = engine.read();
  engine.write(Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => ADAMW.slots.some((slot) => name.startsWith(slot)))
      .map(([name, { length }]) => [name, new Float32Array(length)]),
  ));
}

/** Every 10 steps to 100, then about even in log step. */
function tuningPoints(steps: number): number[] {
  const early = Array.from({ length: 11 }, (_, i) => 10 * i);
  const late = Array.from({ length: 25 }, (_, i) => Math.round(100 * (steps / 100) ** (i / 24)));
  const all = [...early, ...late, steps].filter((step) => step <= steps);
  return [...new Set(all)].sort((a, b) => a - b);
}
