/**
 * Stand-in for `jsr:@std/path/windows/extname`.
 *
 * @module
 */
import { extname as extname_ } from "npm:deno-std@1.4.0/path/windows/extname.js";

/** The extension of a path, with its dot. */
export const extname: (path: string | URL) => string = extname_;
