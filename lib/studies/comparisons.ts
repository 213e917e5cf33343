/**
 * What is comparable between the paper's own curve points and our records of either scale, notebook
 * by notebook.
 *
 * @module
 */

import type { AxisOptions } from "../figures/mod.ts";
import { probabilities } from "../generator/mod.ts";
import { lastCrossing } from "../probes/mod.ts";
import {
  bandOf,
  finalShare,
  interpolate,
  line,
  mean,
  nameAttention,
  overSeeds,
  plateauEnd,
  plateauIn,
} from "../readings/mod.ts";
import { recordsOf, type Results, runArms, type Study } from "../study/mod.ts";
import {
  configure,
  type Measurement,
  type RunConfiguration,
  type RunRecord,
} from "../trainer/mod.ts";
import { attentionPatching } from "./attention_patching.ts";
import { attentionSignatures } from "./attention_signatures.ts";
import { cellOf } from "./compared_schedules.ts";
import { accuracies, oldPeople, tuningSteps } from "./fine_tuning.ts";
import { hallucination } from "./hallucination.ts";
import { newPeople } from "./new_people.ts";
import { PAPER_CURVES, PAPER_EXPOSURES, PAPER_FLOOR, PAPER_PLATEAU_END } from "./paper_curves.ts";
import { populationSize } from "./population_size.ts";
import { endOnLine, gridAt, powerLawStudy } from "./power_law.ts";
import { replayStudy } from "./replay.ts";
import { scheduleComparison } from "./schedule_comparison.ts";
import { threePhases } from "./three_phases.ts";

/** Points of one curve; ours are means over n seeds, null where there is no record. */
export interface Series {
  x: readonly number[];
  y: readonly (number | null)[];
  sd?: readonly (number | null)[];
  n?: number | readonly number[];
}

/** One quantity of the paper's beside ours. */
export interface Comparison {
  study: Study;
  title: string;
  /** Its axis; or categories, whose places in the list are x. */
  x: AxisOptions | { title: string; categories: readonly string[] };
  y: AxisOptions;
  /** The paper's points. */
  paper: Series;
  /** Ours, from the records there are of a scale. */
  ours(results: Results): Series;
  /** The one number that the caption tells, NaN where points are missing for it, and what it is. */
  told: { words: string; of(series: Series): number };
}

const EXPOSURES = { title: "biographies a person", log: true };
const SHARE = { title: "share of L0" };
const exposures = (steps: readonly number[]) => steps.map((step) => step * PAPER_EXPOSURES);
const shares = (nats: readonly number[]) => nats.map((loss) => loss / PAPER_FLOOR);
const last = ({ y }: Series) => y.at(-1) ?? NaN;
const lastOverFirst = (series: Series) => last(series) / (series.y[0] ?? NaN);

/** The points that there are. */
const points = ({ x, y }: Series) =>
  x.map((x, i) => ({ x, y: y[i] ?? NaN })).filter(({ y }) => Number.isFinite(y));

/** One and the slope over logarithms; of fewer than three points there is none. */
const exponent = (series: Series) => {
  const known = points(series).map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  if (known.length < 3) return NaN;
  return 1 + line(known.map(([x]) => x), known.map(([, y]) => y)).slope;
};

/** Where a curve falls below a height for good. */
const passes = (height: number) => ({ x, y }: Series) =>
  lastCrossing([...x], y.map((value) => value ?? NaN), height) ?? NaN;

/** A quantity over biographies a person, of the regime's own runs. */
function overTime(quantity: (m: Measurement, record: RunRecord) => number | null | undefined) {
  return (results: Results): Series => {
    const records = runArms(results.experiment.arms).flatMap((arm) => recordsOf(results, arm))
      .filter(({ header }) => !header.configuration.start && !header.configuration.reference);
    const { people = 1 } = records[0]?.header.configuration ?? {};
    return bandOf(
      records.map((record) => ({
        measurements: record.measurements.map((m) => ({
          step: m.step,
          samples: m.samples,
          value: quantity(m, record),
        })),
      })),
      ({ value }) => value,
      ({ samples }) => samples / people,
    );
  };
}

/** A quantity of each arm against what it is; arms of the same x together, those without left out. */
function byArm(
  results: Results,
  x: (run: RunConfiguration) => number | undefined,
  y: (record: RunRecord) => number,
): Series {
  const arms = runArms(results.experiment.arms)
    .map((arm) => ({ at: x(configure(arm.run(0))), records: recordsOf(results, arm) }));
  const groups = [...Map.groupBy(arms, ({ at }) => at)]
    .flatMap(([at, own]) => at === undefined ? [] : [{ at, own }])
    .sort((a, b) => a.at - b.at);
  const values = groups.map(({ own }) =>
    own.flatMap(({ records }) => records.map(y)).filter(Number.isFinite)
  );
  return { x: groups.map(({ at }) => at), ...overSeeds(values) };
}

/** Share of old people among those that tuning draws. */
function oldShare({ schedule, people }: RunConfiguration, old: number): number {
  const drawn = probabilities(schedule.at(-1)!.people, people);
  return Number(drawn.slice(0, old).reduce((sum, one) => sum + one, 0).toFixed(4));
}

/** Whether a run is tuned for the full length with fresh moments: the paper's way. */
function plainlyTuned({ start, steps }: RunConfiguration, { regime }: Results): boolean {
  return start !== null && !start.moments && steps - start.step === tuningSteps(regime);
}

const { loss, plateau, attention, patching, powerLaw, schedules, unseen, confidence } =
  PAPER_CURVES;
const { forgetting, replay } = PAPER_CURVES;
/** Of the paper's fine-tuning with replay. */
const [PAPER_OLD, PAPER_NEW] = [64_000, 4000];

