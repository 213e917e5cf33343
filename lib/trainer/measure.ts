/**
 * What a measurement holds, as a function of the step: what the run's probes read then.
 *
 * @module
 */

import type { AnyProbe, ProbeReadings, Sets } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunCalls } from "./calls.ts";
import type { RunConfiguration } from "./configuration.ts";

/** What probes read, a part of a measurement. */
export type Readings = Omit<ProbeReadings, "sets"> & { sets: Sets };

/**
 * Returns the function that measures an engine after a step; `points` are all measuring steps. At
 * the first of them a probe of the user's that has nothing to tell says null, so that the record
 * tells that it was asked.
 *
 * @throws {Error} if what a probe of the user's reads is not what its schema says.
 */
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
    const asked = step === points[0] ? calls.own.map(({ name }) => [name, null]) : [];
    const readings = calls.probes.flatMap(([name, probe]) => {
      const reading = probe.read(engine, { step, whole, last });
      return reading === undefined ? [] : [[name, reading]];
    });
    const all = Object.fromEntries([...asked, ...readings]);
    calls.own.forEach((probe) => checkReading(probe, all[probe.name], step));
    return all;
  };
}

/** Refuses a reading that is not what its probe says, before anything is written. */
function checkReading({ name, reading }: AnyProbe, value: unknown, step: number): void {
  if (value === undefined || value === null || reading.safeParse(value).success) return;
  throw new Error(
    `Cannot go on: the probe ${name} must read what its schema says, got ` +
      `${JSON.stringify(value)?.slice(0, 80)} at step ${step}. Mend its \`read\` or \`reading\`.`,
  );
}
