/**
 * Which arms of which studies a run is of.
 *
 * @module
 */

import { STUDIES } from "../../lib/studies/mod.ts";
import {
  experimentOf,
  isMemory,
  memoryHash,
  regimeIn,
  regimeOf,
  trialsOf,
} from "../../lib/study/mod.ts";
import { configure, identity, withProbes } from "../../lib/trainer/mod.ts";
import { type Scale, SCALES } from "../../lib/generator/mod.ts";

/** Names as `study: arm`, by the hash of the run. */
export function armsByHash(scales: readonly Scale[] = SCALES): Map<string, string[]> {
  const arms = new Map<string, string[]>();
  for (const study of STUDIES) {
    for (const scale of scales) {
      for (const regime of new Set([regimeIn(study, scale), regimeOf(scale)])) {
        for (const { arm, run } of trialsOf(experimentOf(study, regime).arms, study.seeds)) {
          const hash = isMemory(run)
            ? memoryHash(run)
            : identity(configure(withProbes(run, study.probes)));
          const name = `${study.name}: ${arm.name}`;
          const own = arms.get(hash) ?? [];
          if (!own.includes(name)) arms.set(hash, [...own, name]);
        }
      }
    }
  }
  return arms;
}
