/**
 * Stand-in for `jsr:@std/streams/to-array-buffer`.
 *
 * @module
 */
import { toArrayBuffer as toArrayBuffer_ } from "npm:deno-std@1.4.0/streams/to_array_buffer.js";

/** Reads a stream to its end. */
export const toArrayBuffer: (
  readableStream: ReadableStream<Uint8Array>,
) => Promise<ArrayBuffer> = toArrayBuffer_;
