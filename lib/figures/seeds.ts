/**
 * How many seeds stand behind what is drawn: a caption says it once, a name where it is another
 * number. What has one seed looks different: dotted lines, hollow points and bars.
 * Leaves out where the numbers come from.
 *
 * @module
 */

/** Seeds of a line, or of each of its points or bars; undefined for what was not measured. */
export type Seeds = number | readonly number[] | undefined;

/** Some seeds, and how what has one of them is drawn. */
export interface Counted {
  /** How many. */
  seeds: Seeds;
  /** Whether their standard deviation is drawn. */
  spread?: boolean;
  /** The look of one seed. */
  single: "dotted" | "hollow";
}

function countsOf(all: readonly Counted[]): number[] {
  return all.flatMap(({ seeds }) => seeds ?? []).filter((count) => count > 0);
}

/**
 * The number of seeds that needs no saying at a line: the commonest above one.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { usualSeeds } from "./seeds.ts";
 *
 * const counted = (seeds: number) => ({ seeds, single: "dotted" as const });
 * assertEquals(usualSeeds([1, 1, 3].map(counted)), 3);
 * assertEquals(usualSeeds([1, 1].map(counted)), 1);
 * ```
 */
export function usualSeeds(all: readonly Counted[]): number {
  const many = countsOf(all).filter((count) => count > 1);
  const times = (count: number) => many.filter((other) => other === count).length;
  return many.toSorted((one, other) => times(other) - times(one) || other - one)[0] ?? 1;
}

/** The name, with its seeds where they are not the usual number. */
export function nameWith(name: string, seeds: Seeds, usual?: number): string {
  const other = typeof seeds === "number" && usual !== undefined && seeds !== usual;
  return other ? `${name}, ${countText(seeds)}` : name;
}

/** A number of seeds, never broken between lines. */
const countText = (count: number) => `n\u00a0=\u00a0${count}`;

/** Whether a line, a point or a bar has one seed. */
export function isSingle(seeds: Seeds, at = 0): boolean {
  return (typeof seeds === "object" ? seeds[at] : seeds) === 1;
}

/**
 * What a caption says of seeds.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { seedsNote } from "./seeds.ts";
 *
 * assertEquals(
 *   seedsNote([{ seeds: 3, spread: true, single: "dotted" }, { seeds: [3, 1], single: "hollow" }]),
 *   "Mean and standard deviation over n\u00a0=\u00a03 seeds; hollow: n\u00a0=\u00a01.",
 * );
 * assertEquals(seedsNote([]), "");
 * ```
 */
export function seedsNote(all: readonly Counted[]): string {
  const counts = countsOf(all);
  if (counts.length === 0) return "";
  const usual = usualSeeds(all);
  const looks = all.filter((own) => countsOf([own]).includes(1)).map(({ single }) => single);
  const single = [...new Set(looks)].toSorted().join(" or ");
  if (usual === 1) {
    return `${single[0]!.toUpperCase()}${single.slice(1)}: one seed (${countText(1)}).`;
  }
  const others = counts.some((count) => count > 1 && count !== usual);
  const spread = all.some((own) => own.spread) ? " and standard deviation" : "";
  return `Mean${spread} over ${countText(usual)} seeds${
    others ? " where nothing else is said" : ""
  }${single ? `; ${single}: ${countText(1)}` : ""}.`;
}
