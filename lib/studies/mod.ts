/**
 * One file per experiment of the paper: its runs, its analysis, its figures, its claims; and the list
 * of them, in the order of the notebooks. What it exports is public: experiments take what they share
 * from one another's files.
 *
 * @module
 */

import { didYouMean } from "../display/mod.ts";
import type { Scale } from "../generator/mod.ts";
import {
  type BoardOptions,
  markdownOf,
  scoreboardOf,
  type ScoredClaim,
  type Study,
} from "../study/mod.ts";
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
import { populationSize } from "./population_size.ts";
import { powerLawStudy } from "./power_law.ts";
import { rarePeople } from "./rare_people.ts";
import { rateTuning } from "./rate_tuning.ts";
import { recovery } from "./recovery.ts";
import { refusals } from "./refusals.ts";
import { reinforcement } from "./reinforcement.ts";
import { remedies } from "./remedies.ts";
import { repetition } from "./repetition.ts";
import { replayStudy } from "./replay.ts";
import { scheduleComparison } from "./schedule_comparison.ts";
import { scheduleTuning } from "./schedule_tuning.ts";
import { startReferenceGrid } from "./start_reference_grid.ts";
import { subwordNames } from "./subword_names.ts";
import { textVariety } from "./text_variety.ts";
import { threePhases } from "./three_phases.ts";
import { throwAwayPeople } from "./throw_away.ts";
import { toyMemory } from "./toy_memory.ts";
import { updates } from "./updates.ts";
import { verifiedBeforeSaid } from "./verification.ts";
import { warmUpMap } from "./warm_up_map.ts";
import { weightDecay } from "./weight_decay.ts";
import { whoIsForgotten } from "./who_is_forgotten.ts";

export { attentionFreezing } from "./attention_freezing.ts";
export { attentionPatching, patchedRun, REFERENCES } from "./attention_patching.ts";
export { attentionByLayerFigure, attentionSignatures } from "./attention_signatures.ts";
export { batchSize } from "./batch_size.ts";
export { elsewhere } from "./elsewhere.ts";
export { type TunedRun, tunedRun } from "./fine_tuning.ts";
export { groupSequence } from "./group_sequence.ts";
export {
  finishedRuns,
  hallucination,
  hallucinationOnset,
  hallucinationRise,
} from "./hallucination.ts";
export { knownFromUnknown } from "./known_from_unknown.ts";
export { learningRate } from "./learning_rate.ts";
export { mixer } from "./mixer.ts";
export { modelSize } from "./model_size.ts";
export { newPeople, tuningAttentionFigure } from "./new_people.ts";
export { populationSize } from "./population_size.ts";
export { powerLawStudy } from "./power_law.ts";
export { alphaCurves, decilesFigure } from "./power_law_figures.ts";
export { rarePeople } from "./rare_people.ts";
export { rateTuning } from "./rate_tuning.ts";
export { recovery } from "./recovery.ts";
export { refusals } from "./refusals.ts";
export { PHASES_RUN, plateauRun } from "./regime.ts";
export { reinforcement } from "./reinforcement.ts";
export { remedies } from "./remedies.ts";
export { repetition } from "./repetition.ts";
export { subwordNames } from "./subword_names.ts";
export { replayStudy, replayWeight } from "./replay.ts";
export { scheduleComparison } from "./schedule_comparison.ts";
export { decisionsTable, fewerPeopleFigure, scheduleCurves } from "./schedule_figures.ts";
export { scheduleTuning } from "./schedule_tuning.ts";
export { scheduledRun, type ScheduleSize, type Setting } from "./schedules.ts";
export { bothScalesFigure } from "./both_scales.ts";
export { startReferenceGrid } from "./start_reference_grid.ts";
export { textVariety } from "./text_variety.ts";
export { threePhases } from "./three_phases.ts";
export { throwAwayPeople } from "./throw_away.ts";
export { toyMemory } from "./toy_memory.ts";
export { planeFigure, type TuningArms, tuningFigure, tuningTable } from "./tuning_arms.ts";
export { updates } from "./updates.ts";
export { verifiedBeforeSaid } from "./verification.ts";
export { switchFigure, warmUpMap } from "./warm_up_map.ts";
export { weightDecay } from "./weight_decay.ts";
export { whoIsForgotten } from "./who_is_forgotten.ts";

/** Every study that factlab comes with. */
export const STUDIES: readonly Study[] = [
  threePhases,
  populationSize,
  textVariety,
  learningRate,
  weightDecay,
  batchSize,
  rateTuning,
  mixer,
  modelSize,
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
  reinforcement,
  newPeople,
  replayStudy,
  rarePeople,
  groupSequence,
  toyMemory,
  remedies,
  recovery,
  whoIsForgotten,
  updates,
  verifiedBeforeSaid,
  repetition,
  subwordNames,
];

/**
 * A study by its name.
 *
 * @example
 * ```ts
 * import { studyNamed } from "factlab";
 * console.log(studyNamed("population-size").question);
 * ```
 *
 * @throws {Error} that lists the names there are.
 */
export function studyNamed(name: string): Study {
  const study = STUDIES.find((study) => study.name === name);
  if (study) return study;
  const names = STUDIES.map(({ name }) => name);
  throw new Error(
    `Cannot find a study: its name must be one of ${names.join(", ")}, got ${name}` +
      `${didYouMean(name, names)}.`,
  );
}

/**
 * All claims of all studies at a scale (laptop by default), judged from committed records.
 *
 * @example
 * ```ts
 * import { scoreboard, scoreboardMarkdown } from "factlab";
 * const board = scoreboard();
 * console.log(board.filter(({ score }) => score.verdict === "holds").length);
 * console.log(scoreboardMarkdown(board).split("\n")[0]);
 * ```
 */
export function scoreboard(
  studies: readonly Study[] = STUDIES,
  options: { scale?: Scale } = {},
): ScoredClaim[] {
  return scoreboardOf(studies, options);
}

/**
 * The scoreboard in Markdown: lines that count, and a table a notebook.
 *
 * @example
 * ```ts
 * import { scoreboard, scoreboardMarkdown, threePhases } from "factlab";
 * console.log(scoreboardMarkdown(scoreboard([threePhases])));
 * ```
 */
export function scoreboardMarkdown(
  board: ScoredClaim[] = scoreboard(),
  options?: BoardOptions,
): string {
  return markdownOf(board, options);
}
