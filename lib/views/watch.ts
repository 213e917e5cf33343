/**
 * Watching a run while it trains: a progress line with the time left, and curves that move.
 *
 * @module
 */

import {
  bundleOf,
  displayable,
  liveDisplay,
  type LiveOptions,
  notebookKernel,
  progress,
  type ProgressState,
  table,
} from "../display/mod.ts";
import { meanings, palette, quickCurves } from "../figures/mod.ts";
import { floorOf } from "../readings/mod.ts";
import { measuringSteps, type Run, type StepDone } from "../trainer/mod.ts";
import { LINES, phasesFigure } from "./phases.ts";

/** Points of the curve of training losses; a step is never drawn twice. */
const POINTS = 300;
/** Steps whose mean loss the progress line tells. */
const RECENT = 16;

/**
 * Trains (or reads) a run under a progress line and curves that move: the training loss of every
 * step, what is measured where it is measured. Speed and time left are of training alone, without
 * what measuring takes. The notebook's stop button ends it and keeps what has been measured; the
 * same call goes on, also from a tab that was closed and opened again.
 *
 * @example
 * ```ts
 * import { train, watch } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * await watch(run); // in a notebook: a bar and growing curves
 * run.dispose();
 * ```
 */
export async function watch(run: Run, options: LiveOptions = {}): Promise<void> {
  const { kernel = notebookKernel() } = options;
  const bar = liveDisplay({ ...options, kernel });
  const picture = liveDisplay({ ...options, kernel });
  const done = run.measurements.at(-1)?.step ?? 0;
  const total = run.configuration.steps;
  const state: ProgressState = { done, doneAtStart: done, total, startedAt: Date.now() };
  const losses = lossCurve(run);
  // Made when they are shown, not with every step. Shown first, the bar stands above the figure.
  const line = displayable(() => bundleOf(progress(state)));
  const curves = displayable(() => bundleOf(losses.picture()));
  bar.update(line);
  let before: number | undefined;
  run.onStep = ({ step, loss, seconds }) => {
    before ??= step - 1;
    losses.add({ step, loss });
    Object.assign(state, {
      done: step,
      doneAtStart: before,
      working: seconds,
      extra: { "training loss": losses.recent },
    });
    bar.update(line);
    // A terminal has one line that changes.
    if (kernel) picture.update(curves);
  };
  for await (const _ of run);
  const origin = run.source === "record" ? "read from the record of" : "trained as";
  const how = run.finished ? "" : ", stopped: run this again to go on";
  await bar.close(table([{ run: `${origin} run ${run.hash}${how}` }]));
  await picture.close(phasesFigure(run));
}

/** The training losses of a run as they come, and a picture of them with what was measured. */
function lossCurve(run: Run) {
  const { steps } = run.configuration;
  const [, first = 1] = measuringSteps(run.configuration);
  /** Sums and counts by where they lie on the axis. */
  const places = new Map<number, { step: number; sum: number; count: number }>();
  const recent: number[] = [];
  return {
    add({ step, loss }: Pick<StepDone, "step" | "loss">) {
      if (recent.push(loss) > RECENT) recent.shift();
      if (step < first) return;
      const at = Math.floor(POINTS * Math.log(step / first) / Math.log(steps / first || 2));
      const { sum, count } = places.get(at) ?? { sum: 0, count: 0 };
      places.set(at, { step, sum: sum + loss, count: count + 1 });
    },
    /** Mean of the last few. */
    get recent() {
      return recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
    },
    /** The curves now. */
    picture() {
      const measured = run.measurements.filter(({ step }) => step >= first);
      const lines = (quantity: "loss" | "accuracy") =>
        LINES.map(({ set, name, meaning }) => ({
          name: quantity === "loss" ? name : "",
          color: meanings[meaning],
          points: measured.map(({ step, sets }) => [step, sets[set][quantity]] as const),
        }));
      const points = [...places.values()].map(({ step, sum, count }) =>
        [step, sum / count] as const
      );
      const last = points.at(-1);
      return quickCurves({
        x: { title: "training step", range: [first, steps] },
        panels: [
          {
            title: "attribute loss, nats a value",
            lines: lines("loss"),
            level: { y: floorOf(run).loss, label: "knows nobody" },
          },
          { title: "attribute accuracy, share of values", lines: lines("accuracy"), range: [0, 1] },
          {
            title: "training loss, nats a token",
            lines: [{ name: "", color: palette.dark, points }],
          },
        ],
        alt: last ? `training loss ${last[1].toPrecision(3)} at step ${last[0]}` : "training",
      });
    },
  };
}
