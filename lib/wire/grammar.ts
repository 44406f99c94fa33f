/**
 * The grammar that all HTTP messages share. Each rule stands under its ABNF,
 * with a note where this server is stricter or laxer than the RFC, and why.
 *
 * Octets that arrive by the thousand are checked by table, one look-up each;
 * rules of a few octets by regular expression on Latin-1 text, which has one
 * character for each octet, so that nothing is lost or joined.
 *
 * @module
 */
import { Buffer } from "node:buffer";

export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

/** A table of 256: 1 for each octet that the expression matches. */
function octetsOf(expression: RegExp): Uint8Array {
  return Uint8Array.from(
    { length: 256 },
    (_, octet) => expression.test(String.fromCharCode(octet)) ? 1 : 0,
  );
}

/**
 *     token = 1*tchar                                        RFC 9110 §5.6.2
 *     tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." /
 *             "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
 */
const tchar = "!#$%&'*+\\-.^_`|~0-9A-Za-z";
export const TCHAR: Uint8Array = octetsOf(new RegExp(`[${tchar}]`));
export const TOKEN: RegExp = new RegExp(`^[${tchar}]+$`);

/**
 *     field-value   = *field-content                         RFC 9110 §5.5
 *     field-vchar   = VCHAR / obs-text
 *
 * with SP and HTAB between them. Control characters are refused: CR, LF and NUL
 * because the RFC demands it, the others because no one needs them.
 */
export const FIELD_OCTET: Uint8Array = octetsOf(
  /[\t \x21-\x7e\x80-\xff]/,
);
export const FIELD_VALUE: RegExp = /^[\t \x21-\x7e\x80-\xff]*$/;

/**
 *     DIGIT = %x30-39                                        RFC 5234 §B.1
 */
export const DIGIT: Uint8Array = octetsOf(/[0-9]/);

/**
 *     request-target = origin-form / absolute-form / …       RFC 9112 §3.2
 *
 * RFC 3986 has fewer characters. Browsers leave `[ ] ^ { | }` and the back
 * quote as they are in a query, and people type `"` and `<` into curl, so any
 * VCHAR is allowed. The exception is `#`: a fragment never leaves the client,
 * so one that arrives is a mistake.
 */
export const TARGET_OCTET: Uint8Array = octetsOf(/[!-~]/);
TARGET_OCTET["#".charCodeAt(0)] = 0;

/**
 *     Host          = uri-host [ ":" port ]                  RFC 9110 §7.2
 *     uri-host      = IP-literal / IPv4address / reg-name    RFC 3986 §3.2.2
 *     reg-name      = *( unreserved / pct-encoded / sub-delims )
 *     port          = *DIGIT
 *
 * Stricter: no IPvFuture, which is not in use, and no name longer than four
 * times the DNS limit. Userinfo and "@" are not allowed.
 */
export function isAuthority(text: string): boolean {
  return text.length <= MOST_AUTHORITY &&
    (isPlainAuthority(text) || authority.test(text));
}

/** A plain name and a port: what nearly all clients send. */
function isPlainAuthority(text: string): boolean {
  const end = text.length;
  let at = 0;
  while (at < end && PLAIN_HOST_OCTET[text.charCodeAt(at)] === 1) at++;
  if (at < end && text.charCodeAt(at) === COLON) at++;
  while (at < end && DIGIT[text.charCodeAt(at)] === 1) at++;
  return at === end;
}

const PLAIN_HOST_OCTET: Uint8Array = octetsOf(/[-.0-9A-Za-z]/);

const authority =
  /^(?:\[[0-9A-Fa-f:.]+\]|(?:[-.~\w!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;

/**
 * The maximum length of an authority in octets. The time that URL parsers take
 * for a host of numbers (`1.1.1.…`) grows with the square of their count.
 */
const MOST_AUTHORITY = 1024;

/**
 * Decodes octets as text, one character for each. (`TextDecoder`'s "latin1" is
 * not Latin-1.)
 */
export function decodeLatin1(
  octets: Uint8Array,
  start = 0,
  end: number = octets.length,
): string {
  return latin1Slice.call(octets, start, end);
}

/** What `Buffer.toString("latin1")` calls, directly and on any octets. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Encodes text of characters up to U+00FF as octets. */
export function encodeLatin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}
