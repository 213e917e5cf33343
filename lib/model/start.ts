/**
 * What parameters begin with: functions of their size and of a stream of random numbers.
 *
 * @module
 */

import { normal } from "../generator/mod.ts";
import type { Parameter } from "./mixer.ts";

type Start = Parameter["start"];

/** Standard deviation of matrices. */
const DEVIATION = 0.02;

/** Normal with standard deviation 0.02, or a share of it. */
export function gaussian(share = 1): Start {
  return (size, random) => normal(size, random).map((value) => value * (DEVIATION * share));
}

/** Normal with a variance of one over the number of inputs. */
export function byFanIn(inputs: number): Start {
  return (size, random) => normal(size, random).map((value) => value / Math.sqrt(inputs));
}

/** One number everywhere. */
export function constant(value: number): Start {
  return (size) => new Float32Array(size).fill(value);
}
