/**
 * Asking runs by their fields: a field by its whole path or by its last part, conditions, order, and
 * what differs.
 *
 * @module
 */

import { didYouMean } from "../../lib/display/mod.ts";
import type { Found } from "./found.ts";

/** Names of all fields that some runs have. */
export function namesOf(runs: readonly Found[]): string[] {
  return [...new Set(runs.flatMap(({ fields }) => Object.keys(fields)))];
}

/**
 * The field that is meant: `lr` is `optimizer.lr`, the one field that ends so and is not deeper in.
 *
 * @throws {Error} that names the one that was meant, or all that it may be.
 */
export function fieldNamed(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const depth = (field: string) => field.split(".").length;
  const ending = names.filter((own) => own.endsWith(`.${name}`));
  const highest = Math.min(...ending.map(depth));
  const meant = ending.filter((own) => depth(own) === highest);
  if (meant.length === 1) return meant[0]!;
  const hint = meant.length > 1
    ? ` (is it ${meant.join(" or ")}?)`
    : didYouMean(name, [...names, ...names.map((own) => own.split(".").at(-1)!)]);
  const all = hint === "" ? `one of ${names.join(", ")}` : "one that the runs have";
  throw new Error(`a field must be ${all}, got ${name}${hint}`);
}

const COMPARE: Record<string, (order: number) => boolean> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/**
 * A condition such as `lr>0.001` or `order=fixed`; a hash, and each arm, may be given by how it begins.
 * Runs without the field meet `!=` alone.
 *
 * @throws {Error} if it has no comparison, or names no field.
 */
export function condition(text: string, names: readonly string[]): (run: Found) => boolean {
  const [, name, sign, wanted] = /^([\w.-]+?)(!=|<=|>=|=|<|>)(.*)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new Error(
      `--where must be a field, one of ${Object.keys(COMPARE).join(" ")} and a value, got ${text}`,
    );
  }
  const field = fieldNamed(name, names);
  const holds = COMPARE[sign!]!;
  return ({ fields }) => {
    const value = fields[field];
    if (value === undefined) return sign === "!=";
    if (field === "hash" || field === "arm") {
      return holds(String(value).split("; ").some((own) => own.startsWith(wanted!)) ? 0 : 1);
    }
    return holds(order(value, wanted!));
  };
}

/** Runs in the order of a field, or with - before it in the other one; those without it come last. */
export function sorted(runs: readonly Found[], by: string, names: readonly string[]): Found[] {
  const field = fieldNamed(by.replace(/^-/, ""), names);
  const sign = by.startsWith("-") ? -1 : 1;
  return runs.toSorted(({ fields: a }, { fields: b }) => {
    const [left, right] = [a[field], b[field]];
    if (left === undefined || right === undefined) {
      return Number(left === undefined) - Number(right === undefined);
    }
    return sign * order(left, right);
  });
}

/** Which of two values comes first: by number where both are one, else as texts. */
function order(a: unknown, b: unknown): number {
  const isNumber = (value: unknown) =>
    typeof value === "number" || typeof value === "string" && /\d/.test(value) &&
      Number.isFinite(Number(value));
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A value as people write it: JSON for lists and objects. */
export function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Fields in which runs are not all alike. */
export function differing(runs: readonly Found[]): string[] {
  return namesOf(runs).filter((name) =>
    new Set(runs.map(({ fields }) => textOf(fields[name]))).size > 1
  );
}
