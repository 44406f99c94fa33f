/**
 * Stand-in for `jsr:@std/path`.
 *
 * @module
 */
import { dirname as dirname_ } from "npm:deno-std@1.4.0/path/dirname.js";
import { fromFileUrl as fromFileUrl_ } from "npm:deno-std@1.4.0/path/from_file_url.js";
import { join as join_ } from "npm:deno-std@1.4.0/path/join.js";

/** A path without its last part. */
export const dirname: (path: string | URL) => string = dirname_;

/** The path of a file URL. */
export const fromFileUrl: (url: string | URL) => string = fromFileUrl_;

/** Joins paths and normalizes the result. */
export const join: (path: string | URL, ...paths: string[]) => string = join_;
