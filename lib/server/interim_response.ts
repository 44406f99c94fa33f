/**
 * Interim responses: what goes out before the one final response (RFC 9110
 * §15.2).
 *
 * In: a status and fields from a handler. Out: a head and no more,
 * for an interim response has no content, and says nothing about framing.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { encodeResponseHead } from "../wire/response_message.ts";
import { ownFields } from "./answer_head.ts";

/** Encodes one; throws a RangeError for a status that is none of them. */
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
