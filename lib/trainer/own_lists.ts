/**
 * A user's own lists: their digest becomes a part of the run that they are handed to.
 *
 * @module
 */

import { openLists, type Scale } from "../generator/mod.ts";
import type { RunInput } from "./configuration.ts";
import { completed } from "./configure.ts";

/**
 * A configuration whose people are made of the lists in a folder.
 *
 * @throws {Error} for lists that cannot be read, or that are not those the configuration names.
 */
export function withLists(input: RunInput, folder?: URL): RunInput {
  if (folder === undefined) return input;
  const { scale, names } = completed(input);
  const lists = openLists(folder, { scale: scale as Scale, names: names as number | null });
  if (input.lists === undefined || input.lists === lists) return { ...input, lists };
  throw new Error(
    `Cannot run: the lists in ${decodeURI(folder.pathname)} must be those of the run, ` +
      `${input.lists}, got ${lists}. Leave lists out of the configuration for a run of its own.`,
  );
}
