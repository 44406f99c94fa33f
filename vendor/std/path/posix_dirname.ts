/**
 * Stand-in for `jsr:@std/path/posix/dirname`.
 *
 * @module
 */
import { dirname as dirname_ } from "npm:deno-std@1.4.0/path/posix/dirname.js";

/** A path without its last part. */
export const dirname: (path: string | URL) => string = dirname_;
