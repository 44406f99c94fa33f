/**
 * The head of a request: request line and header section (RFC 9112 §3, §5).
 *
 * In: octets that begin with a request: its whole head, or as much as has
 * arrived. Out: a valid `RequestHead`, with the form of its target and what its
 * fields decide about the exchange; or a refusal, which does not depend on how
 * the octets were cut. It does not decode or look up a target.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type ByteReader, endsLine, type Parser } from "./byte_reader.ts";
import { type FieldSection, SectionParser } from "./field_section.ts";
import {
  decodeLatin1,
  DIGIT,
  encodeLatin1,
  FIELD_OCTET,
  isAuthority,
  SP,
  TARGET_OCTET,
  TCHAR,
} from "./grammar.ts";
import { decideHead, type HeadDecisions } from "./message_framing.ts";

/** A request target, by form. `path` is the path and the query, if any. */
export type RequestTarget =
  | { form: "origin"; path: string }
  | { form: "absolute"; scheme: string; authority: string; path: string }
  | { form: "authority"; authority: string }
  | { form: "asterisk"; scheme?: string; authority?: string };

/** A request line's three parts, and what the middle one means. */
export interface RequestLine {
  /** The method, in the case it was sent in. */
  readonly method: string;
  /** The target as it was sent. */
  readonly rawTarget: string;
  /** The target by its form. */
  readonly target: RequestTarget;
  /** The x of HTTP/1.x. A version above 1 is answered as 1 (RFC 9110 §2.5). */
  readonly minorVersion: number;
}

/** A request without its content. */
export interface RequestHead extends RequestLine, HeadDecisions {
  /** The header section. */
  readonly fields: FieldSection;
}

/**
 * Reads a head; waits until it is complete.
 *
 * @param reader At the first octet of a request, as it is after
 * `awaitMessage()`.
 */
export function readRequestHead(
  reader: ByteReader,
  limits: Limits,
): Promise<RequestHead> {
  return reader.read(new HeadParser(limits));
}

/** Parses the heads of a connection, one after another. */
export class HeadParser implements Parser<RequestHead> {
  #limits: Limits;
  #memory: LastSection | undefined;
  #section: SectionParser | undefined;
  /** Octets of the request line and its CRLF, once it has been read. */
  #lineLength = 0;
  #isDone = false;
  taken = 0;
  /** The request line of the head that is being parsed or was refused. */
  line: RequestLine | undefined;
  /**
   * Its fields, if their grammar is valid; their values may still be refused.
   */
  fields: FieldSection | undefined;

  /** @param memory The last header section of any connection. */
  constructor(limits: Limits, memory?: LastSection) {
    this.#limits = limits;
    this.#memory = memory;
  }

  parse(
    octets: Uint8Array,
    start: number,
    end: number,
  ): RequestHead | undefined {
    if (this.#isDone) {
      this.#isDone = false;
      this.taken = 0;
    }
    if (!this.line && !this.#parseLine(octets, start, end)) return undefined;
    return this.#parseFields(octets, start + this.#lineLength, end);
  }

  /** @returns whether the line is complete. */
  #parseLine(octets: Uint8Array, start: number, end: number): boolean {
    const { requestLine } = this.#limits;
    const stop = Math.min(end, start + requestLine + 1);
    let at = start + this.taken;
    while (at < stop && FIELD_OCTET[octets[at]] === 1) at++;
    this.taken = at - start;
    if (this.taken > requestLine) {
      throw new ProtocolError(
        414,
        `The request line is longer than ${requestLine} octets`,
      );
    }
    if (!endsLine(octets, at, end)) return false;
    this.line = parseRequestLine(octets, start, at);
    this.taken += 2;
    this.#lineLength = this.taken;
    return true;
  }

