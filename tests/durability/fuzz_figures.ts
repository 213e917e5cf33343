/**
 * Random figures as one more kind of input: an input is the seed of a figure.
 *
 * @module
 */

import { below } from "../../lib/generator/random.ts";
import { figure } from "../../lib/figures/mod.ts";
import { drawHostile, REFUSAL } from "../figures/hostile.ts";
import type { Target } from "./fuzz.ts";

// The first picture loads what draws it, which takes seconds that are no input's fault.
await figure({ data: [], alt: "" }).png();

/** Calls of everything that draws, which must give pictures. */
export const figures: Target = {
  name: "figures",
  refusal: REFUSAL,
  cost: 20,
  make: (random) => new TextEncoder().encode(String(below(2 ** 31, random))),
  read: (input) => drawHostile(Number(new TextDecoder().decode(input))),
};
