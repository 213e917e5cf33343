/**
 * Runs that build on other runs: the parameters of a checkpoint of another run, and the state in
 * which a run begins.
 *
 * @module
 */

import type { Corpus } from "../generator/mod.ts";
import { initialParameters, otherState, type Parameters, parameterShapes } from "../model/mod.ts";
import type { Engine, Shapes } from "../engine/mod.ts";
import { checkpointSteps, readCheckpoint, setAside } from "./checkpoint.ts";
import type { CheckpointOf, RunConfiguration } from "./configuration.ts";
import { configure, identity } from "./configure.ts";
import { needsOld } from "./objective.ts";
import { ADAMW } from "./optimizer.ts";
import { otherData, runFolder } from "./record_store.ts";
import { Damaged } from "./safetensors.ts";
import { initialState, runShapes } from "./step.ts";
import { meanShift, SHIFT, withoutTopDirection } from "./undo.ts";

/** Checkpoints a run begins from, which have to be on this machine; step 0 needs no file. */
export function needs({ start, reference, rewardModel, tuning }: RunConfiguration): CheckpointOf[] {
  const undone = tuning.undo === "nothing" ? null : start!.run.start!;
  return [start, reference, rewardModel, undone].filter((needed) =>
    needed !== null && needed.step > 0
  ) as CheckpointOf[];
}

/** Whether a checkpoint is on this machine. */
export function isKept({ run, step }: CheckpointOf): boolean {
  return step === 0 || checkpointSteps(runFolder(configure(run))).includes(step);
}

/**
 * Parameters of a run after some steps.
 *
 * @throws {Error} if the checkpoint is not on this machine.
 */
export function parametersOf(checkpoint: CheckpointOf, vocabularySize: number): Parameters {
  const state = stateOf(checkpoint, vocabularySize);
  const { parameters } = runShapes(configure(checkpoint.run), vocabularySize);
  return Object.fromEntries(Object.keys(parameters).map((name) => [name, state[name]!]));
}

/** Parameters and moments of a run after some steps. */
function stateOf({ run, step }: CheckpointOf, vocabularySize: number): Parameters {
  const configuration = configure(run);
  const hash = identity(configuration);
  if (step === 0) {
    return initialState(
      initialParameters(configuration.model, vocabularySize, configuration.seed),
    );
  }
  if (!isKept({ run, step })) {
    throw new Error(
      `Cannot begin from run ${hash}: its checkpoint of step ${step} is not on this machine. ` +
        `sweep() and studies train what is missing; or train it with ` +
        `{ fresh: true, checkpoints: [${step}] }. ${otherData(configuration)}`.trimEnd(),
    );
  }
  const shapes = runShapes(configuration, vocabularySize).state;
  const folder = runFolder(configuration);
  try {
    return readCheckpoint(folder, step, { hash, shapes }).state;
  } catch (cause) {
    if (!(cause instanceof Damaged)) throw cause;
    throw new Error(`${cause.message}${toldAside(folder, step)}`, { cause });
  }
}

/** Sets a damaged checkpoint aside, unless its folder cannot be written, and says so. */
function toldAside(folder: URL, step: number): string {
  try {
    setAside(folder, [step]);
    return " It is set aside: run this again, and sweep() and studies make it again.";
  } catch {
    return "";
  }
}

/**
 * The state in which a run begins: fresh or given parameters and moments, its reference and its reward
 * model. An engine of the run computes what has to be asked of a model.
 */
export function beginning(
  configuration: RunConfiguration,
  corpus: Corpus,
  engine: Engine,
): Record<string, Float32Array> {
  const { model, seed, start, reference, rewardModel } = configuration;
  const { vocabularySize } = corpus.tokenizer;
  const { parameters, ...shift } = start
    ? undone(configuration, corpus, { engine, parameters: parametersOf(start, vocabularySize) })
    : { parameters: initialParameters(model, vocabularySize, seed) };
  const { trained } = runShapes(configuration, vocabularySize);
  return {
    ...shift,
    ...initialState(parameters, Object.keys(trained)),
    ...(start?.moments === "kept" ? moments(stateOf(start, vocabularySize), trained) : {}),
    ...(reference ? otherState(parametersOf(reference, vocabularySize)) : {}),
    ...(needsOld(configuration.tuning) ? otherState(parameters) : {}),
    ...(rewardModel ? otherState(parametersOf(rewardModel, vocabularySize), "rewardModel") : {}),
  };
}

/** Both moments of what is trained. */
function moments(state: Parameters, trained: Shapes): Parameters {
  const names = Object.keys(trained).flatMap((name) => ADAMW.slots.map((slot) => slot + name));
  const missing = names.find((name) => !(name in state));
  if (missing) {
    throw new Error(
      `Cannot keep moments: start.run must have trained all that is trained now, it has no ` +
        `${missing}. Leave start.moments out to begin with fresh ones.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, state[name]!]));
}

/** What a run begins with once tuning is undone as it says: parameters, and the logits' shift. */
function undone(
  configuration: RunConfiguration,
  corpus: Corpus,
  { engine, parameters }: { engine: Engine; parameters: Parameters },
): { parameters: Parameters; [SHIFT]?: Float32Array } {
  const { model, start, tuning } = configuration;
  if (tuning.undo === "nothing") return { parameters };
  const { vocabularySize } = corpus.tokenizer;
  const before = start!.run.start!;
  const old = parametersOf(before, vocabularySize);
  if (tuning.undo === "top direction") {
    const shapes = parameterShapes(model, vocabularySize);
    return { parameters: withoutTopDirection(parameters, old, shapes) };
  }
  const { people } = configure(before.run);
  return {
    parameters,
    [SHIFT]: meanShift(configuration, corpus, { engine, now: parameters, old, people }),
  };
}
