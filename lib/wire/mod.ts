/**
 * HTTP/1.1 without a server (RFC 9112): reads requests from any stream of
 * octets, and encodes responses. It opens no socket, sets no timer and needs no
 * permission; the caller decides how long to wait.
 *
 * @example Answer the requests of a stream
 * ```ts
 * import {
 *   ByteReader,
 *   defaultLimits,
 *   encodeResponseHead,
 *   openContent,
 *   readRequestHead,
 * } from "@sluice/http/wire";
 * import { assertEquals } from "@std/assert";
 *
 * const limits = defaultLimits;
 *
 * async function* answer(stream: ReadableStream<Uint8Array>) {
 *   const reader = new ByteReader(stream);
 *   while (await reader.awaitMessage()) {
 *     const head = await readRequestHead(reader, limits);
 *     const content = openContent(head.framing, reader, limits);
 *     while (await content.read(Infinity)); // discard
 *     yield encodeResponseHead(200, "OK", [["content-length", "2"]]) + "hi";
 *     if (!head.mayPersist) break;
 *   }
 * }
 *
 * const requests = new Blob([
 *   "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
 *   "GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
 * ]);
 * const answers = await Array.fromAsync(answer(requests.stream()));
 * assertEquals(answers, Array(2).fill(
 *   "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
 * ));
 * ```
 *
 * @module
 */
export { ConnectionLost, HttpError, ProtocolError } from "../errors.ts";
export type { HttpErrorOptions } from "../errors.ts";
export { defaultLimits, type Limits } from "../limits.ts";
export { ByteReader, type LineLimit, type Parser } from "./byte_reader.ts";
export { encodeChunk, encodeLastChunk } from "./chunked_coding.ts";
export { type FieldLine, FieldSection } from "./field_section.ts";
export type { Framing, HeadDecisions } from "./message_framing.ts";
export { openContent, type RequestContent } from "./request_content.ts";
export {
  readRequestHead,
  type RequestHead,
  type RequestLine,
  type RequestTarget,
} from "./request_head.ts";
export { encodeResponseHead } from "./response_head.ts";
