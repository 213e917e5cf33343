/**
 * All studies, in the order of the notebooks.
 *
 * @module
 */

import { attentionFreezing } from "./attention_freezing.ts";
import { attentionPatching } from "./attention_patching.ts";
import { attentionSignatures } from "./attention_signatures.ts";
import { batchSize } from "./batch_size.ts";
import { elsewhere } from "./elsewhere.ts";
import { groupSequence } from "./group_sequence.ts";
import { hallucination } from "./hallucination.ts";
import { knownFromUnknown } from "./known_from_unknown.ts";
import { learningRate } from "./learning_rate.ts";
import { mixer } from "./mixer.ts";
import { modelSize } from "./model_size.ts";
import { newPeople } from "./new_people.ts";
import { otherRegimes } from "./other_regimes.ts";
import { populationSize } from "./population_size.ts";
import { powerLawStudy } from "./power_law.ts";
import { rarePeople } from "./rare_people.ts";
import { recovery } from "./recovery.ts";
import { refusals } from "./refusals.ts";
import { remedies } from "./remedies.ts";
import { replayStudy } from "./replay.ts";
import { scheduleComparison } from "./schedule_comparison.ts";
import { scheduleTuning } from "./schedule_tuning.ts";
import { startReferenceGrid } from "./start_reference_grid.ts";
import type { Study } from "./study.ts";
import { textVariety } from "./text_variety.ts";
import { threePhases } from "./three_phases.ts";
import { throwAwayPeople } from "./throw_away.ts";
import { toyMemory } from "./toy_memory.ts";
import { warmUpMap } from "./warm_up_map.ts";
import { weightDecay } from "./weight_decay.ts";

/** Every study that factlab comes with. */
export const STUDIES: readonly Study[] = [
  threePhases,
  populationSize,
  textVariety,
  learningRate,
  weightDecay,
  batchSize,
  mixer,
  modelSize,
  otherRegimes,
  elsewhere,
  attentionPatching,
  attentionFreezing,
  startReferenceGrid,
  attentionSignatures,
  powerLawStudy,
  scheduleTuning,
  warmUpMap,
  scheduleComparison,
  throwAwayPeople,
  hallucination,
  knownFromUnknown,
  refusals,
  newPeople,
  replayStudy,
  rarePeople,
  groupSequence,
  toyMemory,
  remedies,
  recovery,
];

/**
 * A study by its name.
 *
 * @example
 * ```ts
 * import { studyNamed } from "./registry.ts";
 * console.log(studyNamed("population-size").question);
 * ```
 *
 * @throws {Error} that lists the names there are.
 */
export function studyNamed(name: string): Study {
  const study = STUDIES.find((study) => study.name === name);
  if (study) return study;
  const names = STUDIES.map(({ name }) => name).join(", ");
  throw new Error(`Cannot find a study: its name must be one of ${names}, got ${name}.`);
}
