/**
 * The three phases of learning facts, as one run shows them (paper section 3.1, rows 1 and 4): in
 * numbers, as a figure, and in a sentence that says no more.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { curvesPlot, type Figure, panels, type Phase } from "../figures/mod.ts";
import type { Sets } from "../probes/mod.ts";
import { curveOf, floorOf, meanPhases, type Phases, phasesOf } from "../readings/mod.ts";
import type { Run, RunRecord } from "../trainer/mod.ts";

/**
 * The phases in numbers, as a table.
 *
 * @example
 * ```ts
 * import { phasesTable, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesTable(run).text);
 * run.dispose();
 * ```
 */
export function phasesTable(run: Run): TextAndHtml {
  const { plateau, level, final } = phasesOf(run);
  const { people, batch } = run.configuration;
  const floor = floorOf(run);
  const exposures = (step: number | null) => step === null ? null : step * batch / people;
  const row = (quantity: string, value: number | null | undefined, unit: string) => ({
    quantity,
    value,
    unit,
  });
  return table([
    row("no-knowledge loss", floor.loss, "nats a value"),
    row("plateau level (median)", level, "nats a value"),
    row("plateau end (0.95 of the no-knowledge loss)", plateau.ends.main, "steps"),
    row("plateau end", exposures(plateau.ends.main), "exposures a person"),
    row("share of the way to 50 % that is flat", plateau.flat, ""),
    row("final accuracy, training templates", final?.sets.training?.accuracy, "of values"),
    row("final accuracy, held-out templates", final?.sets["held-out"]?.accuracy, "of values"),
    row("final loss on unseen people", final?.sets.unseen?.loss, "nats a value"),
  ], { caption: `${people} people, batch ${batch}, seed ${run.configuration.seed}, ${run.hash}` });
}

/** The evaluation sets that are drawn. */
export const LINES = [
  // Those of the training templates would lie under it.
  { set: "held-out", name: "seen people", meaning: "heldOut" },
  { set: "unseen", name: "unseen people", meaning: "unseen" },
] as const;

/**
 * Attribute loss and accuracy over steps, against the no-knowledge line, phases marked.
 *
 * @example
 * ```ts
 * import { phasesFigure, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesFigure(run).alt);
 * run.dispose();
 * ```
 */
export function phasesFigure(run: Run): Figure {
  const shown = run.measurements.filter(({ step }) => step > 0);
  const phases = phasesOf(run);
  const floor = floorOf(run);
  const { people, batch, seed, start } = run.configuration;
  // A run that goes on from another has no phases of its own.
  const spans = start ? [] : phaseSpans({
    first: shown[0]?.step ?? null,
    statistics: phases.statistics,
    end: phases.plateau.ends.main,
    last: shown.at(-1)?.step ?? null,
    exists: phases.plateau.exists,
  });
  // Its few steps are far from step 0, where a logarithmic axis has no ticks.
  const x = { title: "training step", log: !start };
  const lines = (quantity: "loss" | "accuracy") =>
    LINES.map(({ set, ...line }) => {
      const curve = curveOf(shown, set);
      return { ...line, x: curve.steps, y: curve[quantity] };
    });
  return panels([
    curvesPlot({
      title: "attribute loss",
      lines: lines("loss"),
      x,
      y: { title: "nats a value" },
      levels: [{ y: floor.loss, label: "knows nobody" }],
      spans,
    }),
    curvesPlot({
      title: "attribute accuracy",
      lines: lines("accuracy"),
      x,
      y: { title: "share of values", range: [0, 1] },
      levels: [{ y: floor.accuracy, label: "commonest value" }],
      spans,
    }),
  ], {
    arrange: "stacked",
    caption: (start ? change(run, start.step) : finding(run, phases)) +
      ` ${people} made-up people; curves of held-out templates; batch ${batch}, one run (seed ${seed}).`,
  });
}

/**
 * The phases that are there, to be shaded. What lies between statistics and knowledge is called a
 * plateau only where there is one to speak of.
 *
 * @example
 * ```ts
 * import { phaseSpans } from "factlab";
 * const steps = { first: 10, statistics: 200, end: 900, last: 4000, exists: true };
 * console.log(phaseSpans(steps).map(({ label }) => label)); // statistics, plateau, knowledge
 * ```
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
    { x0: first, x1: statistics, label: "statistics", faint: true },
    ...(exists ? [{ x0: statistics, x1: end, label: "plateau" }] : []),
    ...(statistics === null ? [] : [{ x0: end, x1: last, label: "knowledge", faint: true }]),
  ];
  return spans.filter((span): span is Phase =>
    span.x0 !== null && span.x1 !== null && span.x0 < span.x1
  );
}

/**
 * The stretch in which the loss is near that of knowing nobody, called a plateau where it is one.
 *
 * @example
 * ```ts
 * import { plateauSpan, readRecord } from "factlab";
 * console.log(plateauSpan([readRecord("13729e21cc54")!.record])); // from its step to its step
 * ```
 */
export function plateauSpan(records: readonly RunRecord[]): Phase[] {
  const { statistics: x0, end: x1, exists } = meanPhases(records);
  if (x0 === null || x1 === null || x0 >= x1) return [];
  return [{ x0, x1, label: exists ? "plateau" : "near L0" }];
}

/** What becomes of a run that goes on from a step of another. */
function change({ measurements }: Pick<Run, "measurements">, from: number): string {
  const [first, last] = [measurements[0], measurements.at(-1)];
  if (!first || !last) return `Goes on from step ${from}.`;
  const of = (read: (sets: Sets) => number) =>
    [first, last].map(({ sets }) => read(sets).toFixed(2)).join(" to ");
  return `Goes on from step ${from}: the accuracy on all people of the population goes from ` +
    `${of((sets) => sets["held-out"].accuracy)}, the loss on unseen people from ` +
    `${of((sets) => sets.unseen.loss)}.`;
}

/** What a run shows, in words that say no more. */
function finding({ measurements }: Pick<Run, "measurements">, phases: Phases): string {
  const { statistics, plateau: { ends: { main: end }, flat, half, exists } } = phases;
  const last = measurements.at(-1)?.step ?? 0;
  // Phases are read on training templates, which are not drawn.
  const where = "On training templates the loss";
  if (statistics === null) {
    return `${where} does not come down to knowing nobody within ${last} steps.`;
  }
  if (end === null) {
    return `${where} is near that of knowing nobody from step ${statistics.toFixed(0)} on; ` +
      `within ${last} steps nobody comes to be known.`;
  }
  const share = `${(100 * (flat ?? 0)).toFixed(0)} % of the way to half known is flat`;
  const step = end.toFixed(0);
  const until = half === null
    ? `${where} leaves the no-knowledge line at step ${step}; half of the values are not known ` +
      `within ${last} steps.`
    : exists
    ? `${where} stays at the no-knowledge line until step ${step} (${share}); only then does the ` +
      "model learn who is who."
    : `${where} passes the no-knowledge line by step ${step} with hardly a plateau (${share}).`;
  const unseen = measurements.map(({ sets }) => sets.unseen.loss);
  const rises = unseen.at(-1)! > 1.05 * Math.min(...unseen);
  return until + (rises ? " Its loss on unseen people rises." : "");
}
