/**
 * Where a message ends, and what else its fields say about how it is exchanged.
 *
 * In: field lines and a version. Out: every decision about the exchange, made
 * in one pass and never looked up again; for responses, how their content is
 * delimited. It reads nothing and waits for nothing.
 *
 * Most request smuggling begins with two parties that find different ends in
 * one message. So a message that could be read in two ways is refused, even
 * where the RFC lets a recipient choose one.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { listMembers } from "../field_value.ts";
import type { FieldLine } from "./field_section.ts";
import { isAuthority, TOKEN } from "./grammar.ts";

/** How the content of a request is delimited (RFC 9112 §6.3). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/**
 * How the content of a response is delimited: as in a request, or by the close.
 */
export type ResponseFraming = Framing | { kind: "close" };

/** What the fields of a request say about how it is exchanged. */
export interface HeadDecisions {
  /** The value of Host, which is valid; HTTP/1.0 may have none. */
  readonly host: string | undefined;
  /** How the content is delimited. */
  readonly framing: Framing;
  /** Whether the client allows another request to follow (RFC 9112 §9.3). */
  readonly mayPersist: boolean;
  /** Whether the client may wait for 100 Continue (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Whether the client expects anything else, which no server can meet. */
  readonly expectsOther: boolean;
  /** Whether the client wants trailers, without which a proxy may drop them. */
  readonly takesTrailers: boolean;
  /** The protocols that the client prefers, in lower case (RFC 9110 §7.8). */
  readonly upgrade: readonly string[];
}

/** The fields that matter here; lines of one name are joined by commas. */
export interface KnownFields {
  host?: string;
  hosts: number;
  contentLength?: string;
  contentLengths: number;
  transferEncoding?: string;
  connection?: string;
  expect?: string;
  te?: string;
  upgrade?: string;
}

/** Makes all decisions about a head, or refuses the request. */
export function decideHead(
  lines: readonly FieldLine[],
  minorVersion: number,
): HeadDecisions {
  const known = findKnownFields(lines);
  checkHost(known, minorVersion);
  const framing = requestFraming(known, minorVersion);
  const options = listedTokens(known.connection);
  // HTTP/1.0 does not define these fields, so they are ignored there.
  const isCurrent = minorVersion > 0;
  const expectations = isCurrent ? listedTokens(known.expect) : NOTHING;
  const codings = isCurrent ? listedTokens(known.te) : NOTHING;
  const isUpgrade = isCurrent && options.includes("upgrade");
  return {
    host: known.host,
    framing,
    mayPersist: !options.includes("close") &&
      (isCurrent || options.includes("keep-alive")),
    expectsContinue: expectations.includes("100-continue"),
    expectsOther: expectations.some((member) => member !== "100-continue"),
    takesTrailers: codings.includes("trailers"),
    upgrade: isUpgrade ? listedTokens(known.upgrade) : NOTHING,
  };
}

/**
 * Finds the lines that matter; compares lengths first, as most lines do not.
 */
export function findKnownFields(lines: readonly FieldLine[]): KnownFields {
  const known: KnownFields = { hosts: 0, contentLengths: 0 };
  for (const [name, value] of lines) {
    switch (name.length) {
      case 2:
        if (isNamed(name, "te")) known.te = join(known.te, value);
        break;
      case 4:
        if (isNamed(name, "host")) {
          known.host = value;
          known.hosts++;
        }
        break;
      case 6:
        if (isNamed(name, "expect")) known.expect = join(known.expect, value);
        break;
      case 7:
        if (isNamed(name, "upgrade")) {
          known.upgrade = join(known.upgrade, value);
        }
        break;
      case 10:
        if (isNamed(name, "connection")) {
          known.connection = join(known.connection, value);
        }
        break;
      case 14:
        if (isNamed(name, "content-length")) {
          known.contentLength = value;
          known.contentLengths++;
        }
        break;
      case 17:
        if (isNamed(name, "transfer-encoding")) {
          known.transferEncoding = join(known.transferEncoding, value);
        }
    }
  }
  return known;
}