  #parseFields(
    octets: Uint8Array,
    start: number,
    end: number,
  ): RequestHead | undefined {
    const line = this.line!;
    const { minorVersion } = line;
    const known = this.#section === undefined
      ? this.#memory?.find(octets, start, end, minorVersion)
      : undefined;
    if (known && this.#isAllowed(known)) return this.#finish(line, known);

    const section = this.#section ??= new SectionParser(this.#limits);
    const fields = this.fields = section.parse(octets, start, end);
    this.taken = this.#lineLength + section.taken;
    if (!fields) return undefined;
    const length = section.taken;
    const decisions = decideHead(fields.lines, minorVersion);
    const parsed = { length, fields, decisions, minorVersion };
    this.#memory?.remember(octets.subarray(start, start + length), parsed);
    return this.#finish(line, parsed);
  }

  /** It may have been parsed with other limits than these. */
  #isAllowed({ length, fields }: KnownSection): boolean {
    // The empty line does not count.
    return length - 2 <= this.#limits.fieldSection &&
      fields.lines.length <= this.#limits.fieldCount;
  }

  #finish(
    { method, rawTarget, target, minorVersion }: RequestLine,
    { length, fields, decisions }: KnownSection,
  ): RequestHead {
    this.taken = this.#lineLength + length;
    this.#isDone = true;
    // An idle connection should not hold its last request.
    this.line = this.fields = this.#section = undefined;
    const { host, framing, mayPersist } = decisions;
    const { expectsContinue, expectsOther, takesTrailers, upgrade } = decisions;
    return {
      method,
      rawTarget,
      target,
      minorVersion,
      fields,
      host,
      framing,
      mayPersist,
      expectsContinue,
      expectsOther,
      takesTrailers,
      upgrade,
    };
  }
}

/** The length in octets of the longest section that is remembered. */
const MOST_REMEMBERED = 4096;

/** A parsed section, and the decisions made from it. */
export interface KnownSection {
  /** Its length in octets, including the empty line. */
  readonly length: number;
  readonly fields: FieldSection;
  readonly decisions: HeadDecisions;
  /** The minor version that the decisions are for. */
  readonly minorVersion: number;
}

/**
 * The last header section, recognized by its octets.
 *
 * A client sends the same fields with each request, a browser a dozen of them.
 * Comparing them takes a tenth of the time that parsing and deciding takes. All
 * connections of a server share one memory, so that a new connection profits
 * too and none holds its own.
 */
export class LastSection {
  #buffer = Buffer.alloc(MOST_REMEMBERED);
  #octets = this.#buffer;
  #section: KnownSection | undefined;

  /** Remembers a section by its octets, in place of the last one. */
  remember(octets: Uint8Array, section: KnownSection): void {
    if (octets.length > MOST_REMEMBERED) return;
    this.#buffer.set(octets);
    this.#octets = this.#buffer.subarray(0, octets.length);
    this.#section = section;
  }

  /**
   * Returns the section if its octets stand at `start`, end before `end`, and
   * mean the same in a request of that version.
   */
  find(
    octets: Uint8Array,
    start: number,
    end: number,
    minorVersion: number,
  ): KnownSection | undefined {
    const section = this.#section;
    if (!section || section.minorVersion !== minorVersion) return undefined;
    const stop = start + section.length;
    if (stop > end) return undefined;
    // Without a range for its own octets: Deno checks that against the bounds
    // of the other.
    return this.#octets.compare(octets, start, stop) === 0
      ? section
      : undefined;
  }
}

/**
 *     request-line = method SP request-target SP HTTP-version
 *     method       = token
 *
 * Stricter: exactly one SP separates the parts, where RFC 9112 §3 allows a
 * recipient any whitespace; two readers could find two targets in one line.
 *
 * @param end Where the line ends.
 */
export function parseRequestLine(
  octets: Uint8Array,
  start = 0,
  end: number = octets.length,
): RequestLine {
  let at = start;
  while (TCHAR[octets[at]] === 1) at++;
  const methodEnd = at;
  if (methodEnd === start || octets[at] !== SP) throw badRequestLine("method");
  const targetStart = ++at;
  while (TARGET_OCTET[octets[at]] === 1) at++;
  if (at === targetStart || octets[at] !== SP) throw badRequestLine("target");
  const minorVersion = parseVersion(octets, at + 1, end);
  const text = decodeLatin1(octets, start, at);
  const method = text.slice(0, methodEnd - start);
  const rawTarget = text.slice(targetStart - start);
  const target = parseRequestTarget(method, rawTarget);
  return { method, rawTarget, target, minorVersion };
}

const HTTP_NAME = encodeLatin1("HTTP/");

/**
 *     HTTP-version = HTTP-name "/" DIGIT "." DIGIT
 *     HTTP-name    = %s"HTTP"
 */
