/**
 * `--device` of a command. Imports nothing that computes, so that whoever only starts other programs
 * may take it.
 *
 * @module
 */

import type { Device } from "../lib/engine/mod.ts";
import { VARIABLES } from "../lib/environment.ts";

const { must, is } = VARIABLES.FACTLAB_DEVICE;

/**
 * The device that a command was given; undefined if none, which leaves it to FACTLAB_DEVICE.
 *
 * @throws {Error} if there is no such device.
 */
export function deviceNamed(text: string | undefined, cannot: string): Device | undefined {
  if (text === undefined || is(text)) return text as Device | undefined;
  throw new Error(
    `${cannot}: --device must be ${must}, got ${text}. Leave it out for the device that ` +
      "FACTLAB_DEVICE names, or cpu.",
  );
}
