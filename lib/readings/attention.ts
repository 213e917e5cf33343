/**
 * How much attention goes to names, in a layer and at a step.
 *
 * @module
 */

import type { LayerAttention } from "../probes/mod.ts";
import type { Measurement, RunRecord } from "../trainer/mod.ts";
import { MissingRecord } from "./readings.ts";

/**
 * Attention mass of a layer, from the places of values to names.
 *
 * @example
 * ```ts
 * import { readResults, threePhases } from "factlab";
 * import { massOnNames } from "factlab/readings";
 * const { record } = readResults(threePhases, { seeds: 1 }).trials[0]!;
 * const last = record && "measurements" in record ? record.measurements.at(-1) : undefined;
 * if (last && "attention" in last) console.log(last.attention!.layers.map(massOnNames));
 * ```
 */
export const massOnNames = ({ ownName, earlierNames }: LayerAttention): number =>
  ownName + earlierNames;

/**
 * Attention to names in a layer, the last by default, counted from the end if negative; undefined
 * where attention was not read.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, threePhases } from "factlab";
 * import { nameAttention } from "factlab/readings";
 * const results = readResults(threePhases, { seeds: 1 });
 * const [record] = recordsOf(results, armNamed(results, "base"));
 * if (record) console.log(nameAttention(record.measurements.at(-1)!));
 * ```
 */
export function nameAttention(
  { attention }: Pick<Measurement, "attention">,
  layer = -1,
): number | undefined {
  const own = attention?.layers.at(layer);
  return own && massOnNames(own);
}

/**
 * The last layer's attention to names at the measurement nearest to a step that reads attention;
 * where none does, the record counts as missing.
 *
 * @example
 * ```ts
 * import { armNamed, readResults, recordsOf, threePhases } from "factlab";
 * import { nameAttentionNear } from "factlab/readings";
 * const results = readResults(threePhases);
 * const records = recordsOf(results, armNamed(results, "base"));
 * console.log(records.map((record) => nameAttentionNear(record, 1000)));
 * ```
 */
export function nameAttentionNear({ measurements }: RunRecord, step: number): number {
  const read = measurements.filter(({ attention }) => attention);
  if (read.length === 0) throw new MissingRecord();
  const nearest = read.reduce((a, b) => Math.abs(b.step - step) < Math.abs(a.step - step) ? b : a);
  return nameAttention(nearest)!;
}
