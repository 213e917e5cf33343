/**
 * What a measurement holds, as a function of the step: what the run's probes read then.
 *
 * @module
 */

import type { Engine } from "../engine/mod.ts";
import type { RunCalls } from "./calls.ts";
import type { RunConfiguration } from "./configuration.ts";
import type { Measurement } from "./record.ts";

/** What probes read, a part of a measurement. */
export type Readings = Pick<Measurement, "sets" | "attention" | "flow" | "answers">;

/** Returns the function that measures an engine after a step; `points` are all measuring steps. */
export function measurer({ configuration, calls, engine, points }: {
  configuration: RunConfiguration;
  calls: RunCalls;
  engine: Engine;
  points: readonly number[];
}): (step: number) => Readings {
  const { steps, evaluation } = configuration;
  const stride = Math.max(1, Math.ceil(points.length / Math.max(1, evaluation.attention)));
  return (step) => {
    const last = step === steps;
    const whole = evaluation.attention > 0 && (points.indexOf(step) % stride === 0 || last);
    return Object.fromEntries(
      calls.probes.flatMap(([name, probe]) => {
        const reading = probe.read(engine, { step, whole, last });
        return reading === undefined ? [] : [[name, reading]];
      }),
    ) as unknown as Readings;
  };
}
