/**
 * Stand-in for `jsr:@std/path`. Some of it only the earlier commits import that
 * `deno task compare` runs: they are given the stand-ins of this one.
 *
 * @module
 */
import { SEPARATOR as SEPARATOR_ } from "npm:deno-std@1.4.0/path/constants.js";
import { dirname as dirname_ } from "npm:deno-std@1.4.0/path/dirname.js";
import { extname as extname_ } from "npm:deno-std@1.4.0/path/extname.js";
import { fromFileUrl as fromFileUrl_ } from "npm:deno-std@1.4.0/path/from_file_url.js";
import { isAbsolute as isAbsolute_ } from "npm:deno-std@1.4.0/path/is_absolute.js";
import { join as join_ } from "npm:deno-std@1.4.0/path/join.js";
import { relative as relative_ } from "npm:deno-std@1.4.0/path/relative.js";

/** What stands between the parts of a path: `/`, or `\` on Windows. */
export const SEPARATOR: "/" | "\\" = SEPARATOR_;

/** A path without its last part. */
export const dirname: (path: string | URL) => string = dirname_;

/** The extension of a path, with its dot. */
export const extname: (path: string | URL) => string = extname_;

/** The path of a file URL. */
export const fromFileUrl: (url: string | URL) => string = fromFileUrl_;

/** Whether a path is absolute. */
export const isAbsolute: (path: string) => boolean = isAbsolute_;

/** Joins paths and normalizes the result. */
export const join: (path: string | URL, ...paths: string[]) => string = join_;

/** The path that leads from one to the other. */
export const relative: (from: string, to: string) => string = relative_;
