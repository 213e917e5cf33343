/**
 * The three phases of learning facts (paper section 3.1, rows 1 and 4): a model first learns
 * the statistics of the text, then stays on a plateau at the no-knowledge loss, then learns who
 * is who. This file holds the run that shows it most cheaply and what is read off it.
 *
 * @module
 */

import { curvesPlot, type Figure, panels, type Phase } from "../figures/mod.ts";
import { liveDisplay, progress, table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import type { Population } from "../generator/mod.ts";
import { type Plateau, plateauOf } from "../probes/mod.ts";
import type { Measurement, Run, RunInput, RunRecord } from "../trainer/mod.ts";
import { answerAbout } from "./inspect.ts";
import { plateauEnd, plateauIn, statisticsEnd } from "./readings.ts";
import { regime } from "./regime.ts";
import { mean } from "./statistics.ts";

/** The run of the regime that all studies start from (regime.ts), seed 0. */
export const PHASES_RUN: RunInput = regime("laptop");

/** What is read off one run. */
export interface Phases {
  /** Its ends and how flat it is. */
  plateau: Plateau;
  /**
   * Step at which the attribute loss first comes within 5 % of the no-knowledge loss, linear in log
   * step between measurements; null if never.
   */
  statistics: number | null;
  /** Median attribute loss between that step and the plateau's end, nats a value. */
  level: number | null;
  /** The last measurement. */
  final: Measurement | undefined;
}

/**
 * The phases of a run, from its measurements on training templates.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { phasesOf } from "./phases.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesOf(run).plateau.ends);
 * run.dispose();
 * ```
 */
export function phasesOf({ measurements, floor }: Pick<Run, "measurements" | "floor">): Phases {
  const curve = curveOf(measurements, "training");
  const plateau = plateauOf(curve, floor);
  const first = curve.loss.findIndex((loss) => loss <= 1.05 * floor.loss);
  const end = plateau.ends.main;
  const statistics = statisticsEnd({ measurements, header: { floor } });
  const flat = curve.loss
    .filter((_, i) => first >= 0 && i >= first && end !== null && curve.steps[i]! <= end)
    .sort((a, b) => a - b);
  return {
    plateau,
    statistics: Number.isFinite(statistics) ? statistics : null,
    level: flat.length === 0 ? null : flat[Math.floor(flat.length / 2)]!,
    final: measurements.at(-1),
  };
}

/** Loss and accuracy of one evaluation set over steps. */
function curveOf(measurements: Measurement[], set: string) {
  return {
    steps: measurements.map(({ step }) => step),
    loss: measurements.map(({ sets }) => sets[set]!.loss),
    accuracy: measurements.map(({ sets }) => sets[set]!.accuracy),
  };
}

/**
 * The phases in numbers, as a table.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { phasesTable } from "./phases.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesTable(run).text);
 * run.dispose();
 * ```
 */
export function phasesTable(run: Run): TextAndHtml {
  const { plateau, level, final } = phasesOf(run);
  const { people, batch } = run.configuration;
  const exposures = (step: number | null) => step === null ? null : step * batch / people;
  const row = (quantity: string, value: number | null | undefined, unit: string) => ({
    quantity,
    value,
    unit,
  });
  return table([
    row("no-knowledge loss", run.floor.loss, "nats a value"),
    row("plateau level (median)", level, "nats a value"),
    row("plateau end (0.95 of the no-knowledge loss)", plateau.ends.main, "steps"),
    row("plateau end", exposures(plateau.ends.main), "exposures a person"),
    row("share of the way to 50 % that is flat", plateau.flat, ""),
    row("final accuracy, training templates", final?.sets.training?.accuracy, "of values"),
    row("final accuracy, held-out templates", final?.sets["held-out"]?.accuracy, "of values"),
    row("final loss on unseen people", final?.sets.unseen?.loss, "nats a value"),
  ], { caption: `${people} people, batch ${batch}, seed ${run.configuration.seed}, ${run.hash}` });
}

const LINES = [
  { set: "training", name: "seen people, training templates", meaning: "training" },
  { set: "held-out", name: "seen people, held-out templates", meaning: "heldOut" },
  { set: "unseen", name: "unseen people", meaning: "unseen" },
] as const;

/**
 * Attribute loss and accuracy over steps, against the no-knowledge line, phases marked.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { phasesFigure } from "./phases.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesFigure(run).alt);
 * run.dispose();
 * ```
 */
export function phasesFigure(run: Run): Figure {
  const shown = run.measurements.filter(({ step }) => step > 0);
  const phases = phasesOf(run);
  const spans = phaseSpans({
    first: shown[0]?.step ?? null,
    statistics: phases.statistics,
    end: phases.plateau.ends.main,
    last: shown.at(-1)?.step ?? null,
    exists: phases.plateau.exists,
  });
  const x = { title: "training step", log: true };
  const lines = (quantity: "loss" | "accuracy") =>
    LINES.map(({ set, ...line }) => {
      const curve = curveOf(shown, set);
      return { ...line, x: curve.steps, y: curve[quantity] };
    });
  const { people, batch, seed } = run.configuration;
  return panels([
    curvesPlot({
      title: "attribute loss",
      lines: lines("loss"),
      x,
      y: { title: "nats a value" },
      levels: [{ y: run.floor.loss, label: "knows nobody" }],
      spans,
    }),
    curvesPlot({
      title: "attribute accuracy",
      lines: lines("accuracy"),
      x,
      y: { title: "share of values", range: [0, 1] },
      levels: [{ y: run.floor.accuracy, label: "commonest value" }],
      spans,
    }),
  ], {
    arrange: "stacked",
    caption: `${people} made-up people, batch ${batch}, seed ${seed}. ` + finding(run, phases),
  });
}

/**
 * The phases that are there, to be shaded. What lies between statistics and knowledge is called a
 * plateau only where there is one to speak of.
 */
export function phaseSpans({ first, statistics, end, last, exists }: {
  /** First and last step that is drawn. */
  first: number | null;
  /** Step at which the statistics are learned. */
  statistics: number | null;
  /** Step at which the loss leaves the no-knowledge line. */
  end: number | null;
  last: number | null;
  /** Whether there is a flat part to speak of. */
  exists: boolean;
}): Phase[] {
  const spans = [
    { x0: first, x1: statistics, label: "statistics" },
    ...(exists ? [{ x0: statistics, x1: end, label: "plateau" }] : []),
    ...(statistics === null ? [] : [{ x0: end, x1: last, label: "knowledge" }]),
  ];
  return spans.filter((span): span is Phase =>
    span.x0 !== null && span.x1 !== null && span.x0 < span.x1
  );
}

/** The phases of some runs, mean over seeds; null for an end that not every seed has reached. */
export function meanPhases(records: readonly RunRecord[]): {
  statistics: number | null;
  end: number | null;
  /** Runs that have a plateau to speak of. */
  plateaus: number;
  /** Whether most runs have. */
  exists: boolean;
} {
  const reached = (steps: number[]) =>
    steps.length > 0 && steps.every(Number.isFinite) ? mean(steps) : null;
  const plateaus = records.filter((record) => plateauIn(record).exists).length;
  return {
    statistics: reached(records.map(statisticsEnd)),
    end: reached(records.map(plateauEnd)),
    plateaus,
    exists: 2 * plateaus > records.length,
  };
}

/** The stretch in which the loss is near that of knowing nobody, called a plateau where it is one. */
export function plateauSpan(records: readonly RunRecord[]): Phase[] {
  const { statistics: x0, end: x1, exists } = meanPhases(records);
  if (x0 === null || x1 === null || x0 >= x1) return [];
  return [{ x0, x1, label: exists ? "plateau" : "near L0" }];
}

/** What a run shows, in words that say no more. */
function finding({ measurements }: Pick<Run, "measurements">, phases: Phases): string {
  const { statistics, plateau: { ends: { main: end }, flat, half, exists } } = phases;
  const last = measurements.at(-1)?.step ?? 0;
  if (statistics === null) {
    return `Within ${last} steps the loss does not come down to knowing nobody.`;
  }
  if (end === null) {
    return `From step ${statistics.toFixed(0)} on the loss is near that of knowing nobody; ` +
      `within ${last} steps nobody comes to be known.`;
  }
  const share = `${(100 * (flat ?? 0)).toFixed(0)} % of the way to half known is flat`;
  const until = half === null
    ? `The loss leaves the no-knowledge line at step ${
      end.toFixed(0)
    }; half of the values are not ` +
      `known within ${last} steps.`
    : exists
    ? `The loss stays at the no-knowledge line until step ${
      end.toFixed(0)
    } (${share}); only then ` +
      "does the model learn who is who."
    : `The loss passes the no-knowledge line by step ${
      end.toFixed(0)
    } with hardly a plateau (${share}).`;
  const unseen = measurements.map(({ sets }) => sets.unseen!.loss);
  const rises = unseen.at(-1)! > 1.05 * Math.min(...unseen);
  return until + (rises ? " Its loss on unseen people rises." : "");
}

/**
 * What a trained model says about some people, beside the truth: free-running answers to the
 * beginning of a training sentence. The last rows ask about people it has never met.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { answersTable } from "./phases.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(answersTable(run).text);
 * run.dispose();
 * ```
 */
export function answersTable(run: Run, { people = 2, strangers = 1 } = {}): TextAndHtml {
  if (!run.engine) {
    return textAndHtml(
      "This run was read from its record, which holds no parameters: train it with " +
        "{ fresh: true }, and it can be asked.",
    );
  }
  const { population, unseen, lists } = run.corpus;
  const ask = (group: Population, person: number, met: string) =>
    lists.attributes.map((_, attribute) => {
      const { prompt, said, truth, right } = answerAbout(run, {
        group,
        person,
        attribute,
        set: "training",
      });
      return { met, prompt: `${prompt} …`, answer: said, truth, right: right ? "yes" : "no" };
    });
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  return table([
    ...range(people).flatMap((person) => ask(population, person, "yes")),
    ...range(strangers).flatMap((person) => ask(unseen, person, "never")),
  ], {
    caption: "The model completes a sentence (greedy); met: was this person in the training data?",
  });
}

/**
 * Trains (or reads) a run under a live figure and a progress line with the time left. The
 * notebook's stop button ends it and keeps what has been measured.
 *
 * @example
 * ```ts
 * import { train } from "../trainer/mod.ts";
 * import { watch } from "./phases.ts";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * await watch(run); // in a notebook: a bar and a growing figure
 * run.dispose();
 * ```
 */
export async function watch(run: Run): Promise<void> {
  const bar = liveDisplay();
  const picture = liveDisplay({ every: 2000 });
  const startedAt = Date.now();
  const done = run.measurements.at(-1)?.step ?? 0;
  let doneAtStart: number | undefined;
  // Shown first, the bar stands above the figure.
  bar.update(progress({ done, total: run.configuration.steps, startedAt, doneAtStart: done }));
  run.onStep = ({ step, steps }) => {
    doneAtStart ??= step - 1;
    bar.update(progress({ done: step, total: steps, startedAt, doneAtStart }));
  };
  for await (const { step } of run) {
    if (run.source === "training" && step > 10) picture.update(phasesFigure(run));
  }
  const origin = run.source === "record" ? "read from the record of" : "trained as";
  const state = run.finished ? "" : ", stopped: run this again to go on";
  await bar.close(table([{ run: `${origin} run ${run.hash}${state}` }]));
  await picture.close(phasesFigure(run));
}
