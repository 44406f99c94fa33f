/**
 * Where a message ends (RFC 9112 §6.3). It is decided here, once, from the
 * head; readers and writers obey.
 *
 * Most request smuggling begins with two parties that find two ends in one
 * message. So whatever could be read in two ways is refused, also where the RFC
 * would let a recipient choose one.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { listMembers, TOKEN } from "./grammar.ts";
import type { RequestHead } from "./request_head.ts";

/** How the content of a request is delimited. */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; length: number }
  | { kind: "chunked" };

/** How the content of a response is: as a request's, or by the close. */
export type ResponseFraming = Framing | { kind: "close" };

/** Decides the framing of a request, or refuses it. */
export function requestFraming(
  { fields, minorVersion }: Pick<RequestHead, "fields" | "minorVersion">,
): Framing {
  const lengths = fields.values("content-length");
  const codings = fields.values("transfer-encoding").flatMap(listMembers);
  if (codings.length > 0) {
    if (lengths.length > 0) {
      throw new ProtocolError(
        400,
        "Transfer-Encoding and Content-Length exclude each other (RFC 9112 §6.1)",
      );
    }
    return chunkedFraming(codings, minorVersion);
  }
  if (lengths.length === 0) return { kind: "none" };
  if (lengths.length > 1) {
    throw new ProtocolError(400, "There are several Content-Length fields");
  }
  return lengthFraming(lengths[0]);
}

/**
 *     Transfer-Encoding = #transfer-coding                   RFC 9112 §6.1
 *
 * Stricter: an empty member (`chunked,`) and a parameter of chunked are refused.
 */
function chunkedFraming(codings: string[], minorVersion: number): Framing {
  if (minorVersion === 0) {
    throw new ProtocolError(
      400,
      "HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)",
    );
  }
  const chunkedAt = codings.findIndex((coding) =>
    coding.toLowerCase() === "chunked"
  );
  if (
    chunkedAt !== codings.length - 1 ||
    !codings.every((coding) => TOKEN.test(coding))
  ) {
    throw new ProtocolError(
      400,
      "The last transfer coding must be chunked, and no other (RFC 9112 §6.3)",
    );
  }
  if (codings.length > 1) {
    throw new ProtocolError(501, "The only transfer coding here is chunked");
  }
  return { kind: "chunked" };
}

/**
 *     Content-Length = 1*DIGIT                               RFC 9110 §8.6
 *
 * Stricter: equal values in a list (`5, 5`) are refused.
 */
function lengthFraming(value: string): Framing {
  if (!/^\d+$/.test(value)) {
    throw new ProtocolError(
      400,
      "Content-Length must be digits alone (RFC 9110 §8.6)",
    );
  }
  const length = Number(value);
  if (!Number.isSafeInteger(length)) {
    throw new ProtocolError(413, "The request content is too large");
  }
  return length === 0 ? { kind: "none" } : { kind: "length", length };
}

/** Whether a response of this status has content at all (RFC 9110 §6.4.1). */
export function mayHaveContent(method: string, status: number): boolean {
  return method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
}

/**
 * Decides the framing of a response's content, whose length is unknown when it
 * is still being made.
 */
export function responseFraming(
  length: number | undefined,
  minorVersion: number,
): ResponseFraming {
  if (length !== undefined) return { kind: "length", length };
  return minorVersion === 0 ? { kind: "close" } : { kind: "chunked" };
}
