/**
 * The head of a request: request line and header section (RFC 9112 §3, §5).
 *
 * In: a reader that stands at the first octet of a request. Out: a
 * `RequestHead` that keeps to the grammar and has the Host it must have. What
 * follows the head, and for how long, is `message_framing.ts`'s to say.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader, LineLimit } from "./byte_reader.ts";
import { type FieldSection, parseFieldSection } from "./field_section.ts";
import {
  decodeLatin1,
  isAuthority,
  SP,
  TARGET_OCTET,
  TCHAR,
} from "./grammar.ts";
import type { LastSection } from "./last_section.ts";
import { parseRequestTarget, type RequestTarget } from "./request_target.ts";

/** A request line's three parts, and what the middle one means. */
export interface RequestLine {
  /** The method, in its own case. */
  method: string;
  /** As it was sent. */
  rawTarget: string;
  /** What it means. */
  target: RequestTarget;
  /** Of HTTP/1.x. Whatever is above 1 is answered as 1 (RFC 9110 §2.5). */
  minorVersion: number;
}

/** A request without its content. */
export interface RequestHead extends RequestLine {
  /** The header section. */
  fields: FieldSection;
}

/** Reads a request line, as soon as it is whole. */
export async function readRequestLine(
  reader: ByteReader,
  limits: Limits,
): Promise<RequestLine> {
  return parseRequestLine(await reader.readLine(lineLimit(limits)));
}

/** The same without waiting; undefined if it is not whole. */
export function takeRequestLine(
  reader: ByteReader,
  limits: Limits,
): RequestLine | undefined {
  const octets = reader.takeLine(lineLimit(limits));
  return octets && parseRequestLine(octets);
}

/** Reads the rest of the head that a request line has begun. */
export async function readRequestHead(
  line: RequestLine,
  reader: ByteReader,
  limits: Limits,
): Promise<RequestHead> {
  return makeHead(line, await readFieldSection(reader, limits));
}

/**
 * The same without waiting; undefined if it is not whole.
 *
 * @param last What came before it, and is replaced by it.
 */
export function takeRequestHead(
  line: RequestLine,
  reader: ByteReader,
  { limits, last }: { limits: Limits; last: LastSection },
): RequestHead | undefined {
  const fields = last.take(reader, limits) ??
    takeFieldSection(reader, limits, last);
  return fields && makeHead(line, fields);
}

/** Reads a header or trailer section. */
export async function readFieldSection(
  reader: ByteReader,
  limits: Limits,
): Promise<FieldSection> {
  const octets = await reader.readSection(sectionLimit(limits));
  return parseFieldSection(octets, limits.fieldCount);
}

function takeFieldSection(
  reader: ByteReader,
  limits: Limits,
  last: LastSection,
): FieldSection | undefined {
  const octets = reader.takeSection(sectionLimit(limits));
  if (!octets) return undefined;
  const fields = parseFieldSection(octets, limits.fieldCount);
  last.remember(octets, fields);
  return fields;
}

function makeHead(
  { method, rawTarget, target, minorVersion }: RequestLine,
  fields: FieldSection,
): RequestHead {
  checkHost(minorVersion, fields);
  return { method, rawTarget, target, minorVersion, fields };
}

function lineLimit(limits: Limits): LineLimit {
  return { octets: limits.requestLine, status: 414, message: lineTooLong };
}

const lineTooLong = (octets: number) =>
  `The request line is longer than ${octets} octets`;

function sectionLimit(limits: Limits): LineLimit {
  return { octets: limits.fieldSection, status: 431, message: sectionTooLong };
}

const sectionTooLong = (octets: number) =>
  `The fields are longer than ${octets} octets`;

/**
 *     request-line = method SP request-target SP HTTP-version
 *     method       = token
 *     HTTP-version = HTTP-name "/" DIGIT "." DIGIT
 *     HTTP-name    = %s"HTTP"
 *
 * Stricter than RFC 9112 §3 lets a recipient be: one SP is one SP, or two
 * readers could find two targets in one line.
 */
export function parseRequestLine(octets: Uint8Array): RequestLine {
  let at = 0;
  while (TCHAR[octets[at]]) at++;
  const methodEnd = at;
  if (methodEnd === 0 || octets[at++] !== SP) {
    throw badRequestLine("method");
  }
  while (TARGET_OCTET[octets[at]]) at++;
  const targetEnd = at;
  if (targetEnd === methodEnd + 1 || octets[at++] !== SP) {
    throw badRequestLine("target");
  }
  const text = decodeLatin1(octets);
  const minorVersion = parseVersion(text.slice(at));
  const method = text.slice(0, methodEnd);
  const rawTarget = text.slice(methodEnd + 1, targetEnd);
  return {
    method,
    rawTarget,
    target: parseRequestTarget(method, rawTarget),
    minorVersion,
  };
}

function parseVersion(text: string): number {
  if (text === "HTTP/1.1") return 1;
  const version = /^HTTP\/(\d)\.(\d)$/.exec(text);
  if (!version) throw badRequestLine("version");
  if (version[1] !== "1") {
    throw new ProtocolError(505, "This server speaks HTTP/1.1 and HTTP/1.0");
  }
  return Number(version[2]);
}

/**
 * RFC 9112 §3.2: 400 for a request without Host, with several, or with an
 * invalid one. HTTP/1.0 did not know it, and may leave it out.
 */
export function checkHost(
  minorVersion: number,
  fields: FieldSection,
): void {
  const hosts = fields.values("host");
  if (hosts.length === 0 && minorVersion === 0) return;
  if (hosts.length === 0) {
    throw new ProtocolError(400, "The Host field is missing (RFC 9112 §3.2)");
  }
  if (hosts.length > 1) {
    throw new ProtocolError(400, "There are several Host fields");
  }
  if (!isAuthority(hosts[0])) {
    throw new ProtocolError(400, "The Host field is invalid (RFC 9110 §7.2)");
  }
}

function badRequestLine(part: string): ProtocolError {
  return new ProtocolError(
    400,
    `The request line has no valid ${part} (RFC 9112 §3)`,
  );
}
