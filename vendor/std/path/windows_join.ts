/**
 * Stand-in for `jsr:@std/path/windows/join`.
 *
 * @module
 */
import { join as join_ } from "npm:deno-std@1.4.0/path/windows/join.js";

/** Joins paths and normalizes the result. */
export const join: (path: string | URL, ...paths: string[]) => string = join_;
