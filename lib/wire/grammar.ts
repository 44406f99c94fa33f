/**
 * The grammar that all HTTP messages share. Each rule stands under its ABNF,
 * with a word where we are stricter or laxer than the RFC, and why.
 *
 * Octets that come in by the thousand are judged by table, one look-up each;
 * rules of a few octets by regular expression, on Latin-1 text: one character
 * for each octet, so nothing is lost or joined on the way.
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
 * with SP and HTAB between them. The controls are not in it: CR, LF and NUL are
 * refused as the RFC demands, and so are the others, which no one needs.
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
 * VCHAR may come. But for `#`: a fragment never leaves the client, and whoever
 * sends one gets another resource than they meant.
 */
export const TARGET_OCTET: Uint8Array = octetsOf(/[!-~]/);
TARGET_OCTET["#".charCodeAt(0)] = 0;

/**
 *     Host          = uri-host [ ":" port ]                  RFC 9110 §7.2
 *     uri-host      = IP-literal / IPv4address / reg-name    RFC 3986 §3.2.2
 *     reg-name      = *( unreserved / pct-encoded / sub-delims )
 *     port          = *DIGIT
 *
 * Stricter: no IPvFuture, which nobody has, and no name longer than four times
 * what DNS has. Userinfo and "@" are no part of it.
 */
export function isAuthority(text: string): boolean {
  return text.length <= MOST_AUTHORITY &&
    (isPlainAuthority(text) || authority.test(text));
}

/** A name without anything odd in it, and a port: what nearly all send. */
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
 * Octets of an authority. The time that URL parsers take for a host of numbers
 * (`1.1.1.…`) grows with the square of their count.
 */
const MOST_AUTHORITY = 1024;

/** Octets as text, a character each. (`TextDecoder`'s "latin1" is not Latin-1.) */
export function decodeLatin1(
  octets: Uint8Array,
  start = 0,
  end: number = octets.length,
): string {
  return latin1Slice.call(octets, start, end);
}

/** What `Buffer.toString("latin1")` calls, on any octets and without detour. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Text of characters up to U+00FF as octets. */
export function encodeLatin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}
