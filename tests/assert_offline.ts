/**
 * Stands in for `jsr:@std/assert` where JSR does not answer: the same signatures for the few
 * assertions our tests use, over node:assert.
 *
 * @module
 */

import { AssertionError, deepStrictEqual, notDeepStrictEqual } from "node:assert";

// deno-lint-ignore no-explicit-any
type ErrorClass = abstract new (...args: any[]) => Error;

/** Fails always. */
export function fail(msg = "Failed assertion."): never {
  throw new AssertionError({ message: msg });
}

/** Holds if the value is truthy. */
export function assert(value: unknown, msg = "Expected a truthy value."): asserts value {
  if (!value) fail(msg);
}

/** Holds if the value is falsy. */
export function assertFalse(value: unknown, msg = "Expected a falsy value."): void {
  if (value) fail(msg);
}

/** Holds if both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  deepStrictEqual(actual, expected, msg as string);
}

/** Holds if they are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  notDeepStrictEqual(actual, expected, msg as string);
}

/** Holds if both are the same value or object. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) fail(msg ?? `${actual} is not ${expected}`);
}

/** Holds if there is a value. */
export function assertExists<T>(actual: T, msg = "Expected a value."): void {
  if (actual === undefined || actual === null) fail(msg);
}

/** Holds if two numbers differ by at most a tolerance. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Math.max(1e-7, Math.abs(expected) * 1e-7),
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  if (!(Math.abs(actual - expected) <= tolerance)) {
    fail(msg ?? `${actual} is not within ${tolerance} of ${expected}`);
  }
}

function compare(holds: boolean, actual: unknown, sign: string, expected: unknown, msg?: string) {
  if (!holds) fail(msg ?? `Expected ${actual} ${sign} ${expected}`);
}

/** Holds if actual > expected. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  compare(actual > expected, actual, ">", expected, msg);
}

/** Holds if actual >= expected. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compare(actual >= expected, actual, ">=", expected, msg);
}

/** Holds if actual < expected. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  compare(actual < expected, actual, "<", expected, msg);
}

/** Holds if actual <= expected. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  compare(actual <= expected, actual, "<=", expected, msg);
}

/** Holds if a text contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) fail(msg ?? `Expected "${actual}" to include "${expected}"`);
}

/** Holds if a text matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail(msg ?? `Expected "${actual}" to match ${expected}`);
}

/** Holds if the function throws an error of the class whose text includes the given one. */
export function assertThrows(
  fn: () => unknown,
  errorClass: ErrorClass = Error,
  msgIncludes = "",
): Error {
  try {
    fn();
  } catch (error) {
    return checked(error, errorClass, msgIncludes);
  }
  fail("Expected the function to throw.");
}

/** Holds if the promise is rejected with an error of the class whose text includes the given one. */
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass = Error,
  msgIncludes = "",
): Promise<Error> {
  try {
    await fn();
  } catch (error) {
    return checked(error, errorClass, msgIncludes);
  }
  fail("Expected the promise to be rejected.");
}

function checked(error: unknown, errorClass: ErrorClass, msgIncludes: string): Error {
  assert(error instanceof errorClass, `Expected ${errorClass.name}, got ${error}`);
  assertStringIncludes(error.message, msgIncludes);
  return error;
}
