/**
 * Stand-in for `jsr:@std/assert`: the assertions the tests use.
 *
 * @module
 */
import { assert as assert_ } from "npm:deno-std@1.4.0/assert/assert.js";
import { assertEquals as assertEquals_ } from "npm:deno-std@1.4.0/assert/equals.js";
import { assertGreater as assertGreater_ } from "npm:deno-std@1.4.0/assert/greater.js";
import { assertInstanceOf as assertInstanceOf_ } from "npm:deno-std@1.4.0/assert/instance_of.js";
import { assertLess as assertLess_ } from "npm:deno-std@1.4.0/assert/less.js";
import { assertMatch as assertMatch_ } from "npm:deno-std@1.4.0/assert/match.js";
import { assertRejects as assertRejects_ } from "npm:deno-std@1.4.0/assert/rejects.js";
import { assertStrictEquals as assertStrictEquals_ } from "npm:deno-std@1.4.0/assert/strict_equals.js";
import { assertStringIncludes as assertStringIncludes_ } from "npm:deno-std@1.4.0/assert/string_includes.js";
import { assertThrows as assertThrows_ } from "npm:deno-std@1.4.0/assert/throws.js";

/** Throws unless `expr` is truthy. */
export const assert: (expr: unknown, msg?: string) => asserts expr = assert_;

/** Throws unless the two are equal, deeply. */
export const assertEquals: <T>(actual: T, expected: T, msg?: string) => void =
  assertEquals_;

/** Throws unless `actual` is greater. */
export const assertGreater: <T>(actual: T, expected: T, msg?: string) => void =
  assertGreater_;

/** Throws unless `actual` is an instance of `expectedType`. */
export const assertInstanceOf: <
  // deno-lint-ignore no-explicit-any
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg?: string,
) => asserts actual is InstanceType<T> = assertInstanceOf_;

/** Throws unless `actual` is less. */
export const assertLess: <T>(actual: T, expected: T, msg?: string) => void =
  assertLess_;

/** Throws unless `actual` matches. */
export const assertMatch: (
  actual: string,
  expected: RegExp,
  msg?: string,
) => void = assertMatch_;

/** Throws unless the promise that `fn` returns rejects; resolves to the error. */
export const assertRejects: {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
} = assertRejects_;

/** Throws unless the two are the same by `Object.is`. */
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T = assertStrictEquals_;

/** Throws unless `actual` holds `expected`. */
export const assertStringIncludes: (
  actual: string,
  expected: string,
  msg?: string,
) => void = assertStringIncludes_;

/** Throws unless `fn` throws; returns the error. */
export const assertThrows: {
  (fn: () => unknown, msg?: string): unknown;
  <E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
} = assertThrows_;
