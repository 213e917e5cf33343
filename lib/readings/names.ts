/**
 * How far names tell people apart before they are complete: where two parts are nobody else's, the
 * last one need not be read.
 *
 * @module
 */

import type { Population } from "../generator/mod.ts";

/**
 * Share of people whose first and middle name, in this order, are also those of somebody else. Of N
 * people with names drawn from n a list it is about 1 - exp(-N / n^2), .08 for n = 3.5 sqrt(N), as
 * among the paper's 64,000 people with 900.
 *
 * @example
 * ```ts
 * import { configure, corpusOf, sharedPairs } from "factlab";
 * const share = (people: number, names: number | null) =>
 *   sharedPairs(corpusOf(configure({ people, names })).population);
 * console.log(share(512, null), share(2048, null)); // .15 and .39: another task
 * console.log(share(512, 79), share(2048, 158)); // .08 and .06
 * ```
 */
export function sharedPairs({ names, size, lists }: Population): number {
  const pairs = Array.from(
    { length: size },
    (_, person) => names[3 * person]! * lists.first.length + names[3 * person + 1]!,
  );
  const people = new Map<number, number>();
  for (const pair of pairs) people.set(pair, (people.get(pair) ?? 0) + 1);
  return pairs.filter((pair) => people.get(pair)! > 1).length / size;
}
