/**
 * One file per experiment of the paper: its runs, its analysis, its figures, its claims.
 *
 * @module
 */
export * from "./arms.ts";
export * from "./associative_memory.ts";
export {
  type AttentionMap,
  attentionMapFigure,
  attentionMaps,
  attentionMatrixFigure,
} from "./attention_map.ts";
export { attentionFreezing } from "./attention_freezing.ts";
export { attentionPatching, checkpointAt, patchedRun, REFERENCES } from "./attention_patching.ts";
export { attentionByLayerFigure, attentionSignatures } from "./attention_signatures.ts";
export { attentionView } from "./attention_view.ts";
export { batchSize } from "./batch_size.ts";
export * from "./claims.ts";
export { type Cost, costOf, secondsOf } from "./cost.ts";
export { elsewhere } from "./elsewhere.ts";
export * from "./fine_tuning.ts";
export { groupSequence, type Sequence, sequenceRun } from "./group_sequence.ts";
export {
  finishedRuns,
  hallucination,
  hallucinationOnset,
  hallucinationRise,
  shareOf,
} from "./hallucination.ts";
export * from "./inspect.ts";
export { knownFromUnknown } from "./known_from_unknown.ts";
export { learningRate } from "./learning_rate.ts";
export * from "./memory_record.ts";
export { mixer } from "./mixer.ts";
export { largerModel, modelSize } from "./model_size.ts";
export { newPeople, tuningAttentionFigure } from "./new_people.ts";
export { otherRegimes } from "./other_regimes.ts";
export * from "./phases.ts";
export { populationSize } from "./population_size.ts";
export { rarePeople } from "./rare_people.ts";
export * from "./readings.ts";
export * from "./regime.ts";
export * from "./registry.ts";
export { recovery } from "./recovery.ts";
export { refusals } from "./refusals.ts";
export { remedies } from "./remedies.ts";
export { replayStudy, replayWeight } from "./replay.ts";
export * from "./run.ts";
export * from "./scoreboard.ts";
export { alphaCurves, decilesFigure, powerLawStudy } from "./power_law.ts";
export {
  decisionsTable,
  fewerPeopleFigure,
  scheduleComparison,
  scheduleCurves,
} from "./schedule_comparison.ts";
export { scheduleTuning, winnerOf } from "./schedule_tuning.ts";
export * from "./schedules.ts";
export { startReferenceGrid } from "./start_reference_grid.ts";
export * from "./statistics.ts";
export * from "./study.ts";
export { textVariety } from "./text_variety.ts";
export { threePhases } from "./three_phases.ts";
export { throwAwayPeople } from "./throw_away.ts";
export { switchFigure, warmUpMap } from "./warm_up_map.ts";
export { toyMemory } from "./toy_memory.ts";
export * from "./trial.ts";
export * from "./tuning_arms.ts";
export * from "./uncertainty.ts";
export { weightDecay } from "./weight_decay.ts";
