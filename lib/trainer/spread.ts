/**
 * How the groups of a step are spread over the branches that an engine works on side by side.
 *
 * @module
 */

import { type BatchShape, meanLength, rowsIn, tokensOf } from "../generator/mod.ts";
import type { Branching } from "../engine/mod.ts";

/**
 * What each branch works on: the groups of a shape in order, cut into about as many parts as an
 * engine wants for so many rows of their mean length. Where it wants fewer than there are groups,
 * neighbours share a branch, whose model takes both; where it wants more, each group has branches
 * in proportion to its tokens. `together` rows are never parted.
 */
export function spread(shape: BatchShape, branches: Branching, together = 1): BatchShape[] {
  const wanted = branches(rowsIn(shape), meanLength(shape), together);
  if (wanted < shape.length) return evenly(shape.length, wanted, (a, b) => shape.slice(a, b));
  return shape.flatMap((group) => {
    const blocks = group.rows / together;
    const share = Math.round(wanted * tokensOf([group]) / tokensOf(shape));
    const parts = Math.min(blocks, Math.max(1, share));
    return evenly(blocks, parts, (a, b) => [{ ...group, rows: (b - a) * together }]);
  });
}

/** Something of each of some parts, about equal, of a count: from one place to another. */
function evenly<T>(count: number, parts: number, of: (from: number, to: number) => T): T[] {
  const at = (part: number) => Math.round(count * part / parts);
  return Array.from({ length: parts }, (_, part) => of(at(part), at(part + 1)));
}
