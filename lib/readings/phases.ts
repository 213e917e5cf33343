/**
 * The three phases of learning facts in numbers (paper section 3.1, rows 1 and 4): a model first
 * learns the statistics of the text, then stays on a plateau at the no-knowledge loss, then learns
 * who is who.
 *
 * @module
 */

import type { Plateau } from "../probes/mod.ts";
import type { Measurement, Run, RunRecord } from "../trainer/mod.ts";
import { curveOf, plateauEnd, plateauIn, statisticsEnd } from "./readings.ts";
import { floorOf } from "./floors.ts";
import { mean, median } from "./statistics.ts";

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
 * import { phasesOf, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * console.log(phasesOf(run).plateau.ends);
 * run.dispose();
 * ```
 */
export function phasesOf(
  { measurements, floor: own, configuration }:
    & Pick<Run, "measurements" | "floor">
    & Partial<Pick<Run, "configuration">>,
): Phases {
  const curve = curveOf(measurements, "training");
  const curves = { measurements, header: { floor: own, configuration } };
  const floor = floorOf(curves.header);
  const plateau = plateauIn(curves);
  const first = curve.loss.findIndex((loss) => loss <= 1.05 * floor.loss);
  const end = plateau.ends.main;
  const statistics = statisticsEnd(curves);
  const flat = curve.loss
    .filter((_, i) => first >= 0 && i >= first && end !== null && curve.steps[i]! <= end);
  return {
    plateau,
    statistics: Number.isFinite(statistics) ? statistics : null,
    level: flat.length === 0 ? null : median(flat),
    final: measurements.at(-1),
  };
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
