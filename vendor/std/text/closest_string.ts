/**
 * Stand-in for `jsr:@std/text/closest-string`.
 *
 * @module
 */
import { closestString as closestString_ } from "npm:deno-std@1.4.0/text/closest_string.js";

/** Options of {@linkcode closestString}. */
export interface ClosestStringOptions {
  /** Whether case counts. Default false. */
  caseSensitive?: boolean;
  /** The distance of two strings. Default: Levenshtein's. */
  compareFn?: (a: string, b: string) => number;
}

/** The most similar of the possible words. */
export const closestString: (
  givenWord: string,
  possibleWords: ReadonlyArray<string>,
  options?: ClosestStringOptions,
) => string = closestString_;
