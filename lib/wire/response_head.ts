/**
 * The head of a response: status line and header section (RFC 9112 §4, §5).
 *
 *     status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF
 *
 * In: status, reason and field lines. Out: the octets of a head, final or
 * interim, as text with one character for each. Input that could split a
 * message in two throws a TypeError: it is the server's mistake, not the
 * client's.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { encodeFieldSection, type FieldLine } from "./field_section.ts";
import { FIELD_VALUE } from "./grammar.ts";

/** Encodes the head of a response. */
export function encodeResponseHead(
  status: number,
  reason: string,
  fields: Iterable<FieldLine>,
): string {
  return encodeStatusLine(status, reason) + encodeFieldSection(fields);
}

/**
 * Encodes a status line. The version is always HTTP/1.1, even for a client of
 * HTTP/1.0 (RFC 9110 §2.5, §6.2).
 */
export function encodeStatusLine(status: number, reason: string): string {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new TypeError(`Cannot send status: got ${status}`);
  }
  if (!FIELD_VALUE.test(reason)) {
    throw new TypeError(
      "Cannot send reason phrase: it contains a control character",
    );
  }
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}

/**
 * Fields that frame a message or control its connection. The server alone sets
 * them; a handler's values are ignored.
 */
export const ownFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
]);

/**
 * Encodes an interim response, which precedes the final one (RFC 9110 §15.2).
 * It has no content and no framing fields. Throws a RangeError for a status
 * outside 102 to 199.
 */
export function encodeInterimResponse(
  status: number,
  headers?: HeadersInit,
): string {
  if (!Number.isInteger(status) || status < 102 || status > 199) {
    throw new RangeError(
      `Cannot send interim response: got status ${status}, not one from 102 to 199`,
    );
  }
  const fields = [...new Headers(headers)]
    .filter(([name]) => !ownFields.has(name));
  const reason = STATUS_TEXT[status as StatusCode] ?? "";
  return encodeResponseHead(status, reason, fields);
}

/** The interim response that invites content (RFC 9110 §15.2.1). */
export const CONTINUE: string = encodeResponseHead(100, "Continue", []);
