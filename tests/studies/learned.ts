// Made-up records of runs that have learned, for tests of how studies read and show records.

import type { Scale } from "../../lib/generator/mod.ts";
import { certaintyOf } from "../../lib/probes/mod.ts";
import {
  experimentOf,
  isMemory,
  type MemoryConfiguration,
  type MemoryRecord,
  regimeIn,
  type Results,
  type Study,
  type TrialRecord,
  type TrialRun,
  trialsOf,
} from "../../lib/study/mod.ts";
import {
  configure,
  type Measurement,
  type RunConfiguration,
  type RunRecord,
} from "../../lib/trainer/mod.ts";

const FLOOR = { loss: 3.6, attributes: [3.6], accuracy: 0.04, unseen: 3.7 };
const LAYER = {
  nameToName: 0.1,
  ownName: 0.2,
  earlierNames: 0.2,
  ownText: 0.3,
  earlierText: 0.2,
  earlierValues: 0.1,
};

const CERTAINTY = certaintyOf([[{ confidence: 0.9, entropy: 0.3, right: true }]]);
const ANSWERS = { right: 3, wrong: 2, refused: 1, samples: { accuracy: 0.5, consistency: 0.8 } };

const SURE = { ...CERTAINTY.confidence, refused: 2 };

/** A record as a run that learns would leave it: flat until `end`, then falling. */
export function learned(configuration: RunConfiguration, end = 0.3): RunRecord {
  const { steps, batch, model, start, evaluation } = configuration;
  const begin = start?.step ?? 0;
  const measurements = Array.from({ length: 21 }, (_, i): Measurement => {
    const step = Math.round(begin + (steps - begin) * i / 20);
    const share = step / steps;
    const known = Math.max(0, (share - end) / (1 - end));
    const loss = share < 0.1 ? 3.6 + 8 * (1 - share / 0.1) : 3.6 * (1 - known) + 0.01;
    const set = {
      loss,
      accuracy: 0.04 + 0.96 * known,
      confidence: 0.5,
      entropy: 1,
      positions: Array.from({ length: 6 }, (): [number, number] => [loss, 0.04 + 0.9 * known]),
      ...(i === 20 ? { certainty: CERTAINTY } : {}),
    };
    const groups = evaluation.groups.map((_, i) => `group ${i + 1}`);
    const entropy = 1 - share / 2;
    return {
      step,
      samples: step * batch,
      trainingLoss: i === 0 ? null : 0.4 + loss / 10,
      sets: {
        training: set,
        "held-out": set,
        new: set,
        unseen: { ...set, loss: 4 },
        ...Object.fromEntries(groups.map((name) => [name, set])),
      },
      ...(evaluation.asked > 0
        ? {
          answers: Object.fromEntries(
            ["held-out", "unseen", ...groups].map((name) => [name, ANSWERS]),
          ),
        }
        : {}),
      ...(evaluation.certainty > 0 && i === 20
        ? {
          certainty: Object.fromEntries(
            ["held-out", "unseen", ...groups].map((name) => [name, SURE]),
          ),
        }
        : {}),
      ...(evaluation.persons > 0
        ? {
          persons: Object.fromEntries(groups.map((name) => [name, {
            // Often and seldom seen ones, where some are.
            person: [0, 1, -2, -1].map((k) => k < 0 ? evaluation.groups[1]! + k : k),
            right: [6, 5, 4, 3].map((right) => Math.round(right * (1 - i / 40))),
            loss: [0.1, 0.2, 0.4, 0.8],
            confidence: [0.9, 0.8, 0.7, 0.6],
          }])),
        }
        : {}),
      attention: {
        nameToName: 0.1,
        nameToAllNames: 0.2,
        layers: Array.from({ length: model.layers }, () => ({ ...LAYER, entropy })),
      },
      flow: 0.1 + known,
      verification: Object.fromEntries(
        (groups.length > 0 ? groups : ["held-out"])
          .flatMap((name) => configuration.updated ? [name, `${name}, former`] : [name])
          .map((name) => [name, { verified: 0.5 + known / 2, said: known, margin: 9 * known }]),
      ),
    };
  });
  return { header: { hash: "0", configuration, floor: FLOOR, environment: {} }, measurements };
}

/** The record of a toy memory that has forgotten. */
function forgotten(memory: MemoryConfiguration): MemoryRecord {
  const measurements = learned(configure()).measurements.map(({ step, sets }) => ({
    ...{ step, samples: step, trainingLoss: null },
    sets: { old: sets.training, new: sets.training },
  }));
  const configuration = { scale: "memory" as const, ...memory };
  return { header: { hash: "0", configuration, floor: FLOOR, environment: {} }, measurements };
}

/** A record of what a trial trains. */
export const trained = (run: TrialRun): TrialRecord =>
  isMemory(run) ? forgotten(run.memory) : learned(configure(run));

/** Results of a study in which every run has learned. */
export function allLearned(study: Study, scale: Scale, seeds: number): Results {
  const regime = regimeIn(study, scale);
  const experiment = experimentOf(study, regime);
  const trials = trialsOf(experiment.arms, seeds).map((trial) => ({
    ...trial,
    hash: `${trial.arm.name}, seed ${trial.seed}`,
    record: trained(trial.run),
  }));
  return { study, regime, experiment, trials };
}
