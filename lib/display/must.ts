/**
 * What a schema asks for, in the words of all refusals: "field must be …, got …".
 *
 * @module
 */

import type { z } from "zod";
import { didYouMean, nearest } from "./meant.ts";

/** Kinds of values, as people call them; a number that is not finite is none. */
const KINDS: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  nan: "NaN",
  null: "null",
  number: "a finite number",
  object: "an object",
  record: "an object",
  string: "a text",
  undefined: "left out",
};

/** What a bound counts, where it is not the value itself. */
const COUNTED: Record<string, [one: string, more: string]> = {
  array: ["entry", "entries"],
  string: ["character", "characters"],
};

/**
 * An issue in words, for zod's `safeParse` as its option `error`; what the schema itself says of an
 * issue comes before it.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { must } from "factlab/display";
 * const { error } = z.int().min(2).safeParse(1, { error: must });
 * console.log(error?.issues[0]?.message); // must be at least 2
 * ```
 */
export const must: z.core.$ZodErrorMap = (issue): string => {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "too_small":
      return bound(issue.inclusive === false ? "above" : "at least", issue.minimum, issue.origin);
    case "too_big":
      return bound(issue.inclusive === false ? "below" : "at most", issue.maximum, issue.origin);
    case "invalid_format":
      return issue.pattern ? `must match ${issue.pattern}` : `must be of the form ${issue.format}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_value":
      return oneOf(issue.values, issue.input);
    case "invalid_union":
      return issue.options
        ? oneOf(issue.options as unknown[], at(issue.input, issue.discriminator ?? ""))
        : anyOf(issue.errors);
    case "unrecognized_keys":
      return `must not have ${issue.keys.join(", ")}`;
    default:
      return "must have another form";
  }
};

function bound(how: string, limit: number | bigint, origin: string): string {
  const [one, more] = COUNTED[origin] ?? [];
  return one === undefined
    ? `must be ${how} ${limit}`
    : `must have ${how} ${limit} ${Number(limit) === 1 ? one : more}`;
}

function oneOf(values: readonly unknown[], given: unknown): string {
  const names = values.map(String);
  return `must be ${names.length === 1 ? "" : "one of "}${names.join(", ")}${
    didYouMean(given, names)
  }`;
}

/** What one of several schemas asks for, where no field says which is meant. */
function anyOf(ways: readonly (readonly { message: string }[])[]): string {
  const asked = new Set(ways.flat().map(({ message }) => message.replace(/^must be /, "")));
  return `must be ${[...asked].join(" or ")}`;
}

/** What is at a field of something; undefined if it has none. */
function at(value: unknown, field: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown> | null | undefined)?.[field];
}

/** A value as refusals show it: JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : jsonOf(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** JSON of what has one, and what else says of itself: big integers, cycles. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "undefined";
  } catch {
    return Deno.inspect(value, { depth: 1, compact: true }).replaceAll(/\s+/g, " ");
  }
}

/**
 * What is wrong with an input, each issue with its field and the value that was given. An unknown key
 * is no field of those that `fields` lists by dotted path, and says which was meant.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { must, problemsOf } from "factlab/display";
 * const input = { heads: 0.5 };
 * const { error } = z.strictObject({ heads: z.int() }).safeParse(input, { error: must });
 * console.log(problemsOf(error!.issues, input)); // heads must be a whole number, got 0.5
 * ```
 */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  fields: readonly string[] = [],
): string[] {
  return issues.flatMap((issue) => {
    const field = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      const part = field === "" ? "" : `${field}.`;
      return issue.keys.map((key) => `${part}${key} is not a field${meant(part, key, fields)}`);
    }
    const name = field || "configuration";
    // What is no demand is a refusal of its own, of a run within the run.
    if (!issue.message.startsWith("must ")) return `${name}: ${issue.message}`;
    return `${name} ${issue.message}, got ${shown(issue.path.reduce(at, input))}`;
  });
}

/** The field that was meant by a key of a part: one of that name elsewhere, or a near one there. */
function meant(part: string, key: string, fields: readonly string[]): string {
  const elsewhere = fields.find((field) => `.${field}`.endsWith(`.${key}`));
  const names = fields.filter((field) => field.startsWith(part))
    .map((field) => field.slice(part.length).split(".")[0]!);
  const name = nearest(key, names);
  const near = elsewhere ?? (name && part + name);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}