/** Compares names of equal length. The first octet tells most of them apart. */
function isNamed(name: string, known: string): boolean {
  return (name.charCodeAt(0) | 0x20) === known.charCodeAt(0) &&
    name.toLowerCase() === known;
}

/** RFC 9110 §5.3: lines of one name are one list. */
function join(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list},${value}`;
}

const NOTHING: readonly string[] = Object.freeze([]);

/** The members of a list of tokens, in lower case (RFC 9110 §5.6.1). */
function listedTokens(list: string | undefined): readonly string[] {
  if (list === undefined || list === "") return NOTHING;
  if (!list.includes(",")) return [list.toLowerCase()];
  return listMembers(list.toLowerCase()).filter((member) => member !== "");
}

/**
 * RFC 9112 §3.2: 400 for a request without Host, with several, or with an
 * invalid one. HTTP/1.0 may omit it.
 */
export function checkHost(
  { host, hosts }: KnownFields,
  minorVersion: number,
): void {
  if (host === undefined) {
    if (minorVersion === 0) return;
    throw new ProtocolError(400, "The Host field is missing (RFC 9112 §3.2)");
  }
  if (hosts > 1) {
    throw new ProtocolError(400, "There are several Host fields");
  }
  if (!isAuthority(host)) {
    throw new ProtocolError(400, "The Host field is invalid (RFC 9110 §7.2)");
  }
}

const NO_CONTENT: Framing = Object.freeze({ kind: "none" });
const CHUNKED: Framing = Object.freeze({ kind: "chunked" });

/** Decides the framing of a request (RFC 9112 §6.3), or refuses it. */
export function requestFraming(
  { contentLength, contentLengths, transferEncoding }: KnownFields,
  minorVersion: number,
): Framing {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) {
      throw new ProtocolError(
        400,
        "Transfer-Encoding and Content-Length must not be combined (RFC 9112 §6.1)",
      );
    }
    return chunkedFraming(transferEncoding, minorVersion);
  }
  if (contentLength === undefined) return NO_CONTENT;
  if (contentLengths > 1) {
    throw new ProtocolError(400, "There are several Content-Length fields");
  }
  return lengthFraming(contentLength);
}

/**
 *     Transfer-Encoding = #transfer-coding                   RFC 9112 §6.1
 *
 * Stricter: an empty member (`chunked,`) and a parameter of chunked are refused.
 */
function chunkedFraming(list: string, minorVersion: number): Framing {
  if (minorVersion === 0) {
    throw new ProtocolError(
      400,
      "HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)",
    );
  }
  const codings = listMembers(list);
  const chunkedAt = codings.findIndex((coding) =>
    coding.toLowerCase() === "chunked"
  );
  if (
    chunkedAt !== codings.length - 1 ||
    !codings.every((coding) => TOKEN.test(coding))
  ) {
    throw new ProtocolError(
      400,
      "Chunked must come once, as the last transfer coding (RFC 9112 §6.3)",
    );
  }
  if (codings.length > 1) {
    throw new ProtocolError(
      501,
      "The only supported transfer coding is chunked",
    );
  }
  return CHUNKED;
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
      "Content-Length must be digits only (RFC 9110 §8.6)",
    );
  }
  const length = Number(value);
  if (!Number.isSafeInteger(length)) {
    throw new ProtocolError(413, "The request content is too large");
  }
  return length === 0 ? NO_CONTENT : { kind: "length", length };
}

/** Whether a response of this status may have content (RFC 9110 §6.4.1). */
export function mayHaveContent(
  method: string | undefined,
  status: number,
): boolean {
  return method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
}

/**
 * Decides the framing of a response. The length is undefined if the content is
 * still being generated.
 */
export function responseFraming(
  length: number | undefined,
  minorVersion: number,
): ResponseFraming {
  if (length !== undefined) return { kind: "length", length };
  return minorVersion === 0 ? { kind: "close" } : { kind: "chunked" };
}
