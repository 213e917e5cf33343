/**
 * Who is called like whom: what new people share with old ones before a word about either is learned.
 *
 * @module
 */

import type { Population } from "./population.ts";

/** Parts of a name: first, middle and last. */
const PARTS = [0, 1, 2];

/**
 * For each person before `from`, how many times a person from `from` on has the same first, middle or
 * last name: 0 shares no part with anybody new.
 *
 * @example
 * ```ts
 * import { configure, corpusOf } from "factlab";
 * import { namesakes } from "factlab/generator";
 * const { population } = corpusOf(configure({ scale: "smoke" }));
 * console.log(namesakes(population, 24)); // of 24 old people, among 8 new ones
 * ```
 *
 * @throws {Error} if `from` is no person of the population, nor the first after it.
 */
export function namesakes({ names, size }: Population, from: number): Int32Array {
  if (!Number.isInteger(from) || from < 0 || from > size) {
    throw new Error(
      `Cannot look for namesakes: from must be a whole number from 0 to ${size}, got ${from}.`,
    );
  }
  const part = (person: number, k: number) => names[3 * person + k]!;
  const counts = PARTS.map((k) => {
    const count = new Map<number, number>();
    for (let person = from; person < size; person++) {
      count.set(part(person, k), (count.get(part(person, k)) ?? 0) + 1);
    }
    return count;
  });
  return Int32Array.from(
    { length: from },
    (_, person) => PARTS.reduce((sum, k) => sum + (counts[k]!.get(part(person, k)) ?? 0), 0),
  );
}
