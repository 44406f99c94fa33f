/**
 * Stand-in for `jsr:@std/path/posix/glob-to-regexp`.
 *
 * @module
 */
import { globToRegExp as globToRegExp_ } from "npm:deno-std@1.4.0/path/posix/glob_to_regexp.js";

/** Options for {@linkcode globToRegExp}. */
export interface GlobOptions {
  /** Extended glob syntax. */
  extended?: boolean;
  /** Globstar syntax. */
  globstar?: boolean;
  /** Whether globstar should be case-insensitive. */
  caseInsensitive?: boolean;
}

/** Converts a glob string to a regular expression. */
export const globToRegExp: (glob: string, options?: GlobOptions) => RegExp =
  globToRegExp_;
