/**
 * The head of a request: request line and header section (RFC 9112 §3, §5).
 *
 * In: octets that begin with a request, all of its head or as much as has come.
 * Out: a `RequestHead` that keeps to the grammar, with the form of its target and
 * all that its fields decide about the exchange; or the refusal, the same however
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
  /** The method, in its own case. */
  readonly method: string;
  /** As it was sent. */
  readonly rawTarget: string;
  /** What it means. */
  readonly target: RequestTarget;
  /** Of HTTP/1.x. Whatever is above 1 is answered as 1 (RFC 9110 §2.5). */
  readonly minorVersion: number;
}

/** A request without its content. */
export interface RequestHead extends RequestLine, HeadDecisions {
  /** The header section. */
  readonly fields: FieldSection;
}

/**
 * Reads a head, and waits until all of it has come.
 *
 * @param reader It stands at the first octet of a request, as it does after
 * `awaitMessage()`.
 */
export function readRequestHead(
  reader: ByteReader,
  limits: Limits,
): Promise<RequestHead> {
  return reader.read(new HeadParser(limits));
}

/** Parses the heads of a connection, one after the other. */
export class HeadParser implements Parser<RequestHead> {
  #limits: Limits;
  #memory: LastSection | undefined;
  #section: SectionParser | undefined;
  /** Octets of the request line and its CRLF, once it has been read. */
  #lineLength = 0;
  #isDone = false;
  taken = 0;
  /** The request line of the head that is being read, or was refused. */
  line: RequestLine | undefined;
  /** Its fields, if they keep to the grammar; what they say may be refused. */
  fields: FieldSection | undefined;

  /** @param memory What came last, on whichever connection. */
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

  /** @returns whether all of the line is here. */
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

  /** Whose limits it was parsed with is not known here. */
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
    // An idle connection should not keep what it was last asked.
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

/** Octets of the longest section that is remembered. */
const MOST_REMEMBERED = 4096;

/** A section that was parsed, and what was decided of it. */
export interface KnownSection {
  /** How many octets it takes, those of the empty line included. */
  readonly length: number;
  readonly fields: FieldSection;
  readonly decisions: HeadDecisions;
  /** Of the request: other versions decide otherwise. */
  readonly minorVersion: number;
}

/**
 * The header section that came last, known again by its octets.
 *
 * A client sends the same fields with each request, a browser a dozen of them. To
 * see that they are the same takes a tenth of the time that it takes to parse
 * them and to decide what they mean. A server has one for all its connections: each of them would have
 * to keep its own, and a client that opens a new one would find none.
 */
export class LastSection {
  #buffer = Buffer.alloc(MOST_REMEMBERED);
  #octets = this.#buffer;
  #section: KnownSection | undefined;

  /** Remembers a section, which these are the octets of, in place of the last. */
  remember(octets: Uint8Array, section: KnownSection): void {
    if (octets.length > MOST_REMEMBERED) return;
    this.#buffer.set(octets);
    this.#octets = this.#buffer.subarray(0, octets.length);
    this.#section = section;
  }

  /**
   * The section, if it is what stands at `start`, all of it before `end`, and
   * means the same in a request of that version.
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
    // Without a range of its own: Deno holds that against the other's bounds.
    return this.#octets.compare(octets, start, stop) === 0
      ? section
      : undefined;
  }
}

/**
 *     request-line = method SP request-target SP HTTP-version
 *     method       = token
 *
 * Stricter than RFC 9112 §3 lets a recipient be: one SP is one SP, or two
 * readers could find two targets in one line.
 *
 * @param end Where the line ends; no octet of it is any other's.
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
 * Tells the form of a target that is made of target octets only.
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
  // userinfo, which isAuthority does not know.
  if (!isAuthority(authority) || /^(?::|$)/.test(authority)) {
    throw badTarget();
  }
  refuseBackslash(rest);
  const origin = { scheme: scheme.toLowerCase(), authority };
  // RFC 9112 §3.2.4: what a proxy turns into "*" on its way to the server.
  if (rest === "" && method === "OPTIONS") {
    return { form: "asterisk", ...origin };
  }
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return { form: "absolute", ...origin, path };
}

/** URL parsers take `\` in a path for `/`; whoever checked it before did not. */
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
 * @param origin The first part of it, as {@linkcode LastOrigin} gives it.
 */
export function targetUri(origin: string, target: RequestTarget): string {
  const path = "path" in target ? target.path : "/";
  return isCanonical(path) ? origin + path : new URL(origin + path).href;
}

/** Most requests to a server are for the same authority as the last one. */
export class LastOrigin {
  #last = { scheme: "", authority: "", origin: "" };

  /** As a URL has it: in lower case, without the default port, and so on. */
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

/** Whether a URL has a path and query as they are: surely so, if this says so. */
function isCanonical(path: string): boolean {
  return /^[-!$%&()*+,./0-9:;=?@A-Z_a-z~]*$/.test(path) &&
    !path.includes("/.") && !path.includes("/%2");
}