/** The comparisons of each notebook, by its number. */
export const COMPARISONS: Readonly<Record<string, readonly Comparison[]>> = {
  "01": [{
    study: threePhases,
    title: "attribute loss on seen people",
    x: EXPOSURES,
    y: SHARE,
    paper: { x: exposures(loss.steps), y: shares(loss.nats) },
    ours: overTime((m, { header }) => m.sets["held-out"].loss / header.floor.loss),
    told: { words: "biographies a person until half of L0", of: passes(0.5) },
  }, {
    study: populationSize,
    title: "where the plateau ends (.99 L0)",
    x: { title: "people N", log: true },
    y: EXPOSURES,
    paper: {
      x: plateau.people,
      y: plateau.steps.map((steps, i) => steps * 128 / plateau.people[i]!),
    },
    ours: (results) =>
      byArm(
        results,
        ({ stopBelow, people }) => stopBelow === 0.9 ? people : undefined,
        (record) => {
          const { batch, people } = record.header.configuration;
          return (plateauIn(record).ends.early ?? NaN) * batch / people;
        },
      ),
    told: { words: "exponent of biographies against N", of: exponent },
  }],
  "02": [{
    study: attentionSignatures,
    title: "the last layer's attention to names",
    x: EXPOSURES,
    y: { title: "share of attention", range: [0, 1] },
    paper: { x: exposures(attention.steps), y: attention.mass },
    ours: overTime((m) => nameAttention(m)),
    told: { words: "attention to names in the end", of: last },
  }, {
    study: attentionPatching,
    title: "final loss with a reference's attention",
    x: { title: "reference's step over the plateau's end" },
    y: { ...SHARE, log: true },
    paper: {
      x: patching.reference.map((step) => step / PAPER_PLATEAU_END),
      y: shares(patching.nats),
    },
    ours(results) {
      const base = runArms(results.experiment.arms)
        .find((arm) => configure(arm.run(0)).reference === null)!;
      const end = mean(recordsOf(results, base).map(plateauEnd).filter(Number.isFinite));
      return byArm(
        results,
        // Those of other people are another question.
        ({ reference, seed }) =>
          reference && (reference.run.seed ?? 0) === seed ? reference.step / end : undefined,
        finalShare,
      );
    },
    told: {
      words: "loss with finished attention over that with random one",
      of: lastOverFirst,
    },
  }],
  "03": [{
    study: powerLawStudy,
    title: "plateau end, people drawn by rank^-alpha",
    x: { title: "alpha" },
    y: { title: "over that of alpha 0" },
    paper: { x: powerLaw.alpha, y: powerLaw.steps.map((step) => step / powerLaw.steps[0]) },
    ours(results) {
      const { headline: { long } } = gridAt(results.regime);
      const ends = long.map((arm) => recordsOf(results, arm).map(endOnLine));
      const alike = mean(ends[0]!);
      const values = ends.map((own) => own.filter(Number.isFinite).map((end) => end / alike));
      return { x: long.map(({ alpha }) => alpha), ...overSeeds(values) };
    },
    told: {
      words: "shortest plateau over that of alpha 0",
      of: ({ y }) => y.includes(null) ? NaN : Math.min(...y as number[]),
    },
  }, {
    study: scheduleComparison,
    title: "final loss over everybody, each schedule at its best",
    x: { title: "schedule", categories: schedules.names },
    y: SHARE,
    paper: { x: schedules.names.map((_, i) => i), y: shares(schedules.nats) },
    ours(results) {
      const values = schedules.names.map((name) =>
        recordsOf(results, cellOf(results.regime, name)).map(finalShare)
      );
      return { x: values.map((_, i) => i), ...overSeeds(values) };
    },
    told: {
      words: "loss of warm-up over that of uniform",
      of: lastOverFirst,
    },
  }],
  "04": [{
    study: hallucination,
    title: "attribute loss on people never seen",
    x: EXPOSURES,
    y: SHARE,
    paper: { x: exposures(unseen.steps), y: shares(unseen.nats) },
    ours: overTime((m, { header }) => m.sets.unseen.loss / header.floor.unseen),
    told: { words: "final loss on strangers as a share of L0", of: last },
  }, {
    study: hallucination,
    title: "confidence about people never seen",
    x: EXPOSURES,
    y: { title: "mean largest probability", range: [0, 1] },
    paper: { x: exposures(confidence.steps), y: confidence.mean },
    ours: overTime((m) => m.sets.unseen.confidence),
    told: { words: "final confidence about strangers", of: last },
  }],
  "05": [{
    study: newPeople,
    title: "old people known after tuning on new ones",
    x: { title: "new people for an old one", log: true },
    y: { title: "accuracy", range: [0, 1] },
    paper: { x: forgetting.added.map((added) => added / PAPER_OLD), y: forgetting.accuracy },
    ours: (results) =>
      byArm(
        results,
        (run) =>
          plainlyTuned(run, results) ? run.people / oldPeople(results.regime) - 1 : undefined,
        (record) => accuracies(record, "old").end,
      ),
    told: { words: "old people kept with the most new ones", of: last },
  }, {
    study: replayStudy,
    title: "old people known at worst, with replay",
    x: { title: "share of old people among those drawn" },
    y: { title: "accuracy" },
    paper: {
      x: replay.weight.map((weight) => weight * PAPER_OLD / (weight * PAPER_OLD + PAPER_NEW)),
      y: replay.accuracy,
    },
    ours: (results) =>
      byArm(
        results,
        (run) => plainlyTuned(run, results) ? oldShare(run, oldPeople(results.regime)) : undefined,
        (record) => accuracies(record, "old").least,
      ),
    told: {
      words: "old people known at worst where half of those drawn are old",
      of: (series) => interpolate(points(series), 0.5),
    },
  }],
};
