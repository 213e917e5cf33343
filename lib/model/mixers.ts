/**
 * All mixers, by the name that a configuration gives them.
 *
 * @module
 */

import { attention } from "./attention.ts";
import type { ModelConfiguration } from "./configuration.ts";
import type { Mixer } from "./mixer.ts";
import { recurrent } from "./recurrent.ts";

/** Every mixer; a new one is a file and a line here. */
export const MIXERS: Record<string, Mixer> = { attention, recurrent };

/** The mixer of a model. */
export function mixerOf({ mixer }: Pick<ModelConfiguration, "mixer">): Mixer {
  const known = MIXERS[mixer];
  if (known) return known;
  const names = Object.keys(MIXERS).join(", ");
  throw new Error(`Cannot build a model: model.mixer must be one of ${names}, got ${mixer}.`);
}
