/**
 * Stand-in for `jsr:@std/bytes/concat`.
 *
 * @module
 */
import { concat as concat_ } from "npm:deno-std@1.4.0/bytes/concat.js";

/** One array of bytes that holds the others, one after the other. */
export const concat: (
  buffers: readonly Uint8Array[],
) => Uint8Array<ArrayBuffer> = concat_;
