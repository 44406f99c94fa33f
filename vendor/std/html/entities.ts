/**
 * Stand-in for `jsr:@std/html/entities`.
 *
 * @module
 */
import { escape as escape_ } from "npm:deno-std@1.4.0/html/entities.js";

/** Text with its `&`, `<`, `>`, `"` and `'` as entities. */
export const escape: (str: string) => string = escape_;