function parseVersion(octets: Uint8Array, start: number, end: number): number {
  let at = 0;
  while (at < HTTP_NAME.length && octets[start + at] === HTTP_NAME[at]) at++;
  const [major, dot, minor] = [start + 5, start + 6, start + 7];
  const isVersion = at === HTTP_NAME.length && end === start + 8 &&
    DIGIT[octets[major]] === 1 && octets[dot] === DOT &&
    DIGIT[octets[minor]] === 1;
  if (!isVersion) throw badRequestLine("version");
  if (octets[major] !== ZERO + 1) {
    throw new ProtocolError(505, "This server speaks HTTP/1.1 and HTTP/1.0");
  }
  return octets[minor] - ZERO;
}

const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;

function badRequestLine(part: string): ProtocolError {
  return new ProtocolError(
    400,
    `The request line has no valid ${part} (RFC 9112 §3)`,
  );
}

const absoluteForm = /^([A-Za-z][-+.0-9A-Za-z]*):\/\/([^/?]*)(.*)$/s;

/**
 *     request-target = origin-form / absolute-form / authority-form /
 *                      asterisk-form                         RFC 9112 §3.2
 *
 * Finds the form of a target that consists of target octets.
 */
function parseRequestTarget(
  method: string,
  target: string,
): RequestTarget {
  if (method === "CONNECT") {
    // RFC 9112 §3.2.3: authority-form = uri-host ":" port
    if (!isAuthority(target) || !/:\d+$/.test(target)) throw badTarget();
    return { form: "authority", authority: target };
  }
  if (target.charCodeAt(0) === SLASH) {
    refuseBackslash(target);
    return { form: "origin", path: target };
  }
  if (target === "*") {
    // RFC 9112 §3.2.4: only for a server-wide OPTIONS
    if (method !== "OPTIONS") throw badTarget();
    return { form: "asterisk" };
  }
  return parseAbsoluteForm(method, target);
}

/** RFC 9112 §3.2.2: a server MUST accept it, though only proxies are sent it. */
function parseAbsoluteForm(method: string, target: string): RequestTarget {
  const match = absoluteForm.exec(target);
  if (!match) throw badTarget();
  const [, scheme, authority, rest] = match;
  // RFC 9110 §4.2.1: an empty host makes an http URI invalid; §4.2.4: so does
  // userinfo, which isAuthority refuses.
  if (!isAuthority(authority) || /^(?::|$)/.test(authority)) {
    throw badTarget();
  }
  refuseBackslash(rest);
  const origin = { scheme: scheme.toLowerCase(), authority };
  // RFC 9112 §3.2.4: the form that the last proxy turns into "*".
  if (rest === "" && method === "OPTIONS") {
    return { form: "asterisk", ...origin };
  }
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return { form: "absolute", ...origin, path };
}

/** URL parsers read `\` in a path as `/`; a check made before them does not. */
function refuseBackslash(path: string): void {
  const backslash = path.indexOf("\\");
  if (backslash === -1) return;
  const query = path.indexOf("?");
  if (query === -1 || backslash < query) throw badTarget();
}

function badTarget(): ProtocolError {
  return new ProtocolError(
    400,
    "The request target is invalid (RFC 9112 §3.2)",
  );
}

/**
 * RFC 9112 §3.3: the target URI of a request, as `new Request` would write it.
 *
 * @param origin Scheme and authority, as {@linkcode LastOrigin} returns them.
 */
export function targetUri(origin: string, target: RequestTarget): string {
  const path = "path" in target ? target.path : "/";
  return isCanonical(path) ? origin + path : new URL(origin + path).href;
}

/** The last origin, kept because most requests name the same authority. */
export class LastOrigin {
  #last = { scheme: "", authority: "", origin: "" };

  /**
   * Returns the origin as `new URL` writes it: lower case, no default port, and
   * so on.
   */
  canonical(scheme: string, authority: string): string {
    if (authority !== this.#last.authority || scheme !== this.#last.scheme) {
      const isHttps = scheme === "https";
      const url = URL.parse(`${isHttps ? scheme : "http"}://${authority}`);
      if (!url) {
        const message = "The Host field is invalid (RFC 9110 §7.2)";
        throw new ProtocolError(400, message);
      }
      this.#last = { scheme, authority, origin: `${scheme}://${url.host}` };
    }
    return this.#last.origin;
  }
}

/**
 * Whether `new URL` would leave a path and query unchanged; false if unsure.
 */
function isCanonical(path: string): boolean {
  return /^[-!$%&()*+,./0-9:;=?@A-Z_a-z~]*$/.test(path) &&
    !path.includes("/.") && !path.includes("/%2");
}
